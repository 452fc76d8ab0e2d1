import type { TaskStatus } from './task.ts';

export const LIGHTS = ['green', 'yellow', 'red', 'grey'] as const;
export type Light = (typeof LIGHTS)[number];

/** How late a task is; grey while its term has not begun or it was withdrawn. `now` is epoch ms. */
export function lightOf(
  task: {
    readonly state: TaskStatus;
    readonly late: boolean;
    readonly dueAt: Date | null;
    readonly warnAt: Date | null;
  },
  now: number,
): Light {
  if (task.state === 'pending' || task.state === 'withdrawn') return 'grey';
  if (task.state === 'closed') return task.late ? 'yellow' : 'green';
  if (task.state === 'inReview') return task.late ? 'red' : 'green';
  if (task.dueAt === null || task.warnAt === null) return 'grey';
  if (now > task.dueAt.getTime()) return 'red';
  return now >= task.warnAt.getTime() ? 'yellow' : 'green';
}
