import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Stack } from '../embedded/stack.ts';
import { type Scene, launch, withStack } from './fault-scene.ts';
import { sabotagedCopy } from './sabotage.ts';

/**
 * `npm run faults [-- --kills 20 --agencies 500 --only worker,mongod,temporal,away,sabotage]`: kills the product's parts in the middle
 * of sending and counts, from the mailbox's own log, what was lost and what came twice. Half of the kills come between the mailbox
 * having a mail on its disk and its 250: the one window in which a sender cannot know. Exits 1 when an invariant is broken.
 */
const args = new Map(
  process.argv
    .slice(2)
    .flatMap((arg, i, all) => (arg.startsWith('--') ? [[arg.slice(2), all[i + 1] ?? '']] : [])),
);
const KILLS = Number(args.get('kills') ?? 20);
const AGENCIES = Number(args.get('agencies') ?? 500);
const ONLY = (args.get('only') ?? 'worker,temporal,mongod,away,sabotage').split(',');
const say = (line: string): void => console.log(line);

interface Verdict {
  readonly scenario: string;
  readonly kills: number;
  /** Of these, how many fell between a mail's acceptance and the reply that tells of it. */
  readonly unanswered: number;
  readonly tasks: number;
  readonly mailed: number;
  readonly twice: number;
  readonly lost: number;
  readonly inDoubt: number;
  readonly seconds: number;
}

/** Where a kill falls: before the 250 of a mail that is accepted, right after it, or at any moment. */
const MOMENTS = ['unanswered', 'answered', 'unanswered', 'any'] as const;
/** Kills a part again and again while mails go out, and waits until every task has been mailed or its mail needs a person. */
async function killWhileSending(scene: Scene, kill: () => Promise<void>, scenario: string): Promise<Verdict> {
  const began = Date.now();
  const no = await launch(scene.stack, AGENCIES);
  const kills = { all: 0, unanswered: 0 };
  while (kills.all < KILLS && scene.mailed() < AGENCIES) {
    const moment = MOMENTS[kills.all % MOMENTS.length] ?? 'any';
    const killed = await scene.atNextMail(async () => {
      if (moment === 'answered') await wait(Math.floor(Math.random() * 5));
      if (moment === 'any') await wait(50 + Math.floor(Math.random() * 1_000));
      await kill();
      return true;
    });
    if (!killed) break;
    kills.all += 1;
    if (moment === 'unanswered') kills.unanswered += 1;
  }
  return judge(scene, { no, scenario, kills, began });
}

async function judge(
  { stack, taken, mailed }: Scene,
  about: { no: string; scenario: string; kills: { all: number; unanswered: number }; began: number },
): Promise<Verdict> {
  const { no, scenario, kills, began } = about;
  const open = () => stack.store.tasks.countDocuments({ owner: no, state: 'pending' }).catch(() => -1);
  await until(async () => (await open()) === 0, 300_000);
  await wait(8_000);
  return {
    scenario,
    kills: kills.all,
    unanswered: kills.unanswered,
    tasks: await stack.store.tasks.countDocuments({ owner: no }),
    mailed: mailed(),
    twice: taken.length - mailed(),
    lost: AGENCIES - mailed(),
    inDoubt: await stack.store.messages.countDocuments({ owner: no, state: 'inDoubt' }),
    seconds: Math.round((Date.now() - began) / 1_000),
  };
}

async function until(done: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!(await done())) {
    if (Date.now() > end) return;
    await wait(100);
  }
}

/** Answers over HTTP while the worker, then Temporal is away, and mails handed in meanwhile: each is there once afterwards. */
async function away(scene: Scene): Promise<Verdict> {
  const { stack } = scene;
  const began = Date.now();
  const no = await launch(stack, AGENCIES);
  await until(() => scene.mailed() >= AGENCIES, 120_000);
  const mails = await stack.mailbox.messages({ q: '【请办理】' });
  const half = Math.min(40, Math.floor(AGENCIES / 4));
  await stack.worker.stop();
  await hand(stack, mails.slice(0, half));
  await stack.temporal.kill();
  await hand(stack, mails.slice(half, 2 * half));
  await stack.temporal.restart();
  stack.worker.start();
  const answered = () => stack.store.tasks.countDocuments({ owner: no, state: 'inReview' });
  await until(async () => (await answered()) === 2 * half, 120_000);
  const submissions = await stack.store.submissions.countDocuments({ owner: no, kind: 'answer' });
  const seen = await stack.store.tasks.find({ owner: no, state: 'inReview' }, { machine: 1 }).lean();
  const once = seen.filter((task) => task.machine.seen.length === 1).length;
  say(
    `  ${2 * half} 份反馈在后台停止期间提交：登记 ${submissions}，到达 ${await answered()}，各一次 ${once}`,
  );
  return {
    scenario: 'away',
    kills: 2,
    unanswered: 0,
    tasks: await stack.store.tasks.countDocuments({ owner: no }),
    mailed: scene.mailed(),
    twice: Math.max(submissions - 2 * half, seen.length - once) + scene.taken.length - scene.mailed(),
    lost: 2 * half - (await answered()) + AGENCIES - scene.mailed(),
    inDoubt: 0,
    seconds: Math.round((Date.now() - began) / 1_000),
  };
}

