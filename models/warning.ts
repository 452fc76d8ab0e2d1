import mongoose, { type Connection, Schema } from 'mongoose';
import { Refusal } from '../domain/refusals.ts';
import type { Warning, WarningRule, WarningState } from '../domain/warning.ts';
import { appendEvents } from './event.ts';
import type { Store } from './store.ts';

/** A rule as the office has set it. */
export type WarningRuleRecord = Omit<WarningRule, 'id'> & { readonly _id: string };

/** What a person decided of a warning. */
export interface WarningDecision {
  readonly state: 'dismissed' | 'clue' | 'finding';
  readonly by: string;
  readonly at: string;
  readonly reason?: string | undefined;
  /** Number of the clue or of the finding that it became. */
  readonly no?: string | undefined;
}

/** Something that a rule noticed (预警), and what became of it. */
export interface WarningRecord extends Warning {
  readonly _id: string;
  /** What is judged together: all that a rule noticed of it before is set against what it notices now. */
  readonly unit: string;
  readonly state: WarningState;
  readonly foundAt: string;
  readonly lapsedAt?: string;
  readonly decision?: WarningDecision;
}

export const warningRuleModel = (connection: Connection) =>
  connection.model<WarningRuleRecord>(
    'WarningRule',
    new Schema<WarningRuleRecord>(
      {
        _id: { type: String, required: true },
        kind: { type: String, required: true },
        title: String,
        basis: String,
        check: String,
        category: String,
        enabled: Boolean,
        version: Number,
        params: Schema.Types.Mixed,
      },
      { collection: 'warningRules', versionKey: false, minimize: false },
    ),
  );

export const warningModel = (connection: Connection) => {
  const schema = new Schema<WarningRecord>(
    {
      _id: { type: String, required: true },
      rule: { type: String, required: true },
      ruleVersion: Number,
      subject: { type: String, required: true },
      unit: { type: String, required: true },
      on: String,
      agency: String,
      agencies: [String],
      acts: [String],
      detail: String,
      evidence: Schema.Types.Mixed,
      state: { type: String, required: true },
      foundAt: String,
      lapsedAt: String,
      decision: Schema.Types.Mixed,
    },
    { collection: 'warnings', versionKey: false, minimize: false },
  );
  schema.index({ rule: 1, subject: 1 }, { unique: true });
  schema.index({ unit: 1 });
  schema.index({ agencies: 1, _id: -1 });
  schema.index({ rule: 1, _id: -1 });
  schema.index({ state: 1, _id: -1 });
  return connection.model<WarningRecord>('Warning', schema);
};

export const ruleOf = ({ _id, ...rule }: WarningRuleRecord): WarningRule =>
  ({ id: _id, ...rule }) as WarningRule;

/** Every rule, in the order of its id. */
export async function readWarningRules(model: ReturnType<typeof warningRuleModel>): Promise<WarningRule[]> {
  return (await model.find().sort({ _id: 1 }).lean<WarningRuleRecord[]>()).map((record) => ruleOf(record));
}

type Warnings = Pick<Store, 'warnings' | 'sequences'>;

/** What was judged, and what was noticed in it; warnings of another unit than those judged do not belong here. */
export interface Judged {
  readonly units: readonly string[];
  readonly found: readonly { readonly unit: string; readonly warning: Warning }[];
  readonly at: string;
}

type Known = Pick<WarningRecord, '_id' | 'rule' | 'subject' | 'state' | 'evidence' | 'detail'>;

/** Keeps what was noticed. Running again changes nothing: what is known stays, what does not hold any more lapses unless a person decided. Answers how many warnings changed. */
export async function saveWarnings(store: Warnings, { units, found, at }: Judged): Promise<number> {
  const shown = { rule: 1, subject: 1, state: 1, evidence: 1, detail: 1 };
  const there = await store.warnings.find({ unit: { $in: units } }, shown).lean<Known[]>();
  const known = new Map(there.map((one) => [`${one.rule}\n${one.subject}`, one]));
  const fresh: Judged['found'][number][] = [];
  const writes: { updateOne: { filter: object; update: object } }[] = [];
  for (const one of found) {
    const name = `${one.warning.rule}\n${one.warning.subject}`;
    const before = known.get(name);
    known.delete(name);
    if (!before) fresh.push(one);
    else if (isNews(before, one.warning)) writes.push(again(before, one));
  }
  for (const { _id, state } of known.values())
    if (state === 'open')
      writes.push({
        updateOne: { filter: { _id, state }, update: { $set: { state: 'lapsed', lapsedAt: at } } },
      });
  if (writes.length > 0) await store.warnings.collection.bulkWrite(writes, { ordered: false });
  return writes.length + (await inserted(store, fresh, at));
}

