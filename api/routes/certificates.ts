import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { certificateBucket, expiryHorizon } from '../../domain/certificate-expiry.ts';
import { standingOn } from '../../domain/supervisor.ts';
import { type ExpiringPerson, expiringOf } from '../../models/certificate-expiry.ts';
import { READERS } from '../access.ts';
import { sliced } from '../lists.ts';
import { route } from '../route.ts';
import { page } from '../shapes.ts';

export const showExpiring = (
  { _id, name, agency, certificate, bars, register }: ExpiringPerson,
  today: string,
) => ({
  id: _id,
  name,
  register,
  ...(agency === undefined ? {} : { agency }),
  certificate,
  bucket: certificateBucket(certificate.expires, today),
  status: standingOn({ certificate, bars }, today),
});

export const certificateRoutes = [
  route({
    method: 'get',
    path: '/certificates/expiring',
    rule: READERS,
    summary: '已到期和六十日内到期的证件',
    query: page.extend({
      agency: z.string().max(64).optional(),
      bucket: z.enum(['expired', 'days30', 'days60']).optional(),
    }),
    async work(call) {
      const { deps, query } = call;
      const { agency, bucket } = query;
      const today = localDate(await deps.clock.now());
      const mine = agency === undefined ? {} : { agency };
      const people = await expiringOf(deps.store, { today, horizon: expiryHorizon(today), ...mine });
      const shown = people.map((one) => showExpiring(one, today));
      return sliced(call, bucket === undefined ? shown : shown.filter((one) => one.bucket === bucket));
    },
  }),
];
