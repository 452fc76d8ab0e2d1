import { MEASURES } from '../../domain/accountability.ts';
import { localDate } from '../../domain/calendar.ts';
import { CASE_STAGES, CASE_STATES, stageOf } from '../../domain/case.ts';
import { judged } from '../../domain/case-steps.ts';
import { KIND_NAMES } from '../../domain/document.ts';
import { standingOn } from '../../domain/supervisor.ts';
import { createWording } from '../../mail/wording.ts';
import type { AccountabilityRecord } from '../../models/accountability.ts';
import type { CaseRecord } from '../../models/case.ts';
import type { CaseEntryRecord } from '../../models/case-entry.ts';
import type { TaskRecord } from '../../models/task.ts';
import { READERS, STAFF } from '../access.ts';
import { blockerOf } from '../case-blockers.ts';
import { findCase } from '../case-calls.ts';
import { notFound } from '../problem.ts';
import { etagOf, roundAnswers } from '../task-view.ts';
import { caseRoutes } from '../routes/cases.ts';
import { stagesOf } from './console-charts.ts';
import { CASE_CALLS, type Register, caseForm, possibleForms } from './console-case-forms.ts';
import { sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute } from './console-frame.ts';
import { agencyOptions } from './console-ledger.ts';
import { pageOf, taskRows } from './console-rows.ts';
import { SOON, madeAt } from './console-operations.ts';
import { timelineFor } from './console-timeline.ts';

const A_PAGE = 50;

export const caseConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/cases', rule: READERS, work: cases },
  { method: 'get', path: '/cases/:no', rule: READERS, work: matter },
  { method: 'post', path: '/cases/:no/file', rule: STAFF, work: file },
  { method: 'get', path: '/cases/:no/file', rule: READERS, work: fileAtOnce },
  { method: 'post', path: '/cases/:no', rule: STAFF, work: take, again: matter },
];

async function cases(visit: Visit): Promise<Page> {
  const { deps, t, query } = visit;
  const { store } = deps;
  const page = pageOf(query['page']);
  const { state = '', stage = '', agency = '', overdue = '' } = query;
  const filter = {
    ...(CASE_STATES.includes(state as never) ? { state } : {}),
    ...(CASE_STAGES.includes(stage as never) ? { stage } : {}),
    ...(agency === '' ? {} : { agency }),
    ...(overdue === '' ? {} : { 'deadlines.state': 'passed' }),
  } as Record<string, unknown>;
  const [rows, total] = await Promise.all([
    store.cases
      .find(filter)
      .sort({ _id: -1 })
      .skip((page - 1) * A_PAGE)
      .limit(A_PAGE)
      .lean<CaseRecord[]>(),
    store.cases.countDocuments(filter),
  ]);
  return {
    page: 'cases',
    title: t('console.nav.cases'),
    view: {
      total,
      asked: { state, stage, agency, overdue },
      filtered: Object.keys(filter).length > 0,
      states: CASE_STATES,
      stages: CASE_STAGES,
      lengths: await stagesOf(visit, filter),
      rows: rows.map((one) => ({
        no: one._id,
        summary: one.summary,
        agencyName: one.agencyName,
        state: one.state,
        stage: one.stage,
        openedAt: one.openedAt,
        late: one.deadlines.filter((due) => due.state === 'passed').map((due) => due.name),
      })),
    },
  };
}

async function theMatter({ deps, params }: Visit): Promise<CaseRecord> {
  const found = await findCase(deps, params);
  if (!found) throw notFound();
  return found;
}

/** Whom a form may name: the register's people, with their certificates' last day or what bars them, and the agencies that decide. */
async function registerFor(visit: Visit, { agency }: CaseRecord): Promise<Register> {
  const { store, clock } = visit.deps;
  const fields = { name: 1, certificate: 1, bars: 1 };
  const [supervisors, officers, agencies, now] = await Promise.all([
    store.supervisors.find({}, fields).sort({ _id: 1 }).limit(500).lean(),
    store.officers.find({ agency }, fields).sort({ _id: 1 }).limit(500).lean(),
    agencyOptions(visit),
    clock.now(),
  ]);
  const stands = (person: (typeof supervisors)[number]): string => {
    const standing = standingOn(person, localDate(now));
    if (!('by' in standing))
      return visit.t('console.accountability.untilDay', { day: person.certificate.expires });
    const until = standing.until ? visit.t('console.accountability.untilDay', { day: standing.until }) : '';
    return `${visit.t(`console.standing.${standing.state}`)}${until}`;
  };
  const shown = (rows: typeof supervisors) =>
    rows.map((one) => ({ value: one._id, label: `${one.name}（${one.certificate.no}，${stands(one)}）` }));
  return {
    supervisors: shown(supervisors),
    officers: shown(officers),
    agencies: agencies.map(({ id, name }) => ({ value: id, label: name })),
  };
}

/** The case's own problems, and those of a file review that its documents state. */
async function problemsOf({ deps: { store } }: Visit, no: string) {
  const stated = await store.documents.distinct('findings', { owner: no });
  return store.findings
    .find({ $or: [{ owner: no }, { _id: { $in: stated } }] })
    .sort({ _id: 1 })
    .lean();
}

