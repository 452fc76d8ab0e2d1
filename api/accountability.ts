import { summaryOf } from '../domain/stand-words.ts';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import mongoose from 'mongoose';
import { legalBases } from '../data/reference.ts';
import {
  type AccountabilityCommand,
  type AccountabilityState,
  MEASURES,
  type MeasureKind,
  type Subject,
  checkRecommendation,
  possibleMeasures,
  recommended,
} from '../domain/accountability.ts';
import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { type Term, deadline } from '../domain/deadline.ts';
import { Refusal } from '../domain/refusals.ts';
import type { AccountabilityRecord } from '../models/accountability.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import { numberFor } from '../models/setting.ts';
import { stepTerm } from '../models/step-terms.ts';
import type { Store } from '../models/store.ts';
import { WORK_QUEUE, accountabilityId, commandAccountability } from '../workflows/messages.ts';
import { reached, updateIdOf, waitsUntil } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { Problem, invalid, problemOf } from './problem.ts';

/** What a person recommends. */
export interface Recommendation {
  readonly case: string;
  readonly kind: MeasureKind;
  /** Id of an officer, a supervisor or an agency. */
  readonly subject: string;
  /** Id of the agency that is to decide. */
  readonly body: string;
  readonly reason?: string | undefined;
  readonly basis?: string | undefined;
  readonly term?: Term | undefined;
  readonly by: string;
  /** Idempotency key: the same one recommends once. */
  readonly key: string;
}

/** Keeps a recommendation and starts its workflow; answers its record. May be called again with the same key. */
export async function recommend(deps: ApiDeps, asked: Recommendation): Promise<AccountabilityRecord> {
  const { store } = deps;
  const given = await checkedRecommendation(deps, asked);
  const at = stamp(await deps.clock.now());
  const year = at.slice(0, 4);
  const n = await numberFor(store.sequences, `ZZ-${year}`, updateIdOf(`accountability|${asked.key}`));
  const record = recordOf(asked, { ...given, no: `ZZ-${year}-${String(n).padStart(3, '0')}`, at });
  await keepOnce(store, record);
  await reached(deps, () =>
    deps.client.workflow.start('accountabilityWorkflow', {
      workflowId: accountabilityId(record._id),
      taskQueue: WORK_QUEUE,
      args: [{ no: record._id }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: summaryOf('accountability', record._id, MEASURES[record.kind]),
      staticDetails: `个案：${record.case}\n依据：${record.basis}`,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
  return record;
}

interface Checked {
  readonly subject: Subject;
  readonly bodyName: string;
  readonly term: Term;
  readonly termBasis: string;
}

/** The subject and the body must be known, the body able to be written to and to decide, and its term to be computed. */
async function checkedRecommendation({ store, clock }: ApiDeps, asked: Recommendation): Promise<Checked> {
  const subject = await subjectOf(store, asked.subject);
  if (!subject) throw invalid('/subject', 'subject-unknown', `没有编号为 ${asked.subject} 的人员或者机关`);
  const body = await store.agencies.findById(asked.body, { name: 1, contacts: 1 }).lean();
  if (!body) throw invalid('/body', 'agency-unknown', `没有编号为 ${asked.body} 的机关`);
  if (body.contacts.length === 0) throw invalid('/body', 'no-contact', `${body.name}没有联络员`);
  checkRecommendation(asked.kind, subject, asked.body);
  const rule = await stepTerm(store, 'accountabilityOutcome');
  const term = asked.term ?? rule.term;
  const calendar = await readCalendar(store.calendars);
  deadline({ term, from: localDate(await clock.now()), basis: rule.basis, calendar });
  return { subject, bodyName: body.name, term, termBasis: rule.basis };
}

async function subjectOf(store: Store, id: string): Promise<Subject | undefined> {
  const [officer, supervisor, agency] = await Promise.all([
    store.officers.findById(id).lean(),
    store.supervisors.findById(id).lean(),
    store.agencies.findById(id, { name: 1 }).lean(),
  ]);
  if (agency && !officer && !supervisor) return { type: 'agency', id, name: agency.name };
  const person = officer ?? supervisor;
  if (!person) return undefined;
  const type = officer ? 'officer' : 'supervisor';
  return { type, id, name: person.name, ...(person.agency === undefined ? {} : { agency: person.agency }) };
}

/** Legal texts that a measure may cite, as the office keeps them. */
const basisOf = (kind: MeasureKind): string =>
  legalBases()
    .bases.filter((one) => one.uses.includes(kind))
    .map((one) => one.text)
    .join('、');

function recordOf(
  { case: of, kind, body, reason, basis, by }: Recommendation,
  given: Checked & { readonly no: string; readonly at: string },
): AccountabilityRecord {
  const { subject, bodyName, term, termBasis, no, at } = given;
  const machine = recommended({ no, measure: kind, subject });
  return {
    _id: no,
    case: of,
    kind,
    subject,
    body,
    bodyName,
    reason: reason ?? `${of}案办理中发现的问题，建议对${subject.name}予以${MEASURES[kind]}。`,
    basis: basis ?? basisOf(kind),
    term,
    termBasis,
    recommendedBy: by,
    recommendedAt: at,
    state: machine.status,
    version: machine.version,
    machine,
  };
}

async function keepOnce(store: Store, record: AccountabilityRecord): Promise<void> {
  try {
    await store.accountabilities.collection.insertOne(record as never);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
  }
  const { _id: no, kind, subject, bodyName, recommendedBy: who, recommendedAt: at } = record;
  const detail = { case: record.case, measure: kind, subject: subject.name, body: bodyName };
  await appendEvents(store.events, {
    owner: no,
    key: 'recommended',
    entries: [{ at, source: 'decision', what: 'recommended', who, detail }],
  });
}

/** Gives an order about a recommendation; a refusal comes back with the steps that are possible now. */
export async function tellAccountability(
  deps: ApiDeps,
  no: string,
  order: { readonly key: string; readonly command: AccountabilityCommand },
): Promise<AccountabilityState> {
  const id = updateIdOf(order.key);
  const command = { ...order.command, id, until: await waitsUntil(deps) };
  const handle = deps.client.workflow.getHandle(accountabilityId(no));
  try {
    return await reached(deps, () =>
      handle.executeUpdate(commandAccountability, { args: [command], updateId: id }),
    );
  } catch (error) {
    const ended = error instanceof WorkflowNotFoundError;
    const problem = ended
      ? problemOf(new Refusal('accountability-out-of-step', '该建议已经办结'))
      : problemOf(error);
    if (problem?.status !== 409) throw error;
    const row = await deps.store.accountabilities.findById(no, { state: 1 }).lean();
    throw new Problem(409, problem.code, {
      detail: problem.message,
      extension: { possible: row ? possibleMeasures({ status: row.state }) : [] },
    });
  }
}
