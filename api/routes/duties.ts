import { z } from 'zod';
import { Refusal } from '../../domain/refusals.ts';
import type { CaseRecord } from '../../models/case.ts';
import { type Duty, dutiesOf } from '../../models/duty.ts';
import { APPROVERS, READERS } from '../access.ts';
import { Problem, notFound, problemOf } from '../problem.ts';
import { type Call, type RouteSpec, created, ok, route } from '../route.ts';
import { sentence, word } from '../shapes.ts';
import { findAccount } from './accounts.ts';
import { caseRoutes } from './cases.ts';
import { fileScoreRoutes } from './file-scores.ts';

type HandOver = Pick<Call<{ to: string; reason: string }, unknown, unknown>, 'body' | 'deps' | 'key'> &
  Call<unknown, unknown, unknown>;

/** Does what a call of the API does, with its own checks: who may handle a case or score a file is decided there. */
async function perform(
  call: HandOver,
  specs: readonly RouteSpec[],
  order: { at: string; params: Record<string, string>; body: unknown },
): Promise<void> {
  const spec = specs.find((one) => `${one.method} ${one.path}` === order.at);
  if (!spec?.find) throw new Error(`no call ${order.at}`);
  const found = await spec.find(call.deps, order.params);
  if (found === null) throw notFound();
  const { params, body } = order;
  await spec.work({ ...call, key: `${call.key}|${Object.values(params).join('/')}`, params, body, found });
}

/** One duty from one supervisor to another. */
async function give(call: HandOver, duty: Duty, from: string): Promise<void> {
  const { to, reason } = call.body;
  if (duty.kind === 'fileSheet') {
    const params = { no: duty.no, file: duty.file ?? '' };
    const body = { recused: from, reason, supervisor: to };
    return perform(call, fileScoreRoutes, {
      at: 'post /file-reviews/:no/files/:file/recusals',
      params,
      body,
    });
  }
  const found = await call.deps.store.cases.findById(duty.no).lean<CaseRecord>();
  const team = (found?.supervisors ?? []).map(({ id }) => (id === from ? to : id));
  const params = { no: duty.no };
  const body = { supervisors: [...new Set(team)] };
  return perform(call, caseRoutes, { at: 'post /cases/:no/supervisors', params, body });
}

export const dutyRoutes = [
  route({
    method: 'get',
    path: '/accounts/:id/duties',
    rule: READERS,
    summary: '一个账号名下未了的工作：承办的个案、待签署的案卷评分',
    find: findAccount,
    work: async ({ deps, found }) =>
      ok({ items: await dutiesOf(deps.store, found.supervisor === undefined ? [] : [found.supervisor]) }),
  }),
  route({
    method: 'post',
    path: '/accounts/:id/handover',
    rule: APPROVERS,
    key: 'required',
    summary: '未了的工作交给另一名监督人员；不能交的逐件说明',
    body: z.object({ to: word, reason: sentence.default('账号停用，工作交接') }),
    find: findAccount,
    async work(call) {
      const { deps, found, body } = call;
      const { supervisor: from } = found;
      if (from === undefined) return created({ handed: [], left: [] });
      if (!(await deps.store.supervisors.exists({ _id: body.to })))
        throw new Refusal('supervisor-unknown', `没有编号为 ${body.to} 的监督人员`, '/to');
      const handed: Duty[] = [];
      const left: (Duty & { code: string; detail: string })[] = [];
      for (const duty of await dutiesOf(deps.store, [from])) {
        try {
          await give(call as unknown as HandOver, duty, from);
          handed.push(duty);
        } catch (error) {
          const problem = problemOf(error);
          if (!(problem instanceof Problem) || problem.status >= 500) throw error;
          left.push({ ...duty, code: problem.code, detail: problem.message });
        }
      }
      return created({ handed, left });
    },
  }),
];
