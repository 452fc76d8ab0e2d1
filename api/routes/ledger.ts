import { z } from 'zod';
import { LEDGER_STATES, MODES } from '../../domain/ledger.ts';
import type { FindingRecord } from '../../models/finding.ts';
import { ledgerFilter, ledgerRows, ledgerStream } from '../../models/ledger.ts';
import { READERS, STAFF } from '../access.ts';
import { LEDGER_FILES, type Pages, sendTable, tableStream, tableWanted } from '../ledger-file.ts';
import { listPage } from '../lists.ts';
import { invalid } from '../problem.ts';
import { type Tell, answerOf, beginMaking } from '../operations.ts';
import { route } from '../route.ts';
import { date, line, page, several } from '../shapes.ts';
import { madeAnswer } from './operations.ts';

const ledgerQuery = page.extend({
  mode: several(MODES).optional(),
  agency: line(64).optional(),
  state: several(LEDGER_STATES).optional(),
  category: line(100).optional(),
  owner: line(80).optional(),
  from: date.optional(),
  to: date.optional(),
});
type LedgerAsked = z.infer<typeof ledgerQuery>;

/** Reason: a period that ends before it begins finds nothing, which would look like a county without problems. */
function filterOf({ limit: _limit, cursor: _cursor, ...query }: LedgerAsked) {
  if (query.from !== undefined && query.to !== undefined && query.from > query.to)
    throw invalid('/from', 'range-invalid', '起始日期晚于截止日期');
  return ledgerFilter(query);
}

async function* counted(pages: Pages, tell: Tell): Pages {
  let rows = 0;
  for await (const page of pages) {
    yield page;
    rows += page.length;
    await tell({ rows });
  }
}

export const ledgerRoutes = [
  route({
    method: 'get',
    path: '/ledger',
    line: { field: 'agency' },
    rule: READERS,
    summary: '问题台账：三种监督方式的每一个问题；按 Accept 导出 .xlsx、.csv',
    query: ledgerQuery,
    async work(call) {
      const { deps, query, req, res, lang } = call;
      const filter = { $and: [filterOf(query), call.within] };
      res.vary('Accept');
      const table = tableWanted(req);
      if (table !== undefined) {
        await sendTable(res, table, { pages: ledgerStream(deps.store, filter), lang });
        return undefined;
      }
      const answer = await listPage<FindingRecord>(deps.store.findings, call, {
        filter,
        show: (finding) => finding,
      });
      const list = answer.body as { readonly items: readonly FindingRecord[] };
      return { ...answer, body: { ...list, items: await ledgerRows(deps.store, list.items) } };
    },
  }),
  route({
    method: 'post',
    path: '/ledger/exports',
    rule: STAFF,
    summary: '在后台导出问题台账：按同样的条件，做到多少可以在 /operations/{id} 查看，做好后从那里下载',
    query: ledgerQuery.extend({ format: z.enum(['xlsx', 'csv']).default('xlsx') }),
    async work({ deps, query, actor, lang, req, res }) {
      const { format, ...asked } = query;
      const filter = filterOf(asked);
      const order = {
        kind: 'export',
        about: LEDGER_FILES[format].name,
        ...LEDGER_FILES[format],
        actor,
      } as const;
      const begun = beginMaking(deps, order, async (tell) => {
        await tell({ of: await deps.store.findings.countDocuments(filter as never) });
        return tableStream(format, counted(ledgerStream(deps.store, filter), tell), lang);
      });
      return answerOf({ req, res }, begun, madeAnswer);
    },
  }),
];
