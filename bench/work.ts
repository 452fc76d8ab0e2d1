import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { TaskStatus } from '../domain/task.ts';
import { campaignId } from '../workflows/messages.ts';
import { load } from './machine.ts';
import type { Part, Shares, Subject } from './subject.ts';

/** People of the agencies who answer at the same time. */
const CLIENTS = 16;
/** Tasks that are accepted, to see what a decision costs. */
const ACCEPTED_AT_MOST = 200;
const PATIENCE_MS = 600_000;

export interface Phase {
  readonly seconds: number;
  /** Of a dispatch: until the first mail. */
  readonly first?: number;
  readonly perSecond: number;
  /** CPU ms of all processes of the subject per task, and of each. */
  readonly cpu: number;
  readonly shares: Shares;
  readonly load: number;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

export interface Measured {
  readonly size: number;
  readonly mailBytes: number;
  readonly dispatch: Phase;
  /** Until the last answer is acknowledged; its CPU until the last is recorded. */
  readonly answer: Phase & Latency & { readonly recordedPerSecond: number };
  readonly accept: Phase & Latency & { readonly eventsEach: number };
  /** Of the engine's histories, from launch until every answer is recorded. */
  readonly eventsPerTask: number;
  readonly engineKbPerTask: number;
  readonly memory: Shares;
  readonly memoryMb: number;
}

export const sum = (shares: Shares): number => Object.values(shares).reduce((a, b) => a + b, 0);

function since(before: Shares, after: Shares, n: number): Shares {
  const parts = Object.keys(before) as Part[];
  return Object.fromEntries(
    parts.map((part) => [part, (after[part] - before[part]) / n]),
  ) as unknown as Shares;
}

/** Registers agencies straight in the store: registration is not what is measured. */
export async function registerAgencies(
  subject: Subject,
  kind: 'town' | 'department',
  n: number,
): Promise<void> {
  const rows = Array.from({ length: n }, (_, i) => {
    const id = `${kind}-${String(i + 1).padStart(5, '0')}`;
    return {
      _id: id,
      name: `第${i + 1}镇人民政府`,
      kind,
      domains: ['workSafety'],
      contacts: [
        { name: '经办人甲', email: `jingban@${id}.example`, role: 'primary' },
        { name: '副手乙', email: `fushou@${id}.example`, role: 'deputy' },
      ],
      version: 1,
    };
  });
  await subject.store.agencies.collection.insertMany(rows as never);
}

/** The work: a campaign to `n` agencies is sent, answered by all of them, and a sample of the answers accepted. */
export async function measure(
  subject: Subject,
  { kind, n, receipts }: { kind: 'town' | 'department'; n: number; receipts: boolean },
): Promise<Measured> {
  const { sink } = subject;
  await sink.forget();
  const bytesBefore = subject.engineBytes();
  const { no, digest } = await drafted(subject, kind);
  const dispatch = await dispatched(subject, { no, digest }, n);
  const mails = await sink.until(n);
  const tokens = Object.values(await sink.links());
  if (tokens.length !== n) throw new Error(`${tokens.length} links in ${n} mails`);
  const answer = await answered(subject, { no, receipts }, tokens);
  const events = await historyLength(subject, no);
  const engineKb = (subject.engineBytes() - bytesBefore) / 1_000;
  const memory = subject.memory();
  const accept = await acceptSome(subject, no, n);
  await sink.until(n + (receipts ? n : 0) + accept.count);
  return {
    size: n,
    mailBytes: Math.round(mails.bytes / mails.mails),
    dispatch,
    answer,
    accept: { ...accept, eventsEach: ((await historyLength(subject, no)) - events) / accept.count },
    eventsPerTask: events / n,
    engineKbPerTask: engineKb / n,
    memory,
    memoryMb: sum(memory),
  };
}

async function drafted(subject: Subject, kind: string): Promise<{ no: string; digest: string }> {
  const { body } = await call(subject, '/api/v1/campaigns', {
    title: '安全生产执法专项监督',
    domain: 'workSafety',
    legalBasis: '《山东省行政执法监督条例》第二十一条',
    checklist: 'CL-three-systems',
    agencies: { any: [{ kind }] },
    phases: {
      selfInspection: { workdays: 10 },
      jointInspection: { workdays: 15 },
      rectification: { days: 30 },
      lookBack: { days: 30 },
    },
    remind: [{ workdaysBefore: 3 }, { workdaysBefore: 1 }],
  });
  const { no } = body as { no: string };
  const preview = await call(subject, `/api/v1/campaigns/${no}/preview`);
  return { no, digest: (preview.body as { digest: string }).digest };
}

/** From the launch to the last mail in the sink; its CPU until every mail is written down as sent. */
async function dispatched(
  subject: Subject,
  { no, digest }: { no: string; digest: string },
  n: number,
): Promise<Phase> {
  const before = subject.cpu();
  const began = Date.now();
  const launch = { previewDigest: digest, skipProblems: true, recallMinutes: 0 };
  const all = subject.sink.until(n);
  await call(subject, `/api/v1/campaigns/${no}/launch`, launch);
  const { at, first } = await all;
  await everyTask(subject, { no, n, state: 'unacknowledged' });
  const shares = since(before, subject.cpu(), n);
  const seconds = (at - began) / 1_000;
  return {
    seconds,
    first: (first - began) / 1_000,
    perSecond: n / seconds,
    cpu: sum(shares),
    shares,
    load: load(),
  };
}

async function answered(
  subject: Subject,
  { no, receipts }: { no: string; receipts: boolean },
  tokens: readonly string[],
): Promise<Measured['answer']> {
  const queue = shuffled(tokens);
  const n = tokens.length;
  const before = subject.cpu();
  const began = Date.now();
  const times = await together(queue, async (token) => {
    const body = { text: `已对照清单逐项自查，问题已列明并整改。${token.slice(0, 6)}`, by: '经办人甲' };
    await call(subject, `/t/${token}/answers`, body);
  });
  const seconds = (Date.now() - began) / 1_000;
  const recordedAt = await everyTask(subject, { no, n, state: 'inReview' });
  if (receipts) await subject.sink.until(2 * n);
  const shares = since(before, subject.cpu(), n);
  return {
    seconds,
    perSecond: n / seconds,
    recordedPerSecond: (n * 1_000) / (recordedAt - began),
    cpu: sum(shares),
    shares,
    load: load(),
    ...latency(times),
  };
}

async function acceptSome(
  subject: Subject,
  no: string,
  n: number,
): Promise<Phase & Latency & { count: number }> {
  const count = Math.min(ACCEPTED_AT_MOST, Math.ceil(n / 2));
  const rows = await subject.store.tasks.find({ owner: no }, { _id: 1 }).sort({ agency: 1 }).lean();
  const queue = shuffled(rows.map((row) => row._id)).slice(0, count);
  const before = subject.cpu();
  const began = Date.now();
  const times = await together(queue, (task) =>
    call(subject, `/api/v1/tasks/${task}/reviews`, { verdict: 'accept' }).then(() => undefined),
  );
  const seconds = (Date.now() - began) / 1_000;
  const shares = since(before, subject.cpu(), count);
  return {
    count,
    seconds,
    perSecond: count / seconds,
    cpu: sum(shares),
    shares,
    load: load(),
    ...latency(times),
  };
}

/** Runs the work for each by as many clients as there are, each with a kept connection; ms of each. */
async function together<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<number[]> {
  const queue = [...list];
  const times: number[] = [];
  const client = async (): Promise<void> => {
    for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
      const began = performance.now();
      await work(one);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return times;
}

function latency(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}

/** Waits until the projection shows every task in that state; epoch ms. */
async function everyTask(
  { store }: Subject,
  { no, n, state }: { no: string; n: number; state: TaskStatus },
): Promise<number> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    if ((await store.tasks.countDocuments({ owner: no, phase: 'selfInspection', state })) === n)
      return Date.now();
    await wait(50);
  }
  throw new Error(`not every task of ${no} became ${state}`);
}

