import { createTransport } from 'nodemailer';
import type { TaskStatus } from '../domain/task.ts';
import { type Behaviour, demoCounty } from './demo-county.ts';
import type { MailboxMessage } from './mailbox.ts';
import type { Stack } from './stack.ts';

export interface Robots {
  stop(): void;
}

type House = Pick<Stack, 'mailbox' | 'store' | 'smtpIn'>;

const WAITS_FOR_AGENCY: readonly TaskStatus[] = ['pending', 'unacknowledged', 'inProgress', 'returned'];

/** Answers as the agencies of the demo county do: most in time, some by reply with a file, some late, some never. What was waiting when they were stopped they take up again. */
export function startRobots(house: House, { dayMs }: { dayMs: number }): Robots {
  const behaviours = new Map<string, Behaviour>();
  for (const agency of demoCounty().agencies)
    for (const { email } of agency.contacts) behaviours.set(email, agency.behaviour);
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const later = (days: number, act: () => Promise<void>): void => {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      act().catch(() => undefined);
    }, days * dayMs);
    timers.add(timer);
  };
  const read = async (mail: MailboxMessage): Promise<void> => {
    const to = mail.to[0] ?? '';
    const action = reaction(mail, behaviours.get(to) ?? 'prompt');
    if (!action) return;
    const no = taskOf(mail);
    later(action.days, async () => {
      const task = await house.store.tasks.findById(no, { state: 1 }).lean();
      if (task && WAITS_FOR_AGENCY.includes(task.state)) await action.act(house, mail);
    });
  };
  house.mailbox.onMessage((meta) => {
    void house.mailbox.messages({ to: meta.to[0] ?? '' }).then((list) => {
      const mail = list.find((one) => one.id === meta.id);
      return mail && read(mail);
    });
  });
  void house.mailbox.messages({ q: '【' }).then(async (list) => {
    for (const mail of list.filter(asks)) await read(mail);
  });
  return {
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

/** A mail that asks its agency for something: a task's, or a document's of a case. */
const asks = (mail: MailboxMessage): boolean => /^【(请|监督通知书|督办函|意见书|决定书)/.test(mail.subject);

/** A plan's tasks follow its year; a document's mail has its 文号 in the subject and the task's number in the text. */
const taskOf = (mail: MailboxMessage): string =>
  /(?:RC-\d{4}|[A-Z]{2}-\d{4}-\d+)-\d+/.exec(`${mail.subject}\n${mail.text}`)?.[0] ?? '';

interface Reaction {
  readonly days: number;
  readonly act: (house: House, mail: MailboxMessage) => Promise<void>;
}

/** The same mail is always met alike. */
function chance(text: string): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 10_007;
  return ((sum * 7_919) % 10_007) / 10_007;
}

function reaction(mail: MailboxMessage, behaviour: Behaviour): Reaction | undefined {
  const luck = chance(mail.subject);
  const asked = asks(mail);
  const urged = /^【(催办|今日到期)/.test(mail.subject);
  switch (behaviour) {
    case 'prompt':
    case 'bounces':
      return asked ? { days: 0.3 + luck * 3, act: luck > 0.5 ? signThenAnswer : answerByLink } : undefined;
    case 'byReply':
      return asked ? { days: 0.5 + luck * 4, act: answerByReply } : undefined;
    case 'late':
      if (asked) return { days: 0.8, act: sign };
      return urged && mail.subject.startsWith('【催办') ? { days: 0.2 + luck, act: answerByLink } : undefined;
    case 'asksExtension':
      if (asked) return { days: 1 + luck, act: askExtension };
      return urged || mail.subject.startsWith('【延期结果')
        ? { days: 0.5 + luck, act: answerByLink }
        : undefined;
    case 'delegates':
      return asked
        ? { days: 0.5 + luck, act: mail.to[0]?.startsWith('tongshi') ? answerByLink : delegate }
        : undefined;
    case 'never':
      return undefined;
  }
}

const linkOf = (mail: MailboxMessage): string =>
  /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(mail.text)?.[1] ?? '';

async function post(mail: MailboxMessage, action: string, fields: Record<string, string>): Promise<void> {
  await fetch(`${linkOf(mail)}/${action}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Accept: 'application/json' },
  });
}

const sign = (_house: House, mail: MailboxMessage): Promise<void> =>
  post(mail, 'acknowledge', { name: '经办人甲', post: '法制科科员' });

async function signThenAnswer(house: House, mail: MailboxMessage): Promise<void> {
  await sign(house, mail);
  await answerByLink(house, mail);
}

/** An answer to each item the task names: most met, some disclosed as not. */
async function answerByLink({ store }: House, mail: MailboxMessage): Promise<void> {
  const no = taskOf(mail);
  const task = await store.tasks.findById(no, { items: 1, kind: 1 }).lean();
  const body = new FormData();
  body.set(
    'text',
    task?.kind === 'selfInspection'
      ? '已对照各项完成自查，情况如下。'
      : '已完成整改，情况见各项说明，佐证材料附后。',
  );
  body.set('by', '经办人甲');
  for (const { id } of task?.items ?? []) {
    const luck = chance(no + id);
    const honest = task?.kind === 'selfInspection' && luck > 0.9;
    body.set(`items[${id}][result]`, honest ? 'partly' : 'met');
    body.set(`items[${id}][note]`, honest ? '个别案卷记录不全，已安排补正。' : '已落实。');
  }
  if (chance(no) > 0.6)
    body.append('files', new Blob(['﻿项目,情况\n检查计划,已备案\n'], { type: 'text/csv' }), '佐证材料.csv');
  await fetch(`${linkOf(mail)}/answers`, { method: 'POST', body, headers: { Accept: 'application/json' } });
}

async function answerByReply({ smtpIn }: House, mail: MailboxMessage): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: smtpIn, ignoreTLS: true });
  await client.sendMail({
    from: { name: '经办人甲', address: mail.to[0] ?? '' },
    to: /<([^>]+)>/.exec(mail.headers['Reply-To'] ?? '')?.[1] ?? mail.from,
    subject: `回复：${mail.subject}`,
    text: `司法局：\n我单位已按要求完成，报告见附件。\n\n经办人甲\n\n------------------ 原始邮件 ------------------\n发件人: "桓台县司法局"\n${mail.text}`,
    inReplyTo: mail.headers['Message-ID'] ?? '',
    references: mail.headers['Message-ID'] ?? '',
    attachments: [{ filename: '情况报告.txt', content: '情况报告\n各项均已落实。\n' }],
  });
  client.close();
}

const askExtension = (_house: House, mail: MailboxMessage): Promise<void> =>
  post(mail, 'extensions', { workdays: '3', reason: '负责同志外出培训，需延期办理' });

const delegate = (_house: House, mail: MailboxMessage): Promise<void> =>
  post(mail, 'delegations', {
    name: '经办人丁',
    email: `tongshi@${mail.to[0]?.split('@')[1] ?? 'huantai.example'}`,
  });
