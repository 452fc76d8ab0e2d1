import mongoose, { type Connection, Schema } from 'mongoose';
import type {
  DocumentKind,
  DocumentStand,
  DocumentState,
  Issuer,
  Service,
  Withdrawal,
} from '../domain/document.ts';
import type { Term } from '../domain/deadline.ts';

/** Whose head a paper carries, as it is printed. */
export interface Letterhead {
  readonly issuer: Issuer;
  /** 发文机关 */
  readonly name: string;
  /** 印发机关 */
  readonly printer: string;
}

/** A formal document (文书): drafted by the system, approved by a person, numbered, frozen, hashed, served. */
export interface DocumentRecord {
  readonly _id: string;
  readonly owner: string;
  readonly kind: DocumentKind;
  readonly state: DocumentState;
  readonly title: string;
  readonly body: readonly string[];
  /** Counts the draft's changes: what is signed is what was read. */
  readonly version?: number;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Id of the agency it binds. */
  readonly agency?: string;
  /** 主送机关 as printed, without its colon. */
  readonly addressee?: string;
  readonly findings?: readonly string[];
  /** The case-file review whose problems it states. */
  readonly review?: string;
  readonly facts?: readonly string[];
  readonly outcome?: string;
  readonly term?: Term;
  readonly basis?: string;
  /** 抄送 */
  readonly copies?: readonly string[];
  /** Why an approver sent the draft back. */
  readonly returned?: { readonly by: string; readonly at: string; readonly reason: string };
  /** How the rule that let it through has it numbered and headed; by its kind where no rule did. */
  readonly numbered?: { readonly code: string; readonly issuer: Issuer };
  readonly letterhead?: Letterhead;
  readonly number?: string;
  readonly series?: string;
  readonly year?: number;
  readonly serial?: number;
  readonly signatory?: string;
  readonly approvedBy?: string;
  readonly approvedAt?: string;
  /** The frozen pages, and the hash of their bytes. */
  readonly html?: string;
  readonly sha256?: string;
  readonly service?: Service;
  readonly withdrawal?: Withdrawal;
}

const Mixed = Schema.Types.Mixed;

export const documentModel = (connection: Connection) => {
  const schema = new Schema<DocumentRecord>(
    {
      _id: { type: String, required: true },
      owner: { type: String, index: true },
      kind: String,
      state: String,
      title: String,
      body: [String],
      version: Number,
      createdBy: String,
      createdAt: String,
      agency: String,
      review: String,
      addressee: String,
      findings: { type: [String], default: undefined },
      facts: { type: [String], default: undefined },
      outcome: String,
      term: Mixed,
      basis: String,
      copies: { type: [String], default: undefined },
      returned: Mixed,
      numbered: Mixed,
      letterhead: Mixed,
      number: String,
      series: String,
      year: Number,
      serial: Number,
      signatory: String,
      approvedBy: String,
      approvedAt: String,
      html: String,
      sha256: String,
      service: Mixed,
      withdrawal: Mixed,
    },
    { collection: 'documents', versionKey: false },
  );
  schema.index({ number: 1 }, { unique: true, partialFilterExpression: { number: { $type: 'string' } } });
  schema.index(
    { series: 1, year: 1, serial: -1 },
    { unique: true, partialFilterExpression: { serial: { $type: 'number' } } },
  );
  return connection.model<DocumentRecord>('Document', schema);
};

type Documents = ReturnType<typeof documentModel>;

/** What a step of the rules changes in a paper, unless another step came first: then null. */
export const moveDocument = (
  model: Documents,
  { _id, state }: Pick<DocumentRecord, '_id' | 'state'>,
  change: Partial<DocumentRecord> & Pick<DocumentStand, 'state'>,
): Promise<DocumentRecord | null> =>
  model
    .findOneAndUpdate({ _id, state }, { $set: change }, { returnDocument: 'after' })
    .lean<DocumentRecord>();

/** The draft as it was read, with nothing changed since. */
const asRead = ({ _id, version }: DocumentRecord) => ({
  _id,
  state: 'draft' as const,
  version: version ?? null,
});

/** Changes a draft; null where another change or a signature came first. */
export const editDocument = (
  model: Documents,
  paper: DocumentRecord,
  change: Partial<DocumentRecord>,
): Promise<DocumentRecord | null> =>
  model
    .findOneAndUpdate(
      asRead(paper) as never,
      { $set: { ...change, version: (paper.version ?? 0) + 1 } },
      { returnDocument: 'after' },
    )
    .lean<DocumentRecord>();

interface Signing {
  /** 机关代字; absent for a paper without a number. */
  readonly series: { readonly code: string; readonly year: number } | undefined;
  /** The last number given before papers carried their serial themselves. */
  readonly floor: number;
  /** The frozen paper, once its serial is known. */
  readonly freeze: (serial: number | undefined) => Partial<DocumentRecord>;
}

/** Signers of this process take turns in a series, so that only other processes are raced. */
const turns = new WeakMap<Documents, Map<string, Promise<unknown>>>();

/** Freezes a draft. Its number is the next free one and is taken by the same write: no crash can part the two, so none is lost and none given twice. Null where the draft is not as it was read. */
export async function signDocument(
  model: Documents,
  paper: DocumentRecord,
  signing: Signing,
): Promise<DocumentRecord | null> {
  const { series } = signing;
  if (!series) return freeze(model, paper, signing.freeze(undefined));
  const name = `${series.code}〔${series.year}〕`;
  const queue = turns.get(model) ?? new Map<string, Promise<unknown>>();
  turns.set(model, queue);
  const mine = (queue.get(name) ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => signNext(model, paper, { ...signing, series }));
  queue.set(name, mine);
  try {
    return await mine;
  } finally {
    if (queue.get(name) === mine) queue.delete(name);
  }
}

async function signNext(
  model: Documents,
  paper: DocumentRecord,
  {
    series,
    floor,
    freeze: made,
  }: Signing & { readonly series: { readonly code: string; readonly year: number } },
): Promise<DocumentRecord | null> {
  const { code, year } = series;
  for (;;) {
    const last = await model
      .findOne({ series: code, year }, { serial: 1 })
      .sort({ serial: -1 })
      .lean<{ serial?: number }>();
    const serial = Math.max(last?.serial ?? 0, floor) + 1;
    try {
      return await freeze(model, paper, { ...made(serial), series: code, year, serial });
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    }
  }
}

const freeze = (
  model: Documents,
  paper: DocumentRecord,
  frozen: Partial<DocumentRecord>,
): Promise<DocumentRecord | null> =>
  model
    .findOneAndUpdate(
      asRead(paper) as never,
      { $set: { ...frozen, state: 'approved' }, $unset: { returned: 1 } },
      { returnDocument: 'after' },
    )
    .lean<DocumentRecord>();
