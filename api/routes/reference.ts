import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { importRoster } from '../../domain/roster-import.ts';
import { type AgencyRecord, handoverOf } from '../../models/agency.ts';
import { ADMINISTRATORS } from '../access.ts';
import { Problem, invalid } from '../problem.ts';
import { readRosterFile } from '../roster-file.ts';
import { created, ok, route } from '../route.ts';

export const referenceRoutes = [
  route({
    method: 'post',
    path: '/agencies/import',
    rule: ADMINISTRATORS,
    multipart: true,
    summary: '导入机关名录（.xlsx、.csv）',
    query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    async work(call) {
      const { deps, query, file } = call;
      if (!file) throw invalid('/file', 'missing', '请上传 file');
      const rows = await readRosterFile(file.buffer, file.name);
      const known = await deps.store.agencies.find({}, { _id: 1 }).lean();
      const { create, update, rejected } = importRoster(rows, new Set(known.map((one) => one._id)));
      const result = { created: create.length, updated: update.length, rejected };
      if (query.dryRun === 'true') return ok(result);
      if (rejected.length > 0)
        throw new Problem(422, 'validation', {
          detail: `${rejected.length}处有误，未导入任何一行`,
          errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
          extension: { created: 0, updated: 0, rejected },
        });
      const by = { by: call.actor.name, at: stamp(await deps.clock.now()) };
      if (create.length + update.length > 0)
        await deps.store.connection.transaction(async (session) => {
          const before = await deps.store.agencies
            .find({ _id: { $in: update.map((one) => one.id) } }, { contacts: 1, handover: 1 })
            .session(session)
            .lean<AgencyRecord[]>();
          const were = new Map(before.map((one) => [one._id, one]));
          const writes = [...create, ...update].map(({ id, ...agency }) => {
            const old = were.get(id);
            const handed = old ? handoverOf(old, { contacts: agency.contacts, ...by }) : {};
            const change = { $set: { ...agency, ...handed }, $inc: { version: 1 } };
            return { updateOne: { filter: { _id: id }, update: change, upsert: true } };
          });
          await deps.store.agencies.collection.bulkWrite(writes as never, { session });
        });
      return create.length > 0 ? created(result) : ok(result);
    },
  }),
];
