import { z } from 'zod';
import { DOCUMENT_KINDS, gateRowOf } from '../../domain/document.ts';
import { readInstruments } from '../../models/instrument.ts';
import { readSeries, writeSeries } from '../../models/number-series.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { invalid } from '../problem.ts';
import { ok, route } from '../route.ts';
import { line } from '../shapes.ts';

const series = z.object({
  code: line(20).regex(/^[\p{Script=Han}A-Za-z]+$/u),
  issuer: z.enum(['office', 'government']),
  kinds: z.array(z.enum(DOCUMENT_KINDS)).min(1),
});

export const numberSeriesRoutes = [
  route({
    method: 'get',
    path: '/number-series',
    rule: READERS,
    summary: '文号的机关代字',
    work: async ({ deps }) => ok({ items: await readSeries(deps.store) }),
  }),
  route({
    method: 'put',
    path: '/number-series',
    rule: ADMINISTRATORS,
    summary: '设定文号的机关代字；已编的文号不变，监督文书的由文书规则（/instruments）决定',
    body: z.object({ items: z.array(series).min(1).max(60) }),
    async work({ deps, body }) {
      const kinds = body.items.flatMap((one, i) => one.kinds.map((kind) => ({ kind, i })));
      const twice = kinds.find(({ kind }, at) => kinds.findIndex((one) => one.kind === kind) !== at);
      if (twice) throw invalid(`/items/${twice.i}/kinds`, 'kind-twice', '同一种文书只能属于一个机关代字');
      const codes = body.items.map((one) => one.code);
      const again = codes.findIndex((code, at) => codes.indexOf(code) !== at);
      if (again >= 0) throw invalid(`/items/${again}/code`, 'code-twice', '机关代字重复');
      const { items: rows } = await readInstruments(deps.store);
      for (const [i, { code, issuer, kinds: own }] of body.items.entries())
        for (const kind of own) {
          const row = gateRowOf(rows, kind);
          if (row && (row.series !== code || row.signer !== issuer))
            throw invalid(
              `/items/${i}/code`,
              'series-of-instrument',
              `文书规则规定${row.title}的机关代字为“${row.series}”，请在文书规则中更改`,
            );
        }
      await writeSeries(deps.store.settings, body.items);
      return ok({ items: body.items });
    },
  }),
];
