import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { call } from '../embedded/call.ts';
import { launchTemplate } from '../embedded/demo-campaign.ts';
import { moveClock, readClock } from '../embedded/demo-clock.ts';
import { demoCounty } from '../embedded/demo-county.ts';
import { seedModes } from '../embedded/demo-modes.ts';
import { seedCounty } from '../embedded/demo.ts';
import { reviewAll } from '../embedded/organizer-robot.ts';
import { startRobots } from '../embedded/robots.ts';
import type { Stack } from '../embedded/stack.ts';
import { productAt } from '../domain/clock.ts';

const DAY_MS = 86_400_000;
/** A day takes so many seconds while the agencies answer; at every other time the clock stands nearly still. */
const BUSY = 4;
const STILL = 86_400;
/** The office reads on these days and the county is pictured on the last: two days after the campaign's due date. */
const READS_ON = ['2026-03-05T09:00', '2026-03-09T09:00', '2026-03-11T09:00', '2026-03-13T09:00'] as const;
const PICTURED_AT = '2026-03-18T10:20';

/** What the addresses of the pages are made of. */
export type Places = Readonly<Record<string, string>>;

/** A county in the middle of its work: most have answered, some are late, one asks for time, a case waits for a signature, mail waits to be placed. */
export async function livelyCounty(stack: Stack): Promise<Places> {
  const { store } = stack;
  await seedCounty(stack);
  const campaign = await launchTemplate(stack, 'work-safety', { recallMinutes: 0 });
  await seedModes(stack);
  const robots = startRobots(stack, { dayMs: BUSY * 1_000 });
  await moveClock(stack, { daySeconds: BUSY });
  for (const day of READS_ON) {
    await reached(stack, day);
    await reviewAll(stack, campaign, () => undefined);
    // What the year's plan asked for is read later: the queue of answers has something in it.
    if (day < '2026-03-06') await reviewAll(stack, 'RC-2026', () => undefined);
  }
  await reached(stack, PICTURED_AT);
  robots.stop();
  await moveClock(stack, { daySeconds: STILL });
  await inspected(stack, campaign);
  const fresh = await launchTemplate(stack, 'food-drug', { recallMinutes: 0 });
  const draft = await drafted(stack);
  await strangersWrite(stack, campaign);
  const link = await linkOf(stack, fresh);
  await sleep(8_000);
  const one = async (filter: Record<string, unknown>): Promise<string> =>
    (
      await store.tasks
        .findOne(filter as never, { _id: 1 })
        .sort({ _id: 1 })
        .lean()
    )?._id ?? '';
  return {
    campaign,
    draft,
    link,
    plan: 'RC-2026',
    case: (await store.cases.findOne({ agency: 'tangshan' }, { _id: 1 }).lean())?._id ?? '',
    task: await one({ owner: campaign, state: 'inReview' }),
    sent: await one({ owner: campaign, agency: 'maqiao' }),
    agency: 'maqiao',
    document: (await store.documents.findOne({ state: 'draft' }, { _id: 1 }).lean())?._id ?? '',
    fileReview: (await store.fileReviews.findOne({}, { _id: 1 }).lean())?._id ?? '',
  };
}

/** Waits until the product's clock shows this minute in China. */
async function reached({ store }: Stack, minute: string): Promise<void> {
  const until = Date.parse(`${minute}:00+08:00`);
  for (;;) {
    const clock = await readClock(store);
    const left = until - (clock ? productAt(clock, Date.now()) : until);
    if (left <= 0) return;
    await sleep(Math.min(1_000, Math.max(50, (left / DAY_MS) * BUSY * 1_000)));
  }
}

/** Two people of the office looked at one agency and found something. */
async function inspected(stack: Stack, campaign: string): Promise<void> {
  const inspectors = (await stack.store.supervisors.find({}).sort({ _id: 1 }).limit(2).lean()).map(
    ({ _id }) => _id,
  );
  const findings = [
    { item: 'c3', severity: 'ordinary', description: '两件重大执法决定未经法制审核' },
    { item: 'c2', severity: 'minor', description: '现场检查的音像记录没有标注日期' },
  ];
  await call(stack, 'organizer', {
    method: 'POST',
    path: `/campaigns/${campaign}/inspections`,
    body: { agency: 'zonghe-zhifa', inspectors, on: '2026-03-16', findings },
  });
}

/** A campaign that nobody has been told of yet. */
async function drafted(stack: Stack): Promise<string> {
  const { id: _id, ...body } = demoCounty().templates.find((one) => one.id === 'urban-management') ?? {};
  const made = await call<{ no: string }>(stack, 'organizer', { method: 'POST', path: '/campaigns', body });
  return made.body.no;
}

/** Mail that cannot be placed by itself: from a colleague of a contact, and from nobody whom the register knows. */
async function strangersWrite({ smtpIn }: Stack, campaign: string): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: smtpIn, ignoreTLS: true });
  const to = '"桓台县司法局" <jiandu@jiandu.example>';
  await client.sendMail({
    from: '"办公室小王" <xiaowang@shuili.huantai.example>',
    to,
    subject: `${campaign} 水利局安全生产执法自查情况`,
    text: '司法局：\n我局安全生产执法专项监督自查情况见附件，请查收。\n县水利局办公室',
    attachments: [{ filename: '自查情况.txt', content: '自查情况\n各项均已落实。\n' }],
  });
  await client.sendMail({
    from: '"李先生" <li@youxiang.example>',
    to,
    subject: '请问检查需要准备哪些材料',
    text: '收到检查通知，请问需要准备哪些材料？',
  });
  client.close();
}

/** The address that an agency was mailed for a fresh task. */
async function linkOf({ mailbox }: Stack, owner: string): Promise<string> {
  for (let tries = 0; tries < 120; tries += 1) {
    const mails = await mailbox.messages({ to: 'jingban@shichang.huantai.example' });
    const mail = mails.find((one) => one.subject.includes(owner) || one.text.includes(`${owner}-`));
    const link = /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(mail?.text ?? '')?.[1];
    if (link !== undefined) return link;
    await sleep(500);
  }
  throw new Error(`没有收到 ${owner} 的办理邮件`);
}
