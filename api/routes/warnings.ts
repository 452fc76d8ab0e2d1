import { z } from 'zod';
import { stamp } from '../../domain/clock.ts';
import { WARNING_STATES } from '../../domain/warning.ts';
import type { ActRecord } from '../../models/act.ts';
import { storeClues } from '../../models/clue-intake.ts';
import { type FindingRecord, recordFindings } from '../../models/finding.ts';
import {
  type WarningDecision,
  type WarningRecord,
  type WarningRuleRecord,
  decideWarning,
  noteClue,
  noteRuleChange,
  ruleOf,
} from '../../models/warning.ts';
import { ADMINISTRATORS, type Actor, ORGANIZERS, READERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { Problem, parse } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { page, prose, sentence } from '../shapes.ts';
import { RULE_PARAMS, ruleChange } from '../warning-rule-shape.ts';
import { showAct } from './acts.ts';

const showWarning = ({ _id, unit: _unit, ...rest }: WarningRecord) => ({ id: _id, ...rest });

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.warnings.findById(params['id']).lean<WarningRecord>();

const decided = async (
  { deps, actor }: { readonly deps: ApiDeps; readonly actor: Actor },
  said: Pick<WarningDecision, 'state' | 'reason' | 'no'>,
): Promise<WarningDecision> => ({ ...said, by: actor.name, at: stamp(await deps.clock.now()) });

/** A warning with the acts it names and the rule as it stands now. */
async function whole({ store }: ApiDeps, found: WarningRecord) {
  const acts = await store.acts.find({ _id: { $in: found.acts } }).lean<ActRecord[]>();
  const rule = await store.warningRules.findById(found.rule).lean<WarningRuleRecord>();
  return { ...showWarning(found), acts: acts.map(showAct), ruleNow: rule ? ruleOf(rule) : null };
}

const findingBody = z.object({
  severity: z.enum(['minor', 'ordinary', 'major']).default('ordinary'),
  description: prose(4_000).min(1).optional(),
});

export const warningRoutes = [
  route({
    method: 'get',
    path: '/warnings',
    rule: READERS,
    summary: '预警',
    query: page.extend({
      rule: z.string().max(64).optional(),
      agency: z.string().max(64).optional(),
      state: z.enum(WARNING_STATES).optional(),
    }),
    async work(call) {
      const { rule, agency, state } = call.query;
      const filter = {
        ...(rule === undefined ? {} : { rule }),
        ...(agency === undefined ? {} : { agencies: agency }),
        ...(state === undefined ? {} : { state }),
      };
      const some = Object.keys(filter).length === 0 ? { _id: { $gt: '' } } : filter;
      return listPage(call.deps.store.warnings, call, { filter: some, show: showWarning, order: -1 });
    },
  }),
  route({
    method: 'get',
    path: '/warnings/:id',
    rule: READERS,
    summary: '一条预警及其依据的行政执法行为',
    find,
    work: async ({ deps, found }) => ok(await whole(deps, found)),
  }),
  route({
    method: 'post',
    path: '/warnings/:id/dismissal',
    rule: ORGANIZERS,
    summary: '排除预警并说明理由',
    find,
    body: z.object({ reason: sentence }),
    async work(call) {
      const decision = await decided(call, { state: 'dismissed', reason: call.body.reason });
      return created(showWarning(await decideWarning(call.deps.store, call.found, decision)));
    },
  }),
  route({
    method: 'post',
    path: '/warnings/:id/finding',
    rule: ORGANIZERS,
    summary: '将预警列入问题台账',
    find,
    body: findingBody,
    async work(call) {
      const { deps, found, body } = call;
      const no = `${found._id}-01`;
      const decision = await decided(call, { state: 'finding', no });
      const next = await decideWarning(deps.store, found, decision);
      await keepFinding(deps, next, { ...body, no, on: decision.at.slice(0, 10) });
      return created({ ...showWarning(next), finding: no });
    },
  }),
  route({
    method: 'post',
    path: '/warnings/:id/clue',
    rule: ORGANIZERS,
    summary: '将预警转为线索',
    find,
    body: z.object({ summary: sentence.optional() }),
    async work(call) {
      const next = await decideWarning(call.deps.store, call.found, await decided(call, { state: 'clue' }));
      const no = await clueOf(call, next);
      return created({
        ...showWarning({ ...next, decision: { ...next.decision, no } as WarningDecision }),
        no,
      });
    },
  }),
  route({
    method: 'get',
    path: '/warning-rules',
    rule: READERS,
    summary: '预警规则',
    query: page,
    work: async (call) =>
      listPage(call.deps.store.warningRules, call, { filter: {}, show: (record) => ruleOf(record) }),
  }),
  route({
    method: 'get',
    path: '/warning-rules/:id',
    rule: READERS,
    summary: '一条预警规则',
    find: ({ store }, params) => store.warningRules.findById(params['id']).lean<WarningRuleRecord>(),
    work: async ({ found }) => ok(ruleOf(found), { ETag: versionTag(found.version) }),
  }),
  route({
    method: 'put',
    path: '/warning-rules/:id',
    rule: ADMINISTRATORS,
    summary: '修改预警规则；修改后对全部行为重新计算',
    find: ({ store }, params) => store.warningRules.findById(params['id']).lean<WarningRuleRecord>(),
    body: ruleChange,
    async work({ deps, found, body, ifMatch, actor, lang }) {
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version)))
        throw new Problem(412, 'stale-version');
      const { enabled = found.enabled, title = found.title, basis = found.basis } = body;
      const shape = z.object({ params: RULE_PARAMS[found.kind] as z.ZodType<WarningRuleRecord['params']> });
      const { params } = parse(shape, { params: body.params ?? found.params }, lang);
      const change = { enabled, title, basis, params };
      const at = stamp(await deps.clock.now());
      const next = await noteRuleChange(deps.store, found, { change, by: actor.name, at });
      return ok(ruleOf(next), { ETag: versionTag(next.version) });
    },
  }),
];

