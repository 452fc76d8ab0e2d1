import type { Store } from './store.ts';
import type { SubmissionRecord } from './submission.ts';
import type { TaskRecord } from './task.ts';

/** Tasks that are looked through, latest first: enough for a year of months and campaigns. */
const MOST_TASKS = 40;

/** What an agency's last accepted answers say of the same items; `since` is RFC 3339. One entry serves many reports (一次采集、多方使用). */
export async function earlierAnswers(
  store: Pick<Store, 'tasks' | 'submissions'>,
  task: Pick<TaskRecord, '_id' | 'agency' | 'items'>,
  since: string,
): Promise<SubmissionRecord['items']> {
  const before = await store.tasks
    .find(
      {
        agency: task.agency,
        kind: { $in: ['selfInspection', 'review'] },
        state: 'closed',
        closedAt: { $gte: since },
        _id: { $ne: task._id },
        'items.id': { $in: task.items.map((item) => item.id) },
      },
      { items: 1, closedAt: 1 },
    )
    .sort({ closedAt: -1 })
    .limit(MOST_TASKS)
    .lean();
  if (before.length === 0) return {};
  const answers = await store.submissions
    .find({ task: { $in: before.map((one) => one._id) }, kind: 'answer' }, { items: 1, task: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  const said = (no: string): SubmissionRecord['items'] =>
    Object.assign({}, ...answers.filter((one) => one.task === no).map((one) => one.items));
  const found: Record<string, SubmissionRecord['items'][string]> = {};
  for (const one of before) {
    const same = new Set(one.items.map((item) => `${item.id} ${item.text}`));
    for (const [id, answer] of Object.entries(said(one._id)))
      if (
        found[id] === undefined &&
        task.items.some((item) => item.id === id && same.has(`${id} ${item.text}`))
      )
        found[id] = answer;
  }
  return found;
}
