import { z } from 'zod';
import { importRoster } from '../../domain/roster-import.ts';
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
      const writes = [...create, ...update].map(({ id, ...agency }) => ({
        updateOne: { filter: { _id: id }, update: { $set: agency, $inc: { version: 1 } }, upsert: true },
      }));
      if (writes.length > 0)
        await deps.store.connection.transaction(async (session) => {
          await deps.store.agencies.collection.bulkWrite(writes as never, { session });
        });
      return create.length > 0 ? created(result) : ok(result);
    },
  }),
];
