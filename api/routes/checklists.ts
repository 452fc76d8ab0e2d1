import { z } from 'zod';
import { type Checklist, type ChecklistItem, checkId, checklistFaults } from '../../domain/checklist.ts';
import {
  CHECKLIST_HEADINGS,
  type ChecklistCellFault,
  REQUIRED_CHECKLIST_COLUMNS,
  itemOfRow,
} from '../../domain/checklist-table.ts';
import { CATEGORIES, type FindingCategory } from '../../domain/finding.ts';
import { Refusal } from '../../domain/refusals.ts';
import { stamp } from '../../domain/clock.ts';
import { type ChecklistRecord, keepChecklist, readChecklist } from '../../models/checklist.ts';
import { appendEvents } from '../../models/event.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { type FieldError, Problem, invalid } from '../problem.ts';
import { type Call, created, ok, route } from '../route.ts';
import { line, page, prose } from '../shapes.ts';
import { tableRows } from '../table-file.ts';

const MOST_ITEMS = 300;

const item = z.object({
  id: line(16),
  text: prose(1_000),
  textEn: prose(1_000).default(''),
  level: z.enum(['G', 'D']),
  stage: z.enum(['before', 'during', 'after']),
  points: z.number(),
  evidence: prose(500).default(''),
  evidenceEn: prose(500).default(''),
  mandatoryEvidence: z.boolean().default(false),
  category: z.enum(Object.keys(CATEGORIES) as [FindingCategory, ...FindingCategory[]]).optional(),
  standing: z.array(z.number()).max(12).optional(),
});
const content = z.object({
  title: line(120),
  titleEn: line(120).default(''),
  level: z.enum(['G', 'D', 'GD']).default('GD'),
  items: z.array(item).max(MOST_ITEMS),
});

const show = ({ _id, ...rest }: ChecklistRecord) => ({ id: _id, ...rest });
const tagged = ({ version }: Pick<ChecklistRecord, 'version'>) => ({ ETag: versionTag(version) });

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.checklists.findById(params['id']).lean<ChecklistRecord>();

const refuse = (errors: readonly FieldError[]): void => {
  if (errors[0]) throw new Problem(422, 'validation', { detail: errors[0].detail, errors });
};

type Keeping = Pick<Call<unknown, unknown, unknown>, 'deps' | 'actor' | 'key'>;

/** Judged whole, then put in the place of the version before. */
async function keep({ deps, actor, key }: Keeping, list: Checklist): Promise<ChecklistRecord> {
  refuse(checklistFaults(list));
  await keepsAsked(deps, list);
  const kept = await keepChecklist(deps.store, list);
  if (!kept) throw new Refusal('stale-version');
  await appendEvents(deps.store.events, {
    owner: 'checklists',
    key: `${list.id}@${list.version}/${key}`,
    entries: [
      {
        at: stamp(await deps.clock.now()),
        source: 'person',
        what: 'checklist-changed',
        who: actor.name,
        detail: { list: list.id, version: list.version, items: list.items.length },
      },
    ],
  });
  return kept;
}

/** What a year's plan still asks for stays in its list. */
async function keepsAsked({ store }: ApiDeps, list: Checklist): Promise<void> {
  const before = await store.checklists.findById(list.id, { items: 1 }).lean<ChecklistRecord>();
  const there = new Set(list.items.map((one) => one.id));
  const gone = (before?.items ?? []).filter((one) => !there.has(one.id)).map((one) => one.id);
  if (gone.length === 0) return;
  const asked = new Set(await store.plans.distinct('items.check', { state: { $ne: 'closed' } }));
  const missed = gone.filter((id) => asked.has(checkId(list.id, id)));
  if (missed.length > 0)
    throw invalid('/items', 'item-in-use', `年度计划还要检查${missed.join('、')}，不能删除`);
}

type ImportCall = Call<unknown, { readonly checklist: string; readonly title?: string | undefined }, unknown>;

interface Rejected extends Omit<ChecklistCellFault, 'column' | 'code'> {
  readonly row: number;
  readonly column: string;
  readonly code: string;
}

