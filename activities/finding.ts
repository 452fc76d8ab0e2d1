import { localDate } from '../domain/calendar.ts';
import type { BareState } from '../domain/packed.ts';
import { type FindingRecord, recordFindings } from '../models/finding.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import type { TaskRecord } from '../models/task.ts';
import type { Deps } from './deps.ts';

/** What an accepted task leaves in the ledger of problems (问题台账). May run twice. */
export async function keepFindings(deps: Deps, states: readonly BareState[]): Promise<void> {
  const closed = states.filter((state) => state.status === 'closed');
  if (closed.length === 0) return;
  await writeOff(deps, closed);
  const rows = await deps.store.tasks
    .find({ _id: { $in: closed.map((state) => state.no) }, kind: { $in: ['selfInspection', 'review'] } })
    .lean();
  if (rows.length === 0) return;
  const answers = await deps.store.submissions
    .find({ task: { $in: rows.map((row) => row._id) }, kind: 'answer' }, { task: 1, items: 1, receivedAt: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  for (const row of rows)
    await keepDisclosed(
      deps,
      row,
      answers.filter((answer) => answer.task === row._id),
    );
}

/** What an agency disclosed itself (自查发现): the last word on each item counts. */
async function keepDisclosed(
  { store }: Deps,
  task: TaskRecord,
  answers: readonly Pick<SubmissionRecord, 'items' | 'receivedAt'>[],
): Promise<void> {
  const items = Object.assign({}, ...answers.map((answer) => answer.items)) as SubmissionRecord['items'];
  const disclosed = task.items.flatMap(({ id, text }): FindingRecord[] => {
    const said = items[id];
    if (said?.result !== 'notMet' && said?.result !== 'partly') return [];
    const finding = {
      _id: `${task._id}-${id}`,
      owner: task.owner,
      mode: task.kind === 'review' ? ('daily' as const) : ('special' as const),
      agency: task.agency,
      item: id,
      severity: said.result === 'notMet' ? ('ordinary' as const) : ('minor' as const),
      description: said.note?.trim() || text,
      source: 'self' as const,
      foundOn: localDate(answers.at(-1)?.receivedAt ?? ''),
      state: 'found' as const,
      disclosedIn: task._id,
    };
    return [finding];
  });
  await recordFindings(store, disclosed);
}

/** An accepted rectification writes its findings off (销号); an accepted look-back marks them as looked back on. */
async function writeOff({ store }: Deps, closed: readonly BareState[]): Promise<void> {
  const rows = await store.tasks
    .find(
      { _id: { $in: closed.map((state) => state.no) }, findings: { $ne: [] } },
      { kind: 1, findings: 1, late: 1 },
    )
    .lean();
  for (const row of rows) {
    const state = closed.find((one) => one.no === row._id);
    if (state?.status !== 'closed') continue;
    if (row.kind === 'lookBack') await lookBackOn(store, row);
    else
      await store.findings.updateMany(
        { _id: { $in: [...row.findings] } },
        { $set: { state: 'writtenOff', writtenOffAt: localDate(state.at), late: row.late } },
      );
  }
}

/** What has not stayed put right is open again (回头看发现反弹); the rest has been looked back on. */
async function lookBackOn(
  store: Deps['store'],
  { _id: task, findings }: Pick<TaskRecord, '_id' | 'findings'>,
): Promise<void> {
  const answers = await store.submissions
    .find({ task, kind: 'answer' }, { items: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  const items = Object.assign({}, ...answers.map((answer) => answer.items)) as SubmissionRecord['items'];
  const back = findings.filter((id) => items[id]?.result === 'notMet' || items[id]?.result === 'partly');
  await store.findings.updateMany({ _id: { $in: [...findings] } }, { $set: { lookedBack: true } });
  if (back.length > 0)
    await store.findings.updateMany({ _id: { $in: back } }, { $set: { state: 'reopened' } });
}
