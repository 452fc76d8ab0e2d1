import { summaryOf } from '../domain/stand-words.ts';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import mongoose from 'mongoose';
import { type IsoDate, localDate } from '../domain/calendar.ts';
import { openedCase, stageOf } from '../domain/case.ts';
import { stamp } from '../domain/clock.ts';
import type { CaseRecord } from '../models/case.ts';
import { appendEvents } from '../models/event.ts';
import { numberFor } from '../models/setting.ts';
import { WORK_QUEUE, caseId } from '../workflows/messages.ts';
import type { CaseInput } from '../workflows/case.ts';
import { reached, updateIdOf } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { invalid } from './problem.ts';

/** What a clue brings to the case that it opens; nothing of it names a complainant. */
export interface CaseOpening {
  readonly clue: string;
  readonly agency: string;
  readonly summary: string;
  readonly actType?: string | undefined;
  readonly domain?: string | undefined;
  readonly channel: string;
  /** Whether agencies are asked for a mailed code; a confidential complainant does not make a case so. */
  readonly confidential?: boolean | undefined;
  /** The day a work order of the hotline came in. */
  readonly hotlineOn?: IsoDate | undefined;
  /** Whether somebody waits for an answer; those of the two complaint channels do unless told otherwise. */
  readonly answerOwed?: boolean | undefined;
  readonly by: string;
  /** Idempotency key: the same one opens the same case. */
  readonly key: string;
}

const COMPLAINTS: readonly string[] = ['complaint', 'hotline12345'];

/** Opens a case from an accepted clue and starts its workflow; answers its number. May be called again with the same key. */
export async function openCase(
  deps: Pick<ApiDeps, 'store' | 'client' | 'clock' | 'office'>,
  opening: CaseOpening,
): Promise<string> {
  const { store } = deps;
  const agency = await store.agencies.findById(opening.agency, { name: 1 }).lean();
  if (!agency) throw invalid('/agency', 'agency-unknown', `没有编号为 ${opening.agency} 的机关`);
  const openedAt = stamp(await deps.clock.now());
  const year = openedAt.slice(0, 4);
  const n = await numberFor(store.sequences, `GA-${year}`, updateIdOf(`case|${opening.key}`));
  const record = recordOf(opening, {
    no: `GA-${year}-${String(n).padStart(3, '0')}`,
    agencyName: agency.name,
    openedAt,
  });
  await keepOnce(deps, record);
  await startCase(deps, record._id);
  return record._id;
}

function recordOf(
  opening: CaseOpening,
  given: { readonly no: string; readonly agencyName: string; readonly openedAt: string },
): CaseRecord {
  const { clue, agency, summary, actType, domain, channel, confidential = false, hotlineOn, by } = opening;
  const { no, agencyName, openedAt } = given;
  const answerOwed = opening.answerOwed ?? COMPLAINTS.includes(channel);
  const openedOn = localDate(openedAt);
  const machine = openedCase({ no, openedOn, answerOwed, ...(hotlineOn === undefined ? {} : { hotlineOn }) });
  return {
    _id: no,
    clue,
    agency,
    agencyName,
    summary,
    ...(actType === undefined ? {} : { actType }),
    ...(domain === undefined ? {} : { domain }),
    channel,
    confidential,
    openedAt,
    openedBy: by,
    state: machine.line.state,
    stage: stageOf(machine),
    version: machine.version,
    supervisors: [],
    recused: [],
    deadlines: [],
    documents: [],
    facts: [],
    machine,
  };
}

async function keepOnce({ store }: Pick<ApiDeps, 'store'>, record: CaseRecord): Promise<void> {
  try {
    await store.cases.collection.insertOne(record as never);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
  }
  await appendEvents(store.events, {
    owner: record._id,
    key: 'opened',
    entries: [
      {
        at: record.openedAt,
        source: 'decision',
        what: 'case-opened',
        who: record.openedBy,
        detail: { clue: record.clue, agency: record.agencyName },
      },
    ],
  });
}

async function startCase(deps: Pick<ApiDeps, 'client' | 'office'>, no: string): Promise<void> {
  const input: CaseInput = { no };
  await reached(deps, () =>
    deps.client.workflow.start('caseWorkflow', {
      workflowId: caseId(no),
      taskQueue: WORK_QUEUE,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: summaryOf('case', no),
      staticDetails: `控制台：${deps.office.publicUrl}/console/cases/${no}`,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
}
