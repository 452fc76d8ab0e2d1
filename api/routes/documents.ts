import { z } from 'zod';
import { DOCUMENT_KINDS, DOCUMENT_STATES, possibleSteps } from '../../domain/document.ts';
import { Refusal } from '../../domain/refusals.ts';
import { paperDocx } from '../../documents/docx.ts';
import { paperHtml } from '../../documents/html.ts';
import { paperPdf } from '../../documents/pdf.ts';
import type { DocumentRecord, Letterhead } from '../../models/document.ts';
import { APPROVERS, ORGANIZERS, READERS, STAFF } from '../access.ts';
import { ofCase, signInCase } from '../case-papers.ts';
import type { ApiDeps } from '../deps.ts';
import { receive, serve, withdraw } from '../document-delivery.ts';
import { approveDocument, letterheadOf, mayApprove, returnDocument, reviseDocument } from '../documents.ts';
import { contentTag, matches } from '../etag.ts';
import { listPage } from '../lists.ts';
import { stepping } from '../out-of-step.ts';
import { invalid } from '../problem.ts';
import { byOwner, nameless } from '../nameless.ts';
import { type Call, created, ok, route } from '../route.ts';
import { date, line, page, sentence, several, word } from '../shapes.ts';

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.documents.findById(params['id']).lean<DocumentRecord>();

/** A paper as callers see it; its pages are renditions of their own. */
export const showDocument = ({ _id, html: _pages, ...rest }: DocumentRecord) => ({ id: _id, ...rest });
const tagOf = (paper: DocumentRecord): string => contentTag(showDocument(paper));

/** What is signed is what was read, where the caller says what that was. */
function unchanged(found: DocumentRecord, ifMatch: string): void {
  if (ifMatch !== '' && !matches(ifMatch, tagOf(found))) throw new Refusal('stale-version');
}

/** The steps that the paper allows as it stands when it is asked. */
const possibleNow = (deps: ApiDeps, found: DocumentRecord) => async () => {
  const now = await find(deps, { id: found._id });
  return now ? possibleSteps(now) : undefined;
};

interface Rendition {
  readonly type: string;
  readonly make: (record: DocumentRecord, head: Letterhead) => string | Promise<Buffer>;
}

const RENDITIONS: Readonly<Record<'html' | 'docx' | 'pdf', Rendition>> = {
  html: { type: 'text/html; charset=utf-8', make: paperHtml },
  docx: {
    type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    make: paperDocx,
  },
  pdf: { type: 'application/pdf', make: paperPdf },
};

/** A paper's pages; a signed one's are those that were frozen. */
const rendition = (suffix: keyof typeof RENDITIONS) =>
  route({
    method: 'get',
    path: `/documents/:id.${suffix}`,
    rule: READERS,
    summary: `一份文书的 ${suffix.toUpperCase()} 版`,
    find,
    async work({ deps, found, res }: Call<unknown, unknown, DocumentRecord>) {
      const { type, make } = RENDITIONS[suffix];
      const pages = await make(found, await letterheadOf(deps, found));
      const name = `${found.number ?? found.title}.${suffix}`;
      res.attachment(name);
      if (suffix !== 'docx') res.set('Content-Disposition', String(res.get('Content-Disposition')).replace('attachment', 'inline')); // prettier-ignore
      res.set({ 'Content-Type': type, 'Cache-Control': 'private, no-cache' }).status(200).send(pages);
      return undefined;
    },
  });

const refusal = z.object({ approved: z.literal(false), reason: sentence });

export const documentRoutes = nameless(
  [
    route({
      method: 'get',
      path: '/documents',
      rule: READERS,
      summary: '文书',
      query: page.extend({
        owner: line(40).optional(),
        kind: several(DOCUMENT_KINDS).optional(),
        state: several(DOCUMENT_STATES).optional(),
      }),
      async work(call) {
        const { owner, kind, state } = call.query;
        const filter = {
          ...(owner === undefined ? {} : { owner }),
          ...(kind ? { kind: { $in: kind } } : {}),
          ...(state ? { state: { $in: state } } : {}),
        };
        return listPage(call.deps.store.documents, call, { filter, show: showDocument });
      },
    }),
    rendition('html'),
    rendition('docx'),
    rendition('pdf'),
    route({
      method: 'get',
      path: '/documents/:id',
      rule: READERS,
      summary: '一份文书',
      find,
      work: async ({ found }) => ok(showDocument(found), { ETag: tagOf(found) }),
    }),
    route({
      method: 'patch',
      path: '/documents/:id',
      rule: STAFF,
      summary: '修改文书草稿',
      body: z.object({
        title: word.optional(),
        body: z.array(sentence).min(1).max(200).optional(),
        addressee: line(100).optional(),
        copies: z.array(line(60).min(1)).max(20).optional(),
      }),
      find,
      async work({ deps, found, body, ifMatch }) {
        const set = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        if (Object.keys(set).length === 0) throw invalid('', 'empty', '没有要修改的内容');
        if (found.state === 'draft') unchanged(found, ifMatch);
        const next = await stepping(possibleNow(deps, found), () => reviseDocument(deps, found, set));
        return ok(showDocument(next), { ETag: tagOf(next) });
      },
    }),
    route({
      method: 'post',
      path: '/documents/:id/approval',
      rule: APPROVERS,
      summary: '签发文书，或附理由退回',
      body: z.union([z.object({ approved: z.literal(true), signatory: word }), refusal]),
      find,
      async work({ deps, found, body, actor, ifMatch, key }) {
        unchanged(found, ifMatch);
        const { name: by } = actor;
        if (!body.approved)
          return created(
            showDocument(
              await stepping(possibleNow(deps, found), () =>
                returnDocument(deps, found, { by, reason: body.reason }),
              ),
            ),
          );
        const { signatory } = body;
        const signed = await stepping(possibleNow(deps, found), async () => {
          await mayApprove(deps, found);
          if (ofCase(found)) await signInCase(deps, found, { by, key });
          return approveDocument(deps, found, { by, signatory });
        });
        return created(showDocument(signed));
      },
    }),
    route({
      method: 'post',
      path: '/documents/:id/service',
      rule: ORGANIZERS,
      key: 'required',
      summary: '送达文书',
      body: z.object({
        channel: z.enum(['email', 'paper']),
        receivedOn: date.optional(),
        receivedBy: line(60).min(1).optional(),
      }),
      find,
      work: async ({ deps, found, body, actor, key }) =>
        created(
          await stepping(possibleNow(deps, found), () =>
            serve(deps, found, { ...body, by: actor.name, key }),
          ),
        ),
    }),
    route({
      method: 'post',
      path: '/documents/:id/receipt',
      rule: ORGANIZERS,
      key: 'required',
      summary: '登记纸质送达回证',
      body: z.object({ receivedOn: date, receivedBy: line(60).min(1) }),
      find,
      work: async ({ deps, found, body, actor, key }) =>
        created(
          await stepping(possibleNow(deps, found), () =>
            receive(deps, found, { ...body, by: actor.name, key }),
          ),
        ),
    }),
    route({
      method: 'post',
      path: '/documents/:id/withdrawal',
      rule: APPROVERS,
      key: 'required',
      summary: '撤回文书（文号不再使用）',
      body: z.object({ reason: sentence }),
      find,
      work: async ({ deps, found, body, actor }) =>
        created(
          await stepping(possibleNow(deps, found), () =>
            withdraw(deps, found, { by: actor.name, reason: body.reason }),
          ),
        ),
    }),
  ],
  byOwner,
);
