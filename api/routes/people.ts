import { z } from 'zod';
import { type IsoDate, addDays, localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { EXPIRING_DAYS, type HolderRegister, type TrainingRule, hoursIn } from '../../domain/holder.ts';
import { standingOn } from '../../domain/supervisor.ts';
import type { CertifiedRecord } from '../../models/agency.ts';
import { appendEvents } from '../../models/event.ts';
import {
  type HolderFault,
  type ToldHolder,
  isTaken,
  readTrainingRule,
  sealIdentity,
  sortHolders,
} from '../../models/holder.ts';
import type { Actor } from '../access.ts';
import { ADMINISTRATORS, READERS, REGISTRARS } from '../access.ts';
import { changeOf } from '../changes.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { holderBody, holderChange } from '../holder-shape.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { line, page, prose } from '../shapes.ts';

interface Shown {
  readonly today: IsoDate;
  readonly rule: TrainingRule;
}

const show = (
  { _id, name, agency, post, certificate, identity, training, exams, leftOn, bars, version }: CertifiedRecord,
  { today, rule }: Shown,
) => {
  const year = Number(today.slice(0, 4));
  const hours = hoursIn(training ?? [], year);
  return {
    id: _id,
    name,
    ...(agency === undefined ? {} : { agency }),
    ...(post === undefined ? {} : { post }),
    certificate: {
      no: certificate.no,
      ...(certificate.kind === undefined ? {} : { kind: certificate.kind }),
      issued: certificate.issued,
      expires: certificate.expires,
    },
    ...(identity ? { identity: identity.shown } : {}),
    status: standingOn({ certificate, bars, leftOn }, today),
    training: training ?? [],
    trainingThisYear: { year, hours, required: rule.hours, short: hours < rule.hours },
    exams: exams ?? [],
    ...(leftOn === undefined ? {} : { leftOn }),
    bars: bars ?? [],
    version: version ?? 1,
  };
};
export type PersonShown = ReturnType<typeof show>;

const shownNow = async ({ clock, store }: Pick<ApiDeps, 'clock' | 'store'>): Promise<Shown> => ({
  today: localDate(await clock.now()),
  rule: await readTrainingRule(store),
});

export const HOLDER_STANDINGS = ['expiring', 'expired', 'barred', 'untrained', 'left'] as const;

/** People of a register as a filter of the store. */
async function filterOf(
  deps: ApiDeps,
  {
    agency,
    q,
    standing,
  }: { agency?: string | undefined; q?: string | undefined; standing?: string | undefined },
): Promise<Record<string, unknown>> {
  const { today, rule } = await shownNow(deps);
  const serving = { $or: [{ leftOn: { $exists: false } }, { leftOn: { $gt: today } }] };
  const all: Record<string, unknown>[] = [];
  if (agency !== undefined) all.push({ agency });
  if (q !== undefined) {
    const text = new RegExp(q.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), 'i');
    all.push({ $or: [{ name: text }, { 'certificate.no': text }] });
  }
  const until = addDays(today, EXPIRING_DAYS - 1);
  if (standing === 'expiring') all.push(serving, { 'certificate.expires': { $gte: today, $lte: until } });
  if (standing === 'expired') all.push(serving, { 'certificate.expires': { $lt: today } });
  if (standing === 'left') all.push({ leftOn: { $lte: today } });
  if (standing === 'barred')
    all.push({
      bars: {
        $elemMatch: {
          from: { $lte: today },
          $and: [
            { $or: [{ until: { $exists: false } }, { until: { $gte: today } }] },
            { $or: [{ endedOn: { $exists: false } }, { endedOn: { $gt: today } }] },
          ],
        },
      },
    });
  if (standing === 'untrained')
    all.push(serving, {
      training: {
        $not: { $elemMatch: { year: Number(today.slice(0, 4)), hours: { $gte: rule.hours } } },
      },
    });
  return all.length === 0 ? { _id: { $gt: '' } } : { $and: all };
}

/** A fault of the register as the body of a call has it. */
function refusedBy({ column, detail }: HolderFault, code: string): Problem {
  return invalid(column === 'identity' ? '/identity' : '/certificate/no', code, detail);
}

async function agencyThere({ store }: ApiDeps, agency: string | null | undefined): Promise<void> {
  if (typeof agency === 'string' && !(await store.agencies.exists({ _id: agency })))
    throw invalid('/agency', 'agency-unknown', `没有编号为 ${agency} 的机关`);
}

interface Noted {
  readonly what: 'holder-registered' | 'holder-changed';
  readonly actor: Actor;
  readonly version: number;
  readonly fields: string;
}

const note = async ({ store, clock }: ApiDeps, id: string, { what, actor, version, fields }: Noted) =>
  appendEvents(store.events, {
    owner: id,
    key: `register/${version}`,
    entries: [{ at: stamp(await clock.now()), source: 'person', what, who: actor.name, detail: { fields } }],
  });

