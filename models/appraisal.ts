import { type Connection, Schema } from 'mongoose';
import { type AppraisalEvent, type Appraised, appraise, without } from '../domain/appraisal.ts';
import { type LastResult, isWeak } from '../domain/plan.ts';
import type { ReviewedFileRecord } from './file-review.ts';
import type { FindingRecord } from './finding.ts';
import type { ObjectionAnswer } from './objection.ts';
import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** A year's appraisal (评议考核) as it was published: its events stay, and every figure is counted from them. */
export interface AppraisalRecord {
  readonly _id: number;
  readonly state: 'preliminary' | 'final';
  readonly publishedAt: string;
  readonly publishedBy: string;
  /** Until when agencies may object. */
  readonly objectUntil: string;
  readonly agencies: readonly Appraised[];
  readonly answers: readonly ObjectionAnswer[];
  /** Objections that have come since it was published: whoever makes it final must have seen as many. */
  readonly heard?: number;
  readonly finalAt?: string;
  readonly finalBy?: string;
}

export const appraisalModel = (connection: Connection) =>
  connection.model<AppraisalRecord>(
    'Appraisal',
    new Schema<AppraisalRecord>(
      {
        _id: { type: Number, required: true },
        state: { type: String, required: true },
        publishedAt: String,
        publishedBy: String,
        objectUntil: String,
        agencies: { type: [Schema.Types.Mixed], default: [] },
        answers: { type: [Schema.Types.Mixed], default: [] },
        heard: Number,
        finalAt: String,
        finalBy: String,
      },
      { collection: 'appraisals', versionKey: false, minimize: false },
    ),
  );

/** What was struck out of a published year after objections. */
export const struckIn = (record: Pick<AppraisalRecord, 'answers'> | null): readonly string[] =>
  (record?.answers ?? []).flatMap((one) => one.strike);

/** Who came out weak in a year that was published, the weakest first; nobody where it was not. */
export async function weakIn({ appraisals }: Pick<Store, 'appraisals'>, year: number): Promise<LastResult[]> {
  const record = await appraisals.findById(year).lean<AppraisalRecord>();
  return appraise(without(record?.agencies ?? [], struckIn(record)))
    .flatMap(({ agency, total }) => (total === null ? [] : [{ agency, total }]))
    .filter(isWeak)
    .toSorted((a, b) => a.total - b.total || (a.agency < b.agency ? -1 : 1));
}

/** Agencies with fewer files than this are shown apart. */
const SMALL = 5;

type Asked = Pick<TaskRecord, '_id' | 'agency' | 'kind' | 'state' | 'due' | 'answered' | 'late' | 'closedAt'>;

/** The events of a year, of every mode, by agency; `now` is RFC 3339. What is not due yet counts for nobody. */
export async function appraisedAgencies(
  store: Store,
  year: number,
  now: string,
): Promise<readonly Appraised[]> {
  const [first, last] = [`${year}-01-01`, `${year}-12-31`];
  const [agencies, findings, tasks, acts, reviewed] = await Promise.all([
    store.agencies.find({}, { _id: 1 }).sort({ _id: 1 }).lean(),
    store.findings
      .find({ foundOn: { $gte: first, $lte: last } })
      .sort({ _id: 1 })
      .lean<FindingRecord[]>(),
    store.tasks
      .find(
        {
          kind: { $ne: 'appraisal' },
          dueAt: { $gte: new Date(`${first}T00:00:00+08:00`), $lte: new Date(`${last}T23:59:59+08:00`) },
        },
        { agency: 1, kind: 1, state: 1, due: 1, answered: 1, late: 1, closedAt: 1 },
      )
      .sort({ _id: 1 })
      .lean<Asked[]>(),
    store.acts.aggregate<{ _id: string; n: number }>([
      { $match: { on: { $gte: first, $lte: last } } },
      { $group: { _id: '$agency', n: { $sum: 1 } } },
    ]),
    store.reviewedFiles
      .find({ finalOn: { $gte: first, $lte: last } }, { agency: 1, finalOn: 1, result: 1 })
      .sort({ _id: 1 })
      .lean<Final[]>(),
  ]);
  const due = await duesOf(store, findings);
  const files = new Map(acts.map((one) => [one._id, one.n]));
  const events = new Map<string, AppraisalEvent[]>();
  for (const [agency, event] of [
    ...findings.flatMap((one) => findingEvents(one, due.get(one.task ?? ''), now)),
    ...tasks.flatMap((one) => taskEvents(one, now)),
    ...reviewed.flatMap(fileEvents),
  ])
    events.set(agency, [...(events.get(agency) ?? []), event]);
  return agencies.map(({ _id }) => ({
    agency: _id,
    // Without acts in the store nobody knows who is small.
    small: acts.length > 0 && (files.get(_id) ?? 0) < SMALL,
    events: events.get(_id) ?? [],
  }));
}

type Named = readonly [agency: string, event: AppraisalEvent];

function findingEvents(one: FindingRecord, dueAt: string | undefined, now: string): Named[] {
  const { _id: id, agency, severity } = one;
  const repeat = (one.repeats ?? []).length > 0 ? { repeat: true } : {};
  const what = one.source === 'self' ? 'disclosed' : 'found';
  const found: Named = [agency, { id, at: one.foundOn, what, severity, ...repeat }];
  if (one.state === 'writtenOff')
    return [
      found,
      [agency, { id, at: one.writtenOffAt ?? one.foundOn, what: one.late ? 'rectifiedLate' : 'rectified' }],
    ];
  const overdue = dueAt !== undefined && dueAt !== '' && Date.parse(dueAt) < Date.parse(now);
  return overdue ? [found, [agency, { id, at: dueAt, what: 'unrectified' }]] : [found];
}

/** Looked at is who was asked to check itself and had its answer accepted. */
function taskEvents(
  { _id: id, agency, kind, state, due, answered, late, closedAt }: Asked,
  now: string,
): Named[] {
  if (state === 'withdrawn' || state === 'pending' || due === null) return [];
  const silent = !answered && Date.parse(due.at) < Date.parse(now);
  const looked = state === 'closed' && (kind === 'selfInspection' || kind === 'review');
  return [
    ...(looked ? [[agency, { id, at: closedAt ?? due.at, what: 'looked' }] as Named] : []),
    ...(answered ? [[agency, { id, at: due.at, what: late ? 'answeredLate' : 'answered' }] as Named] : []),
    ...(silent ? [[agency, { id, at: due.at, what: 'silent' }] as Named] : []),
  ];
}

type Final = Pick<ReviewedFileRecord, '_id' | 'agency' | 'finalOn' | 'result'>;

/** Each file whose review is final was a look; only one that failed is faulty, since a slight fault is in most. */
function fileEvents({ _id: id, agency, finalOn: at = '', result }: Final): Named[] {
  const what = result?.grade === 'fail' ? 'fileFaulty' : 'fileSound';
  return [
    [agency, { id, at, what: 'looked' }],
    [agency, { id, at, what }],
  ];
}

async function duesOf(
  store: Store,
  findings: readonly FindingRecord[],
): Promise<ReadonlyMap<string, string>> {
  const tasks = await store.tasks
    .find({ _id: { $in: findings.flatMap((one) => one.task ?? []) } }, { due: 1 })
    .lean();
  return new Map(tasks.map((task) => [task._id, task.due?.at ?? '']));
}
