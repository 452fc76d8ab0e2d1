import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { DOCUMENT_KINDS, type DocumentKind, KIND_NAMES } from '../../domain/document.ts';
import { Refusal } from '../../domain/refusals.ts';
import { draftBy, shippedTemplate } from '../../documents/draft.ts';
import { setPaper } from '../../documents/html.ts';
import { paperOf } from '../../documents/paper.ts';
import { LONGEST_SOURCE, TemplateFault, readTemplate } from '../../documents/template.ts';
import { CONTRACTS, LISTS, SAMPLE } from '../../documents/views.ts';
import { type DocumentTemplateRecord, keepTemplate, latestTemplate } from '../../models/document-template.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { letterheadOf } from '../documents.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage, sliced } from '../lists.ts';
import { Problem } from '../problem.ts';
import { ok, route } from '../route.ts';
import { page } from '../shapes.ts';

interface Current {
  readonly kind: DocumentKind;
  /** 0 for the one that was shipped. */
  readonly version: number;
  readonly source: string;
  readonly by?: string;
  readonly at?: string;
}

async function current({ store }: ApiDeps, kind: DocumentKind): Promise<Current> {
  const own = await latestTemplate(store.documentTemplates, kind);
  return own ?? { kind, version: 0, source: shippedTemplate(kind) };
}

const find = async (deps: ApiDeps, params: Readonly<Record<string, string>>): Promise<Current | null> => {
  const kind = DOCUMENT_KINDS.find((one) => one === params['kind']);
  return kind ? current(deps, kind) : null;
};

const show = ({ kind, version, source, by, at }: Current) => ({
  kind,
  name: KIND_NAMES[kind],
  version,
  source,
  ...(by === undefined ? {} : { by, at }),
  names: CONTRACTS[kind].map((name) =>
    Object.hasOwn(LISTS, name) ? { name, rows: LISTS[name as keyof typeof LISTS] } : { name },
  ),
});

const source = z.object({ source: z.string().min(1).max(LONGEST_SOURCE) });

/** A broken template is refused with the line at fault, before anything is kept. */
function tried(kind: DocumentKind, text: string) {
  try {
    readTemplate(kind, text);
    return draftBy(kind, text, SAMPLE);
  } catch (error) {
    if (!(error instanceof TemplateFault)) throw error;
    const { code, message: detail, line } = error;
    throw new Problem(422, code, {
      detail,
      errors: [{ pointer: '/source', code, detail }],
      extension: { line },
    });
  }
}

export const documentTemplateRoutes = [
  route({
    method: 'get',
    path: '/document-templates',
    rule: READERS,
    summary: '各类文书的模板',
    query: page,
    async work(call) {
      const all = await Promise.all(DOCUMENT_KINDS.map((kind) => current(call.deps, kind)));
      return sliced(
        call,
        all.map((one) => ({ kind: one.kind, name: KIND_NAMES[one.kind], version: one.version })),
      );
    },
  }),
  route({
    method: 'get',
    path: '/document-templates/:kind',
    rule: READERS,
    summary: '一类文书的模板',
    find,
    work: async ({ found }) => ok(show(found), { ETag: versionTag(found.version) }),
  }),
  route({
    method: 'put',
    path: '/document-templates/:kind',
    rule: ADMINISTRATORS,
    summary: '修改一类文书的模板，旧版保留',
    body: source,
    find,
    async work({ deps, found, body, actor, ifMatch }) {
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version))) throw new Refusal('stale-version');
      tried(found.kind, body.source);
      const kept = await keepTemplate(deps.store.documentTemplates, {
        kind: found.kind,
        version: found.version + 1,
        source: body.source,
        by: actor.name,
        at: stamp(await deps.clock.now()),
      });
      if (!kept) throw new Refusal('stale-version');
      return ok(show(kept), { ETag: versionTag(kept.version) });
    },
  }),
  route({
    method: 'get',
    path: '/document-templates/:kind/versions',
    rule: READERS,
    summary: '一类文书模板的各个版本',
    query: page,
    find,
    work: async (call) =>
      listPage(call.deps.store.documentTemplates, call, {
        filter: { kind: call.found.kind },
        show: ({ version, source: text, by, at }: DocumentTemplateRecord) => ({
          version,
          source: text,
          by,
          at,
        }),
      }),
  }),
  route({
    method: 'post',
    path: '/document-templates/:kind/preview',
    rule: ADMINISTRATORS,
    summary: '以示例内容预览模板，不保存',
    body: source.partial(),
    find,
    async work({ deps, found, body }) {
      const drafted = tried(found.kind, body.source ?? found.source);
      const paper = {
        _id: 'sample',
        owner: '',
        state: 'draft' as const,
        kind: found.kind,
        createdBy: '',
        createdAt: '',
        ...drafted,
      };
      return ok({ ...drafted, html: setPaper(paperOf(paper, await letterheadOf(deps, paper))) });
    },
  }),
];