/** A table's rows as the next version of a checklist, with what is wrong in which row and column. */
async function fromTable({ deps, query, table }: ImportCall) {
  if (!table) throw invalid('/file', 'missing', '请上传 file');
  const shape = { headings: CHECKLIST_HEADINGS, required: REQUIRED_CHECKLIST_COLUMNS };
  const rows: number[] = [];
  const items: ChecklistItem[] = [];
  const rejected: Rejected[] = [];
  for await (const { row, cells } of tableRows(table, shape)) {
    const read = itemOfRow(cells);
    rows.push(row);
    items.push(read.item);
    rejected.push(...read.faults.map((fault) => ({ row, ...fault })));
    if (items.length > MOST_ITEMS) throw new Refusal('file-refused', `超过${MOST_ITEMS}项`, '/file');
  }
  const before = await deps.store.checklists.findById(query.checklist).lean<ChecklistRecord>();
  const level = [...new Set(items.map((one) => one.level))];
  const list: Checklist = {
    id: query.checklist,
    title: query.title ?? before?.title ?? '',
    titleEn: before?.titleEn ?? '',
    version: (before?.version ?? 0) + 1,
    level: level.length === 1 ? (level[0] ?? 'GD') : 'GD',
    items,
  };
  for (const { pointer, code, detail } of checklistFaults(list)) {
    const [, n, column = ''] = /^\/items\/(\d+)\/(\w+)$/.exec(pointer) ?? [];
    const row = n === undefined ? 1 : (rows[Number(n)] ?? 1);
    if (!rejected.some((one) => one.row === row && one.column === column))
      rejected.push({ row, column: n === undefined ? pointer.slice(1) : column, code, detail });
  }
  return { list, rejected };
}

export const checklistRoutes = [
  route({
    method: 'get',
    path: '/checklists',
    rule: READERS,
    summary: '检查清单',
    query: page,
    work: async (call) => listPage(call.deps.store.checklists, call, { filter: {}, show }),
  }),
  route({
    method: 'get',
    path: '/checklists/:id',
    rule: READERS,
    summary: '一份检查清单；version 为以前的版本',
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    find,
    async work({ deps, found, query }) {
      const list = await readChecklist(deps.store, found._id, query.version);
      if (!list) throw new Problem(404, 'not-found');
      return ok(show(list), tagged(list));
    },
  }),
  route({
    method: 'post',
    path: '/checklists',
    rule: ADMINISTRATORS,
    summary: '新建检查清单',
    body: content.extend({ id: line(80) }),
    async work(call) {
      const { body, deps } = call;
      if (await deps.store.checklists.exists({ _id: body.id })) throw new Refusal('checklist-exists');
      const kept = await keep(call, { ...body, version: 1 });
      return created(show(kept), { Location: `/api/v1/checklists/${kept._id}`, ...tagged(kept) });
    },
  }),
  route({
    method: 'put',
    path: '/checklists/:id',
    rule: ADMINISTRATORS,
    summary: '修改检查清单：成为新的版本，旧版本保留',
    body: content,
    find,
    async work(call) {
      const { body, found, ifMatch } = call;
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version))) throw new Refusal('stale-version');
      const kept = await keep(call, { ...body, id: found._id, version: found.version + 1 });
      return ok(show(kept), tagged(kept));
    },
  }),
  route({
    method: 'post',
    path: '/checklists/import',
    rule: ADMINISTRATORS,
    multipart: true,
    summary: '导入检查清单（.xlsx、.csv，一行一项），成为新的版本',
    query: z.object({
      checklist: line(80).min(1),
      title: line(120).min(1).optional(),
      dryRun: z.enum(['true', 'false']).default('false'),
    }),
    async work(call) {
      const { list, rejected } = await fromTable(call);
      const result = { id: list.id, version: list.version, items: list.items.length, rejected };
      if (call.query.dryRun === 'true') return ok(result);
      if (rejected[0])
        throw new Problem(422, 'validation', {
          detail: `${rejected.length}处有误，未导入任何一行`,
          errors: rejected.map((one) => ({ ...one, pointer: `/rows/${one.row}/${one.column}` })),
          extension: { rejected },
        });
      await keep(call, list);
      return created(result);
    },
  }),
];
