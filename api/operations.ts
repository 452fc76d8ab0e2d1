import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import { keepMade, removeFile } from '../models/files.ts';
import {
  type Beat,
  type MakingRecord,
  type Operation,
  beat,
  endOperation,
  interruptMine,
  newOperation,
} from '../models/operation.ts';
import type { Store } from '../models/store.ts';
import type { Actor } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { Problem } from './problem.ts';
import type { Answer, Call } from './route.ts';
import type { SentTable } from './uploads.ts';

const BEAT_MS = 4_000;
/** A caller waits no longer than this before it is told where to look, whatever it asks for. */
const LONGEST_WAIT_S = 60;
/** Files that were made are kept for a week. */
const KEPT_MS = 7 * 86_400_000;

/** Something long that is under way in this process. */
export interface Begun<T> {
  /** Its number, once it has one. */
  readonly id: Promise<string>;
  readonly result: Promise<T>;
}

/** Says how far it is, and ends by an error where it may not go on. */
export type Tell = (how: Beat) => Promise<void>;

const under = new Set<Promise<void>>();

/** Ends what is under way in this process before it stops: said at once, so that whoever began it need not wait to see it. */
export async function interruptOperations(store: Pick<Store, 'operations'>): Promise<void> {
  if (under.size === 0) return;
  await interruptMine(store);
  await Promise.race([Promise.all(under), new Promise((resolve) => setTimeout(resolve, STOPPING_MS))]);
}
const STOPPING_MS = 5_000;

/** Carries something long on, whether or not anybody waits for it. */
export function begin<T>(work: (opened: (id: string) => void) => Promise<T>): Begun<T> {
  let opened: (id: string) => void = () => undefined;
  const id = new Promise<string>((resolve) => (opened = resolve));
  const result = work(opened);
  const ended = result.then(
    () => undefined,
    () => undefined,
  );
  under.add(ended);
  void ended.then(() => under.delete(ended));
  return { id, result };
}

/** A table outlives the call that brought it; whoever takes it removes it. */
export async function withOwnTable<T>(table: SentTable, work: (own: SentTable) => Promise<T>): Promise<T> {
  const path = `${table.path}-own`;
  await rename(table.path, path);
  try {
    return await work({ ...table, path });
  } finally {
    await rm(path, { force: true });
  }
}

/** Does the work of an operation from its opening to its end, which is noted however it comes. */
export async function carried<T>(
  deps: Pick<ApiDeps, 'store' | 'clock'>,
  id: string,
  work: (
    tell: Tell,
  ) => Promise<{ readonly result: T; readonly refused?: boolean; readonly made?: MakingRecord['made'] }>,
): Promise<T> {
  const { store } = deps;
  const pulse = setInterval(() => void beat(store, id).catch(() => undefined), BEAT_MS);
  const end = async (how: Omit<Parameters<typeof endOperation>[2], 'at'>): Promise<void> =>
    endOperation(store, id, { ...how, at: stamp(await deps.clock.now()) });
  try {
    const {
      result,
      refused = false,
      made,
    } = await work(async (how) => {
      if (!(await beat(store, id, how))) throw await stopped(store, id);
    });
    await end({ state: refused ? 'refused' : 'done', ...(made ? { made } : {}) });
    return result;
  } catch (error) {
    const known = error instanceof Refusal || error instanceof Problem;
    await end(known ? { state: 'refused', why: error.message } : { state: 'interrupted' }).catch(
      () => undefined,
    );
    throw error;
  } finally {
    clearInterval(pulse);
  }
}

/** Why an operation may not go on here. */
export async function stopped({ operations }: Pick<Store, 'operations'>, id: string): Promise<Problem> {
  const record = await operations.findById(id, { state: 1 }).lean<Pick<Operation, 'state'>>();
  return record?.state === 'cancelled'
    ? new Problem(409, 'operation-ended', { detail: '已被取消' })
    : underWay('已由另一个服务进程接续');
}

export const underWay = (detail: string): Problem =>
  new Problem(409, 'key-in-flight', { detail, headers: { 'Retry-After': '15' } });

/** Seconds that a caller would wait before it is told where to look (RFC 7240); undefined where it waits for the end. */
function patienceOf(prefer: string | undefined): number | undefined {
  const asked = (prefer ?? '').split(/[,;]/u).map((one) => one.trim().toLowerCase());
  if (!asked.includes('respond-async')) return undefined;
  const wait = Number(asked.find((one) => one.startsWith('wait='))?.slice(5) ?? 0);
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT_S) : 0;
}

/** The answer of something long: its end, or, for whoever would rather not wait, where to see how far it is. */
export async function answerOf<T>(
  { req, res }: Pick<Call<unknown, unknown, unknown>, 'req' | 'res'>,
  { id, result }: Begun<T>,
  show: (result: T) => Answer,
): Promise<Answer> {
  const patience = patienceOf(req.get('prefer'));
  if (patience === undefined) return show(await result);
  res.vary('Prefer');
  let timer: NodeJS.Timeout | undefined;
  const tired = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience * 1_000)));
  try {
    const first = await Promise.race([
      result.then((ended) => ({ ended })),
      tired.then(() => id).then((operation) => ({ operation })),
    ]);
    if ('ended' in first) return show(first.ended);
    return {
      status: 202,
      body: { operation: first.operation },
      headers: {
        Location: `/api/v1/operations/${first.operation}`,
        'Preference-Applied': 'respond-async',
      },
    };
  } finally {
    clearTimeout(timer);
  }
}

export interface MakingOrder {
  readonly kind: MakingRecord['kind'];
  readonly about: string;
  readonly name: string;
  readonly type: string;
  readonly actor: Actor;
}

/** Writes a file out and keeps it for whoever comes back for it. */
export const beginMaking = (
  deps: ApiDeps,
  { kind, about, name, type, actor }: MakingOrder,
  make: (tell: Tell) => Promise<Readable>,
): Begun<MakingRecord> =>
  begin(async (opened) => {
    const { store } = deps;
    await sweep(store);
    const at = stamp(await deps.clock.now());
    const base = await newOperation(store, { kind, by: actor.name, account: actor.id, startedAt: at });
    const record: MakingRecord = { ...base, about };
    await store.operations.create(record);
    opened(record._id);
    return carried(deps, record._id, async (tell) => {
      const made = await keepMade(store, { name, type, stream: await make(tell) });
      return { result: { ...record, made }, made };
    });
  });

/** Files that nobody came for in a week are removed; that they were made stays. */
async function sweep(store: Store): Promise<void> {
  const old = await store.operations
    .find({ made: { $exists: true }, beatAt: { $lt: new Date(Date.now() - KEPT_MS) } } as never)
    .limit(50)
    .lean<MakingRecord[]>();
  for (const { _id, made } of old) {
    if (made) await removeFile(store, made);
    await store.operations.updateOne({ _id }, { $unset: { made: 1 } });
  }
}
