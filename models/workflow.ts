import { OPEN_STATUSES } from '../domain/task.ts';
import type { Store } from './store.ts';

export const WORKFLOW_KINDS = [
  'campaign',
  'plan',
  'case',
  'accountability',
  'fileReview',
  'roster',
  'calendar',
  'outage',
  'settlement',
  'tasks',
] as const;
export type WorkflowKind = (typeof WORKFLOW_KINDS)[number];

/** What holds a workflow up, as far as its projection shows it. */
export type Hitch =
  | { readonly why: 'mailsInDoubt'; readonly n: number }
  | { readonly why: 'calendarMissing' }
  | { readonly why: 'deadlinePassed'; readonly name: string }
  | { readonly why: 'handedOver'; readonly n: number }
  /** It has begun, and should be over by now. */
  | { readonly why: 'unfinished'; readonly since: Date };

/** A workflow as its projection shows it; lists never come from the engine. */
export interface WorkflowRow {
  readonly id: string;
  readonly kind: WorkflowKind;
  readonly owner: string;
  readonly state: 'open' | 'closed';
  readonly phase?: string;
  readonly open?: number;
  readonly total?: number;
  readonly hitches: readonly Hitch[];
}

/** In whose name the histories of the roster's upkeep are kept. */
const ROSTER = 'roster';
/** An errand is over in seconds; after that long somebody should look, in ms. */
const ERRAND_MS = 600_000;

const stateOf = (ended: boolean): 'open' | 'closed' => (ended ? 'closed' : 'open');

/** Every workflow of which the office has a projection. */
export async function everyWorkflow(store: Store): Promise<readonly WorkflowRow[]> {
  const kinds = await Promise.all([
    campaigns(store),
    plans(store),
    cases(store),
    accountabilities(store),
    fileReviews(store),
    rosterMonths(store),
    errands(store),
    groups(store),
  ]);
  return kinds.flat();
}

async function campaigns(store: Store): Promise<WorkflowRow[]> {
  const [rows, doubtful] = await Promise.all([
    store.campaigns
      .find({ state: { $ne: 'draft' } }, { state: 1, phase: 1 })
      .sort({ _id: -1 })
      .lean(),
    store.messages.aggregate<{ _id: string; n: number }>([
      { $match: { state: 'inDoubt' } },
      { $group: { _id: '$owner', n: { $sum: 1 } } },
    ]),
  ]);
  const doubts = new Map(doubtful.map((one) => [one._id, one.n]));
  return rows.map(({ _id, state, phase }) => ({
    id: `campaign/${_id}`,
    kind: 'campaign',
    owner: _id,
    state: stateOf(['closed', 'cancelled', 'recalled'].includes(state)),
    phase,
    hitches: doubts.has(_id) ? [{ why: 'mailsInDoubt', n: doubts.get(_id) ?? 0 }] : [],
  }));
}

async function plans(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.plans
    .find({ state: { $ne: 'draft' } }, { state: 1, problem: 1 })
    .sort({ _id: -1 })
    .lean();
  return rows.map(({ _id, state, problem }) => ({
    id: `plan/${_id}`,
    kind: 'plan',
    owner: _id,
    state: stateOf(state === 'closed'),
    hitches: problem ? [{ why: 'calendarMissing' }] : [],
  }));
}

async function cases(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.cases.find({}, { state: 1, stage: 1, deadlines: 1 }).sort({ _id: -1 }).lean();
  return rows.map(({ _id, state, stage, deadlines }) => ({
    id: `case/${_id}`,
    kind: 'case',
    owner: _id,
    state: stateOf(state === 'archived'),
    phase: stage,
    hitches: deadlines.flatMap(({ state: due, name }): Hitch[] =>
      due === 'passed' && name !== 'objectionWindow' ? [{ why: 'deadlinePassed', name }] : [],
    ),
  }));
}

async function accountabilities(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.accountabilities.find({}, { state: 1 }).sort({ _id: -1 }).lean();
  return rows.map(({ _id, state }) => ({
    id: `accountability/${_id}`,
    kind: 'accountability',
    owner: _id,
    state: stateOf(['ended', 'declined', 'withdrawn'].includes(state)),
    phase: state,
    hitches: [],
  }));
}

async function fileReviews(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.fileReviews
    .find({ publishedAt: { $exists: true } }, { state: 1 })
    .sort({ _id: -1 })
    .lean();
  return rows.map(({ _id, state }) => ({
    id: `fileReview/${_id}`,
    kind: 'fileReview',
    owner: _id,
    state: stateOf(state === 'final'),
    hitches: [],
  }));
}

async function rosterMonths(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.rosterMonths.find({}, { state: 1, problem: 1 }).sort({ _id: -1 }).lean();
  return rows.map(({ _id, state, problem }) => ({
    id: `roster/${_id}`,
    kind: 'roster',
    owner: ROSTER,
    state: stateOf(state === 'closed'),
    phase: _id,
    hitches: problem ? [{ why: 'calendarMissing' }] : [],
  }));
}

async function errands(store: Store): Promise<WorkflowRow[]> {
  const rows = await store.errands.find().sort({ begunAt: -1 }).lean();
  return rows.map(({ _id, kind, owner, begunAt, endedAt }) => ({
    id: _id,
    kind,
    owner,
    state: stateOf(endedAt !== undefined),
    hitches:
      endedAt === undefined && Date.now() - begunAt.getTime() > ERRAND_MS
        ? [{ why: 'unfinished', since: begunAt }]
        : [],
  }));
}

async function groups(store: Store): Promise<WorkflowRow[]> {
  const isOpen = { $in: ['$state', [...OPEN_STATUSES]] };
  const rows = await store.tasks.aggregate<{
    _id: string;
    owner: string;
    open: number;
    total: number;
    handedOver: number;
  }>([
    {
      $group: {
        _id: '$group',
        owner: { $first: '$owner' },
        total: { $sum: 1 },
        open: { $sum: { $cond: [isOpen, 1, 0] } },
        handedOver: { $sum: { $cond: [{ $and: ['$handedOver', isOpen] }, 1, 0] } },
      },
    },
    { $sort: { _id: 1 } },
  ]);
  return rows.map(({ _id, owner, open, total, handedOver }) => ({
    id: _id,
    kind: 'tasks',
    owner,
    state: stateOf(open === 0),
    open,
    total,
    hitches: handedOver > 0 ? [{ why: 'handedOver', n: handedOver }] : [],
  }));
}

/** The owner in whose ledger a workflow without a public number writes; undefined where there is none of that id. */
export async function ownerOfWorkflow(store: Store, id: string): Promise<string | undefined> {
  const [kind, month = ''] = id.split('/');
  if (kind === 'roster' && (await store.rosterMonths.exists({ _id: month }))) return ROSTER;
  const errand = await store.errands.findById(id, { owner: 1 }).lean();
  if (errand) return errand.owner;
  const group = await store.tasks.findOne({ group: id }, { owner: 1 }).lean();
  if (group) return group.owner;
  const kept = await store.archives.findOne({ workflow: id }, { owner: 1 }).lean();
  return kept?.owner;
}
