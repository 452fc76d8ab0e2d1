import type { CampaignRecord } from '../models/campaign.ts';
import { appendEvents } from '../models/event.ts';
import type { Store } from '../models/store.ts';
import { stamp } from '../domain/clock.ts';
import type { TaskStatus } from '../domain/task.ts';

const DAY_MS = 86_400_000;
const BATCH = 2_000;
const ITEMS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'];
/** Of a hundred tasks, in the fifth day of ten. */
const SHARES: readonly (readonly [TaskStatus, number])[] = [
  ['closed', 45],
  ['inReview', 10],
  ['returned', 3],
  ['inProgress', 30],
  ['unacknowledged', 12],
];

interface Planted {
  readonly no: string;
  /** Number of the n-th task, from 1. */
  task(n: number): string;
}

/** Writes a running campaign with so many tasks straight into the store, with their mails and answers: launching is not what is looked at. */
export async function plantBoard(
  store: Store,
  { n, now, mailBytes = 6_000 }: { readonly n: number; readonly now: number; readonly mailBytes?: number },
): Promise<Planted> {
  const no = 'ZX-2026-900';
  const task = (i: number): string => `${no}-${String(i).padStart(5, '0')}`;
  await store.campaigns.create(campaignOf(no, n, now));
  for (let from = 0; from < n; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, n - from) }, (_, i) => from + i + 1);
    await store.agencies.collection.insertMany(numbers.map((i) => agencyOf(i)) as never);
    await store.tasks.collection.insertMany(numbers.map((i) => taskOf(no, task(i), { i, now })) as never);
    await store.messages.collection.insertMany(
      numbers.flatMap((i) => mailsOf(no, task(i), { i, now, mailBytes })) as never,
    );
    const answers = numbers.flatMap((i) => answersOf(no, task(i), { i, now }));
    await store.submissions.collection.insertMany(answers as never);
    await appendEvents(store.events, {
      owner: no,
      key: `planted/${from}`,
      entries: numbers.map((i) => ({
        at: stamp(now - 5 * DAY_MS),
        source: 'mail' as const,
        what: 'mail-sent',
        task: task(i),
        detail: { kind: 'task', response: '250 ok' },
      })),
    });
  }
  return { no, task };
}

const statusOf = (i: number): TaskStatus => {
  let left = (i * 37) % 100;
  for (const [status, share] of SHARES) if ((left -= share) < 0) return status;
  return 'closed';
};
const isAnswered = (i: number): boolean => ['closed', 'inReview', 'returned'].includes(statusOf(i));

const agencyOf = (i: number) => ({
  _id: `jiguan-${i}`,
  name: `第${i}镇人民政府`,
  kind: 'town',
  domains: ['workSafety'],
  contacts: [{ name: '经办人甲', email: `jingban@jiguan-${i}.example`, role: 'primary' }],
  version: 1,
});

function campaignOf(no: string, n: number, now: number): CampaignRecord {
  const term = { workdays: 10 } as const;
  return {
    _id: no,
    draft: {
      title: '万家机关执法专项监督',
      domain: 'workSafety',
      legalBasis: '《行政执法监督条例》第二十条',
      checklist: 'CL-three-systems',
      agencies: { any: [{ kind: 'town' }] },
      phases: { selfInspection: term, jointInspection: term, rectification: term, lookBack: term },
      remind: [{ workdaysBefore: 3 }],
      draw: {},
      lookBackPercent: 30,
    },
    createdBy: '组织员',
    createdAt: stamp(now - 6 * DAY_MS),
    version: 3,
    state: 'running',
    phase: 'selfInspection',
    launch: {
      previewDigest: '-',
      by: '组织员',
      skipProblems: true,
      from: stamp(now - 5 * DAY_MS).slice(0, 10),
      version: 1,
      recallUntil: stamp(now - 5 * DAY_MS),
      recallMs: 0,
      at: stamp(now - 5 * DAY_MS),
    },
    accepted: Array.from({ length: n }, (_, i) => `jiguan-${i + 1}`),
    skipped: [],
    phases: {
      selfInspection: { openedAt: stamp(now - 5 * DAY_MS), dueAt: stamp(now + 5 * DAY_MS), groups: n / 100 },
    },
    seed: 'seed',
    commitment: 'commitment',
    draws: [],
    teams: [],
    tasks: n,
  };
}

interface One {
  readonly i: number;
  readonly now: number;
}

