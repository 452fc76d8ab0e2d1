import { LEDGER_STATES, MODES } from '../../domain/ledger.ts';
import type { FindingRecord } from '../../models/finding.ts';
import { ledgerFilter, ledgerRows, ledgerStream } from '../../models/ledger.ts';
import { READERS } from '../access.ts';
import { sendCsv, sendXlsx, tableWanted } from '../ledger-file.ts';
import { listPage } from '../lists.ts';
import { invalid } from '../problem.ts';
import { route } from '../route.ts';
import { date, line, page, several } from '../shapes.ts';

const ledgerQuery = page.extend({
  mode: several(MODES).optional(),
  agency: line(64).optional(),
  state: several(LEDGER_STATES).optional(),
  category: line(100).optional(),
  owner: line(80).optional(),
  from: date.optional(),
  to: date.optional(),
});

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
      if (query.from !== undefined && query.to !== undefined && query.from > query.to)
        throw invalid('/from', 'range-invalid', '起始日期晚于截止日期');
      const filter = { $and: [ledgerFilter(query), call.within] };
      res.vary('Accept');
      const table = tableWanted(req);
      if (table !== undefined) {
        await (table === 'csv' ? sendCsv : sendXlsx)(res, ledgerStream(deps.store, filter), lang);
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
];
