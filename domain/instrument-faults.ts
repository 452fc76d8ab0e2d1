import { type Instrument, sized } from './instrument.ts';

/** One thing wrong with a set of rules, and where. */
export interface InstrumentFault {
  readonly pointer: string;
  readonly code: 'instrument-invalid';
  readonly detail: string;
}

/** What makes a set of rows one that no office could follow; none for a sound set. */
export function instrumentFaults(rows: readonly Instrument[]): readonly InstrumentFault[] {
  const kinds = new Set(rows.map((row) => row.kind));
  return rows.flatMap((row, n) => {
    const faults: InstrumentFault[] = [];
    const add = (field: string, detail: string) =>
      faults.push({ pointer: `/items/${n}/${field}`, code: 'instrument-invalid', detail });
    if (rows.findIndex((one) => one.id === row.id) !== n) add('id', `编号“${row.id}”重复`);
    if (row.facts.all.length + row.facts.any.length === 0) add('facts', '须写明以哪项事实为据');
    if (rows.find((one) => one.series === row.series)?.signer !== row.signer)
      add('series', `机关代字“${row.series}”不能分属两个机关`);
    if (row.caseStates.length === 0) add('caseStates', '须写明可以在哪个环节制发');
    for (const [i, kind] of row.after.entries())
      if (!kinds.has(kind)) add(`after/${i}`, `规则中没有“${kind}”，它无从先行送达`);
    outcomesFaults(row, add);
    for (const { field, detail } of termFaults(row)) add(field, detail);
    return faults;
  });
}

function outcomesFaults(
  { kind, outcomes, signer }: Instrument,
  add: (field: string, detail: string) => void,
) {
  if (kind !== 'decision') {
    if (outcomes !== null) add('outcomes', '只有决定书写明处理结果');
    return;
  }
  if (outcomes === null || outcomes.length === 0) add('outcomes', '决定书须列明可以作出的处理结果');
  // 《行政执法监督条例》第二十六条、第二十九条 outrank every province's own rule.
  if (signer !== 'government') add('signer', '决定书由本级人民政府制发（《行政执法监督条例》第二十九条）');
}

function termFaults({ term }: Instrument): readonly { field: string; detail: string }[] {
  if (term === null) return [];
  const own = sized(term.default);
  return (['min', 'max'] as const).flatMap((bound) => {
    const limit = term[bound];
    if (limit === undefined) return [];
    const { n, unit } = sized(limit);
    const field = `term/${bound}`;
    if (unit !== own.unit) return [{ field, detail: `须与默认期限同以${own.unit}计` }];
    const outside = bound === 'min' ? n > own.n : n < own.n;
    return outside ? [{ field, detail: '默认期限不在允许的范围内' }] : [];
  });
}