async function register(
  deps: ApiDeps,
  noun: HolderRegister,
  { told, actor }: { readonly told: ToldHolder; readonly actor: Actor },
): Promise<CertifiedRecord> {
  await agencyThere(deps, told.agency);
  const { fresh, faults } = await sortHolders(deps.store, { register: noun, office: deps.office }, [told]);
  const [record] = fresh;
  const [fault] = faults;
  if (fault?.column === 'identity') throw refusedBy(fault, fault.code);
  const twice = invalid('/certificate/no', 'certificate-invalid', '该证件编号已登记');
  if (!record) throw twice;
  try {
    await deps.store[noun].create(record);
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw 'identity.hash' in ((error.keyPattern ?? {}) as object)
      ? invalid('/identity', 'identity-taken', '该身份证号已登记')
      : twice;
  }
  await note(deps, record._id, { what: 'holder-registered', actor, version: 1, fields: '' });
  return record;
}

type Change = z.infer<ReturnType<typeof holderChange>>;

async function change(
  deps: ApiDeps,
  noun: HolderRegister,
  { found, asked, actor }: { found: CertifiedRecord; asked: Change; actor: Actor },
): Promise<CertifiedRecord> {
  const { identity, ...rest } = asked;
  await agencyThere(deps, rest.agency);
  const { named, $set, $unset } = changeOf(rest);
  if (named.length === 0 && identity === undefined) throw invalid('', 'empty', '没有要修改的内容');
  const sealed = identity === undefined ? undefined : sealIdentity(deps.office, identity);
  const other =
    sealed &&
    (await deps.store[noun].exists({ _id: { $ne: found._id }, 'identity.hash': { $in: sealed.hashes } }));
  if (other) throw invalid('/identity', 'identity-taken', '该身份证号已登记在另一人名下');
  const hidden = sealed ? { identity: { hash: sealed.hash, shown: sealed.shown } } : {};
  try {
    const next = await deps.store[noun]
      .findOneAndUpdate(
        { _id: found._id, version: found.version ?? null } as never,
        { $set: { ...$set, ...hidden }, $unset, $inc: { version: 1 } },
        { returnDocument: 'after' },
      )
      .lean<CertifiedRecord>();
    if (!next) throw new Problem(412, 'stale-version');
    const fields = [...named, ...(sealed ? ['identity'] : [])].join('、');
    const version = next.version ?? 1;
    await note(deps, found._id, { what: 'holder-changed', actor, version, fields });
    return next;
  } catch (error) {
    if (isTaken(error)) throw invalid('/certificate/no', 'certificate-invalid', '该证件编号已登记');
    throw error;
  }
}

const tagged = ({ version }: CertifiedRecord) => ({ ETag: versionTag(version ?? 1) });

/** Supervisors and officers are registered alike. */
const peopleRoutes = (noun: HolderRegister, chinese: string) => [
  route({
    method: 'post',
    path: `/${noun}`,
    rule: REGISTRARS,
    summary: `登记${chinese}`,
    body: holderBody(noun),
    async work({ deps, body, actor }) {
      const record = await register(deps, noun, { told: body as ToldHolder, actor });
      const headers = { Location: `/api/v1/${noun}/${record._id}`, ...tagged(record) };
      return created(show(record, await shownNow(deps)), headers);
    },
  }),
  route({
    method: 'get',
    path: `/${noun}`,
    line: { field: 'agency' },
    rule: READERS,
    summary: `${chinese}名录`,
    query: page.extend({
      agency: z.string().max(64).optional(),
      q: line(100).optional(),
      standing: z.enum(HOLDER_STANDINGS).optional(),
    }),
    async work(call) {
      const now = await shownNow(call.deps);
      return listPage(call.deps.store[noun], call, {
        filter: await filterOf(call.deps, call.query),
        show: (row) => show(row, now),
      });
    },
  }),
  route({
    method: 'get',
    path: `/${noun}/:id`,
    line: { of: (found: CertifiedRecord) => found.agency },
    rule: READERS,
    summary: `一名${chinese}`,
    find: ({ store }, params) => store[noun].findById(params['id']).lean<CertifiedRecord>(),
    work: async ({ deps, found }) => ok(show(found, await shownNow(deps)), tagged(found)),
  }),
  route({
    method: 'patch',
    path: `/${noun}/:id`,
    rule: REGISTRARS,
    summary: `修改${chinese}：未写明的保持不变，null 为去除；暂扣等处理由责任追究记入`,
    body: holderChange(noun),
    find: ({ store }, params) => store[noun].findById(params['id']).lean<CertifiedRecord>(),
    async work({ deps, body, found, ifMatch, actor }) {
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version ?? 1)))
        throw new Problem(412, 'stale-version');
      const next = await change(deps, noun, { found, asked: body, actor });
      return ok(show(next, await shownNow(deps)), tagged(next));
    },
  }),
];

const trainingRule = z.object({ hours: z.number().min(1).max(1_000), basis: prose(500).min(1) });

export const peopleAll = [
  ...peopleRoutes('supervisors', '监督人员'),
  ...peopleRoutes('officers', '行政执法人员'),
  route({
    method: 'get',
    path: '/training-rule',
    rule: READERS,
    summary: '每人每年应参加的培训学时及其依据',
    work: async ({ deps }) => ok(await readTrainingRule(deps.store)),
  }),
  route({
    method: 'put',
    path: '/training-rule',
    rule: ADMINISTRATORS,
    summary: '规定每人每年应参加的培训学时及其依据',
    body: trainingRule,
    async work({ deps, body }) {
      await deps.store.settings.updateOne(
        { _id: 'trainingRule' },
        { $set: { value: body } },
        { upsert: true },
      );
      return ok(body);
    },
  }),
];
