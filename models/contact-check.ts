import { createHash } from 'node:crypto';
import { type Connection, Schema } from 'mongoose';
import { succeeded } from '../domain/agency.ts';
import type { ContactRole } from '../domain/agency.ts';
import { type CheckState, type ContactWord, afterWord } from '../domain/contact-check.ts';
import { type AgencyRecord, changeContacts } from './agency.ts';
import { appendEvents } from './event.ts';
import type { Store } from './store.ts';

/** A month of the roster's upkeep, carried by a workflow of its own. */
export interface RosterMonthRecord {
  /** `YYYY-MM` */
  readonly _id: string;
  readonly state: 'running' | 'closed';
  /** When its workflow was ordered: RFC 3339. */
  readonly begunAt: string;
  readonly problem?: string | null;
  readonly mailedAt?: string;
}

/** One contact's answer, as it came: nothing that is said later takes it away. */
export interface ContactSaid {
  readonly kind: ContactWord['kind'];
  readonly at: string;
  readonly channel: 'link' | 'email' | 'operator';
  readonly by: string;
  readonly text?: string;
  readonly successor?: { readonly name: string; readonly email: string; readonly phone?: string };
  /** Incoming mail it came with. */
  readonly mail?: string;
}

/** The question to one contact in one quarter: is it still you? */
export interface ContactCheckRecord {
  /** LX-2026-Q2-<12 hex digits> */
  readonly _id: string;
  /** SHA-256 of the page's and of the Reply-To's token; the tokens are in the mails only. */
  readonly page: string;
  readonly reply: string;
  readonly quarter: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly name: string;
  readonly email: string;
  readonly role: ContactRole;
  readonly state: CheckState;
  /** What the mail queue still has to do: the question, then the reminder. */
  readonly due: 'ask' | 'remind' | null;
  readonly askedAt?: string;
  readonly remindedAt?: string;
  readonly answeredAt?: string;
  readonly said: readonly ContactSaid[];
}

/** The parts that a contact's tokens are made of. */
export const checkParts = (quarter: string, agency: string, email: string): readonly string[] => [
  'contact',
  quarter,
  agency,
  email.toLowerCase(),
];

export const checkId = (quarter: string, agency: string, email: string): string =>
  `LX-${quarter}-${createHash('sha256')
    .update(JSON.stringify([agency, email.toLowerCase()]))
    .digest('hex')
    .slice(0, 12)}`;

export const rosterMonthModel = (connection: Connection) =>
  connection.model<RosterMonthRecord>(
    'RosterMonth',
    new Schema<RosterMonthRecord>(
      {
        _id: { type: String, required: true },
        state: { type: String, required: true },
        begunAt: String,
        problem: String,
        mailedAt: String,
      },
      { collection: 'rosterMonths', versionKey: false },
    ),
  );

export const contactCheckModel = (connection: Connection) => {
  const schema = new Schema<ContactCheckRecord>(
    {
      _id: { type: String, required: true },
      page: { type: String, required: true, unique: true },
      reply: { type: String, required: true, unique: true },
      quarter: { type: String, required: true },
      agency: { type: String, required: true },
      agencyName: String,
      name: String,
      email: String,
      role: String,
      state: { type: String, required: true },
      due: String,
      askedAt: String,
      remindedAt: String,
      answeredAt: String,
      said: { type: [Schema.Types.Mixed], default: [] },
    },
    { collection: 'contactChecks', versionKey: false },
  );
  schema.index({ quarter: 1, state: 1 });
  schema.index({ quarter: 1, due: 1 });
  schema.index({ agency: 1, quarter: -1 });
  return connection.model<ContactCheckRecord>('ContactCheck', schema);
};

/** The newest quarter in which contacts were asked; undefined before the first. */
export async function newestQuarter({
  contactChecks,
}: Pick<Store, 'contactChecks'>): Promise<string | undefined> {
  const row = await contactChecks.findOne({}, { quarter: 1 }).sort({ quarter: -1 }).lean();
  return row?.quarter;
}

type Said = Omit<ContactSaid, 'kind' | 'successor'>;

/** Takes what a contact said: written down first, then done. A successor takes their place in the roster; what comes from somebody who has gone is kept and changes nothing. */
export async function takeContactWord(
  store: Store,
  check: ContactCheckRecord,
  { word, said }: { readonly word: ContactWord; readonly said: Said },
): Promise<ContactCheckRecord> {
  const line: ContactSaid = {
    ...said,
    kind: word.kind,
    ...(word.kind === 'replaced' ? { successor: plain(word.successor) } : {}),
  };
  const state = afterWord(check.state, word);
  if (!check.said.some((one) => same(one, line)))
    await store.contactChecks.updateOne({ _id: check._id }, { $push: { said: line } });
  if (state === check.state) return (await store.contactChecks.findById(check._id).lean()) ?? check;
  if (word.kind === 'replaced') await replace(store, check, { line });
  const set = { state, due: null, answeredAt: check.answeredAt ?? said.at };
  const next = await store.contactChecks
    .findOneAndUpdate({ _id: check._id, state: check.state }, { $set: set }, { returnDocument: 'after' })
    .lean<ContactCheckRecord>();
  await appendEvents(store.events, {
    owner: `agency/${check.agency}`,
    key: `${check._id}/${state}/${check.said.length}`,
    entries: [
      {
        at: said.at,
        source: said.channel === 'operator' ? 'decision' : 'person',
        what: `contact-${word.kind}`,
        who: said.by,
        detail: {
          contact: check.name,
          channel: said.channel,
          ...(line.successor ? { to: line.successor.name } : {}),
        },
      },
    ],
  });
  return next ?? (await store.contactChecks.findById(check._id).lean()) ?? check;
}

const plain = ({ name, email, phone }: { name: string; email: string; phone?: string | undefined }) => ({
  name,
  email,
  ...(phone === undefined ? {} : { phone }),
});

const same = (one: ContactSaid, other: ContactSaid): boolean =>
  one.kind === other.kind &&
  one.channel === other.channel &&
  one.mail === other.mail &&
  one.text === other.text &&
  JSON.stringify(one.successor) === JSON.stringify(other.successor);

/** Puts the successor into the roster in the contact's place; a change by somebody else at the same moment is read again. */
async function replace(
  store: Store,
  check: ContactCheckRecord,
  { line }: { readonly line: ContactSaid },
): Promise<void> {
  const { successor } = line;
  if (!successor) return;
  for (;;) {
    const agency = await store.agencies.findById(check.agency).lean<AgencyRecord>();
    if (!agency) return;
    const contacts = succeeded(agency.contacts, check.email, successor);
    if (contacts === agency.contacts) return;
    if (await changeContacts(store, agency, { contacts, by: line.by, at: line.at })) return;
  }
}