/** Every second one by the link, the others by reply. */
async function hand(stack: Stack, mails: Awaited<ReturnType<Stack['mailbox']['messages']>>): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: stack.smtpIn, ignoreTLS: true });
  for (const [n, mail] of mails.entries()) {
    const link = /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(mail.text)?.[1] ?? '';
    if (n % 2 === 0) {
      const { status } = await fetch(`${link}/answers`, {
        method: 'POST',
        body: new URLSearchParams({ text: '已完成' }),
        headers: { Accept: 'application/json' },
      });
      if (status !== 201) throw new Error(`answer got ${status}`);
    } else {
      const to = /<([^>]+)>/.exec(mail.headers['Reply-To'] ?? '')?.[1] ?? '';
      await client.sendMail({
        from: mail.to[0],
        to,
        subject: `回复：${mail.subject}`,
        text: '已完成，见附件。',
        attachments: [{ filename: '报告.txt', content: '报告' }],
      });
    }
  }
  client.close();
}

/** Mails a second, slow enough that all kills fall into the sending: without Temporal the worker goes on, and its way back takes seconds. */
const rate = (secondsAKill: number): number => Math.max(2, Math.round(AGENCIES / KILLS / secondsAKill));
const perSecond = rate(2);
const verdicts: Verdict[] = [];
const run = async (name: string, play: () => Promise<Verdict>): Promise<void> => {
  if (!ONLY.includes(name)) return;
  say(`${name}……`);
  const verdict = await play();
  verdicts.push(verdict);
  say(`  ${JSON.stringify(verdict)}`);
};

await run('worker', () =>
  withStack({ perSecond }, (scene) =>
    killWhileSending(scene, async () => scene.stack.worker.kill(), 'worker'),
  ),
);
await run('temporal', () =>
  withStack({ perSecond: rate(8) }, (scene) =>
    killWhileSending(
      scene,
      async () => {
        await scene.stack.temporal.kill();
        await scene.stack.temporal.restart();
      },
      'temporal',
    ),
  ),
);
await run('mongod', () =>
  withStack({ perSecond }, (scene) =>
    killWhileSending(
      scene,
      async () => {
        await scene.stack.mongod.kill();
        await scene.stack.mongod.restart();
      },
      'mongod',
    ),
  ),
);
await run('away', () => withStack({ perSecond: 0 }, away));
await run('sabotage', async () => {
  const workerRoot = await sabotagedCopy();
  const verdict = await withStack({ perSecond, workerRoot }, (scene) =>
    killWhileSending(scene, async () => scene.stack.worker.kill(), 'sabotage'),
  );
  await rm(workerRoot, { recursive: true, force: true });
  return verdict;
});

const faultsOf = (one: Verdict): string[] => [
  ...(one.scenario !== 'away' && one.kills < KILLS ? [`只中断了 ${one.kills} 次`] : []),
  ...(one.tasks === AGENCIES ? [] : [`任务 ${one.tasks} 件`]),
  ...(one.lost > 0 ? [`遗失 ${one.lost}`] : []),
  ...(one.inDoubt > 0 ? [`存疑 ${one.inDoubt}`] : []),
  ...(one.scenario === 'sabotage'
    ? one.twice === 0
      ? ['去掉 sending 标记的版本没有被发现']
      : []
    : one.twice > 0
      ? [`重复 ${one.twice}`]
      : []),
];
const broken = verdicts.filter((one) => faultsOf(one).length > 0);
for (const one of broken) say(`✘ ${one.scenario}：${faultsOf(one).join('，')}`);
say(
  broken.length === 0
    ? `✔ ${verdicts.length} 个场景：无遗失、无重复、无存疑${ONLY.includes('sabotage') ? '；去掉 sending 标记的版本被发现' : ''}`
    : `✘ ${broken.length} 个场景不符`,
);
process.exit(broken.length === 0 ? 0 : 1);
