import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { type Downtime, type OutageOrgan, isOutage, meets } from '../domain/outage.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import { type OutageRecord, touchedBy } from '../models/outage.ts';
import { numberFor } from '../models/setting.ts';
import type { Deps } from './deps.ts';

type Watched = Pick<Deps, 'store' | 'client' | 'clock'>;

/** Longer without a sign of life is an outage, in ms of the machine. */
const LOST_AFTER_MS = 5 * 60_000;
const WELL_MS = 2_000;

interface Watch {
  /** The machine's clock, in epoch ms. */
  readonly wall?: () => number;
  readonly lostAfterMs?: number;
}

/** A sign of life of a process that reaches both the store and the engine; the first one after a silence writes the silence down. Processes of one kind share it: while one is well, nothing is down. */
export function createPulse(
  deps: Watched,
  organ: OutageOrgan,
  { wall = Date.now, lostAfterMs = LOST_AFTER_MS }: Watch = {},
): () => Promise<number> {
  return async () => {
    const { client, clock, store } = deps;
    await client.withDeadline(Date.now() + WELL_MS, () =>
      client.connection.workflowService.getSystemInfo({}),
    );
    const [at, now] = [stamp(await clock.now()), wall()];
    const before = await store.pulses.findById(organ).lean();
    const silent = before !== null && now - before.wall >= lostAfterMs;
    const noted = silent ? await noteOutage(deps, { organ, from: before.at, until: at }) : 0;
    await store.pulses.updateOne({ _id: organ }, { $set: { at, wall: now } }, { upsert: true });
    return noted;
  };
}

/** Looks at what the outbox writes down: mail is down while the newest attempts reached no server, and up again with the first mail that one accepted. */
export async function watchMail(deps: Watched): Promise<number> {
  const { store, clock } = deps;
  const accepted = await store.messages
    .findOne({ acceptedAt: { $exists: true } }, { acceptedAt: 1 })
    .sort({ acceptedAt: -1 })
    .lean();
  const since = accepted?.acceptedAt ?? new Date(0);
  const unreached = { $or: [{ 'smtp.code': { $exists: false } }, { 'smtp.code': 421 }] };
  const failed = await store.messages.exists({
    state: 'deferred',
    submittedAt: { $gt: since },
    ...unreached,
  });
  const failing = failed !== null;
  const at = stamp(await clock.now());
  const before = await store.pulses.findById('mailOut').lean();
  if (failing === (before?.failing ?? false)) return 0;
  // Noted before the mark is changed: a process that ends between the two notes it again.
  const noted =
    failing || !before ? 0 : await noteOutage(deps, { organ: 'mailOut', from: before.at, until: at });
  await store.pulses.updateOne(
    { _id: 'mailOut' },
    { $set: { at, wall: Date.now(), failing } },
    { upsert: true },
  );
  return noted;
}

/** Writes an outage down, with one that it meets where nobody has decided on that; what took nobody's day proposes nothing. */
async function noteOutage(
  { store, clock }: Watched,
  { organ, ...time }: Downtime & { readonly organ: OutageOrgan },
): Promise<number> {
  if (!isOutage(time)) return 0;
  const now = stamp(await clock.now());
  const undecided = await store.outages
    .find({ state: { $in: ['untouched', 'proposed'] } })
    .lean<OutageRecord[]>();
  const known = undecided.find((one) => meets(one, time));
  const year = localDate(time.from).slice(0, 4);
  const n = known ? 0 : await numberFor(store.sequences, `outage/${year}`, `${organ}@${time.from}`);
  const outage: OutageRecord = {
    _id: known?._id ?? `TY-${year}-${String(n).padStart(3, '0')}`,
    organs: [...new Set([...(known?.organs ?? []), organ])],
    from: known && known.from < time.from ? known.from : time.from,
    until: known && known.until > time.until ? known.until : time.until,
    state: 'untouched',
    notedAt: known?.notedAt ?? now,
    extended: [],
  };
  const touched = await touchedBy(store, outage, { calendar: await readCalendar(store.calendars), now });
  const { _id, ...rest } = outage;
  const state = touched.some((one) => one.barred === undefined) ? 'proposed' : 'untouched';
  await store.outages.updateOne(
    { _id, state: { $in: ['untouched', 'proposed'] } },
    { $set: { ...rest, state } },
    { upsert: true },
  );
  const { organs, from, until } = outage;
  await appendEvents(store.events, {
    owner: _id,
    key: `noted/${organ}/${time.from}`,
    entries: [
      {
        at: now,
        source: 'workflow',
        what: 'outage-noted',
        detail: { organs: organs.join('、'), from, until, touched: touched.length },
      },
    ],
  });
  return 1;
}
