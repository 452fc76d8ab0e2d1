import { Context } from '@temporalio/activity';
import { contactAt } from '../domain/agency.ts';
import { localDate } from '../domain/calendar.ts';
import { certificateBucket, expiryHorizon } from '../domain/certificate-expiry.ts';
import { stamp } from '../domain/clock.ts';
import { quarterOf, rosterDates } from '../domain/contact-check.ts';
import { hashToken, linkToken, replyAddress, replyToken } from '../mail/addresses.ts';
import { officeLetter } from '../mail/letter.ts';
import { type RenderedMail, renderMail } from '../mail/render.ts';
import type { MailViews } from '../mail/views.ts';
import type { AgencyRecord } from '../models/agency.ts';
import { readCalendar } from '../models/calendar.ts';
import { type ExpiringPerson, expiringOf } from '../models/certificate-expiry.ts';
import { type ContactCheckRecord, checkId, checkParts } from '../models/contact-check.ts';
import { markLost } from '../models/message.ts';
import type { Deps } from './deps.ts';
import type { Draft, Posted } from './outbox.ts';

/** How long an attempt takes new mail, and when it comes back at the latest for what was put off. */
const TAKES_FOR_MS = 5 * 60_000;
const SOON_MS = 60_000;
const PAGE = 100;

/** What is left: how long to wait before the next attempt; nothing where all went. */
export interface Sent {
  readonly again?: number;
}

