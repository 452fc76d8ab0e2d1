import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import multer from 'multer';
import { deliveryReport, outOfOffice } from './mail-answers.ts';
import { inTongue, listPage, viewPage } from './mailbox-pages.ts';
import type { MailboxMessage } from './mailbox-parse.ts';
import type { Misbehaviour } from './mailbox-smtp.ts';
import type { MailMeta, MailStore, MessageQuery } from './mailbox-store.ts';

/** A person's answer to a mail, as the product's own listener shall get it. */
export interface ReplyMail {
  readonly from: string;
  readonly to: string;
  /** With angle brackets, as the mail being answered writes it. */
  readonly inReplyTo: string;
  readonly references: string;
  readonly subject: string;
  readonly text: string;
  readonly files: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: Buffer;
  }[];
}

/** A mail as its bytes, with its envelope; an empty sender is the null return path. */
export interface BareMail {
  readonly from: string;
  readonly to: string;
  readonly raw: string;
}

export interface RouterParts {
  readonly store: MailStore;
  readonly read: (meta: MailMeta) => Promise<MailboxMessage>;
  readonly search: (query: MessageQuery) => AsyncGenerator<MailboxMessage>;
  readonly behave: (address: string, how: Misbehaviour | undefined) => void;
  readonly behaviour: (address: string) => Misbehaviour | undefined;
  readonly sendReply: ((mail: ReplyMail) => Promise<void>) | undefined;
  readonly sendByItself: ((mail: BareMail) => Promise<void>) | undefined;
}

const upload = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: 25 * 1024 * 1024, files: 10, fieldSize: 1024 * 1024 },
  defParamCharset: 'utf8',
});

/** The mailbox's calls (api.md, Conventions), the archive look-up, and the pages for people. */
export function createMailboxRouter(parts: RouterParts): Router {
  const { store, read, search, behave, sendReply, sendByItself } = parts;
  const router = express.Router();

  router.get('/messages', async (req, res) => {
    const query = queryOf(req);
    if (typeof query === 'string') return problem(res, 422, query);
    res.type('json');
    await pipeline(Readable.from(asJson(search(query))), res);
  });
  router.delete('/messages', sameSite, async (_req, res) => {
    await store.clear();
    res.status(204).end();
  });
  router.get('/messages/:id/raw', async (req, res) => {
    const raw = await store.raw(idOf(req));
    if (raw === undefined) return problem(res, 404, '没有这封邮件');
    res
      .set('Content-Disposition', `attachment; filename="${idOf(req)}.eml"`)
      .type('message/rfc822')
      .send(raw);
  });
  router.get('/archive', async (req, res) => {
    await store.settled();
    const { messageId } = req.query;
    if (typeof messageId !== 'string') return problem(res, 422, '缺少 messageId');
    res.json({ present: store.has(messageId) });
  });

  router.get('/', (req, res) => void res.type('html').send(listPage(req, store)));
  router.get('/messages/:id/view', async (req, res) => {
    const meta = store.find(idOf(req));
    if (meta === undefined) return problem(res, 404, '没有这封邮件');
    res.type('html').send(
      viewPage(req, await read(meta), {
        answerable: sendReply !== undefined,
        machines: sendByItself !== undefined,
        how: parts.behaviour(meta.to[0] ?? '') ?? 'accept',
      }),
    );
  });
  router.post('/messages/:id/behaviour', sameSite, express.urlencoded(), (req, res) => {
    const meta = store.find(idOf(req));
    if (meta === undefined) return problem(res, 404, '没有这封邮件');
    const how: unknown = (req.body as Record<string, unknown>)['how'];
    for (const address of meta.to) behave(address, how === 'reject' || how === 'defer' ? how : undefined);
    res.redirect(303, inTongue(req, `${req.baseUrl}/messages/${meta.id}/view`));
  });
  router.post('/messages/:id/reply', sameSite, upload.array('files'), async (req, res) => {
    const meta = store.find(idOf(req));
    if (meta === undefined || sendReply === undefined)
      return problem(res, 404, '没有这封邮件，或此处不能回复');
    const failure = await sendReply(replyTo(await read(meta), req)).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (failure !== undefined) return problem(res, 422, `回复没有被收下：${failure}`);
    res.redirect(303, inTongue(req, `${req.baseUrl}/messages/${meta.id}/view?replied=1`));
  });
  router.post('/messages/:id/by-itself', sameSite, express.urlencoded(), async (req, res) => {
    const meta = store.find(idOf(req));
    if (meta === undefined || sendByItself === undefined)
      return problem(res, 404, '没有这封邮件，或此处不能回复');
    const what: unknown = (req.body as Record<string, unknown>)['what'];
    if (what !== 'bounce' && what !== 'away') return problem(res, 422, 'what 应为 bounce 或 away');
    await sendByItself(byItself(await read(meta), what));
    res.redirect(303, inTongue(req, `${req.baseUrl}/messages/${meta.id}/view?sent=${what}`));
  });
  return router;
}

