import { stamp } from '../../domain/clock.ts';
import { parseIncoming } from '../../mail/inbound-parse.ts';
import { HELD, rawOf } from '../../models/incoming-mail.ts';
import { type MessageRecord, bytesOf } from '../../models/message.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { failedAt, failureOf } from '../failure-words.ts';
import { notFound } from '../problem.ts';
import {
  findFile,
  findMail,
  heldMails,
  incomingRoutes,
  sendEml,
  sendFile,
  showHeld,
} from '../routes/incoming.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text, withQuery } from './console-frame.ts';

const TROUBLED = 100;
const MOST_CHARACTERS = 20_000;

export const inboxRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/inbox', rule: READERS, work: inbox },
  { method: 'get', path: '/inbox/:id', rule: READERS, work: mailPage },
  { method: 'get', path: '/inbox/:id/raw', rule: READERS, work: mailRaw },
  { method: 'post', path: '/inbox/:id/attachment', rule: ORGANIZERS, work: attach, again: mailPage },
  { method: 'post', path: '/inbox/:id/dismissal', rule: ORGANIZERS, work: dismiss, again: mailPage },
  { method: 'get', path: '/messages/:id/raw', rule: READERS, work: messageRaw },
  { method: 'get', path: '/files/:submission/:n', rule: READERS, work: file },
];

async function inbox(visit: Visit): Promise<Page> {
  const { deps, lang, query, t } = visit;
  const [held, doubt, bounced] = await Promise.all([
    heldMails(deps, { limit: 50, cursor: query['cursor'] }),
    deps.store.messages.countDocuments({ state: 'inDoubt' }),
    troubled(visit, ['bounced', 'rejected']),
  ]);
  const tasks = await taskNames(
    visit,
    held.items.flatMap((mail) => mail.guesses.map((guess) => guess.task)),
  );
  return {
    page: 'inbox',
    title: t('console.nav.inbox'),
    view: {
      mails: held.items.map((mail) => ({
        ...showHeld(mail, lang),
        guesses: showHeld(mail, lang).guesses.map((guess) => ({
          ...guess,
          name: tasks.get(guess.task) ?? guess.agency,
        })),
      })),
      total: held.total,
      after: held.next === null ? '' : withQuery('/console/inbox', {}, { cursor: held.next }),
      doubt,
      bounced,
    },
  };
}

/** Mails that came back, newest first, without their bytes. */
async function troubled({ deps, lang }: Visit, states: readonly MessageRecord['state'][]) {
  const [rows, mapping] = await Promise.all([
    deps.store.messages
      .find({ state: { $in: [...states] } }, { raw: 0 })
      .sort({ createdAt: -1 })
      .limit(TROUBLED)
      .lean<MessageRecord[]>(),
    deps.clock.mapping(),
  ]);
  return rows.map((one) => ({
    id: one._id,
    subject: one.subject,
    task: one.kind === 'digest' ? '' : one.subject,
    kind: one.kind,
    to: one.recipient,
    line: one.subjectLine,
    at: failedAt(one, mapping),
    ...failureOf(one, lang),
    href: `/console/messages/${encodeURIComponent(one._id)}/raw`,
  }));
}

async function taskNames({ deps }: Visit, numbers: readonly string[]): Promise<Map<string, string>> {
  const rows =
    numbers.length === 0
      ? []
      : await deps.store.tasks.find({ _id: { $in: numbers } }, { agencyName: 1, title: 1 }).lean();
  return new Map(rows.map((one) => [one._id, `${one.agencyName} · ${one.title}`]));
}

async function mailPage(visit: Visit): Promise<Page> {
  const { deps, lang, params, t } = visit;
  const mail = await findMail(deps, params);
  if (!mail) throw notFound();
  const parsed = await parseIncoming(await rawOf(deps.store.connection, mail));
  const readable = !('unparseable' in parsed);
  const shown = showHeld(mail, lang);
  const tasks = await taskNames(
    visit,
    mail.guesses.map((guess) => guess.task),
  );
  return {
    page: 'mail',
    title: shown.subject || t('console.inbox.noSubject'),
    path: `/console/inbox/${mail._id}`,
    view: {
      mail: shown,
      guesses: shown.guesses.map((guess) => ({ ...guess, name: tasks.get(guess.task) ?? guess.agency })),
      open: (HELD as readonly string[]).includes(mail.disposition),
      disposition: mail.disposition,
      task: mail.task ?? '',
      handledBy: mail.handledBy ?? '',
      handledAt: mail.handledAt ? stamp(mail.handledAt.getTime()) : '',
      words: readable ? parsed.text.slice(0, MOST_CHARACTERS) : '',
      files: readable
        ? parsed.attachments.map(({ name, content }) => ({
            name: name || 'attachment',
            size: content.length,
          }))
        : [],
      typedTask: text(visit.body['task']),
    },
  };
}

async function mailRaw({ deps, params, res }: Visit): Promise<undefined> {
  const mail = await findMail(deps, params);
  if (!mail) throw notFound();
  sendEml(res, await rawOf(deps.store.connection, mail), mail._id);
}

async function messageRaw({ deps, params, res }: Visit): Promise<undefined> {
  const message = await deps.store.messages
    .findOne({ _id: params['id'] ?? '', sealed: { $ne: true } }, { raw: 1 })
    .lean<Pick<MessageRecord, '_id' | 'raw'>>();
  if (!message) throw notFound();
  sendEml(res, bytesOf(message.raw), message._id);
}

async function file({ deps, params, res }: Visit): Promise<undefined> {
  const found = await findFile(deps, params);
  if (!found) throw notFound();
  await sendFile(deps, res, found).catch(() => {
    throw notFound();
  });
}

async function attach(visit: Visit) {
  const task = text(visit.body['task']).trim();
  await callRoute(visit, incomingRoutes, { at: 'post /held-mails/:id/attachment', body: { task } });
  return { to: '/console/inbox', said: visit.t('console.said.attached', { task }) };
}

async function dismiss(visit: Visit) {
  const reason = text(visit.body['reason']);
  await callRoute(visit, incomingRoutes, { at: 'post /held-mails/:id/dismissal', body: { reason } });
  return {
    to: '/console/inbox',
    said: visit.t(reason === 'blocked' ? 'console.said.blocked' : 'console.said.ignored'),
  };
}
