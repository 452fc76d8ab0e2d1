import type { IsoDate } from '../domain/calendar.ts';
import { CHECKS_FOR_PEOPLE } from '../domain/contact-check.ts';
import { OPEN_STATUSES, type TaskStatus } from '../domain/task.ts';
import { countExpiring } from './certificate-expiry.ts';
import { newestQuarter } from './contact-check.ts';
import { HELD } from './incoming-mail.ts';
import type { Store } from './store.ts';

/** States in which an agency is asked for something. */
const ASKING: readonly TaskStatus[] = ['unacknowledged', 'inProgress', 'returned'];

/** What only a person of the office can do, as the first page and the daily mail count it. */
export async function needsOf(store: Store, today: IsoDate) {
  const open = { state: { $in: OPEN_STATUSES } };
  const quarter = await newestQuarter(store);
  const [reviews, extensions, held, doubt, bounced, handedOver, contacts, certificates, heldAnswers] =
    await Promise.all([
      store.tasks.countDocuments({ state: 'inReview' }),
      store.tasks.countDocuments({ ...open, 'machine.extension': { $ne: null } }),
      store.incoming.countDocuments({ disposition: { $in: HELD } }),
      store.messages.countDocuments({ state: 'inDoubt' }),
      store.messages.countDocuments({ state: { $in: ['bounced', 'rejected'] } }),
      store.tasks.countDocuments({ ...open, handedOver: true }),
      quarter === undefined
        ? 0
        : store.contactChecks.countDocuments({ quarter, state: { $in: CHECKS_FOR_PEOPLE } }),
      countExpiring(store, today),
      store.heldAnswers.countDocuments({ state: 'waiting' }),
    ]);
  return { reviews, extensions, held, doubt, bounced, handedOver, contacts, certificates, heldAnswers };
}

/** Tasks that wait for an agency whose day passed within that time: after `since`, up to `until`. */
export const overdueBetween = (store: Store, since: Date, until: Date): Promise<number> =>
  store.tasks.countDocuments({ state: { $in: ASKING }, dueAt: { $gt: since, $lte: until } });
