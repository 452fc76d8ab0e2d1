import { condition, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type ClockMapping, engineAt } from '../domain/clock.ts';
import type { RosterDates } from '../domain/contact-check.ts';
import { MAIL_QUEUE, clockSignal } from './messages.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});
const mails = proxyActivities<Activities>({
  taskQueue: MAIL_QUEUE,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
});

const DAY_MS = 86_400_000;

export interface RosterInput {
  /** `YYYY-MM` */
  readonly month: string;
}

/** A month of the roster's upkeep: certificates that end are told to their agencies; each quarter every contact is asked whether it is still them, once more, and then silence is a person's. The month ends by beginning the next. */
export async function rosterWorkflow({ month }: RosterInput): Promise<void> {
  const time = new Time();
  setHandler(clockSignal, (clock) => {
    time.clock = clock;
    time.jumps += 1;
  });
  const dates = await datesOf(time, month);
  if (dates) {
    await time.until(dates.opensAt);
    await sendAll(() => mails.warnOfExpiry(month));
    if (dates.asks) await ask(time, { month, ...dates.asks });
  }
  await activities.endRosterMonth(month);
}

/** Everybody, once more those who are silent, and then no more. */
async function ask(
  time: Time,
  { month, remindsAt, closesAt }: { month: string; remindsAt: string; closesAt: string },
): Promise<void> {
  await sendAll(() => mails.askContacts(month, 'ask'));
  await time.until(remindsAt);
  await sendAll(() => mails.askContacts(month, 'remind'));
  await time.until(closesAt);
  await activities.closeContactChecks(month);
}

/** Again and again while the relay puts some of them off. */
async function sendAll(send: () => Promise<{ readonly again?: number }>): Promise<void> {
  for (;;) {
    const { again } = await send();
    if (again === undefined) return;
    await sleep(again);
  }
}

/** A month in a year without a published calendar waits for it, and asks again every day; undefined where the month has passed meanwhile. */
async function datesOf(time: Time, month: string): Promise<RosterDates | undefined> {
  for (;;) {
    const { dates, over, clock } = await activities.rosterMonthDates(month);
    time.clock ??= clock;
    if (over || dates) return over ? undefined : dates;
    await time.pass(DAY_MS);
  }
}

/** Waits on the product's clock. */
class Time {
  clock: ClockMapping | undefined;
  jumps = 0;

  /** Until an instant (RFC 3339). */
  async until(instant: string): Promise<void> {
    for (;;) {
      const { jumps } = this;
      const left = this.clock ? engineAt(this.clock, Date.parse(instant)) - Date.now() : 0;
      if (left <= 0) return;
      await condition(() => this.jumps !== jumps, left);
    }
  }

  /** So many milliseconds of the product's, or until its clock jumps. */
  async pass(ms: number): Promise<void> {
    const { jumps } = this;
    await condition(() => this.jumps !== jumps, Math.max(1, Math.ceil(ms / (this.clock?.rate ?? 1))));
  }
}
