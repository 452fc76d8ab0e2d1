import { type LedgerRow, type LedgerState, ledgerState } from '../domain/ledger.ts';
import type { AgencyRecord } from './agency.ts';
import type { CampaignRecord } from './campaign.ts';
import type { FindingRecord } from './finding.ts';
import type { Store } from './store.ts';
import type { TaskRecord } from './task.ts';

/** What a list of problems is asked for; dates are days on which they were found, both included. */
export interface LedgerQuery {
  readonly mode?: readonly string[] | undefined;
  readonly agency?: string | undefined;
  readonly state?: readonly LedgerState[] | undefined;
  readonly category?: string | undefined;
  readonly owner?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Rows that are worked out together: few enough to stay small, many enough to ask seldom. */
const PAGE = 500;

function stateFilter(states: readonly LedgerState[]): Record<string, unknown>[] {
  return states.map((state) =>
    state === 'lookedBack'
      ? { state: 'writtenOff', lookedBack: true }
      : state === 'writtenOff'
        ? { state, lookedBack: { $ne: true } }
        : { state },
  );
}

/** The query that finds them. */
export function ledgerFilter(asked: LedgerQuery): Record<string, unknown> {
  const { mode, agency, state, category, owner, from, to } = asked;
  const found = { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) };
  const both = [
    ...(state === undefined ? [] : [{ $or: stateFilter(state) }]),
    ...(category === undefined ? [] : [{ $or: [{ category }, { category: null, item: category }] }]),
  ];
  return {
    ...(mode === undefined ? {} : { mode: { $in: mode } }),
    ...(agency === undefined ? {} : { agency }),
    ...(owner === undefined ? {} : { owner }),
    ...(Object.keys(found).length === 0 ? {} : { foundOn: found }),
    ...(both.length === 0 ? {} : { $and: both }),
  };
}

type Held = Pick<TaskRecord, '_id' | 'kind' | 'due' | 'legalBasis' | 'state' | 'machine' | 'late' | 'round'>;
interface Said {
  readonly _id: string;
  readonly text: string;
  readonly items: Readonly<Record<string, { readonly note?: string }>>;
  readonly files: readonly string[];
}

/** The rows of these problems, in their order. */
export async function ledgerRows(store: Store, findings: readonly FindingRecord[]): Promise<LedgerRow[]> {
  const numbers = [...new Set(findings.flatMap((one) => one.task ?? []))];
  const [tasks, said, agencies, campaigns] = await Promise.all([
    store.tasks
      .find(
        { _id: { $in: numbers } },
        { kind: 1, due: 1, legalBasis: 1, state: 1, round: 1, late: 1, 'machine.status': 1 },
      )
      .lean<Held[]>(),
    lastAnswers(store, numbers),
    store.agencies.find({ _id: { $in: [...new Set(findings.map((one) => one.agency))] } }).lean(),
    store.campaigns
      .find(
        { _id: { $in: [...new Set(findings.map((one) => one.owner))] } },
        { 'draft.domain': 1, 'draft.legalBasis': 1 },
      )
      .lean<Pick<CampaignRecord, '_id' | 'draft'>[]>(),
  ]);
  const task = new Map(tasks.map((one) => [one._id, one]));
  const answer = new Map(said.map((one) => [one._id, one]));
  const agency = new Map(agencies.map((one) => [one._id, one]));
  const campaign = new Map(campaigns.map((one) => [one._id, one.draft]));
  return findings.map((finding) => {
    const held = finding.task === undefined ? undefined : task.get(finding.task);
    const draft = campaign.get(finding.owner);
    return {
      ...plain(finding),
      ...ofAgency(agency.get(finding.agency), finding.agency),
      ...handled(finding, held, answer.get(finding.task ?? '')),
      domain: draft?.domain ?? '',
      basis: held?.legalBasis ?? draft?.legalBasis ?? '',
    };
  });
}

const plain = (finding: FindingRecord) => ({
  id: finding._id,
  mode: finding.mode,
  owner: finding.owner,
  source: finding.source,
  foundOn: finding.foundOn,
  agency: finding.agency,
  category: finding.category ?? finding.item,
  description: finding.description,
  severity: finding.severity,
  state: ledgerState(finding),
  writtenOffOn: finding.writtenOffAt ?? '',
  lookedBack: finding.lookedBack ?? false,
  repeats: finding.repeats ?? [],
});

function ofAgency(agency: AgencyRecord | undefined, id: string) {
  const who = (role: string): string => agency?.contacts.find((one) => one.role === role)?.name ?? '';
  return {
    agencyName: agency?.name ?? id,
    town: agency?.kind === 'town' ? agency.name : '',
    leader: who('leader'),
    handler: who('primary'),
  };
}

function handled(finding: FindingRecord, held: Held | undefined, said: Said | undefined) {
  const note = said?.items[finding._id]?.note?.trim();
  return {
    measure: note || said?.text || '',
    task: finding.task ?? '',
    due: held?.due?.at ?? '',
    late: finding.late ?? held?.late ?? false,
    evidence: (said?.files ?? []).join('、'),
    verification: verified(held),
  };
}

/** What the last decision on the answer was; nothing while one is waited for. */
function verified(held: Held | undefined): LedgerRow['verification'] {
  if (held?.state === 'closed') return 'accepted';
  return held && held.round > 1 && held.state !== 'withdrawn' ? 'returned' : '';
}

const lastAnswers = (store: Store, tasks: readonly string[]): Promise<Said[]> =>
  store.submissions.aggregate<Said>([
    { $match: { task: { $in: [...tasks] }, kind: 'answer' } },
    { $sort: { task: 1, receivedAt: 1 } },
    {
      $group: {
        _id: '$task',
        text: { $last: '$text' },
        items: { $last: '$items' },
        files: { $last: '$files.name' },
      },
    },
  ]);

/** Every row that a filter finds, worked out page by page, so that an export of any length stays small. */
export async function* ledgerStream(
  store: Store,
  filter: Record<string, unknown>,
): AsyncGenerator<readonly LedgerRow[]> {
  let page: FindingRecord[] = [];
  for await (const finding of store.findings
    .find(filter as never)
    .sort({ _id: 1 })
    .lean<FindingRecord[]>()
    .cursor({ batchSize: PAGE })) {
    page.push(finding);
    if (page.length < PAGE) continue;
    yield await ledgerRows(store, page);
    page = [];
  }
  if (page.length > 0) yield await ledgerRows(store, page);
}
