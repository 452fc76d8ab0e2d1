import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { tellStandOfMoves } from './current-details.ts';
import type { MovesInput } from './messages.ts';

const { confirmMoves } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/** An officer's word on dates that a new calendar moves: one identified order to each group. */
export async function calendarMovesWorkflow(input: MovesInput): Promise<void> {
  tellStandOfMoves();
  await confirmMoves(input);
}
