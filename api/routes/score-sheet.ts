import { z } from 'zod';
import { sheetFaults } from '../../domain/file-review.ts';
import { CATEGORIES, type FindingCategory } from '../../domain/finding.ts';
import { Refusal } from '../../domain/refusals.ts';
import { appendEvents } from '../../models/event.ts';
import { keepScoreSheet, readScoreSheet } from '../../models/file-review.ts';
import { ADMINISTRATORS, READERS } from '../access.ts';
import { Problem, notFound } from '../problem.ts';
import { nowStamp } from '../plan-view.ts';
import { ok, route } from '../route.ts';
import { line, word } from '../shapes.ts';

const item = z.strictObject({
  id: line(16).min(1),
  text: word,
  category: z.enum(Object.keys(CATEGORIES) as [FindingCategory, ...FindingCategory[]]),
});

export const scoreSheetRoutes = [
  route({
    method: 'get',
    path: '/file-score-sheet',
    rule: READERS,
    summary: '案卷评查标准；version 为以前的版本',
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    async work({ deps, query }) {
      const sheet = await readScoreSheet(deps.store, query.version);
      if (!sheet) throw notFound();
      return ok(sheet);
    },
  }),
  route({
    method: 'put',
    path: '/file-score-sheet',
    rule: ADMINISTRATORS,
    summary: '修改案卷评查标准：成为新的版本，已经开始的评查仍用原来的版本；`version` 为所见的版本',
    body: z.object({
      version: z.int().min(1),
      vetoes: z.array(item).min(1).max(50),
      groups: z
        .array(item.extend({ points: z.number() }))
        .min(1)
        .max(50),
    }),
    async work({ deps, body, actor }) {
      const { version: seen, ...sheet } = body;
      const [fault, ...more] = sheetFaults(sheet);
      if (fault) throw new Problem(422, 'validation', { detail: fault.detail, errors: [fault, ...more] });
      const before = await readScoreSheet(deps.store);
      const [version, at] = [seen + 1, await nowStamp(deps)];
      const record = { _id: version, ...sheet, by: actor.name, at };
      if (before?.version !== seen || !(await keepScoreSheet(deps.store, record)))
        throw new Refusal('stale-version', `评查标准现在是第${before?.version ?? 0}版`, '/version');
      await appendEvents(deps.store.events, {
        owner: 'score-sheet',
        key: `score-sheet#${version}`,
        entries: [
          { at, source: 'person', what: 'score-sheet-changed', who: actor.name, detail: { version } },
        ],
      });
      return ok({ version, ...sheet });
    },
  }),
];