async function matter(visit: Visit): Promise<Page> {
  const { deps, lang, t } = visit;
  const found = await theMatter(visit);
  const no = found._id;
  const { store } = deps;
  const [blocker, papers, entries, findings, measures, tasks, timeline, register] = await Promise.all([
    blockerOf(deps, found, lang),
    store.documents.find({ owner: no }, { html: 0, body: 0 }).sort({ createdAt: 1 }).lean(),
    store.caseEntries.find({ owner: no }).sort({ at: 1, _id: 1 }).lean<CaseEntryRecord[]>(),
    problemsOf(visit, no),
    store.accountabilities.find({ case: no }).sort({ _id: 1 }).lean<AccountabilityRecord[]>(),
    taskRows(deps, { owner: no }),
    timelineFor(visit, no, { path: `/console/cases/${no}` }),
    registerFor(visit, found),
  ]);
  const wording = createWording(lang, t);
  const stage = stageOf(found.machine);
  return {
    page: 'case',
    title: `${no} ${found.agencyName}`,
    path: `/console/cases/${no}`,
    view: {
      no,
      action: `/console/cases/${no}`,
      seen: await seenIn(visit, found),
      clue: found.clue,
      review: papers.find((paper) => paper.review !== undefined)?.review ?? '',
      summary: found.summary,
      agencyName: found.agencyName,
      state: found.state,
      blocker: {
        ...blocker,
        next: blocker.next && { at: blocker.next.at, step: stepIn(visit, blocker.next.step) },
      },
      stages: CASE_STAGES.map((name) => ({
        name,
        here: name === stage,
        done: CASE_STAGES.indexOf(name) < CASE_STAGES.indexOf(stage),
      })),
      deadlines: found.deadlines.map(({ name, deadline, state }) => ({
        name,
        at: deadline.at,
        state,
        why: wording.explained(deadline),
      })),
      forms: shownForms(visit, possibleForms(visit, found, register)),
      papers: papers.map((paper) => ({
        id: paper._id,
        kindName: KIND_NAMES[paper.kind],
        heading: paper.title,
        number: paper.number ?? '',
        state: paper.state,
      })),
      tasks,
      supervisors: found.supervisors.map((one) => ({ ...one, recused: found.recused.includes(one.id) })),
      facts: found.facts,
      measures: measures.map(({ _id, kind, subject, state, outcome }) => ({
        no: _id,
        measure: MEASURES[outcome?.measure ?? kind],
        name: subject.name,
        state,
        until: state === 'inEffect' ? (outcome?.until ?? '') : '',
      })),
      entries: entries.map((one) => shownEntry(one)),
      mayBind: STAFF.includes(visit.actor.role),
      findings: findings.map((one) => ({
        id: one._id,
        description: one.description,
        state: one.state,
        repeats: one.repeats?.length ?? 0,
      })),
      timeline,
    },
  };
}

/** The answers that are on the page: a newer one makes what was decided on them stale. */
async function seenIn({ deps }: Visit, { _id: owner, machine }: CaseRecord): Promise<string> {
  const paper = judged(machine);
  const task = paper && (await deps.store.tasks.findOne({ owner, origin: paper.id }).lean<TaskRecord>());
  return task ? etagOf(task.round, await roundAnswers(deps, task)) : '';
}

/** What comes next by itself, in words: a date of the office, or what the clock does for a task. */
const stepIn = ({ t }: Visit, step: string): string =>
  t(MILESTONES.includes(step) ? `console.step.${step}` : `console.caseDate.${step}`);

const MILESTONES: readonly string[] = [
  'remind',
  'dueToday',
  'deputy',
  'leader',
  'overdue',
  'urge',
  'handOver',
];

const shownEntry = (entry: CaseEntryRecord) => ({
  id: entry._id,
  what: entry.what,
  at: entry.at,
  by: entry.by,
  text:
    'text' in entry
      ? entry.text
      : 'opinion' in entry
        ? entry.opinion
        : 'minutes' in entry
          ? entry.minutes
          : '',
  name: entry.what === 'file' ? entry.name : '',
});

/** For those who change nothing, and so begin nothing. */
async function fileAtOnce(visit: Visit): Promise<undefined> {
  await callRoute(visit, caseRoutes, { at: 'get /cases/:no/file' });
  return undefined;
}

/** Reason: each paper is printed, which can take minutes. */
async function file(visit: Visit) {
  return madeAt(visit, await callRoute(visit, caseRoutes, { at: 'post /cases/:no/file', prefer: SOON }));
}

/** Takes a step; a draft leads to its document, where it is read and signed. */
async function take(visit: Visit) {
  const found = await theMatter(visit);
  const form = caseForm(visit, found, await registerFor(visit, found));
  if (!form) throw notFound();
  const answer = (await sendForm(visit, form, CASE_CALLS)) as { id?: string; no?: string } | undefined;
  const said = visit.t('console.said.stepTaken', { step: visit.t(`console.stepName.${form.id}`) });
  if (form.id === 'document' && answer?.id !== undefined)
    return { to: `/console/documents/${answer.id}`, said };
  if (form.id === 'accountability' && answer?.no !== undefined)
    return { to: `/console/accountabilities/${answer.no}`, said };
  if (form.id === 'spread' && answer?.no !== undefined)
    return { to: `/console/campaigns/${answer.no}`, said };
  return { to: `/console/cases/${found._id}`, said };
}
