import mongoose from 'mongoose';
import { z } from 'zod';
import type { AgencyRecord } from '../../models/agency.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { email, page, word } from '../shapes.ts';

const contact = z.object({
  name: word,
  email,
  phone: z.string().trim().max(60).optional(),
  role: z.enum(['primary', 'deputy', 'leader']),
});

/** An address that stands twice would be mailed twice. */
const contacts = z
  .array(contact)
  .max(20)
  .superRefine((list, context) => {
    for (const [i, one] of list.entries())
      if (list.findIndex((other) => other.email.toLowerCase() === one.email.toLowerCase()) < i)
        context.addIssue({
          code: 'custom',
          path: [i, 'email'],
          message: '同一机关的联系人邮箱重复',
          params: { code: 'duplicate-address' },
        });
  });

const id = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, '编号只能用小写字母、数字和连字符')
  .max(60);
const body = z.object({
  id,
  name: word,
  kind: z.enum(['town', 'department']),
  parent: id.nullish().transform((value) => value ?? undefined),
  domains: z
    .array(
      z
        .string()
        .regex(/^[a-z][A-Za-z0-9-]*$/)
        .max(60),
    )
    .max(50)
    .default([]),
  contacts: contacts.default([]),
});
const change = body.omit({ id: true }).partial();

export const showAgency = ({
  _id,
  name,
  kind,
  parent,
  domains,
  contacts: people,
  version,
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
  version,
});

const etag = (version: number): Record<string, string> => ({ ETag: `"v${version}"` });
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
        const record: AgencyRecord = { _id, ...rest, version: 1 };
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
    rule: READERS,
    summary: '机关名录',
    query: page.extend({
      kind: z.enum(['town', 'department']).optional(),
      domain: z.string().optional(),
      q: z.string().max(100).optional(),
    }),
    async work(call) {
      const { kind, domain, q } = call.query;
      const text =
        q === undefined
          ? {}
          : { $or: [{ _id: new RegExp(escaped(q), 'i') }, { name: new RegExp(escaped(q), 'i') }] };
      const filter = {
        ...(kind === undefined ? {} : { kind }),
        ...(domain === undefined ? {} : { domains: domain }),
        ...text,
      };
      return listPage(call.deps.store.agencies, call, { filter, show: showAgency });
    },
  }),
  route({
    method: 'get',
    path: '/agencies/:id',
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
    async work({ deps, body: changes, found, ifMatch }) {
      if (ifMatch !== '' && ifMatch !== `"v${found.version}"`) throw new Problem(412, 'stale-version');
      if (Object.keys(changes).length === 0) throw invalid('', 'empty', '没有要修改的内容');
      const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const next = await deps.store.agencies
        .findOneAndUpdate(
          { _id: found._id, version: found.version },
          { $set: set, $inc: { version: 1 } },
          { returnDocument: 'after' },
        )
        .lean<AgencyRecord>();
      if (!next) throw new Problem(412, 'stale-version');
      return ok(showAgency(next), etag(next.version));
    },
  }),
];
