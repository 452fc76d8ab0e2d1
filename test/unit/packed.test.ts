import { describe, expect, it } from 'vitest';
import { packStates, unpackStates } from '../../domain/packed.ts';
import { type Milestone, type TaskState, openTask, receive } from '../../domain/task.ts';

const plain: readonly Milestone[] = [
  { what: 'remind', n: 1, at: 1_000 },
  { what: 'overdue', n: 1, at: 2_000 },
];

const task = (n: number, milestones = plain): TaskState =>
  openTask(`ZX-2026-001-${n}`, {
    dueAt: '2026-12-07T17:00:00+08:00',
    deadline: `ZX-2026-001-${n}`,
    milestones,
  });

describe('packed states', () => {
  it('are the same states when unpacked, whatever they hold and in their order', () => {
    const answered = receive(task(2), {
      id: 'HZ2',
      task: 'ZX-2026-001-2',
      receivedAt: '2026-11-25T09:00:00+08:00',
      channel: 'link',
      by: '经办人甲',
      kind: 'answer',
    }).state;
    const states = [task(1), answered, task(3, plain.slice(1)), task(4, [])];
    expect(unpackStates(packStates(states))).toEqual(states);
  });

  it('hold a list of milestones once, however many tasks share it', () => {
    const packed = packStates(Array.from({ length: 100 }, (_, i) => task(i, [...plain])));
    expect(packed.milestones).toEqual([plain]);
  });

  it('cross JSON unchanged', () => {
    const states = [task(1), task(2, plain.slice(1))];
    expect(
      unpackStates(JSON.parse(JSON.stringify(packStates(states))) as ReturnType<typeof packStates>),
    ).toEqual(states);
  });
});