/** The clue that a warning becomes: one, however often it is asked for. */
async function clueOf(
  { deps, actor, body }: { deps: ApiDeps; actor: Actor; body: { summary?: string | undefined } },
  warning: WarningRecord,
): Promise<string> {
  const rule = await deps.store.warningRules.findById(warning.rule).lean<WarningRuleRecord>();
  const acts = warning.acts.length === 0 ? '' : `（行为 ${warning.acts.slice(0, 10).join('、')}）`;
  const [stored] = await storeClues(deps, [
    {
      channel: 'warning',
      door: 'staff',
      origin: `warning:${warning._id}`,
      source: warning._id,
      agency: warning.agency,
      actType: rule?.title ?? warning.rule,
      summary: body.summary ?? `${rule?.title ?? warning.rule}：${warning.detail}${acts}`,
      receivedAt: stamp(await deps.clock.now()),
      by: actor.name,
    },
  ]);
  const no = stored?.record._id ?? '';
  await noteClue(deps.store, warning._id, no);
  return no;
}

/** A row of the ledger; made again where the first try broke off. */
async function keepFinding(
  { store }: ApiDeps,
  warning: WarningRecord,
  { no, on, severity, description }: z.infer<typeof findingBody> & { no: string; on: string },
): Promise<void> {
  const rule = await store.warningRules.findById(warning.rule).lean<WarningRuleRecord>();
  const finding: FindingRecord = {
    _id: no,
    owner: warning._id,
    mode: 'daily',
    agency: warning.agency,
    item: rule?.check ?? warning.rule,
    category: rule?.category,
    severity,
    description: description ?? `${rule?.title ?? warning.rule}：${warning.detail}`,
    source: 'warning',
    foundOn: on,
    state: 'found',
  };
  await recordFindings(store, [finding]);
}
