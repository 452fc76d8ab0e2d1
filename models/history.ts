import type { EngineStep, LedgerEntry } from './event.ts';
import type { Store } from './store.ts';
import { ownerOfWorkflow } from './workflow.ts';

/** The owner whose chain speaks of a number: a task's own owner, the number itself, or whose a workflow is where its id is given. */
export async function ownerOf(
  store: Store,
  no: string,
): Promise<{ readonly owner: string; readonly task?: string; readonly workflow?: string } | null> {
  const task = await store.tasks.findById(no, { owner: 1, group: 1 }).lean();
  if (task) return { owner: task.owner, task: no, workflow: task.group };
  if (await store.campaigns.exists({ _id: no })) return { owner: no, workflow: `campaign/${no}` };
  if (await store.plans.exists({ _id: no })) return { owner: no, workflow: `plan/${no}` };
  if (await store.clues.exists({ _id: no })) return { owner: no, workflow: `clue/${no}` };
  if (await store.cases.exists({ _id: no })) return { owner: no, workflow: `case/${no}` };
  if (await store.accountabilities.exists({ _id: no }))
    return { owner: no, workflow: `accountability/${no}` };
  if (await store.fileReviews.exists({ _id: no })) return { owner: no, workflow: `fileReview/${no}` };
  if (await store.warnings.exists({ _id: no })) return { owner: no };
  if (await store.outages.exists({ _id: no })) return { owner: no, workflow: `outage/${no}` };
  const person = (await store.officers.exists({ _id: no })) ?? (await store.supervisors.exists({ _id: no }));
  if (person) return { owner: no };
  if (await store.agencies.exists({ _id: no })) return { owner: `agency/${no}` };
  const owner = await ownerOfWorkflow(store, no);
  return owner === undefined ? null : { owner, workflow: no };
}

/** An entry with the step of the engine that wrote it, where one did. */
export type KeptEntry = LedgerEntry & { readonly step?: EngineStep };

/** Every entry of the ledger about a number, oldest first. */
export async function entriesOf(
  store: Store,
  of: { readonly owner: string; readonly task?: string | undefined },
): Promise<KeptEntry[]> {
  const filter = { owner: of.owner, ...(of.task === undefined ? {} : { tasks: of.task }) };
  const entries: KeptEntry[] = [];
  const blocks = store.events.find(filter, { entries: 1, step: 1 }).sort({ seq: 1 });
  for await (const { entries: text, step } of blocks.lean().cursor()) {
    const lines = JSON.parse(text) as LedgerEntry[];
    const about = of.task === undefined ? lines : lines.filter((line) => line.task === of.task);
    entries.push(...about.map((line) => (step === undefined ? line : { ...line, step })));
  }
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The newest entries of an owner's ledger, newest first, out of so many blocks. */
export async function latestEntries(store: Store, owner: string, blocks: number): Promise<LedgerEntry[]> {
  const rows = await store.events.find({ owner }, { entries: 1 }).sort({ seq: -1 }).limit(blocks).lean();
  return rows.flatMap((row) => (JSON.parse(row.entries) as LedgerEntry[]).toReversed());
}

/** The newest entries of a chain before a place in it, newest block first, until there are enough; `next` is the place to go on from. */
export async function entriesBefore(
  store: Store,
  of: { readonly owner: string; readonly task?: string | undefined },
  { before, enough }: { readonly before?: number; readonly enough: (entry: LedgerEntry) => boolean },
): Promise<{ readonly entries: readonly LedgerEntry[]; readonly next: number | null }> {
  const filter = {
    owner: of.owner,
    ...(of.task === undefined ? {} : { tasks: of.task }),
    ...(before === undefined ? {} : { seq: { $lt: before } }),
  };
  const entries: LedgerEntry[] = [];
  for await (const block of store.events
    .find(filter, { entries: 1, seq: 1 })
    .sort({ seq: -1 })
    .lean()
    .cursor()) {
    const lines = JSON.parse(block.entries) as LedgerEntry[];
    let full = false;
    for (const line of lines.toReversed()) {
      if (of.task !== undefined && line.task !== of.task) continue;
      entries.push(line);
      full = enough(line) || full;
    }
    if (full && block.seq > 1) return { entries, next: block.seq };
  }
  return { entries, next: null };
}

/** Every entry about these tasks, whoever owns them. */
export async function entriesOfTasks(store: Store, tasks: readonly string[]): Promise<LedgerEntry[]> {
  const wanted = new Set(tasks);
  const blocks = await store.events.find({ tasks: { $in: [...tasks] } }, { entries: 1 }).lean();
  return blocks.flatMap(({ entries }) =>
    (JSON.parse(entries) as LedgerEntry[]).filter((one) => one.task !== undefined && wanted.has(one.task)),
  );
}
