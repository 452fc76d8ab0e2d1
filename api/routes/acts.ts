import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { ACT_TYPES } from '../../domain/act.ts';
import { type ActRecord, type Contradiction, actOf, storeActs } from '../../models/act.ts';
import { READERS, STAFF } from '../access.ts';
import { type ActImport, importActs } from '../act-import.ts';
import { ACT_SCHEMA, type ActContext, actFrom, actShape } from '../act-shape.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { answerOf } from '../operations.ts';
import { Problem, invalid, parse } from '../problem.ts';
import { wordsOf } from '../problem-titles.ts';
import { importMode, importQuery } from '../register-import.ts';
import { created, ok, route } from '../route.ts';
import { date, page } from '../shapes.ts';

/** Acts of one call. */
const MOST = 1_000;

const body = z.object({
  items: z.array(z.unknown()).min(1).max(MOST).meta({ items: ACT_SCHEMA }),
});

async function contextOf({ store, clock }: ApiDeps): Promise<ActContext> {
  const known = await store.agencies.distinct('_id');
  return { today: localDate(await clock.now()), agencies: new Set(known) };
}

/** One fault a contradicted field: what was reported stays. */
function contradicted(differs: readonly Contradiction[], lang: 'zh' | 'en'): Problem {
  const detail = wordsOf('act-differs')?.[lang] ?? '';
  const errors = differs.flatMap(({ index, fields }) =>
    ['no', ...fields].map((field) => ({
      pointer: `/items/${index}/${field === 'fen' ? 'amount' : field}`,
      code: 'act-differs',
      detail,
    })),
  );
  return new Problem(422, 'validation', { detail, errors });
}

export const showAct = (record: ActRecord) => {
  const { fen, ...act } = actOf(record);
  return { ...act, ...(fen === undefined ? {} : { amount: fen / 100 }) };
};

export const actRoutes = [
  route({
    method: 'post',
    path: '/acts',
    rule: STAFF,
    summary: '报送行政执法行为（六类，每次不超过1000件，按编号幂等）',
    body,
    async work({ deps, body: sent, actor, lang }) {
      const shape = z.object({ items: z.array(actShape(await contextOf(deps))) });
      const acts = parse(shape, sent, lang).items.map((item) => actFrom(item));
      const at = stamp(await deps.clock.now());
      const stored = await storeActs(deps.store, { acts, source: 'api', by: actor.id, at });
      if ('differs' in stored) throw contradicted(stored.differs, lang);
      return stored.created > 0 ? created(stored) : ok(stored);
    },
  }),
  route({
    method: 'post',
    path: '/acts/import',
    rule: STAFF,
    multipart: true,
    summary: '导入行政执法行为（.xlsx、.csv）；有误的行默认全不导入，skipBad=true 时只跳过有误的行',
    query: importQuery,
    async work({ deps, query, table, actor, lang, req, res }) {
      if (!table) throw invalid('/file', 'missing', '请上传 file');
      const mode = importMode(query);
      const job = { deps, register: 'acts', table, mode, lang, actor } as const;
      return answerOf({ req, res }, importActs({ ...job, context: await contextOf(deps) }), (done) => {
        const headers = { Location: `/api/v1/imports/${done.import}` };
        if (mode === 'whole') refuseBad(done);
        return mode !== 'dryRun' && done.created > 0 ? created(done, headers) : ok(done, headers);
      });
    },
  }),
  route({
    method: 'get',
    path: '/acts',
    line: { field: 'agency' },
    rule: READERS,
    summary: '行政执法行为',
    query: page.extend({
      agency: z.string().max(64).optional(),
      type: z.enum(ACT_TYPES).optional(),
      from: date.optional(),
      to: date.optional(),
    }),
    work: async (call) =>
      listPage(call.deps.store.acts, call, { filter: filterOf(call.query), show: showAct }),
  }),
  route({
    method: 'get',
    path: '/acts/:no',
    line: { of: (found: ActRecord) => found.agency },
    rule: READERS,
    summary: '一件行政执法行为',
    find: ({ store }, params) => store.acts.findById(params['no']).lean<ActRecord>(),
    work: async ({ found }) => ok(showAct(found)),
  }),
];

/** Reason: without a condition a count reads the whole collection; over the ids it reads an index. */
function filterOf({ agency, type, from, to }: Record<string, unknown>): Record<string, unknown> {
  const on = { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) };
  const filter = {
    ...(agency === undefined ? {} : { agency }),
    ...(type === undefined ? {} : { type }),
    ...(Object.keys(on).length === 0 ? {} : { on }),
  };
  return Object.keys(filter).length === 0 ? { _id: { $gt: '' } } : filter;
}

function refuseBad({ rejected, bad, rows }: ActImport): void {
  if (bad === 0) return;
  throw new Problem(422, 'validation', {
    detail: `${rows}行中有${bad}行有误，未导入任何一行`,
    errors: rejected.map((one) => ({ pointer: `/rows/${one.row}/${one.column}`, ...one })),
    extension: { rows, bad, created: 0, completed: 0, unchanged: 0, rejected },
  });
}