/** A bounce goes to the return path with none of its own; a vacation's reply to whom the mail says. */
function byItself(message: MailboxMessage, what: 'bounce' | 'away'): BareMail {
  const from = message.to[0] ?? '';
  if (what === 'bounce') return { from: '', to: message.envelopeFrom, raw: deliveryReport(message, from) };
  const to = answerTo(message);
  return { from, to, raw: outOfOffice(from, to, message.subject) };
}

/**
 * The mailbox asks for no login, so another site's page must not be able to clear it or reply by it.
 * Sec-Fetch-Site decides, because under a strict referrer policy the page's own forms come with `Origin: null`.
 */
export const sameSite: RequestHandler = (req, res, next) => {
  const site = req.get('sec-fetch-site');
  const origin = req.get('origin');
  const own = origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.get('host'));
  if (site === undefined ? own : site === 'same-origin' || site === 'none') next();
  else problem(res, 403, '只接受本页面发出的请求');
};

async function* asJson(messages: AsyncGenerator<MailboxMessage>): AsyncGenerator<string> {
  let before = '{"items":[';
  for await (const message of messages) {
    yield before + JSON.stringify(message);
    before = ',';
  }
  yield before === ',' ? ']}' : `${before}]}`;
}

function queryOf(req: Request): MessageQuery | string {
  const { to, q, after, limit } = req.query;
  for (const one of [to, q, after, limit]) {
    if (one !== undefined && typeof one !== 'string') return '每个查询参数只能出现一次';
  }
  const from = typeof after === 'string' && after !== '' ? afterOf(after) : undefined;
  if (Number.isNaN(from)) return 'after 应为邮件编号或 RFC 3339 时刻';
  const count = typeof limit === 'string' && limit !== '' ? Number(limit) : undefined;
  if (count !== undefined && !(Number.isInteger(count) && count > 0)) return 'limit 应为正整数';
  return {
    ...(typeof to === 'string' && to !== '' ? { to } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(from === undefined ? {} : { after: from }),
    ...(count === undefined ? {} : { limit: count }),
  };
}

/** An id stays a string, an instant becomes epoch ms; a blank in it is a plus that nobody encoded. */
function afterOf(text: string): string | number {
  if (/^\d{8,}$/.test(text)) return text;
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text.replace(' ', '+')) : Number.NaN;
}

const headerOf = (message: MailboxMessage, name: string): string =>
  Object.entries(message.headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

function answerTo(message: MailboxMessage): string {
  const asked = headerOf(message, 'reply-to');
  return /<([^<>]*)>/.exec(asked)?.[1] ?? (asked === '' ? message.from : asked);
}

function replyTo(message: MailboxMessage, req: Request): ReplyMail {
  const header = (name: string) => headerOf(message, name);
  const text: unknown = (req.body as Record<string, unknown>)['text'];
  const files = Array.isArray(req.files) ? req.files : [];
  return {
    from: message.to[0] ?? '',
    to: answerTo(message),
    inReplyTo: header('message-id'),
    references: `${header('references')} ${header('message-id')}`.trim(),
    subject: `回复：${message.subject}`,
    text: typeof text === 'string' ? text : '',
    files: files.map((file) => ({
      filename: file.originalname,
      contentType: file.mimetype,
      content: file.buffer,
    })),
  };
}

function idOf(req: Request): string {
  return String(req.params['id']);
}

function problem(res: Response, status: number, detail: string): void {
  const title = status === 404 ? '没有找到' : status === 403 ? '不允许' : '请求有误';
  res.status(status).type('application/problem+json').json({ type: 'about:blank', title, status, detail });
}
