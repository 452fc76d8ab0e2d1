import { type ClientSession, type Connection, Schema } from 'mongoose';
import { checkId } from '../domain/checklist.ts';
import { repeatsOf } from '../domain/finding.ts';
import type { Store } from './store.ts';

export type Severity = 'minor' | 'ordinary' | 'major';

/** One problem (问题) found, in whatever mode; a row of the ledger. */
export interface FindingRecord {
  readonly _id: string;
  readonly owner: string;
  readonly mode: 'special' | 'daily' | 'case';
  readonly agency: string;
  readonly item: string;
  /** One of the domain's categories, or `<checklist>/<item>` where the checklist gives its item none. */
  readonly category?: string | undefined;
  /** Earlier problems of the same category at the same agency, oldest first. */
  readonly repeats?: readonly string[] | undefined;
  readonly severity: Severity;
  readonly description: string;
  readonly source: 'self' | 'inspection' | 'lookBack' | 'investigation' | 'warning';
  /** The document of a case that states it. */
  readonly document?: string;
  readonly inspection?: string;
  readonly foundOn: string;
  readonly task?: string | undefined;
  readonly state: 'found' | 'rectifying' | 'writtenOff' | 'reopened';
  readonly writtenOffAt?: string;
  readonly late?: boolean;
  readonly lookedBack?: boolean;
  /** Task whose accepted answer disclosed it. */
  readonly disclosedIn?: string | undefined;
}

/** A joint inspection on the spot (县镇联动), as its team recorded it. */
export interface InspectionRecord {
  readonly _id: string;
  readonly owner: string;
  readonly agency: string;
  readonly inspectors: readonly string[];
  readonly on: string;
  readonly findings: readonly {
    readonly item: string;
    readonly severity: Severity;
    readonly description: string;
  }[];
  readonly by: string;
  readonly at: string;
  readonly offDraw: boolean;
}

export const findingModel = (connection: Connection) => {
  const schema = new Schema<FindingRecord>(
    {
      _id: { type: String, required: true },
      owner: String,
      mode: String,
      agency: String,
      item: String,
      category: String,
      repeats: { type: [String], default: [] },
      severity: String,
      description: String,
      source: String,
      inspection: String,
      document: String,
      foundOn: String,
      task: String,
      state: String,
      writtenOffAt: String,
      late: Boolean,
      lookedBack: Boolean,
      disclosedIn: String,
    },
    { collection: 'findings', versionKey: false },
  );
  schema.index({ owner: 1, agency: 1 });
  schema.index({ agency: 1, item: 1 });
  schema.index({ agency: 1, category: 1, foundOn: 1 });
  schema.index({ task: 1 });
  schema.index({ foundOn: 1 });
  return connection.model<FindingRecord>('Finding', schema);
};

export const inspectionModel = (connection: Connection) => {
  const schema = new Schema<InspectionRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, index: true },
      agency: String,
      inspectors: [String],
      on: String,
      findings: [Schema.Types.Mixed],
      by: String,
      at: String,
      offDraw: Boolean,
    },
    { collection: 'inspections', versionKey: false },
  );
  return connection.model<InspectionRecord>('Inspection', schema);
};

/** The only door through which problems come into the ledger (问题台账): each gets its category and is linked to what came before. May run twice: one that is there stays as it is. With a session, inside its transaction. */
export async function recordFindings(
  store: Pick<Store, 'findings' | 'campaigns' | 'checklists'>,
  findings: readonly FindingRecord[],
  session: ClientSession | null = null,
): Promise<void> {
  const there = new Set(
    await store.findings.distinct('_id', { _id: { $in: findings.map((one) => one._id) } }).session(session),
  );
  const fresh = findings.filter((one) => !there.has(one._id));
  if (fresh.length === 0) return;
  const lists = await checklistsOf(store, fresh);
  const sorted = fresh.map((one) => ({ ...one, category: one.category ?? categoryOf(lists, one) }));
  const earlier = await store.findings
    .find(
      {
        agency: { $in: [...new Set(sorted.map((one) => one.agency))] },
        category: { $in: [...new Set(sorted.map((one) => one.category))] },
      },
      { owner: 1, agency: 1, category: 1, foundOn: 1 },
    )
    .session(session)
    .lean<(Omit<FindingRecord, 'category'> & { readonly category: string })[]>();
  const known = earlier.map(({ _id, owner, agency, category, foundOn }) => ({ id: _id, owner, agency, category, foundOn })); // prettier-ignore
  const writes = sorted.map(({ _id, ...rest }) => ({
    updateOne: {
      filter: { _id },
      update: { $setOnInsert: { ...rest, repeats: repeatsOf({ id: _id, ...rest }, known) } },
      upsert: true,
    },
  }));
  const within = session ? { session } : {};
  await store.findings.collection.bulkWrite(writes as never, { ordered: false, ...within });
}

type Items = ReadonlyMap<string, string | undefined>;
interface Lists {
  /** Which checklist an owner asks by. */
  readonly of: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, Items>;
}

async function checklistsOf(
  { campaigns, checklists }: Pick<Store, 'campaigns' | 'checklists'>,
  findings: readonly FindingRecord[],
): Promise<Lists> {
  const owners = [...new Set(findings.map((one) => one.owner))];
  const rows = await campaigns
    .find({ _id: { $in: owners } }, { 'draft.checklist': 1 })
    .lean<{ readonly _id: string; readonly draft: { readonly checklist: string } }[]>();
  const all = await checklists.find({}, { items: 1 }).lean();
  return {
    of: new Map(rows.map((row) => [row._id, row.draft.checklist])),
    lists: new Map(
      all.map(({ _id, items }) => {
        const named = items.flatMap(({ id, category }) => [id, checkId(_id, id)].map((name) => [name, category] as const)); // prettier-ignore
        return [_id, new Map(named)] as const;
      }),
    ),
  };
}

/** By the owner's own checklist, or the only list that has the item; where no list knows it, its own words are its category. */
function categoryOf({ of, lists }: Lists, { owner, item }: FindingRecord): string {
  const own = of.get(owner);
  const holding = [...lists].filter(([id, items]) => (own === undefined || id === own) && items.has(item));
  const [only] = holding;
  if (only === undefined) return item;
  return holding.length > 1 ? 'other' : (only[1].get(item) ?? `${only[0]}/${item}`);
}
