import { KIND_NAMES } from '../domain/document.ts';
import { possibleSteps } from '../domain/case-steps.ts';
import type { CampaignRecord } from '../models/campaign.ts';
import type { CaseDeadline, CaseRecord } from '../models/case.ts';
import type { CaseEntryRecord } from '../models/case-entry.ts';
import type { DocumentRecord } from '../models/document.ts';
import type { TaskRecord } from '../models/task.ts';
import type { ApiDeps } from './deps.ts';
import { taskBrief } from './task-view.ts';

/** A row of the list of cases. */
export const caseBrief = (one: CaseRecord) => ({
  no: one._id,
  clue: one.clue,
  agency: one.agency,
  agencyName: one.agencyName,
  summary: one.summary,
  state: one.state,
  stage: one.stage,
  openedAt: one.openedAt,
  supervisors: one.supervisors,
  overdue: one.deadlines.filter((due) => due.state === 'passed').map((due) => due.name),
});

/** A date of the case's own: what the office is to have done by then. */
const showDeadline = ({ name, about, deadline, state }: CaseDeadline) => ({
  name,
  ...(about === '' || about.startsWith('+') ? {} : { about }),
  owner: 'office' as const,
  at: deadline.at,
  rule: deadline.rule,
  basis: deadline.basis,
  from: deadline.from,
  term: deadline.term,
  skipped: deadline.skipped,
  madeUp: deadline.madeUp,
  calendar: deadline.calendar,
  provisional: deadline.provisional,
  state,
});

/** A date of the agency's: null while its document is not signed for. */
const taskDeadline = ({ kind, _id, origin, due, own, machine, overdue, state }: TaskRecord) => ({
  name: kind,
  task: _id,
  about: origin,
  owner: 'agency' as const,
  at: due?.at ?? null,
  ...(due
    ? { rule: due.rule, from: due.from, skipped: due.skipped, madeUp: due.madeUp, calendar: due.calendar }
    : {}),
  basis: due?.basis ?? own?.basis,
  term: due?.term ?? own?.term,
  state: deadlineState({ state, overdue, unstarted: machine.unstarted === true }),
});

function deadlineState(task: {
  readonly state: TaskRecord['state'];
  readonly overdue: boolean;
  readonly unstarted: boolean;
}): 'ended' | 'notStarted' | 'passed' | 'running' {
  if (task.state === 'closed' || task.state === 'withdrawn') return 'ended';
  if (task.unstarted) return 'notStarted';
  return task.overdue ? 'passed' : 'running';
}

export const showPaper = (paper: DocumentRecord) => ({
  id: paper._id,
  kind: paper.kind,
  name: KIND_NAMES[paper.kind],
  title: paper.title,
  state: paper.state,
  ...(paper.number === undefined ? {} : { number: paper.number }),
  ...(paper.term === undefined ? {} : { term: paper.term }),
  ...(paper.outcome === undefined ? {} : { outcome: paper.outcome }),
  findings: paper.findings ?? [],
  createdAt: paper.createdAt,
  ...(paper.approvedAt === undefined ? {} : { approvedAt: paper.approvedAt }),
  ...(paper.service === undefined ? {} : { service: paper.service }),
});

export const showEntry = ({ _id, owner: _owner, ...rest }: CaseEntryRecord) => {
  const { file: _file, ...shown } = rest as typeof rest & { readonly file?: string };
  return { id: _id, ...shown };
};

/** A case with everything that belongs to it; what names a complainant is not among it. */
export async function showCase({ store, clock }: ApiDeps, found: CaseRecord) {
  const no = found._id;
  const [papers, tasks, findings, entries, measures, campaigns, now] = await Promise.all([
    store.documents.find({ owner: no }, { html: 0 }).sort({ createdAt: 1, _id: 1 }).lean<DocumentRecord[]>(),
    store.tasks.find({ owner: no }).sort({ _id: 1 }).lean<TaskRecord[]>(),
    store.findings.find({ owner: no }).sort({ _id: 1 }).lean(),
    store.caseEntries.find({ owner: no }).sort({ at: 1, _id: 1 }).lean<CaseEntryRecord[]>(),
    store.accountabilities.find({ case: no }, { kind: 1, subject: 1, state: 1 }).sort({ _id: 1 }).lean(),
    store.campaigns
      .find({ fromCase: no }, { state: 1, 'draft.title': 1 })
      .sort({ _id: 1 })
      .lean<Pick<CampaignRecord, '_id' | 'state' | 'draft'>[]>(),
    clock.now(),
  ]);
  const { machine } = found;
  const of = (what: CaseEntryRecord['what']) => entries.filter((one) => one.what === what).map(showEntry);
  const { line } = machine;
  return {
    ...caseBrief(found),
    ...(found.actType === undefined ? {} : { actType: found.actType }),
    ...(found.domain === undefined ? {} : { domain: found.domain }),
    channel: found.channel,
    confidential: found.confidential,
    recused: found.recused,
    facts: found.facts,
    deadlines: [...found.deadlines.map(showDeadline), ...tasks.map(taskDeadline)],
    documents: papers.map(showPaper),
    tasks: tasks.map((task) => taskBrief(task, now)),
    findings: findings.map(({ _id, ...rest }) => ({ id: _id, ...rest })),
    records: of('investigation'),
    reviews: of('review'),
    meetings: of('jointMeeting'),
    files: of('file'),
    accountabilities: measures.map(({ _id, kind, subject, state }) => ({ no: _id, kind, subject, state })),
    campaigns: campaigns.map(({ _id, state, draft }) => ({ no: _id, title: draft.title, state })),
    objections: machine.objections,
    recusals: machine.recusals,
    transfers: machine.transfers,
    complaintWithdrawn: machine.complaintWithdrawn,
    answerOwed: machine.answerOwed,
    ...(line.state === 'suspended'
      ? { suspension: { remedy: line.remedy, since: line.since, from: line.from.state } }
      : {}),
    ...('reason' in line ? { closing: { reason: line.reason } } : {}),
    possible: possibleSteps(machine),
    version: found.version,
  };
}
