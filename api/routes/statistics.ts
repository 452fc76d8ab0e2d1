import mongoose from 'mongoose';
import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { readFile } from '../../models/files.ts';
import { readStatistics } from '../../models/statistics.ts';
import {
  type Acknowledgement,
  type StatisticsPackageRecord,
  acknowledgePackage,
  keepPackage,
  latestPackage,
} from '../../models/statistics-package.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { invalid } from '../problem.ts';
import { type Call, created, ok, route } from '../route.ts';
import { line, page, prose } from '../shapes.ts';
import { XLSX, figuresHash, packStatistics, statisticsWorkbook } from '../statistics-file.ts';

type Params = Readonly<Record<string, string>>;

/** A year that has begun; anything else is no address. */
async function yearOf({ clock }: ApiDeps, params: Params): Promise<number | null> {
  const text = params['year'] ?? '';
  const year = Number(text);
  const now = Number(localDate(await clock.now()).slice(0, 4));
  return /^\d{4}$/.test(text) && year >= 2000 && year <= now ? year : null;
}

async function read({ store, clock }: ApiDeps, year: number) {
  const now = await clock.now();
  const statistics = await readStatistics(store, { year, today: localDate(now) });
  const agencies = await store.agencies.find({}, { name: 1 }).lean();
  return { statistics, at: stamp(now), names: new Map(agencies.map(({ _id, name }) => [_id, name])) };
}

const findPackage = ({ store }: ApiDeps, { year, version }: Params) =>
  store.statisticsPackages
    .findOne({ year: Number(year) || 0, version: Number(version) || 0 })
    .lean<StatisticsPackageRecord>();

const showPackage = ({ _id, archive: _archive, figures: _figures, ...rest }: StatisticsPackageRecord) => ({
  id: _id,
  ...rest,
});

/** The same figures are the same version; others are the next. */
async function packed(call: Pick<Call<unknown, unknown, number>, 'deps' | 'found' | 'actor'>) {
  const { deps, found: year, actor } = call;
  const { store, office } = deps;
  const { statistics, at, names } = await read(deps, year);
  const figures = figuresHash(statistics);
  for (;;) {
    const last = await latestPackage(store, year);
    if (last?.figures === figures) return { record: last, again: true };
    const version = (last?.version ?? 0) + 1;
    const id = `TJ-${year}-${String(version).padStart(2, '0')}`;
    const { archive, ...made } = await packStatistics({
      id,
      version,
      office: office.name,
      at,
      statistics,
      names,
    });
    const head = { _id: id, year, version, figures, createdAt: at, by: actor.name };
    try {
      const record = await keepPackage(store, { ...head, ...made }, archive);
      await told(deps, record, { what: 'statistics-packed', who: actor.name, at });
      return { record, again: false };
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
    }
  }
}

const told = (
  { store }: ApiDeps,
  { _id, sha256 }: StatisticsPackageRecord,
  { what, who, at }: { readonly what: string; readonly who: string; readonly at: string },
): Promise<void> =>
  appendEvents(store.events, {
    owner: _id,
    key: what,
    entries: [{ at, source: 'person', what, who, detail: { sha256 } }],
  });

const acknowledgement = z.object({
  sha256: line(64),
  receivedAt: z.iso.datetime({ offset: true }),
  receivedBy: line(100).min(1),
  accepted: z.boolean(),
  note: prose(2_000).optional(),
});

export const statisticsRoutes = [
  route({
    method: 'get',
    path: '/statistics/:year',
    rule: READERS,
    summary: '行政执法统计年报（JSON；按 Accept 导出 .xlsx）',
    find: yearOf,
    async work({ deps, found, req, res }) {
      const { statistics, at, names } = await read(deps, found);
      res.vary('Accept');
      if (req.accepts(['application/json', XLSX]) !== XLSX)
        return ok({ ...statistics, names: Object.fromEntries(names) });
      const file = await statisticsWorkbook(statistics, { names, at });
      res
        .status(200)
        .set({
          'Content-Type': XLSX,
          'Content-Disposition': `attachment; filename="statistics-${found}.xlsx"`,
        })
        .send(file);
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/statistics/:year/packages',
    rule: ORGANIZERS,
    summary: '生成上报省厅的统计数据包；数据未变则为同一版本',
    find: yearOf,
    async work(call) {
      const { record, again } = await packed(call);
      return again ? ok(showPackage(record)) : created(showPackage(record));
    },
  }),
  route({
    method: 'get',
    path: '/statistics/:year/packages',
    rule: READERS,
    summary: '某年的统计数据包',
    find: yearOf,
    query: page,
    work: async (call) =>
      listPage(call.deps.store.statisticsPackages, call, { filter: { year: call.found }, show: showPackage }),
  }),
  route({
    method: 'get',
    path: '/statistics/:year/packages/:version',
    rule: READERS,
    summary: '下载统计数据包（.zip，内含校验清单）',
    find: findPackage,
    async work({ deps, found, res }) {
      res.status(200).set({
        'Content-Type': 'application/zip',
        'Content-Disposition': `attachment; filename="${found._id}.zip"`,
      });
      const stream = readFile(deps.store, found.archive);
      await new Promise<void>((resolve, reject) => {
        stream.once('error', (error) => (res.headersSent ? resolve(void res.destroy()) : reject(error)));
        res.once('close', () => resolve(void stream.destroy()));
        stream.pipe(res);
      });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/statistics/:year/packages/:version/acknowledgement',
    rule: [...ORGANIZERS, ...APPROVERS],
    summary: '导入省厅的接收回执',
    find: findPackage,
    body: acknowledgement,
    async work({ deps, found, body, actor }) {
      if (body.sha256 !== found.sha256)
        throw invalid('/sha256', 'package-differs', `回执不是 ${found._id} 的：校验值不一致`);
      const at = stamp(await deps.clock.now());
      const said: Acknowledgement = { ...body, importedBy: actor.name, importedAt: at };
      const next = await acknowledgePackage(deps.store, found._id, said);
      if (!next) return ok(showPackage(sameOrRefused(found, said)));
      await told(deps, next, { what: 'statistics-acknowledged', who: actor.name, at });
      return created(showPackage(next));
    },
  }),
];

/** The same acknowledgement carried over twice is one; another is refused, since the first stands in the ledger. */
function sameOrRefused(found: StatisticsPackageRecord, said: Acknowledgement): StatisticsPackageRecord {
  const plain = ({ receivedAt, receivedBy, accepted, note }: Acknowledgement) =>
    JSON.stringify([receivedAt, receivedBy, accepted, note ?? null]);
  if (found.acknowledgement && plain(found.acknowledgement) === plain(said)) return found;
  throw new Refusal('already-decided', '该数据包已有接收回执');
}
