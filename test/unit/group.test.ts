import { describe, expect, it } from 'vitest';
import type { MailResult } from '../../activities/task-mail.ts';
import { packStates } from '../../domain/packed.ts';
import { SAME_CLOCK } from '../../domain/clock.ts';
import { openTask } from '../../domain/task.ts';
import { withdrawTask } from '../../domain/task-decision.ts';
import { Group } from '../../workflows/group.ts';

const NO = 'ZX-2026-001-001';
const AT = '2026-11-02T09:00:00+08:00';
const BOOKED: MailResult = { outcome: 'sent', booked: true };

/** A group with one task whose first mail is on its way. */
function mailing(): Group {
  const group = new Group({
    id: 'tasks/ZX-2026-001/selfInspection/1',
    owner: 'ZX-2026-001',
    phase: 'selfInspection',
    added: false,
  });
  const dueAt = '2026-11-16T17:00:00+08:00';
  const tasks = packStates([openTask(NO, { dueAt, deadline: NO, milestones: [] })]);
  group.open({ tasks, clock: SAME_CLOCK, paused: false, receipts: true });
  expect(group.takeOrders().map((order) => order.kind)).toEqual(['task']);
  return group;
}

const stateOf = (group: Group) => group.tasks.get(NO);

describe('A first mail that its sender has written down', () => {
  it('makes its task known and leaves nothing to write', () => {
    const group = mailing();
    group.mailed([BOOKED]);
    expect(stateOf(group)).toMatchObject({ status: 'unacknowledged', version: 1 });
    expect(group.unrecorded()).toBe(false);
  });

  it('is written by the group where the sender could not, as groups of before do', () => {
    const group = mailing();
    group.mailed([{ outcome: 'sent', messageId: 'a@b' }]);
    const record = group.takeRecord();
    expect(record.states).toMatchObject([{ status: 'unacknowledged', version: 2 }]);
    expect(record.events).toMatchObject([{ what: 'mail-sent' }]);
  });

  it('finds a task that was signed for meanwhile: the group writes where it stands, and not the mail again', () => {
    const group = mailing();
    group.receive([
      { id: 'R-1', task: NO, receivedAt: AT, channel: 'link', by: '甲', kind: 'acknowledgement' },
    ]);
    group.recorded(group.takeRecord());
    const before = stateOf(group);
    group.mailed([BOOKED]);
    expect(stateOf(group)?.status).toBe('inProgress');
    const later = group.unrecorded() ? group.takeRecord() : undefined;
    expect(later?.events ?? []).toEqual([]);
    expect(stateOf(group)?.version).toBe((before?.version ?? 0) + (later ? 1 : 0));
  });

  it('finds a task that was signed for and not written down yet: nothing of it is lost', () => {
    const group = mailing();
    group.receive([
      { id: 'R-1', task: NO, receivedAt: AT, channel: 'link', by: '甲', kind: 'acknowledgement' },
    ]);
    group.mailed([BOOKED]);
    const record = group.takeRecord();
    expect(record.states).toMatchObject([{ status: 'inProgress', acknowledged: { by: '甲' } }]);
    expect(record.consumed).toEqual(['R-1']);
    expect(record.events.some((event) => event.what === 'mail-sent')).toBe(false);
  });

  it('and that bounced before the group heard of it: the bounce is told apart, and turns to the next contact then', () => {
    const group = mailing();
    group.mailed([{ outcome: 'bounced', booked: true }]);
    expect(stateOf(group)).toMatchObject({ status: 'unacknowledged', rung: 0, version: 1 });
    expect(group.unrecorded()).toBe(false);
  });

  it('finds a task that was withdrawn meanwhile: whoever was asked is told', () => {
    const group = mailing();
    const state = stateOf(group);
    if (!state) throw new Error('no task');
    group.apply(withdrawTask(state, { by: '组织员', at: AT, reason: '不再开展' }));
    group.recorded(group.takeRecord());
    expect(group.unmailed()).toBe(false);
    group.mailed([BOOKED]);
    expect(group.unrecorded()).toBe(true);
    const record = group.takeRecord();
    expect(record.events).toEqual([]);
    group.recorded(record);
    expect(group.takeOrders()).toMatchObject([{ kind: 'withdrawn', task: NO, rung: 0, reason: '不再开展' }]);
  });
});
