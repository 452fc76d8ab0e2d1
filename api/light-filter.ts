import { type TaskStatus } from '../domain/task.ts';

const ANSWERABLE: readonly TaskStatus[] = ['unacknowledged', 'inProgress', 'returned'];

/** The query that finds tasks of one light: domain/light.ts said in MongoDB's words. `now` is epoch ms. */
export function lightFilter(light: string, now: number): Record<string, unknown> {
  const at = new Date(now);
  switch (light) {
    case 'grey':
      return {
        $or: [{ state: { $in: ['pending', 'withdrawn'] } }, { state: { $in: ANSWERABLE }, dueAt: null }],
      };
    case 'red':
      return {
        $or: [
          { state: { $in: ANSWERABLE }, dueAt: { $lt: at } },
          { state: 'inReview', late: true },
        ],
      };
    case 'yellow':
      return {
        $or: [
          { state: { $in: ANSWERABLE }, dueAt: { $gte: at }, warnAt: { $lte: at } },
          { state: 'closed', late: true },
        ],
      };
    case 'green':
      return {
        $or: [
          { state: { $in: ANSWERABLE }, dueAt: { $gte: at }, warnAt: { $gt: at } },
          { state: { $in: ['inReview', 'closed'] }, late: false },
        ],
      };
    default:
      return { _id: '' };
  }
}
