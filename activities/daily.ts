import { type Calendar, addAssumedWorkdays, addDays, at, localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import type { MailViews } from '../mail/views.ts';
import type { AccountRecord } from '../models/account.ts';
import { readCalendar } from '../models/calendar.ts';
import { needsOf, overdueBetween } from '../models/needs.ts';
import { pressingJobs } from '../models/plan-job.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './outbox.ts';

/** When it goes, and after which hour of a day that was missed it goes no more. */
const FROM = '08:30';
const UNTIL = '18:00';
const SINCE_EVER = new Date(0);

type DailyDeps = Pick<Deps, 'store' | 'outbox' | 'clock' | 'office'>;
type Counts = Omit<MailViews['organizerDigest'], 'date' | 'console'>;

/** 【日报】: sends each organizer who has an address one mail a working day, at half past eight of the product's clock; returns how many went. May run twice, and in several workers: a person and a day are one mail. */
export function createDaily(deps: DailyDeps): () => Promise<number> {
  /** The day that needs no more looking at. */
  let done = '';
  return async () => {
    const now = await deps.clock.now();
    const date = localDate(now);
    if (date === done || now < Date.parse(at(date, FROM)) || now >= Date.parse(at(date, UNTIL))) return 0;
    const calendar = await readCalendar(deps.store.calendars);
    if (!isWorking(calendar, date)) {
      done = date;
      return 0;
    }
    const drafts = await draftsOf(deps, { date, now, calendar });
    const posted = await deps.outbox.post(drafts);
    if (posted.every((one) => one.outcome !== 'deferred')) done = date;
    return posted.filter((one) => !one.again && one.outcome === 'sent').length;
  };
}

/** In a year without its notice plain weekdays count: nobody's date hangs on this mail. */
const isWorking = (calendar: Calendar, date: string): boolean =>
  addAssumedWorkdays(calendar, addDays(date, -1), 1) === date;

interface Day {
  readonly date: string;
  readonly now: number;
  readonly calendar: Calendar;
}

async function draftsOf(deps: DailyDeps, day: Day): Promise<Draft[]> {
  const people = await deps.store.accounts
    .find({ role: 'organizer', disabled: false, email: { $type: 'string' } })
    .sort({ _id: 1 })
    .lean<AccountRecord[]>();
  if (people.length === 0) return [];
  const counts = await countsOf(deps, day);
  return people.map((one) => draftOf(deps, { to: one, day, counts }));
}

/** Newly overdue: since the mail of the working day before. */
async function countsOf({ store }: DailyDeps, { date, now, calendar }: Day): Promise<Counts> {
  const before = new Date(at(addAssumedWorkdays(calendar, date, -1), FROM));
  const [needs, overdue, fresh, milestones] = await Promise.all([
    needsOf(store, date),
    overdueBetween(store, SINCE_EVER, new Date(now)),
    overdueBetween(store, before, new Date(now)),
    pressingJobs(store, { now, calendar }),
  ]);
  const { reviews: inReview, doubt: inDoubt, bounced, handedOver, contacts, outages, certificates } = needs;
  const held = needs.held + needs.heldAnswers;
  const counts = {
    inReview,
    overdue,
    fresh,
    bounced,
    held,
    inDoubt,
    handedOver,
    contacts,
    outages,
    milestones,
  };
  return { ...counts, ...certificates };
}

function draftOf(
  { office }: DailyDeps,
  { to, day, counts }: { readonly to: AccountRecord; readonly day: Day; readonly counts: Counts },
): Draft {
  const address = to.email ?? '';
  return {
    subject: `${to._id}/${day.date}`,
    kind: 'organizerDigest',
    sequence: 0,
    recipient: address.toLowerCase(),
    owner: 'accounts',
    compose: (identity) =>
      officeLetter(
        office,
        renderMail('organizerDigest', { date: day.date, console: `${office.publicUrl}/console`, ...counts }),
        {
          ...identity,
          date: stamp(day.now),
          to: { name: to.name, address },
          headers: { 'List-Id': `<daily.${office.mailDomain}>` },
        },
      ),
  };
}
