import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { CASE_STAGES, CASE_STATES } from '../../domain/case.ts';
import { checkSupervisors } from '../../domain/supervisor.ts';
import { readSupervisors } from '../../models/agency.ts';
import { APPROVERS, READERS, STAFF } from '../access.ts';
import { type CaseCall, findCase, toldCase } from '../case-calls.ts';
import { blockerOf } from '../case-blockers.ts';
import { caseFile } from '../case-file.ts';
import { answerOf, beginMaking } from '../operations.ts';
import { madeAnswer } from './operations.ts';
import { caseBrief, showCase } from '../case-view.ts';
import { versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { byNumber, nameless } from '../nameless.ts';
import { created, ok, route } from '../route.ts';
import { line, page, sentence, several, word } from '../shapes.ts';
import { caseBesideRoutes } from './case-beside.ts';
import { caseClosingRoutes } from './case-closing.ts';
import { caseDocumentRoutes } from './case-documents.ts';
import { caseRecordRoutes } from './case-records.ts';

const people = z.array(word).max(20);

/** Those named, as the register knows them: two at the least, each with a valid certificate, none recused, none of the agency itself. */
async function handlers({ deps, found }: Pick<CaseCall, 'deps' | 'found'>, asked: readonly string[]) {
  const register = await readSupervisors(deps.store, asked);
  const day = localDate(await deps.clock.now());
  const { recused, agency } = found;
  return checkSupervisors({ asked, register, day, recused, agency, as: 'supervisors' }).map((one) => one.id);
}

export const caseRoutes = nameless(
  [
    route({
      method: 'get',
      path: '/cases',
      rule: READERS,
      summary: '个案列表',
      query: page.extend({
        state: several(CASE_STATES).optional(),
        stage: several(CASE_STAGES).optional(),
        agency: line(64).optional(),
      }),
      async work(call) {
        const { state, stage, agency } = call.query;
        const filter = {
          ...(state ? { state: { $in: state } } : {}),
          ...(stage ? { stage: { $in: stage } } : {}),
          ...(agency === undefined ? {} : { agency }),
        };
        return listPage(call.deps.store.cases, call, { filter, show: caseBrief, order: -1 });
      },
    }),
    route({
      method: 'get',
      path: '/cases/:no',
      rule: READERS,
      summary: '一件个案',
      find: findCase,
      work: async ({ deps, found }) => ok(await showCase(deps, found), { ETag: versionTag(found.version) }),
    }),
    route({
      method: 'get',
      path: '/cases/:no/file',
      rule: READERS,
      summary: '案卷（ZIP）',
      find: findCase,
      async work({ deps, found, res }) {
        const zip = await caseFile(deps, found);
        res
          .attachment(`案卷 ${found._id}.zip`)
          .set({ 'Content-Type': 'application/zip', 'Cache-Control': 'private, no-store' });
        await pipeline(zip, res);
        return undefined;
      },
    }),
    route({
      method: 'post',
      path: '/cases/:no/file',
      rule: STAFF,
      summary: '在后台装订案卷：进度在 /operations/{id} 查看，装好后从那里下载',
      find: findCase,
      async work({ deps, found, actor, req, res }) {
        const name = `案卷 ${found._id}.zip`;
        const order = {
          kind: 'archive',
          about: `案卷 ${found._id}`,
          name,
          type: 'application/zip',
          actor,
        } as const;
        const begun = beginMaking(deps, order, (tell) => caseFile(deps, found, tell));
        return answerOf({ req, res }, begun, madeAnswer);
      },
    }),
    route({
      method: 'get',
      path: '/cases/:no/blockers',
      rule: READERS,
      summary: '卡点：为什么在等',
      find: findCase,
      work: async ({ deps, found, lang }) => ok(await blockerOf(deps, found, lang)),
    }),
    route({
      method: 'post',
      path: '/cases/:no/filing',
      rule: APPROVERS,
      key: 'required',
      summary: '立案审批',
      body: z.discriminatedUnion('approved', [
        z.object({ approved: z.literal(true), supervisors: people }),
        z.object({ approved: z.literal(false), reason: sentence }),
      ]),
      find: findCase,
      async work(call) {
        const { body, actor } = call;
        const by = actor.name;
        if (!body.approved) return created(await toldCase(call, { kind: 'file', by, ...body }));
        const supervisors = await handlers(call, body.supervisors);
        return created(await toldCase(call, { kind: 'file', by, approved: true, supervisors }));
      },
    }),
    route({
      method: 'post',
      path: '/cases/:no/supervisors',
      rule: APPROVERS,
      key: 'required',
      summary: '更换办案监督人员',
      body: z.object({ supervisors: people }),
      find: findCase,
      async work(call) {
        const supervisors = await handlers(call, call.body.supervisors);
        return created(await toldCase(call, { kind: 'assign', by: call.actor.name, supervisors }));
      },
    }),
    route({
      method: 'post',
      path: '/cases/:no/extension',
      rule: APPROVERS,
      key: 'required',
      summary: '延长办理期限（一次，三十日）',
      body: z.object({ reason: sentence }),
      find: findCase,
      work: async (call) =>
        created(await toldCase(call, { kind: 'extend', by: call.actor.name, reason: call.body.reason })),
    }),
    ...caseRecordRoutes,
    ...caseBesideRoutes,
    ...caseDocumentRoutes,
    ...caseClosingRoutes,
  ],
  byNumber,
);
