import mongoose from 'mongoose';
import type { Channel, ClueStand } from '../domain/clue.ts';
import { type ClueDeadlines, type ClueDue, deadlinesOf, dueOf } from '../domain/clue-deadline.ts';
import { reachOf, withoutIdentity, withoutMarks } from '../domain/identity.ts';
import { readCalendar } from './calendar.ts';
import type { ClueRecord } from './clue.ts';
import { type Complainant, type ComplainantRecord, type VaultDeps, sealComplainant } from './complainant.ts';
import { appendEvents } from './event.ts';
import type { Store } from './store.ts';
import type { StoredFile } from './submission.ts';

/** A clue as it came, through whichever door. */
export interface NewClue {
  readonly channel: Channel;
  readonly door: ClueRecord['door'];
  readonly origin: string;
  readonly summary: string;
  readonly agency?: string | undefined;
  readonly actType?: string | undefined;
  readonly externalNo?: string | undefined;
  readonly source?: string | undefined;
  readonly replyOn?: string | undefined;
  readonly complainant?: Omit<Complainant, 'said'> | undefined;
  readonly lang?: 'zh' | 'en';
  readonly files?: readonly StoredFile[];
  readonly receivedAt: string;
  readonly by: string;
  /** SHA-256 of the code it is followed by. */
  readonly code?: string;
  /** A sender whose domain disowns the mail is told nothing: the address may be another person's. */
  readonly unreachable?: boolean;
}

type Deps = VaultDeps & { readonly store: Store };
interface Ready {
  readonly clue: ClueRecord;
  readonly complainant?: ComplainantRecord;
}

/** What a clue waits for, as its record keeps it. */
export function waiting(
  due: ClueDue | undefined,
  deadlines: ClueDeadlines,
): { readonly dueAt?: Date; readonly warnAt?: Date } {
  const one = due && deadlines[due];
  return one ? { dueAt: new Date(one.at), warnAt: new Date(one.warnAt) } : {};
}

/** Stores clues with their complainants apart, all or none; what came before by the same origin is there already. Answers each in the order given. */
export async function storeClues(
  deps: Deps,
  clues: readonly NewClue[],
): Promise<{ readonly record: ClueRecord; readonly again: boolean }[]> {
  const { store } = deps;
  for (;;) {
    const origins = clues.map((one) => one.origin);
    const there = await store.clues.find({ origin: { $in: origins } }).lean<ClueRecord[]>();
    const known = new Map(there.map((one) => [one.origin, one]));
    const fresh = clues.filter((one) => !known.has(one.origin));
    const ready = await prepared(deps, fresh);
    if (!(await inserted(store, ready))) continue;
    for (const { clue } of ready) await noteReceived(store, clue);
    const made = new Map(ready.map(({ clue }) => [clue.origin, clue]));
    return clues.map(({ origin }) => {
      const record = made.get(origin);
      return record ? { record, again: false } : { record: known.get(origin) as ClueRecord, again: true };
    });
  }
}

/** False where one of the origins was taken meanwhile. */
async function inserted(store: Store, ready: readonly Ready[]): Promise<boolean> {
  if (ready.length === 0) return true;
  const complainants = ready.flatMap(({ complainant }) => complainant ?? []);
  try {
    await store.connection.transaction(async (session) => {
      if (complainants.length > 0) await store.complainants.insertMany(complainants, { session });
      await store.clues.insertMany(
        ready.map(({ clue }) => clue),
        { session },
      );
    });
    return true;
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000) return false;
    throw error;
  }
}

/** Draws the numbers of a year's series, as many at once as are needed. */
async function numbersFor({ sequences }: Store, clues: readonly NewClue[]): Promise<string[]> {
  const numbers: string[] = [];
  for (const year of new Set(clues.map((one) => one.receivedAt.slice(0, 4)))) {
    const mine = clues.filter((one) => one.receivedAt.startsWith(year)).length;
    const row = await sequences
      .findOneAndUpdate(
        { _id: `XS-${year}` },
        { $inc: { last: mine } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean();
    const last = row?.last ?? mine;
    for (let n = last - mine + 1; n <= last; n += 1) numbers.push(`XS-${year}-${String(n).padStart(4, '0')}`);
  }
  return numbers;
}

async function prepared(deps: Deps, clues: readonly NewClue[]): Promise<Ready[]> {
  if (clues.length === 0) return [];
  const calendar = await readCalendar(deps.store.calendars);
  const numbers = await numbersFor(deps.store, clues);
  return clues.map((one) => {
    const no = numbers.find((number) => number.startsWith(`XS-${one.receivedAt.slice(0, 4)}-`)) as string;
    numbers.splice(numbers.indexOf(no), 1);
    return ready(deps, { no, ...one }, deadlinesOf(one, calendar));
  });
}

/** Masks every mention of the complainant in what will be read; the words as they came go into the vault with the identity. */
function ready(deps: Deps, one: NewClue & { readonly no: string }, deadlines: ClueDeadlines): Ready {
  const { no, complainant: who, code, unreachable } = one;
  const mask = (text: string): string =>
    withoutIdentity(who || one.door !== 'staff' ? withoutMarks(text) : text, who ?? {});
  const summary = mask(one.summary);
  const files = (one.files ?? []).map((file) => ({ ...file, name: mask(file.name) }));
  const masked = summary !== one.summary;
  const said = masked ? { said: one.summary } : {};
  const sealed =
    who || masked ? sealComplainant(deps, no, { confidential: true, ...who, ...said }) : undefined;
  const stand: ClueStand = {
    state: one.door === 'staff' || one.door === 'import' ? 'registered' : 'received',
  };
  const { channel, door, origin, agency, actType, externalNo, source, replyOn, receivedAt, by } = one;
  const clue: ClueRecord = {
    _id: no,
    channel,
    door,
    origin,
    summary,
    ...(agency === undefined ? {} : { agency }),
    ...(actType === undefined ? {} : { actType }),
    ...(externalNo === undefined ? {} : { externalNo }),
    ...(source === undefined ? {} : { source }),
    ...(replyOn === undefined ? {} : { replyOn }),
    ...(sealed
      ? {
          complainant: {
            ref: sealed._id,
            named: who?.name !== undefined,
            reach: unreachable ? 'none' : reachOf(who?.contact),
            confidential: who?.confidential ?? true,
          },
        }
      : {}),
    lang: one.lang ?? 'zh',
    files,
    materials: [],
    receivedAt,
    createdBy: by,
    stand,
    state: stand.state,
    deadlines,
    ...waiting(dueOf(stand.state), deadlines),
    late: false,
    ...(code === undefined ? {} : { code }),
    duplicates: [],
    remedies: [],
  };
  return { clue, ...(sealed ? { complainant: sealed } : {}) };
}

const noteReceived = (store: Store, clue: ClueRecord): Promise<void> =>
  appendEvents(store.events, {
    owner: clue._id,
    key: 'received',
    entries: [
      {
        at: clue.receivedAt,
        source: clue.door === 'staff' || clue.door === 'import' ? 'person' : 'answer',
        what: `clue-${clue.state}`,
        who: clue.createdBy,
        detail: { channel: clue.channel, door: clue.door },
      },
    ],
  });
