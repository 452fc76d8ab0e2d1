import { lightOf, type Light } from '../domain/light.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import type { ApiDeps } from './deps.ts';

export interface NudgeChoice {
  readonly light?: readonly Light[] | undefined;
  readonly state?: readonly string[] | undefined;
  readonly agency?: readonly string[] | undefined;
}

const DAY_MS = 86_400_000;
const ASKING = ['task', 'reminder', 'dueToday', 'urge', 'nudge', 'returned', 'digest'];

/** Whom a nudge would reach, and why others are left in peace: mailed within a day, or an answer in review. */
export async function nudgeable({ store, clock }: ApiDeps, owner: string, where: NudgeChoice) {
  const now = await clock.now();
  const rows = await store.tasks
    .find({ owner, state: { $in: OPEN_STATUSES } })
    .sort({ _id: 1 })
    .lean();
  const chosen = rows.filter(
    (row) =>
      (where.light === undefined || where.light.includes(lightOf(row, now))) &&
      (where.state === undefined || where.state.includes(row.state)) &&
      (where.agency === undefined || where.agency.includes(row.agency)),
  );
  const { rate } = await clock.mapping();
  const recent = new Set(
    await store.messages.distinct('subject', {
      subject: { $in: chosen.map((row) => row._id) },
      kind: { $in: ASKING },
      createdAt: { $gt: new Date(Date.now() - DAY_MS / rate) },
    }),
  );
  const waiting = new Set(
    await store.submissions.distinct('task', {
      task: { $in: chosen.map((row) => row._id) },
      consumed: false,
    }),
  );
  const send: string[] = [];
  const skipped: { task: string; why: string }[] = [];
  for (const { _id: task, state } of chosen) {
    const why =
      state === 'pending'
        ? 'not-sent-yet'
        : state === 'inReview' || waiting.has(task)
          ? 'answer-in-review'
          : recent.has(task)
            ? 'mailed-within-24h'
            : undefined;
    if (why === undefined) send.push(task);
    else skipped.push({ task, why });
  }
  return { send, skipped };
}
