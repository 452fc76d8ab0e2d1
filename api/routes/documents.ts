import { createHash } from 'node:crypto';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import type { DocumentRecord } from '../../models/document.ts';
import { appendEvents } from '../../models/event.ts';
import { nextNumber } from '../../models/setting.ts';
import { APPROVERS, ORGANIZERS, READERS, STAFF } from '../access.ts';
import { ofCase, serveInCase, signInCase } from '../case-papers.ts';
import { tellCampaign } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { contentTag, matches } from '../etag.ts';
import { invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { date, line, sentence, word } from '../shapes.ts';

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.documents.findById(params['id']).lean<DocumentRecord>();
const show = ({ _id, ...rest }: DocumentRecord) => ({ id: _id, ...rest });

/** Approves a draft: numbered, frozen, hashed. A number is taken at signing and never used again (GB/T 9704-2012). */
export async function approveDocument(
  deps: ApiDeps,
  paper: DocumentRecord,
  signed: { readonly by: string; readonly signatory: string },
): Promise<DocumentRecord> {
  const { store } = deps;
  if (paper.state !== 'draft') throw new Refusal('document-not-draft');
  const approvedAt = stamp(await deps.clock.now());
  const year = approvedAt.slice(0, 4);
  const series = `${deps.office.circularSeries}〔${year}〕`;
  const number = `${series}${await nextNumber(store.sequences, series)}号`;
  const sha256 = createHash('sha256')
    .update(JSON.stringify([number, paper.title, paper.body, signed.signatory]))
    .digest('hex');
  const frozen = await store.documents
    .findOneAndUpdate(
      { _id: paper._id, state: 'draft' },
      {
        $set: {
          state: 'approved',
          number,
          sha256,
          approvedBy: signed.by,
          approvedAt,
          signatory: signed.signatory,
        },
      },
      { returnDocument: 'after' },
    )
    .lean<DocumentRecord>();
  if (!frozen) throw new Refusal('document-not-draft');
  await appendEvents(store.events, {
    owner: paper.owner,
    key: `approved/${paper._id}`,
    entries: [
      {
        at: approvedAt,
        source: 'decision',
        what: 'document-approved',
        who: signed.by,
        detail: { number, sha256 },
      },
    ],
  });
  return frozen;
}

/** What is signed is what was read, where the caller says what that was. */
function unchanged(found: DocumentRecord, ifMatch: string): void {
  if (ifMatch !== '' && !matches(ifMatch, contentTag(found))) throw new Refusal('stale-version');
}

export const documentRoutes = [
  route({
    method: 'get',
    path: '/documents/:id',
    rule: READERS,
    summary: '一份文书',
    find,
    work: async ({ found }) => ok(show(found), { ETag: contentTag(found) }),
  }),
  route({
    method: 'patch',
    path: '/documents/:id',
    rule: STAFF,
    summary: '修改文书草稿',
    body: z.object({ title: word.optional(), body: z.array(sentence).min(1).max(200).optional() }),
    find,
    async work({ deps, found, body, ifMatch }) {
      const set = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
      if (Object.keys(set).length === 0) throw invalid('', 'empty', '没有要修改的内容');
      if (found.state !== 'draft') throw new Refusal('document-not-draft');
      unchanged(found, ifMatch);
      const next = await deps.store.documents
        .findOneAndUpdate({ _id: found._id, state: 'draft' }, { $set: set }, { returnDocument: 'after' })
        .lean<DocumentRecord>();
      if (!next) throw new Refusal('document-not-draft');
      return ok(show(next), { ETag: contentTag(next) });
    },
  }),
  route({
    method: 'post',
    path: '/documents/:id/approval',
    rule: APPROVERS,
    summary: '签发文书',
    body: z.object({ approved: z.literal(true), signatory: word }),
    find,
    async work({ deps, found, body, actor, ifMatch, key }) {
      unchanged(found, ifMatch);
      if (ofCase(found)) await signInCase(deps, found, { by: actor.name, key });
      return created(show(await approveDocument(deps, found, { by: actor.name, ...body })));
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
    async work({ deps, found, actor, key, body }) {
      if (ofCase(found)) return created(await serveInCase(deps, found, { ...body, by: actor.name, key }));
      if (found.state === 'draft') throw new Refusal('document-not-draft', '文书尚未签发');
      const stand = await tellCampaign(deps, found.owner, {
        key,
        command: { kind: 'circulated', by: actor.name, document: found._id },
      });
      return created({ id: found._id, number: found.number, campaign: stand });
    },
  }),
];
