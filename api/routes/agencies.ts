import mongoose from 'mongoose';
import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { type AgencyRecord, handoverOf } from '../../models/agency.ts';
import { type AgencyRow, SUBJECT_KINDS, agencyFaults, isId } from '../../domain/roster.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { changeOf } from '../changes.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid, parse } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { date, domain, email, line, page } from '../shapes.ts';

const contact = z.object({
  name: line(50).min(1),
  email,
  phone: z
    .string()
    .trim()
    .max(30)
    .nullish()
    .transform((value) => value || undefined),
  role: z.enum(['primary', 'deputy', 'leader']),
});

const id = z
  .string()
  .max(64)
  .refine(isId, { params: { code: 'id-invalid' } });

const optionally = <S extends z.ZodType>(shape: S) => shape.nullable().optional();

/** What an agency is as an enforcement subject, and who supervises in it; null takes away. */
const registered = z.object({
  creditCode: optionally(z.string().trim().toUpperCase().max(18)),
  subjectKind: optionally(z.enum(SUBJECT_KINDS)),
  legalBasis: optionally(line(500).min(1)),
  unit: optionally(z.object({ name: line(100).min(1), document: line(100).min(1).optional() })),
  responsible: optionally(
    z.object({
      name: line(50).min(1),
      post: line(100).min(1).optional(),
      since: date.optional(),
    }),
  ),
});

const fields = registered.extend({
  name: line(100).min(1),
  kind: z.enum(['town', 'department']),
  parent: id.nullish().transform((value) => value ?? undefined),
  domains: z.array(domain).max(30),
  contacts: z.array(contact).max(20),
});

type Given = Readonly<Record<string, unknown>>;
const stated = (given: Given): Given =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));

/** What an import is judged by judges a call too; only that there is a primary contact is left to the preview of a campaign, which names who cannot be written to. */
function judge(given: Given, context: z.RefinementCtx): void {
  for (const { pointer, code, detail } of agencyFaults(stated(given) as unknown as AgencyRow))
    if (code !== 'primary-missing')
      context.addIssue({
        code: 'custom',
        path: pathOf(pointer),
        message: detail,
        params: { code: code === 'email-twice' ? 'duplicate-address' : code },
      });
}

const pathOf = (pointer: string): (string | number)[] =>
  pointer
    .slice(1)
    .split('/')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

const body = fields
  .extend({ id, domains: fields.shape.domains.default([]), contacts: fields.shape.contacts.default([]) })
  .superRefine(judge);
/** Invariant: what a change does not name stays. */
const change = fields.partial();

export const showAgency = ({
  _id,
  name,
  kind,
  parent,
  domains,
  contacts: people,
  version,
  creditCode,
  subjectKind,
  legalBasis,
  unit,
  responsible,
}: AgencyRecord) => ({
  id: _id,
  name,
  kind,
  ...(parent === undefined ? {} : { parent }),
  domains,
  contacts: people.map(({ name: who, email: address, phone, role }) => ({
    name: who,
    email: address,
    ...(phone ? { phone } : {}),
    role,
  })),
  ...(creditCode === undefined ? {} : { creditCode }),
  ...(subjectKind === undefined ? {} : { subjectKind }),
  ...(legalBasis === undefined ? {} : { legalBasis }),
  ...(unit ? { unit } : {}),
  ...(responsible ? { responsible } : {}),
  version,
});

const etag = (version: number): Record<string, string> => ({ ETag: versionTag(version) });
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

export const agencyRoutes = [
  route({
    method: 'post',
    path: '/agencies',
    rule: ADMINISTRATORS,
    summary: '登记机关',
    body,
    async work({ deps, body: { id: _id, ...rest } }) {
      try {
        const record = { _id, ...stated(rest), version: 1 } as AgencyRecord;
        await deps.store.agencies.create(record);
        return created(showAgency(record), { Location: `/api/v1/agencies/${_id}`, ...etag(1) });
      } catch (error) {
        if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000)
          throw new Problem(409, 'agency-exists');
        throw error;
      }
    },
  }),
  route({
    method: 'get',
    path: '/agencies',
    line: { field: '_id' },
    rule: READERS,
    summary: '机关名录',
    query: page.extend({
      kind: z.enum(['town', 'department']).optional(),
      domain: domain.optional(),
      q: line(100).optional(),
    }),
    async work(call) {
      const { kind, domain: field, q } = call.query;
      const text =
        q === undefined
          ? {}
          : { $or: [{ _id: new RegExp(escaped(q), 'i') }, { name: new RegExp(escaped(q), 'i') }] };
      const filter = {
        ...(kind === undefined ? {} : { kind }),
        ...(field === undefined ? {} : { domains: field }),
        ...text,
      };
      return listPage(call.deps.store.agencies, call, { filter, show: showAgency });
    },
  }),
  route({
    method: 'get',
    path: '/agencies/:id',
    line: { of: (found: AgencyRecord) => found._id },
    rule: READERS,
    summary: '一个机关',
    find: ({ store }, params) => store.agencies.findById(params['id']).lean<AgencyRecord>(),
    work: async ({ found }) => ok(showAgency(found), etag(found.version)),
  }),
  route({
    method: 'patch',
    path: '/agencies/:id',
    rule: ADMINISTRATORS,
    summary: '修改机关',
    body: change,
    find: ({ store }, params) => store.agencies.findById(params['id']).lean<AgencyRecord>(),
    async work({ deps, body: changes, found, ifMatch, lang, actor }) {
      const { named, $set, $unset } = changeOf(changes);
      if (named.length === 0) throw invalid('', 'empty', '没有要修改的内容');
      parse(body, { ...showAgency(found), ...changes }, lang);
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version)))
        throw new Problem(412, 'stale-version');
      const by = { by: actor.name, at: stamp(await deps.clock.now()) };
      const handed = changes.contacts ? handoverOf(found, { contacts: changes.contacts, ...by }) : {};
      const next = await deps.store.agencies
        .findOneAndUpdate(
          { _id: found._id, version: found.version },
          {
            $set: { ...$set, ...handed },
            $unset,
            $inc: { version: 1 },
          },
          { returnDocument: 'after' },
        )
        .lean<AgencyRecord>();
      if (!next) throw new Problem(412, 'stale-version');
      return ok(showAgency(next), etag(next.version));
    },
  }),
];
