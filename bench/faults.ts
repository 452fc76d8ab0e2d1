import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { call } from '../embedded/call.ts';
import { startStack, type Stack } from '../embedded/stack.ts';
import { sabotagedCopy } from './sabotage.ts';

/**
 * `npm run faults [-- --kills 20 --agencies 500 --only worker,mongod,temporal,away,sabotage]`: kills the product's parts in the middle
 * of sending and counts, from the mailbox's own log, what was lost and what came twice. Exits 1 when an invariant is broken.
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
  readonly tasks: number;
  readonly mailed: number;
  readonly doubled: number;
  readonly lost: number;
  readonly inDoubt: number;
  readonly seconds: number;
}

interface Scene {
  readonly stack: Stack;
  /** Message-IDs in the order the mailbox took them, of first mails only. */
  readonly taken: { readonly to: string; readonly messageId: string }[];
}

async function withStack<T>(
  options: { perSecond: number; workerRoot?: string },
  play: (scene: Scene) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-faults-'));
  const stack = await startStack({
    dir,
    clock: 'system',
    say: () => undefined,
    ports: 'any',
    env: { MAIL_RATE: String(options.perSecond), RECEIPT_MAILS: 'off', LOG_LEVEL: 'silent' },
    ...(options.workerRoot === undefined ? {} : { workerRoot: options.workerRoot }),
  });
  const taken: { to: string; messageId: string }[] = [];
  stack.mailbox.onMessage((meta) => {
    if (meta.subject.startsWith('【请办理】'))
      taken.push({ to: meta.to[0] ?? '', messageId: meta.messageId });
  });
  try {
    return await play({ stack, taken });
  } finally {
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function launch(stack: Stack): Promise<string> {
  const agencies = Array.from({ length: AGENCIES }, (_, n) => ({
    _id: `agency-${n}`,
    name: `第${n}号机关`,
    kind: 'department',
    domains: ['workSafety'],
    contacts: [{ name: '经办人甲', email: `jingban@a${n}.huantai.example`, role: 'primary' }],
    version: 1,
  }));
  await stack.store.agencies.collection.insertMany(agencies as never);
  const body = {
    title: '故障演练',
    domain: 'workSafety',
    legalBasis: '《山东省行政执法监督条例》第二十一条',
    checklist: 'CL-three-systems',
    agencies: { any: [{ kind: 'department' }] },
    phases: {
      selfInspection: { workdays: 10 },
      jointInspection: { days: 15 },
      rectification: { days: 30 },
      lookBack: { days: 30 },
    },
  };
  const { no } = (
    await call<{ no: string }>(stack, 'organizer', { method: 'POST', path: '/campaigns', body })
  ).body;
  const preview = await call<{ digest: string }>(stack, 'organizer', {
    method: 'GET',
    path: `/campaigns/${no}/preview`,
  });
  await call(stack, 'organizer', {
    method: 'POST',
    path: `/campaigns/${no}/launch`,
    body: { previewDigest: preview.body.digest, skipProblems: true, recallMinutes: 0 },
  });
  return no;
}

/** Kills a part again and again while mails go out, and waits until every task has been mailed or its mail needs a person. */
async function killWhileSending(
  { stack, taken }: Scene,
  kill: () => Promise<void>,
  scenario: string,
): Promise<Verdict> {
  const began = Date.now();
  const no = await launch(stack);
  let kills = 0;
  while (kills < KILLS && taken.length < AGENCIES) {
    const before = taken.length;
    await until(() => taken.length > before || taken.length >= AGENCIES, 120_000);
    await wait(50 + Math.floor((AGENCIES / (KILLS + 1)) * 30 * Math.random()));
    if (taken.length >= AGENCIES) break;
    await kill();
    kills += 1;
  }
  return judge({ stack, taken }, { no, scenario, kills, began });
}

async function judge(
  { stack, taken }: Scene,
  about: { no: string; scenario: string; kills: number; began: number },
): Promise<Verdict> {
  const { no, scenario, kills, began } = about;
  const open = () => stack.store.tasks.countDocuments({ owner: no, state: 'pending' }).catch(() => -1);
  await until(async () => (await open()) === 0, 300_000);
  await wait(8_000);
  const counts = new Map<string, number>();
  for (const { messageId } of taken) counts.set(messageId, (counts.get(messageId) ?? 0) + 1);
  const recipients = new Set(taken.map((one) => one.to));
  return {
    scenario,
    kills,
    tasks: await stack.store.tasks.countDocuments({ owner: no }),
    mailed: recipients.size,
    doubled: taken.length - recipients.size,
    lost: AGENCIES - recipients.size,
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
  const no = await launch(stack);
  await until(() => scene.taken.length >= AGENCIES, 120_000);
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
    tasks: AGENCIES,
    mailed: once,
    doubled: submissions - 2 * half,
    lost: 2 * half - (await answered()),
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

/** Slow enough that all kills fall into the sending. */
const perSecond = Math.max(4, Math.round(AGENCIES / KILLS / 2));
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
  withStack({ perSecond }, (scene) =>
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

const broken = verdicts.filter((one) =>
  one.scenario === 'sabotage' ? one.doubled === 0 : one.lost > 0 || one.doubled > 0 || one.inDoubt > 0,
);
for (const one of broken)
  say(
    one.scenario === 'sabotage'
      ? '✘ 去掉 sending 标记的版本没有被发现'
      : `✘ ${one.scenario}：遗失 ${one.lost}，重复 ${one.doubled}，存疑 ${one.inDoubt}`,
  );
say(
  broken.length === 0
    ? `✔ ${verdicts.length} 个场景：无遗失、无重复、无存疑${ONLY.includes('sabotage') ? '；去掉 sending 标记的版本被发现' : ''}`
    : `✘ ${broken.length} 个场景不符`,
);
process.exit(broken.length === 0 ? 0 : 1);
