import type { CaseStatus, TransferTarget } from '../domain/case.ts';
import { type CaseCommand } from '../domain/case-steps.ts';
import { stamp } from '../domain/clock.ts';
import type { Term } from '../domain/deadline.ts';
import { type Service, draftOnly, receiveDocument, serveDocument } from '../domain/document.ts';
import type { FindingCategory } from '../domain/finding.ts';
import { type Fact, type InstrumentKind, checkInstrument, termOfInstrument } from '../domain/instrument.ts';
import { Refusal } from '../domain/refusals.ts';
import type { CaseRecord } from '../models/case.ts';
import { remedyBegun } from '../models/clue.ts';
import { type DocumentRecord, moveDocument } from '../models/document.ts';
import { type FindingRecord, type Severity, recordFindings } from '../models/finding.ts';
import { readInstruments } from '../models/instrument.ts';
import type { CaseCall } from './case-calls.ts';
import { draftOfCase } from './case-draft.ts';
import { showPaper } from './case-view.ts';
import { mayInCase, tellCase, updateIdOf } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { withoutNames } from './nameless.ts';
import { notFound } from './problem.ts';

/** A problem that a document states: one on record, by its id, or one that is recorded with it. */
export type StatedFinding =
  | string
  | {
      readonly item?: string | undefined;
      readonly severity?: Severity | undefined;
      readonly description: string;
      /** What kind of fault it is, in the gate's words. */
      readonly fact?: Fact | undefined;
      /** What kind of problem it is in the ledger; from the fact or the item where it is not said. */
      readonly category?: FindingCategory | undefined;
    };

type Stated = Exclude<StatedFinding, string>;

/** Facts that are a kind of problem by themselves. */
const CATEGORY_OF: Readonly<Partial<Record<Fact, FindingCategory>>> = {
  dutyNotPerformed: 'dutyNotPerformed',
  procedureBreach: 'procedure',
  crimeLead: 'crimeTransfer',
};

export interface PaperOrder {
  readonly kind: InstrumentKind;
  readonly findings: readonly StatedFinding[];
  readonly term?: Term | undefined;
  readonly outcome?: string | undefined;
  readonly facts: readonly Fact[];
  readonly reason?: string | undefined;
  readonly instrument?: string | undefined;
  readonly title?: string | undefined;
  /** The case-file review that it comes from. */
  readonly review?: string | undefined;
}

/** The state that the gate judges by: drafting a letter or an opinion is itself the step into the review. */
function gateState(kind: InstrumentKind, state: CaseStatus): string {
  if (state === 'statementReceived' && kind !== 'notice') return 'investigating';
  return state === 'letterIssued' || state === 'opinionIssued' ? 'rectifying' : state;
}

/** What a problem that such a document states puts on record, where it does not say so itself; a notice only asks. */
const STATES_FACT: Readonly<Record<InstrumentKind, Fact | undefined>> = {
  notice: undefined,
  letter: 'dutyNotPerformed',
  opinion: 'illegalAct',
  decision: 'illegalAct',
  proposal: 'systemicProblem',
  circular: 'systemicProblem',
  transferLetter: 'dutyCrimeLead',
};

/** What a transfer that was asked for has found. */
const LEAD_TO: Readonly<Record<TransferTarget, Fact>> = {
  supervisionCommission: 'dutyCrimeLead',
  procuratorate: 'dutyCrimeLead',
  police: 'crimeLead',
  competentAgency: 'notCompetent',
};

function factsOf({ kind, findings, facts }: PaperOrder, { machine }: CaseRecord): readonly Fact[] {
  const leads =
    kind === 'transferLetter'
      ? machine.transfers.filter((one) => one.status === 'asked' || one.status === 'approved').map((one) => LEAD_TO[one.to]) // prettier-ignore
      : [];
  const own = leads[0] ?? STATES_FACT[kind];
  const stated = findings.flatMap((one): Fact[] => {
    if (own === undefined) return [];
    if (typeof one === 'string') return [own];
    return [one.fact ?? own, ...(one.severity === 'major' ? (['major'] as const) : [])];
  });
  return [...new Set([...facts, ...leads, ...stated])];
}