export const rosterMailActivities = (deps: Deps) => ({
  /** Asks every contact of the roster whether it is still them, or once more those who are silent. May run twice: a contact, a quarter and a question are one mail. */
  async askContacts(month: string, what: 'ask' | 'remind'): Promise<Sent> {
    const { store, clock } = deps;
    const quarter = quarterOf(month);
    const now = stamp(await clock.now());
    if (what === 'ask') await openChecks(deps, quarter);
    else
      await store.contactChecks.updateMany(
        { quarter, state: 'asked', remindedAt: { $exists: false } },
        { $set: { due: 'remind' } },
      );
    const closesAt = rosterDates(await readCalendar(store.calendars), month).asks?.closesAt ?? now;
    return paged(deps, {
      next: (after) =>
        store.contactChecks
          .find({ quarter, due: what, _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(PAGE)
          .lean<ContactCheckRecord[]>(),
      draft: (check) => questionDraft(deps, check, { what, now, closesAt }),
      async settle(check, { outcome }) {
        if (outcome === 'deferred') return;
        const stamped = what === 'ask' ? { askedAt: now } : { remindedAt: now };
        await store.contactChecks.updateOne(
          { _id: check._id, due: what },
          { $set: { due: null, ...stamped } },
        );
        await store.contactChecks.updateOne(
          { _id: check._id, state: 'waiting' },
          { $set: { state: 'asked' } },
        );
      },
    });
  },

  /** One mail a month to an agency's contact with those of its own people whose certificates end within sixty days or have ended. May run twice. */
  async warnOfExpiry(month: string): Promise<Sent> {
    const { store, clock } = deps;
    const now = stamp(await clock.now());
    const today = localDate(now);
    const people = await expiringOf(store, { today, horizon: expiryHorizon(today) });
    const byAgency = new Map<string, ExpiringPerson[]>();
    for (const one of people)
      if (one.agency !== undefined) byAgency.set(one.agency, [...(byAgency.get(one.agency) ?? []), one]);
    const ids = [...byAgency.keys()].sort();
    return paged(deps, {
      next: async (after) => {
        const page = ids.filter((id) => id > after).slice(0, PAGE);
        const rows = await store.agencies.find({ _id: { $in: page } }).lean<AgencyRecord[]>();
        return rows.sort((a, b) => (a._id < b._id ? -1 : 1));
      },
      draft: (agency) => {
        const to = contactAt(agency.contacts, 0);
        if (!to) return undefined;
        const rows = (byAgency.get(agency._id) ?? []).map((one) => ({
          name: one.name,
          register: one.register,
          certificate: one.certificate.no,
          expires: one.certificate.expires,
          bucket: certificateBucket(one.certificate.expires, today),
        }));
        const view = { agency: agency.name, contact: to.name, rows, office: officeView(deps) };
        return letterDraft(deps, {
          subject: `certificates/${month}/${agency._id}`,
          kind: 'certificateExpiry',
          agency: agency._id,
          to,
          now,
          mail: () => renderMail('certificateExpiry', view),
        });
      },
    });
  },
});

/** A row for each contact of the roster, before any of them is asked; who is there already is left as they are. */
async function openChecks({ store, office }: Deps, quarter: string): Promise<void> {
  const activity = Context.current();
  for await (const agency of store.agencies
    .find({}, { name: 1, contacts: 1 })
    .lean<AgencyRecord[]>()
    .cursor()) {
    const writes = agency.contacts.map(({ name, email, role }) => {
      const parts = checkParts(quarter, agency._id, email);
      const row = {
        page: hashToken(linkToken(office.linkKey, parts)),
        reply: hashToken(replyToken(office.linkKey, parts)),
        quarter,
        agency: agency._id,
        agencyName: agency.name,
        name,
        email,
        role,
        state: 'waiting',
        due: 'ask',
        said: [],
      };
      const _id = checkId(quarter, agency._id, email);
      return { updateOne: { filter: { _id }, update: { $setOnInsert: row }, upsert: true } };
    });
    if (writes.length > 0)
      await store.contactChecks.collection.bulkWrite(writes as never, { ordered: false });
    activity.heartbeat(agency._id);
  }
}

interface Paged<R> {
  readonly next: (after: string) => Promise<readonly R[]>;
  readonly draft: (row: R) => Draft | undefined;
  readonly settle?: (row: R, posted: Posted) => Promise<void>;
}

/** Posts a page after another, in the order of their ids, and writes down what became of each. */
async function paged<R extends { readonly _id: string }>(
  deps: Deps,
  { next, draft, settle }: Paged<R>,
): Promise<Sent> {
  const activity = Context.current();
  const until = Date.now() + TAKES_FOR_MS;
  let retryAt: number | undefined;
  let after = '';
  for (;;) {
    const rows = await next(after);
    if (rows.length === 0) break;
    after = rows.at(-1)?._id ?? after;
    const drafted = rows.flatMap((row) => {
      const one = draft(row);
      return one ? [{ row, one }] : [];
    });
    const posted = await deps.outbox.post(
      drafted.map(({ one }) => one),
      {
        signal: activity.cancellationSignal,
        heartbeat: (detail) => activity.heartbeat(detail),
        until,
      },
    );
    for (const [i, result] of posted.entries()) {
      const row = drafted[i]?.row;
      if (result.outcome === 'deferred') retryAt = Math.min(retryAt ?? Infinity, result.retryAt ?? Infinity);
      if (row && settle) await settle(row, result);
    }
    const refused = posted.flatMap((one) => (one.outcome === 'rejected' ? one.messageId : []));
    await markLost(deps.store.messages, refused, stamp(await deps.clock.now()));
  }
  if (retryAt === undefined) return {};
  return { again: Math.min(Math.max(1_000, retryAt - Date.now()), SOON_MS) };
}

const officeView = ({ office }: Deps) => ({ name: office.name, person: office.person, phone: office.phone });

function questionDraft(
  deps: Deps,
  check: ContactCheckRecord,
  {
    what,
    now,
    closesAt,
  }: { readonly what: 'ask' | 'remind'; readonly now: string; readonly closesAt: string },
): Draft {
  const { office } = deps;
  const { quarter, agency, agencyName, name, email, role } = check;
  const parts = checkParts(quarter, agency, email);
  const view: MailViews['stillYou'] = {
    agency: agencyName,
    contact: name,
    role,
    year: quarter.slice(0, 4),
    quarter: quarter.slice(6),
    again: what === 'remind',
    by: localDate(closesAt),
    link: `${office.publicUrl}/contacts/${linkToken(office.linkKey, parts)}`,
    office: officeView(deps),
  };
  return letterDraft(deps, {
    subject: check._id,
    kind: 'stillYou',
    sequence: what === 'ask' ? 0 : 1,
    agency,
    to: { name, email },
    now,
    replyTo: replyAddress(office.mailDomain, replyToken(office.linkKey, parts)),
    mail: () => renderMail('stillYou', view),
  });
}

interface Letter {
  readonly subject: string;
  readonly kind: string;
  readonly sequence?: number;
  readonly agency: string;
  readonly to: { readonly name: string; readonly email: string };
  readonly now: string;
  readonly replyTo?: string;
  readonly mail: () => RenderedMail;
}

/** A mail of the register to one contact. */
export function letterDraft({ office }: Pick<Deps, 'office'>, letter: Letter): Draft {
  const { subject, kind, sequence = 0, agency, to, now, replyTo, mail } = letter;
  return {
    subject,
    kind,
    sequence,
    recipient: to.email.toLowerCase(),
    owner: `agency/${agency}`,
    agency,
    compose: (identity) =>
      officeLetter(office, mail(), {
        ...identity,
        date: now,
        to: { name: to.name, address: to.email },
        ...(replyTo === undefined ? {} : { replyTo }),
        headers: { 'List-Id': `<roster.${office.mailDomain}>` },
      }),
  };
}