const isNews = (before: Known, now: Warning): boolean =>
  before.state === 'lapsed' ||
  (before.state === 'open' &&
    (before.detail !== now.detail || JSON.stringify(before.evidence) !== JSON.stringify(now.evidence)));

const again = ({ _id, state }: Known, { unit, warning }: Judged['found'][number]) => ({
  updateOne: {
    filter: { _id, state },
    update: { $set: { ...warning, unit, state: 'open' }, $unset: { lapsedAt: 1 } },
  },
});

/** Numbers are drawn together; another run that noticed the same meanwhile keeps its own. */
async function inserted(store: Warnings, fresh: Judged['found'], at: string): Promise<number> {
  if (fresh.length === 0) return 0;
  const year = at.slice(0, 4);
  const series = await store.sequences
    .findOneAndUpdate(
      { _id: `YJ-${year}` },
      { $inc: { last: fresh.length } },
      { upsert: true, returnDocument: 'after' },
    )
    .lean();
  const first = (series?.last ?? fresh.length) - fresh.length + 1;
  const records = fresh.map(({ unit, warning }, n) => ({
    _id: `YJ-${year}-${String(first + n).padStart(6, '0')}`,
    ...warning,
    unit,
    state: 'open' as const,
    foundAt: at,
  }));
  try {
    await store.warnings.collection.insertMany(records as never, { ordered: false });
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError) || error.code !== 11_000) throw error;
  }
  return records.length;
}

/** A warning is decided once, by a person; what it became is found again by the same call, as after one that broke off. Throws Refusal('already-decided'). */
export async function decideWarning(
  store: Pick<Store, 'warnings' | 'events'>,
  warning: WarningRecord,
  decision: WarningDecision,
): Promise<WarningRecord> {
  const next = await store.warnings
    .findOneAndUpdate(
      { _id: warning._id, state: 'open' },
      { $set: { state: decision.state, decision } },
      { returnDocument: 'after' },
    )
    .lean<WarningRecord>();
  if (!next) return decidedBefore(store, warning, decision);
  const { by, at, reason, no } = decision;
  await appendEvents(store.events, {
    owner: warning._id,
    key: decision.state,
    entries: [
      {
        at,
        source: 'decision',
        what: `warning-${decision.state}`,
        who: by,
        detail: {
          ...(reason === undefined ? {} : { reason }),
          ...(no === undefined ? {} : { no }),
        },
      },
    ],
  });
  return next;
}

async function decidedBefore(
  { warnings }: Pick<Store, 'warnings'>,
  { _id }: WarningRecord,
  { state }: WarningDecision,
): Promise<WarningRecord> {
  const now = await warnings.findById(_id).lean<WarningRecord>();
  if (now && state !== 'dismissed' && now.decision?.state === state) return now;
  throw new Refusal('already-decided', '该预警已经处理，或者已不再成立');
}

/** The number of the clue that a warning became, once it is there. */
export async function noteClue({ warnings }: Pick<Store, 'warnings'>, id: string, no: string): Promise<void> {
  await warnings.updateOne({ _id: id, 'decision.state': 'clue' }, { $set: { 'decision.no': no } });
}

/** A rule is changed as a whole and counted up; the change stands in the ledger, and the next run goes through everything again. Throws Refusal('stale-version') where somebody else changed it meanwhile. */
export async function noteRuleChange(
  store: Pick<Store, 'warningRules' | 'events'>,
  rule: WarningRuleRecord,
  said: {
    readonly change: Pick<WarningRuleRecord, 'enabled' | 'title' | 'basis' | 'params'>;
    readonly by: string;
    readonly at: string;
  },
): Promise<WarningRuleRecord> {
  const { change, by, at } = said;
  const next = await store.warningRules
    .findOneAndUpdate(
      { _id: rule._id, version: rule.version },
      { $set: change, $inc: { version: 1 } },
      { returnDocument: 'after' },
    )
    .lean<WarningRuleRecord>();
  if (!next) throw new Refusal('stale-version');
  const detail = {
    rule: rule._id,
    version: next.version,
    enabled: next.enabled,
    before: JSON.stringify(rule.params),
    after: JSON.stringify(next.params),
  };
  await appendEvents(store.events, {
    owner: 'warning-rules',
    key: `${rule._id}/${next.version}`,
    entries: [{ at, source: 'person', what: 'warning-rule-changed', who: by, detail }],
  });
  return next;
}
