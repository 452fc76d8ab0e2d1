import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { tellStandOfSettlement } from './current-details.ts';
import { MAIL_QUEUE, type SettlementInput } from './messages.ts';

const { settleMail } = proxyActivities<Activities>({
  taskQueue: MAIL_QUEUE,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});

/** One decision on one mail in doubt: it counts as sent, or goes once more, again and again while the relay puts it off. */
export async function settlementWorkflow(input: SettlementInput): Promise<void> {
  tellStandOfSettlement(false);
  for (;;) {
    const { again } = await settleMail(input);
    if (again === undefined) return;
    tellStandOfSettlement(true);
    await sleep(again);
  }
}