/** Drafts a document where the case and the instrument gate allow it: what it states is kept in the ledger of problems, its draft is stored, then the case is told. */
export async function draftInCase(call: CaseCall, order: PaperOrder) {
  const { deps, found, key, actor } = call;
  const id = `wd-${updateIdOf(key).slice(0, 16)}`;
  const facts = factsOf(order, found);
  const command: CaseCommand = { kind: 'draft', by: actor.name, paper: id, instrument: order.kind, facts };
  const there = found.machine.papers.some((paper) => paper.id === id);
  if (!there) mayInCase(found.machine, command);
  await noRemedy(deps, found._id, order.kind);
  const { row, findings } = await gated(call, id, { order, facts });
  const term = termOfInstrument(row, order.term);
  const { outcome, title } = order;
  const drafted = await draftOfCase(deps, found, { row, term, outcome, findings, facts });
  const record: Partial<DocumentRecord> = {
    owner: found._id,
    kind: order.kind,
    state: 'draft',
    ...drafted,
    ...(title === undefined ? {} : { title }),
    createdBy: actor.name,
    createdAt: stamp(await deps.clock.now()),
    agency: found.agency,
    findings: findings.map((one) => one._id),
    facts,
    ...(order.review === undefined ? {} : { review: order.review }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(term === undefined ? {} : { term }),
    basis: row.article,
    numbered: { code: row.series, issuer: row.signer },
  };
  await recordFindings(deps.store, findings);
  await deps.store.documents.updateOne({ _id: id }, { $setOnInsert: record }, { upsert: true });
  const stand = await tellCase(deps, found._id, { key, command });
  return { ...showPaper(await paperOf(deps, id)), case: stand };
}

/** The gate's row, and the problems that the document states; those on record stand in where it names none. */
async function gated(
  { deps, found }: CaseCall,
  paper: string,
  { order, facts }: { readonly order: PaperOrder; readonly facts: readonly Fact[] },
) {
  const { store } = deps;
  const named = order.findings.filter((one) => typeof one === 'string');
  const elsewhere = await store.documents.distinct('findings', { owner: found._id });
  const known = await store.findings
    .find({ $or: [{ owner: found._id }, { _id: { $in: [...named, ...elsewhere] }, agency: found.agency }] })
    .sort({ _id: 1 })
    .lean<FindingRecord[]>();
  const today = stamp(await deps.clock.now()).slice(0, 10);
  const stated = order.findings.map((one, n): FindingRecord => {
    const old = typeof one === 'string' ? known.find((row) => row._id === one) : undefined;
    if (old) return old;
    const {
      item = 'other',
      severity = 'ordinary',
      description,
      fact,
      category = fact && CATEGORY_OF[fact],
    } = typeof one === 'string' ? ({ description: one } as Stated) : one;
    return {
      _id: `${found._id}-${paper.slice(3, 9)}-${String(n + 1).padStart(2, '0')}`,
      owner: found._id,
      mode: 'case',
      agency: found.agency,
      item,
      ...(category === undefined ? {} : { category }),
      severity,
      description,
      source: 'investigation',
      document: paper,
      foundOn: today,
      state: 'found',
    };
  });
  const findings = stated.length > 0 || order.kind === 'notice' ? stated : known.filter((row) => row.state !== 'writtenOff'); // prettier-ignore
  const { machine } = found;
  const { kind, outcome, term, reason, instrument } = order;
  const served = machine.papers
    .filter((one) => one.state === 'served' || one.state === 'received')
    .map((one) => one.kind);
  const row = checkInstrument((await readInstruments(store)).items, {
    kind,
    facts: [...found.facts, ...facts],
    state: gateState(kind, machine.line.state === 'suspended' ? machine.line.from.state : machine.line.state),
    served,
    findings: findings.length,
    outcome,
    term,
    reason,
    instrument,
  });
  return { row, findings };
}

async function paperOf({ store }: ApiDeps, id: string): Promise<DocumentRecord> {
  const paper = await store.documents.findById(id, { html: 0 }).lean<DocumentRecord>();
  if (!paper) throw notFound();
  return paper;
}

/** No supervision is repeated while a remedy is under way: asked again before each document, by what the clue knows too (行政执法监督条例 第三十三条). */
async function noRemedy({ store }: ApiDeps, no: string, kind: string): Promise<void> {
  if (kind === 'transferLetter') return;
  const begun = await remedyBegun(store, no);
  if (begun)
    throw new Refusal(
      'case-suspended',
      `复议、诉讼或者监察程序已经开始（${begun.no}），不重复监督；请先中止本案。`,
    );
}

/** Before a case's document is signed the case is asked: the place on its way, its people, a remedy under way. */
export async function signInCase(
  deps: ApiDeps,
  paper: DocumentRecord,
  { by, key }: { readonly by: string; readonly key: string },
): Promise<void> {
  draftOnly(paper);
  await withoutNames(deps, paper.owner, { title: paper.title, body: paper.body });
  await noRemedy(deps, paper.owner, paper.kind);
  await tellCase(deps, paper.owner, { key, command: { kind: 'approve', by, paper: paper._id } });
}

export interface CaseService {
  readonly channel: 'email' | 'paper';
  readonly receivedOn?: string | undefined;
  readonly receivedBy?: string | undefined;
  readonly by: string;
  readonly key: string;
}

/** Serves a case's document, or records the receipt of one that was served: its task and its clock begin with the case's own step. */
export async function serveInCase(deps: ApiDeps, paper: DocumentRecord, order: CaseService) {
  const { channel, receivedOn, receivedBy, by, key } = order;
  const now = stamp(await deps.clock.now());
  const receipt =
    receivedOn === undefined ? {} : { receivedOn, receivedBy: receivedBy ?? paper.addressee ?? '' };
  const service: Service = { channel, servedAt: now, servedBy: by, ...receipt };
  const change =
    paper.state === 'served' && receivedOn !== undefined
      ? receiveDocument(paper, { on: receivedOn, by: receipt.receivedBy ?? '', now })
      : serveDocument(paper, service);
  await noRemedy(deps, paper.owner, paper.kind);
  const command: CaseCommand = { kind: 'serve', by, paper: paper._id, ...receipt };
  const stand = await tellCase(deps, paper.owner, { key, command });
  await moveDocument(deps.store.documents, paper, change);
  const task = await deps.store.tasks.findOne({ owner: paper.owner, origin: paper._id }, { _id: 1 }).lean();
  return { ...showPaper(await paperOf(deps, paper._id)), case: stand, ...(task ? { task: task._id } : {}) };
}

export const ofCase = ({ owner }: Pick<DocumentRecord, 'owner'>): boolean => owner.startsWith('GA-');

/** A task of a case is judged with the case, and a competent body's answer by recording what it decided. */
export function refuseReview(owner: string): void {
  if (owner.startsWith('ZZ-'))
    throw new Refusal(
      'verified-elsewhere',
      `这是责任追究建议${owner}的办理事项，请用 POST /accountabilities/${owner}/outcome 登记处理结果。`,
    );
  if (owner.startsWith('GA-'))
    throw new Refusal(
      'verified-elsewhere',
      `这是个案${owner}的办理事项，请用 POST /cases/${owner}/verification 核查。`,
    );
}
