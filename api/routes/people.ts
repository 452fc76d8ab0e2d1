import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { z } from 'zod';
import { type IsoDate, localDate } from '../../domain/calendar.ts';
import { standingOn } from '../../domain/supervisor.ts';
import type { CertifiedRecord } from '../../models/agency.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { date, page, word } from '../shapes.ts';

const body = z
  .object({
    name: word,
    agency: z
      .string()
      .max(60)
      .nullish()
      .transform((value) => value ?? undefined),
    certificate: z.object({ no: word, issued: date, expires: date }),
  })
  .refine((person) => person.certificate.expires >= person.certificate.issued, {
    path: ['certificate', 'expires'],
    params: { code: 'certificate-dates' },
  });

const show = ({ _id, name, agency, certificate, bars }: CertifiedRecord, today: IsoDate) => ({
  id: _id,
  name,
  ...(agency === undefined ? {} : { agency }),
  certificate: { no: certificate.no, issued: certificate.issued, expires: certificate.expires },
  status: standingOn({ certificate, bars }, today),
  bars: bars ?? [],
});

const todayOf = async ({ clock }: Pick<ApiDeps, 'clock'>): Promise<IsoDate> => localDate(await clock.now());

/** Supervisors and officers are registered alike. */
const peopleRoutes = (noun: 'supervisors' | 'officers', prefix: string, chinese: string) => [
  route({
    method: 'post',
    path: `/${noun}`,
    rule: ADMINISTRATORS,
    summary: `登记${chinese}`,
    body,
    async work({ deps, body: person }) {
      if (person.agency !== undefined && !(await deps.store.agencies.exists({ _id: person.agency })))
        throw invalid('/agency', 'agency-unknown', `没有编号为 ${person.agency} 的机关`);
      const record: CertifiedRecord = { _id: `${prefix}-${randomBytes(6).toString('hex')}`, ...person };
      try {
        await deps.store[noun].create(record);
      } catch (error) {
        if (error instanceof mongoose.mongo.MongoServerError && error.code === 11_000)
          throw invalid('/certificate/no', 'certificate-invalid', '该证件编号已登记');
        throw error;
      }
      return created(show(record, await todayOf(deps)), { Location: `/api/v1/${noun}/${record._id}` });
    },
  }),
  route({
    method: 'get',
    path: `/${noun}`,
    rule: READERS,
    summary: `${chinese}名录`,
    query: page.extend({ agency: z.string().max(64).optional() }),
    async work(call) {
      const { agency } = call.query;
      const today = await todayOf(call.deps);
      return listPage(call.deps.store[noun], call, {
        filter: agency === undefined ? {} : { agency },
        show: (row) => show(row, today),
      });
    },
  }),
  route({
    method: 'get',
    path: `/${noun}/:id`,
    rule: READERS,
    summary: `一名${chinese}`,
    find: ({ store }, params) => store[noun].findById(params['id']).lean<CertifiedRecord>(),
    work: async ({ deps, found }) => ok(show(found, await todayOf(deps))),
  }),
];

export const peopleAll = [
  ...peopleRoutes('supervisors', 'sup', '监督人员'),
  ...peopleRoutes('officers', 'off', '行政执法人员'),
];
