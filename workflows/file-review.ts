import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type ClockMapping, engineAt, stamp } from '../domain/clock.ts';
import { tellStandOfFileReview } from './current-details.ts';
import { clockSignal, wakeSignal } from './messages.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

export interface FileReviewInput {
  readonly no: string;
  /** Who published the preliminary result. */
  readonly by: string;
}

/** The preliminary result of a case-file review (案卷评查): told to each agency, open to dispute until its term is over. */
export async function fileReviewWorkflow(input: FileReviewInput): Promise<void> {
  const { no } = input;
  let moved: ClockMapping | undefined;
  // Reason: a dispute is read and answered by a person; a hint asks for nothing here.
  setHandler(wakeSignal, () => undefined);
  setHandler(clockSignal, (clock) => {
    moved = clock;
  });
  const { groups, until, clock: read } = await activities.publishFileReview(input);
  tellStandOfFileReview(stamp(until));
  await activities.startGroups(
    no,
    'fileReview',
    groups.map((id) => ({ id, added: false })),
  );
  for (;;) {
    const clock: ClockMapping = moved ?? read;
    const left = engineAt(clock, until) - Date.now();
    if (left <= 0) break;
    await condition(() => (moved ?? read) !== clock, left);
  }
  const order = { id: 'disputes-over', kind: 'withdrawOpen', by: 'system', reason: '异议期已满' } as const;
  await activities.orderGroups(no, { ...order, keepAnswered: true, keepHandedOver: true }, 'fileReview');
}
