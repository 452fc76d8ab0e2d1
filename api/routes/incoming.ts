import { randomUUID } from 'node:crypto';
import { create as disposition } from 'content-disposition';
import type { Response } from 'express';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { HELD_REASONS, type HeldReason } from '../../mail/held-reasons.ts';
import { appendEvents } from '../../models/event.ts';
import { openFile } from '../../models/files.ts';
import { HELD, type IncomingMailRecord, rawOf } from '../../models/incoming-mail.ts';
import type { StoredFile } from '../../models/submission.ts';
import { type Actor, ORGANIZERS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { Problem, invalid, notFound } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { page, word } from '../shapes.ts';

const UNREADABLE = { zh: '邮件无法解析，原件已留存。', en: 'The mail cannot be read; its bytes are kept.' };

/** Why a mail is held, as a sentence. */
export function heldSentence(
  { disposition: what, reason }: Pick<IncomingMailRecord, 'disposition' | 'reason'>,
  lang: 'zh' | 'en',
): string {
  if (what === 'unparseable') return UNREADABLE[lang];
  return HELD_REASONS[reason as HeldReason]?.[lang] ?? reason ?? '';
}

export const showHeld = (mail: IncomingMailRecord, lang: 'zh' | 'en') => ({
  id: mail._id,
  receivedAt: stamp(mail.receivedAt.getTime()),
  from: mail.from ?? mail.envelope.from ?? '',
  to: mail.envelope.to,
  subject: mail.subject ?? '',
  size: mail.size,
  reason: mail.disposition === 'unparseable' ? 'unparseable' : (mail.reason ?? ''),
  sentence: heldSentence(mail, lang),
  guesses: mail.guesses.toSorted((a, b) => b.score - a.score),
});

export const findMail = ({ store }: Pick<ApiDeps, 'store'>, params: Readonly<Record<string, string>>) =>
  store.incoming.findOne({ _id: params['id'] ?? '', sealed: { $ne: true } }).lean<IncomingMailRecord>();

interface Decision {
  readonly disposition: 'attached' | 'ignored' | 'blocked';
  readonly task?: string;
  readonly agency?: string;
}

/** Decides once what becomes of a held mail; the worker counts an attached one as that task's answer. */
async function decide(
  deps: ApiDeps,
  mail: IncomingMailRecord,
  { decision, actor }: { readonly decision: Decision; readonly actor: Actor },
): Promise<void> {
  const { store } = deps;
  const now = await deps.clock.now();
  const done = await store.incoming.updateOne(
    { _id: mail._id, disposition: { $in: HELD } },
    { $set: { ...decision, handledBy: actor.name, handledAt: new Date(now) } },
  );
  if (done.modifiedCount === 0) throw new Refusal('already-decided', '这封邮件已经处理过');
  const detail = { mail: mail._id, ...(decision.task === undefined ? {} : { task: decision.task }) };
  await appendEvents(store.events, {
    owner: 'incoming',
    key: randomUUID(),
    entries: [
      { at: stamp(now), source: 'person', what: `held-${decision.disposition}`, who: actor.name, detail },
    ],
  });
}

const NOT_SHOWN = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cache-Control': 'private, no-store',
};

/** A mail's bytes, to be saved and never shown by a browser. */
export function sendEml(res: Response, raw: Buffer, name: string): void {
  res
    .set({
      ...NOT_SHOWN,
      'Content-Type': 'message/rfc822',
      'Content-Disposition': disposition(`${name}.eml`),
    })
    .send(raw);
}

/** The n-th file of a submission, from 1; null where there is none or it was refused. */
export async function findFile(
  { store }: Pick<ApiDeps, 'store'>,
  params: Readonly<Record<string, string>>,
): Promise<StoredFile | null> {
  const row = await store.submissions.findById(params['submission'], { files: 1 }).lean();
  const file = row?.files[Number(params['n']) - 1];
  return file && file.file !== '' ? file : null;
}

/** What people sent is handed on as a download: never run, never guessed at. */
export async function sendFile(
  deps: Pick<ApiDeps, 'store' | 'office'>,
  res: Response,
  file: StoredFile,
): Promise<void> {
  res.set({
    ...NOT_SHOWN,
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': disposition(file.name),
    'Content-Length': String(file.size),
  });
  const stream = openFile(deps, file);
  await new Promise<void>((resolve, reject) => {
    stream.once('error', (error) => (res.headersSent ? resolve(void res.destroy()) : reject(error)));
    res.once('close', () => resolve(void stream.destroy()));
    stream.pipe(res);
  });
}

const encode = (mail: IncomingMailRecord): string =>
  Buffer.from(`${mail.receivedAt.getTime()} ${mail._id}`).toString('base64url');

function after(cursor: string | undefined): Record<string, unknown> {
  if (cursor === undefined) return {};
  const [ms = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const at = new Date(Number(ms));
  if (ms === '' || Number.isNaN(at.getTime()))
    throw new Problem(422, 'validation', {
      errors: [{ pointer: '/cursor', code: 'cursor-invalid', detail: cursor }],
    });
  return { $or: [{ receivedAt: { $lt: at } }, { receivedAt: at, _id: { $lt: id } }] };
}

/** Held mails, newest first, with the cursor of what follows. */
export async function heldMails(
  { store }: Pick<ApiDeps, 'store'>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const filter = { disposition: { $in: HELD } };
  const [rows, total] = await Promise.all([
    store.incoming
      .find({ $and: [filter, after(cursor)] } as never, { raw: 0 })
      .sort({ receivedAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<IncomingMailRecord[]>(),
    store.incoming.countDocuments(filter),
  ]);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encode(last) : null, total };
}

export const incomingRoutes = [
  route({
    method: 'get',
    path: '/held-mails',
    rule: READERS,
    summary: '待认领邮件',
    query: page,
    async work({ deps, query, lang }) {
      const { items, next, total } = await heldMails(deps, query);
      return ok({ items: items.map((mail) => showHeld(mail, lang)), next, total });
    },
  }),
  route({
    method: 'get',
    path: '/held-mails/:id/raw',
    rule: READERS,
    summary: '来信原件',
    find: findMail,
    async work({ deps, found, res }) {
      sendEml(res, await rawOf(deps.store.connection, found), found._id);
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/held-mails/:id/attachment',
    rule: ORGANIZERS,
    summary: '认领：计为某事项的反馈',
    body: z.object({ task: word }),
    find: findMail,
    async work({ deps, found, body, actor }) {
      const task = await deps.store.tasks.findById(body.task, { agency: 1 }).lean();
      if (!task) throw invalid('/task', 'task-unknown', `没有事项 ${body.task}`);
      await decide(deps, found, {
        decision: { disposition: 'attached', task: task._id, agency: task.agency },
        actor,
      });
      return created({ id: found._id, task: task._id });
    },
  }),
  route({
    method: 'post',
    path: '/held-mails/:id/dismissal',
    rule: ORGANIZERS,
    summary: '忽略或拦截',
    body: z.object({ reason: z.enum(['ignored', 'blocked']) }),
    find: findMail,
    async work({ deps, found, body, actor }) {
      await decide(deps, found, { decision: { disposition: body.reason }, actor });
      return created({ id: found._id, reason: body.reason });
    },
  }),
  route({
    method: 'get',
    path: '/files/:submission/:n',
    rule: READERS,
    summary: '反馈的第n个附件（从1起）',
    find: findFile,
    async work({ deps, found, res }) {
      await sendFile(deps, res, found).catch(() => {
        throw notFound();
      });
      return undefined;
    },
  }),
];
