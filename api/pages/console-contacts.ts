import { localDate } from '../../domain/calendar.ts';
import { CHECKS_FOR_PEOPLE, quarterBegins } from '../../domain/contact-check.ts';
import { certificateBucket, expiryHorizon } from '../../domain/certificate-expiry.ts';
import { expiringOf } from '../../models/certificate-expiry.ts';
import { type ContactCheckRecord, newestQuarter } from '../../models/contact-check.ts';
import type { HeldAnswerRecord } from '../../models/held-answer.ts';
import { lostSince } from '../../models/message.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { contactCheckRoutes, showCheck } from '../routes/contact-checks.ts';
import { heldAnswerRoutes, showHeldAnswer } from '../routes/held-answers.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';

/** Looked after on one page; the API has them all. */
const MOST = 500;

export const contactConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/contacts', rule: READERS, work: contacts },
  { method: 'post', path: '/contacts/:id/answer', rule: STAFF, work: answer, again: contacts },
  {
    method: 'post',
    path: '/held-answers/:id/decision',
    rule: ORGANIZERS,
    work: decide,
    again: contacts,
  },
  { method: 'get', path: '/certificates', rule: READERS, work: certificates },
];

/** The newest quarter's question: who has not said, whose words are not plain, whom no mail reached. */
async function contacts(visit: Visit): Promise<Page> {
  const { deps, t, actor } = visit;
  const { store } = deps;
  const quarter = (await newestQuarter(store)) ?? '';
  const lost =
    quarter === '' ? new Map<string, string>() : await lostSince(store.messages, quarterBegins(quarter));
  const [rows, counts, held] = await Promise.all([
    store.contactChecks
      .find({ quarter, $or: [{ state: { $in: CHECKS_FOR_PEOPLE } }, { email: { $in: [...lost.keys()] } }] })
      .sort({ agency: 1, role: -1 })
      .limit(MOST)
      .lean<ContactCheckRecord[]>(),
    store.contactChecks.aggregate<{ _id: string; n: number }>([
      { $match: { quarter } },
      { $group: { _id: '$state', n: { $sum: 1 } } },
    ]),
    store.heldAnswers
      .find({ state: 'waiting' })
      .sort({ receivedAt: 1 })
      .limit(MOST)
      .lean<HeldAnswerRecord[]>(),
  ]);
  return {
    page: 'contacts',
    title: t('console.contacts.title'),
    path: '/console/contacts',
    view: {
      quarter,
      held: held.map(showHeldAnswer),
      mayDecide: ORGANIZERS.includes(actor.role),
      counts: counts.map(({ _id, n }) => ({ state: _id, n })),
      mayAnswer: STAFF.includes(actor.role),
      rows: rows.map((row) => ({
        ...showCheck(row, lost),
        bounced: lost.has(row.email.toLowerCase()),
        open: CHECKS_FOR_PEOPLE.includes(row.state),
        words: row.said.flatMap((one) => one.text ?? []),
      })),
    },
  };
}

async function answer(visit: Visit) {
  const { body, t } = visit;
  const named = text(body['result']) === 'replaced';
  const phone = text(body['phone']);
  const successor = {
    name: text(body['name']),
    email: text(body['email']),
    ...(phone === '' ? {} : { phone }),
  };
  await callRoute(visit, contactCheckRoutes, {
    at: 'post /contact-checks/:id/answer',
    body: named ? { result: 'replaced', successor } : { result: 'confirmed' },
  });
  return { to: '/console/contacts', said: t(`console.contacts.said.${named ? 'replaced' : 'confirmed'}`) };
}

async function decide(visit: Visit) {
  const { body, t } = visit;
  const counts = text(body['counts']) === 'yes';
  await callRoute(visit, heldAnswerRoutes, {
    at: 'post /held-answers/:id/decision',
    body: counts ? { counts } : { counts, reason: text(body['reason']) },
  });
  return { to: '/console/contacts', said: t(`console.contacts.said.${counts ? 'counted' : 'putAside'}`) };
}

/** Whose certificates have ended or end soon, supervisors and officers of every agency. */
async function certificates(visit: Visit): Promise<Page> {
  const { deps, t } = visit;
  const today = localDate(await deps.clock.now());
  const people = await expiringOf(deps.store, { today, horizon: expiryHorizon(today) });
  const ids = [...new Set(people.flatMap((one) => one.agency ?? []))];
  const agencies = await deps.store.agencies.find({ _id: { $in: ids } }, { name: 1 }).lean();
  const names = new Map(agencies.map((one) => [one._id, one.name]));
  const rows = people.map((one) => ({
    name: one.name,
    register: one.register,
    agency: one.agency ?? '',
    agencyName: names.get(one.agency ?? '') ?? '',
    certificate: one.certificate.no,
    expires: one.certificate.expires,
    bucket: certificateBucket(one.certificate.expires, today),
  }));
  const groups = (['expired', 'days30', 'days60'] as const).map((bucket) => {
    const mine = rows.filter((one) => one.bucket === bucket);
    return { bucket, n: mine.length, rows: mine.slice(0, MOST) };
  });
  return { page: 'expiry', title: t('console.expiry.title'), view: { groups } };
}
