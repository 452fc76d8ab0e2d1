import { Context } from '@temporalio/activity';
import { stamp } from '../domain/clock.ts';
import type { Deadline } from '../domain/deadline.ts';
import { type TaskKind, openTask } from '../domain/task.ts';
import type { TaskRecord } from '../models/task.ts';
import { GROUP_SIZE, groupId } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { milestonesOf } from './task.ts';

/** A task to be: for whom, and what it asks. */
export interface Seedling {
  readonly agency: string;
  readonly items: TaskRecord['items'];
  readonly findings: readonly string[];
  /** What it is opened for, where that differs from the batch's. */
  readonly origin?: string;
}

/** Tasks of one owner that are written together: campaigns, plans and whoever else asks agencies for something. */
export interface TaskBatch {
  readonly owner: string;
  readonly phase: string;
  readonly kind: TaskKind;
  readonly origin: string;
  readonly title: string;
  readonly legalBasis: string;
  /** Working days before the due date. */
  readonly remind: readonly number[];
  readonly due: Deadline;
  readonly seedlings: readonly Seedling[];
}

const keyOf = (origin: string, agency: string): string => `${origin}|${agency}`;

/** Writes the tasks in pages of a group and answers with the groups that carry them; `onWritten` hears of each as soon as its tasks are there. May run twice: those of an earlier attempt are known by origin and agency, and kept. */
export async function writeTasks(
  deps: Deps,
  batch: TaskBatch,
  onWritten: (group: string) => void = () => undefined,
): Promise<readonly string[]> {
  const { store } = deps;
  const { owner, phase, seedlings } = batch;
  const origins = [...new Set(seedlings.map((one) => one.origin ?? batch.origin)), batch.origin];
  const there = await store.tasks
    .find({ owner, phase, origin: { $in: origins } }, { agency: 1, group: 1, origin: 1, findings: 1 })
    .lean();
  const known = new Set(there.map((row) => keyOf(row.origin, row.agency)));
  const groups = new Set(there.map((row) => row.group));
  const missing = seedlings.filter((one) => !known.has(keyOf(one.origin ?? batch.origin, one.agency)));
  let number = await store.tasks.countDocuments({ owner });
  let group = (await store.tasks.distinct('group', { owner, phase })).length;
  if (batch.kind === 'rectification') await linkFindings(deps, there);
  for (const one of [...groups].sort()) onWritten(one);
  // One page on its way while the next is made, never two: after a crash what is missing is numbered from what is there.
  let written: Promise<void> = Promise.resolve();
  for (let i = 0; i < missing.length; i += GROUP_SIZE) {
    group += 1;
    const id = groupId(owner, phase, group);
    groups.add(id);
    const page = missing.slice(i, i + GROUP_SIZE);
    const rows = await tasksOf(deps, batch, { id, page, first: number + 1 });
    await written;
    written = keepTasks(deps, batch, rows).then(() => onWritten(id));
    // Reason: it is awaited a page later, and its failure is thrown there.
    written.catch(() => undefined);
    number += page.length;
    Context.current().heartbeat(number);
  }
  await written;
  return [...groups].sort();
}

interface Page {
  readonly id: string;
  readonly page: readonly Seedling[];
  readonly first: number;
}

async function tasksOf(deps: Deps, batch: TaskBatch, { id, page, first }: Page): Promise<TaskRecord[]> {
  const { store } = deps;
  const { due } = batch;
  const milestones = await milestonesOf(deps, {
    group: id,
    dueAt: due.at,
    remind: batch.remind,
    unsigned: true,
  });
  const agencies = await store.agencies
    .find({ _id: { $in: page.map((one) => one.agency) } }, { name: 1 })
    .lean();
  const names = new Map(agencies.map((agency) => [agency._id, agency.name]));
  const openedAt = stamp(await deps.clock.now());
  return page.map((seedling, i): TaskRecord => {
    const no = `${batch.owner}-${String(first + i).padStart(3, '0')}`;
    const machine = openTask(no, { dueAt: due.at, deadline: no, milestones });
    return {
      _id: no,
      owner: batch.owner,
      group: id,
      phase: batch.phase,
      origin: seedling.origin ?? batch.origin,
      kind: batch.kind,
      agency: seedling.agency,
      agencyName: names.get(seedling.agency) ?? seedling.agency,
      title: batch.title,
      legalBasis: batch.legalBasis,
      items: seedling.items,
      findings: seedling.findings,
      state: 'pending',
      version: machine.version,
      round: 1,
      due,
      dueAt: new Date(due.at),
      warnAt: new Date(due.warnAt),
      overdue: false,
      late: false,
      handedOver: false,
      answered: false,
      openedAt,
      remind: batch.remind,
      machine,
    };
  });
}

async function keepTasks(deps: Deps, batch: TaskBatch, rows: readonly TaskRecord[]): Promise<void> {
  await deps.store.tasks.collection.insertMany(rows as never, { ordered: true });
  if (batch.kind === 'rectification') await linkFindings(deps, rows);
}

/** A finding knows the task that puts it right; also where an earlier attempt ended between the two writes. */
async function linkFindings(
  { store }: Pick<Deps, 'store'>,
  rows: readonly Pick<TaskRecord, '_id' | 'findings'>[],
): Promise<void> {
  for (const row of rows)
    await store.findings.updateMany(
      { _id: { $in: [...row.findings] }, task: null },
      { $set: { task: row._id, state: 'rectifying' } },
    );
}
