import { localDate } from '../domain/calendar.ts';
import { deadline } from '../domain/deadline.ts';
import { publishedCalendar, standingChecklists } from '../data/reference.ts';
import { hashToken, linkToken, messageId, replyAddress, replyToken, verp } from '../mail/addresses.ts';
import { composeMail } from '../mail/compose.ts';
import { renderMail } from '../mail/render.ts';
import { createTransport } from '../mail/transport.ts';
import { taskView } from '../mail/task-view.ts';

/** What the mail alone costs: rendered, composed and sent over eight connections, by one process, with nothing kept. */
export interface MailLimit {
  readonly perSecond: number;
  readonly cpu: number;
}

const DOMAIN = 'jiandu.example';
const KEY = 'mail limit';
const CONNECTIONS = 8;

async function sendAll(port: number, mails: number): Promise<MailLimit> {
  const transport = createTransport({
    url: `smtp://127.0.0.1:${port}`,
    connections: CONNECTIONS,
    attemptMs: 60_000,
  });
  const office = {
    name: '桓台县司法局',
    person: '行政执法监督科',
    phone: '0533-0000000',
    publicUrl: 'http://127.0.0.1:3000',
    mailDomain: DOMAIN,
    fromAddress: `jiandu@${DOMAIN}`,
    linkKey: KEY,
    vaultKeys: [KEY],
    complaintAddress: 'tousu@jiandu.example',
    receipts: false,
    government: '桓台县人民政府',
  };
  const items = standingChecklists().find((one) => one.id === 'CL-three-systems')?.items ?? [];
  const calendar = publishedCalendar();
  const date = `${calendar[0]?.year}-11-02`;
  const due = deadline({
    term: { workdays: 10 },
    from: localDate(`${date}T09:00:00+08:00`),
    basis: '工作方案',
    calendar,
  });
  const one = async (i: number): Promise<void> => {
    const no = `ZX-0000-000-${i}`;
    const to = `jingban@town-${i}.example`;
    const token = linkToken(KEY, [no, to]);
    hashToken(token);
    const task = {
      _id: no,
      title: '安全生产执法专项监督',
      kind: 'selfInspection' as const,
      agencyName: `第${i}镇人民政府`,
      due,
      items,
      legalBasis: '《山东省行政执法监督条例》第二十一条',
    };
    const at = { office, now: `${date}T09:00:00+08:00`, calendar };
    const view = taskView(at, task, { name: '经办人甲', link: `${office.publicUrl}/t/${token}` });
    const mail = renderMail('task', { ...view, because: 'assigned' });
    const id = messageId(KEY, [no, 'task', 0, to], DOMAIN);
    const raw = await composeMail({
      messageId: id,
      date: at.now,
      from: { name: office.name, address: office.fromAddress },
      to: { name: '经办人甲', address: to },
      replyTo: { name: '回复即提交', address: replyAddress(DOMAIN, replyToken(KEY, [no, to])) },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: { 'Content-Language': 'zh-CN', 'List-Id': `<zx.${DOMAIN}>` },
    });
    const from = verp(DOMAIN, id.split('@')[0] ?? '');
    const { kind } = await transport.send({ raw, from, to });
    if (kind !== 'accepted') throw new Error(`the sink said ${kind}`);
  };
  const send = async (first: number, count: number): Promise<void> => {
    let next = first;
    const line = async (): Promise<void> => {
      while (next < first + count) {
        next += 1;
        await one(next);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, line));
  };
  await send(0, 500);
  const before = process.cpuUsage();
  const began = performance.now();
  await send(500, mails);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await transport.close();
  return { perSecond: mails / seconds, cpu: (user + system) / 1_000 / mails };
}

const [port, mails] = process.argv.slice(2).map(Number);
process.send?.(await sendAll(port ?? 0, mails ?? 1_000));
process.disconnect?.();