function taskOf(owner: string, no: string, { i, now }: One) {
  const state = statusOf(i);
  const late = i % 29 === 0;
  const dueAt = new Date(now + (late ? -2 : i % 7 === 0 ? 0.5 : 5) * DAY_MS);
  const due = {
    at: stamp(dueAt.getTime()),
    rule: 'workdays',
    basis: '方案规定',
    from: stamp(now - 5 * DAY_MS),
    term: { workdays: 10 },
    skipped: [],
    madeUp: [],
    calendar: '2026@国办发明电〔2025〕7号',
    provisional: false,
  };
  const milestones = Array.from({ length: 6 }, (_, n) => ({
    what: 'urge',
    n: n + 1,
    at: dueAt.getTime() + n * DAY_MS,
  }));
  return {
    _id: no,
    owner,
    group: `tasks/${owner}/selfInspection/${Math.ceil(i / 100)}`,
    phase: 'selfInspection',
    kind: 'selfInspection',
    agency: `jiguan-${i}`,
    agencyName: `第${i}镇人民政府`,
    title: '三项制度自查',
    legalBasis: '《行政执法监督条例》第二十条',
    items: ITEMS.map((id) => ({
      id,
      text: `检查项${id}：执法公示、全过程记录与法制审核是否到位`,
      points: 10,
    })),
    findings: [],
    origin: 'opening',
    state,
    version: 4,
    round: 1,
    due,
    dueAt,
    warnAt: new Date(dueAt.getTime() - 2 * DAY_MS),
    overdue: late,
    late: late && isAnswered(i),
    handedOver: false,
    answered: isAnswered(i),
    openedAt: stamp(now - 5 * DAY_MS),
    mailedAt: stamp(now - 5 * DAY_MS),
    ...(state === 'closed' ? { closedAt: stamp(now - DAY_MS) } : {}),
    remind: [3],
    machine: {
      no,
      status: state,
      round: 1,
      version: 4,
      seen: [],
      rung: 0,
      overdue: late,
      handedOver: false,
      dueAt: due.at,
      deadline: no,
      milestones,
      ...(state === 'unacknowledged'
        ? {}
        : { acknowledged: { by: '经办人甲', post: '科员', at: stamp(now - 4 * DAY_MS) } }),
      ...(state === 'inReview' ? { answers: [`HZ-${i}`] } : {}),
      ...(state === 'returned' ? { items: [{ id: 'c1', reason: '缺少附件' }] } : {}),
      ...(state === 'closed' ? { at: stamp(now - DAY_MS) } : {}),
    },
  };
}

function mailsOf(owner: string, subject: string, { i, now, mailBytes }: One & { mailBytes: number }) {
  const kinds = i % 3 === 0 ? ['task', 'reminder', 'urge'] : ['task'];
  return kinds.map((kind, n) => ({
    _id: `${subject}.${kind}@jiandu.example`,
    subject,
    kind,
    sequence: 1,
    recipient: `jingban@jiguan-${i}.example`,
    owner,
    agency: `jiguan-${i}`,
    raw: Buffer.alloc(mailBytes, 'x'),
    sha256: '0'.repeat(64),
    size: mailBytes,
    subjectLine: `【请办理】${subject} 三项制度自查`,
    state: 'sent',
    attempt: 1,
    createdAt: new Date(now - (5 - n) * DAY_MS),
    submittedAt: new Date(now - (5 - n) * DAY_MS),
    acceptedAt: new Date(now - (5 - n) * DAY_MS),
    smtp: { code: 250, response: '250 ok' },
  }));
}

const RESULTS = ['met', 'met', 'met', 'partly', 'notMet', 'notApplicable'];

function answersOf(owner: string, task: string, { i, now }: One) {
  if (!isAnswered(i)) return [];
  const receivedAt = stamp(now - (i % 5) * DAY_MS - (i % 24) * 3_600_000);
  return [
    {
      _id: `HZ-${i}`,
      task,
      group: `tasks/${owner}/selfInspection/${Math.ceil(i / 100)}`,
      owner,
      agency: `jiguan-${i}`,
      round: 1,
      receivedAt,
      late: false,
      kind: 'answer',
      channel: i % 2 === 0 ? 'link' : 'email',
      by: { name: '经办人甲' },
      text: '已按要求自查。',
      items: Object.fromEntries(
        ITEMS.slice(0, 7).map((id, n) => [id, { result: RESULTS[(i + n * 5) % RESULTS.length], note: '' }]),
      ),
      files: [],
      told: {},
      consumed: true,
      storedAt: new Date(Date.parse(receivedAt)),
    },
  ];
}