async function historyLength({ store, client }: Subject, no: string): Promise<number> {
  const groups = await store.tasks.distinct('group', { owner: no });
  const lengths = await Promise.all(
    [campaignId(no), ...groups].map(
      async (id) => (await client.workflow.getHandle(id).describe()).historyLength,
    ),
  );
  return lengths.reduce((a, b) => a + b, 0);
}

/** The same order in every run. */
function shuffled<T>(list: readonly T[]): T[] {
  const mixed = [...list];
  let seed = 20_261_123;
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const j = seed % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

async function call(
  { url, token }: Subject,
  path: string,
  sent?: unknown,
): Promise<{ status: number; body: unknown }> {
  const method = sent === undefined ? 'GET' : 'POST';
  const bytes = sent === undefined ? undefined : Buffer.from(JSON.stringify(sent));
  const staff = path.startsWith('/api/')
    ? { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID(), 'If-Match': '*' }
    : {};
  const typed = bytes ? { 'Content-Type': 'application/json', 'Content-Length': bytes.length } : {};
  const headers = { Accept: 'application/json', ...staff, ...typed };
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve({ status, body: JSON.parse(text) as unknown });
        else reject(new Error(`${method} ${path.slice(0, 40)}: ${status} ${text.slice(0, 300)}`));
      });
    });
    asked.on('error', reject);
    asked.end(bytes);
  });
}
