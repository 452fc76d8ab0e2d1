import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { type MailWords, renderWords, shippedMail } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import type { MailKind } from '../../mail/views.ts';
import { HELPERS, LONGEST_WORDS, WordsFault, checkWords, namesOf, piecesOf } from '../../mail/words.ts';
import { type MailTemplateRecord, allWords, keepWords, latestWords } from '../../models/mail-template.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage, sliced } from '../lists.ts';
import { Problem } from '../problem.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';

export const MAIL_KINDS = Object.keys(sampleViews) as readonly MailKind[];

interface Current extends MailWords {
  readonly kind: MailKind;
  /** 0 for the words that were shipped. */
  readonly version: number;
  readonly by?: string;
  readonly at?: string;
}

/** 【请办理】, as the mail itself begins. */
export const mailName = (kind: MailKind): string => {
  const { subject } = renderWords(shippedMail(kind), sampleViews[kind]);
  return /^【[^】]*】/.exec(subject)?.[0] ?? subject.slice(0, 20);
};

const find = async (
  { store }: ApiDeps,
  params: Readonly<Record<string, string>>,
): Promise<Current | null> => {
  const kind = MAIL_KINDS.find((one) => one === params['kind']);
  if (!kind) return null;
  return (await latestWords(store.mailTemplates, kind)) ?? { kind, version: 0, ...shippedMail(kind) };
};

const show = ({ kind, version, text, html, by, at }: Current) => ({
  kind,
  name: mailName(kind),
  version,
  text,
  html,
  ...(by === undefined ? {} : { by, at }),
  names: namesOf(kind),
  helpers: HELPERS,
  pieces: { text: piecesOf('text'), html: piecesOf('html') },
});

const words = z.object({
  text: z.string().min(1).max(LONGEST_WORDS),
  html: z.string().min(1).max(LONGEST_WORDS),
});

/** A browser's line ends are not the author's. */
const plain = ({ text, html }: MailWords): MailWords => ({
  text: text.replaceAll('\r\n', '\n'),
  html: html.replaceAll('\r\n', '\n'),
});

/** Words that would not do are refused with the part and the line at fault, before anything is kept. */
function tried(kind: MailKind, given: MailWords) {
  try {
    checkWords(kind, given);
    return renderWords(given, sampleViews[kind]);
  } catch (error) {
    if (!(error instanceof WordsFault)) throw error;
    const { code, message: detail, line, part } = error;
    throw new Problem(422, code, {
      detail,
      errors: [{ pointer: `/${part}`, code, detail }],
      extension: { line, part },
    });
  }
}

export const mailTemplateRoutes = [
  route({
    method: 'get',
    path: '/mail-templates',
    rule: READERS,
    summary: '各类邮件的模板',
    query: page,
    async work(call) {
      const own = new Map(
        (await allWords(call.deps.store.mailTemplates)).map((one) => [one.kind, one.version]),
      );
      return sliced(
        call,
        MAIL_KINDS.map((kind) => ({ kind, name: mailName(kind), version: own.get(kind) ?? 0 })),
      );
    },
  }),
  route({
    method: 'get',
    path: '/mail-templates/:kind',
    rule: READERS,
    summary: '一类邮件的模板，纯文本和网页两部分',
    find,
    work: async ({ found }) => ok(show(found), { ETag: versionTag(found.version) }),
  }),
  route({
    method: 'put',
    path: '/mail-templates/:kind',
    rule: ADMINISTRATORS,
    summary: '修改一类邮件的模板，旧版保留；已发出的邮件不变',
    body: words,
    find,
    async work({ deps, found, body, actor, ifMatch }) {
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version))) throw new Refusal('stale-version');
      const given = plain(body);
      tried(found.kind, given);
      const kept = await keepWords(deps.store.mailTemplates, {
        kind: found.kind,
        version: found.version + 1,
        ...given,
        by: actor.name,
        at: stamp(await deps.clock.now()),
      });
      if (!kept) throw new Refusal('stale-version');
      return ok(show(kept), { ETag: versionTag(kept.version) });
    },
  }),
  route({
    method: 'get',
    path: '/mail-templates/:kind/versions',
    rule: READERS,
    summary: '一类邮件模板的各个版本',
    query: page,
    find,
    work: async (call) =>
      listPage(call.deps.store.mailTemplates, call, {
        filter: { kind: call.found.kind },
        show: ({ version, text, html, by, at }: MailTemplateRecord) => ({ version, text, html, by, at }),
      }),
  }),
  route({
    method: 'post',
    path: '/mail-templates/:kind/preview',
    rule: ADMINISTRATORS,
    summary: '以示例内容预览邮件，不保存',
    body: words.partial(),
    find,
    work: async ({ found, body }) =>
      ok(tried(found.kind, plain({ text: body.text ?? found.text, html: body.html ?? found.html }))),
  }),
];
