import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type IsoDate, localDate } from '../../domain/calendar.ts';
import { appointmentOn } from '../../domain/social-supervisor.ts';
import { hashToken, linkToken } from '../../mail/addresses.ts';
import { isTaken } from '../../models/holder.ts';
import { nextNumber } from '../../models/setting.ts';
import type { SocialSupervisorRecord } from '../../models/social-supervisor.ts';
import { READERS, STAFF } from '../access.ts';
import { changeOf } from '../changes.ts';
import type { ApiDeps } from '../deps.ts';
import { matches, versionTag } from '../etag.ts';
import { listPage } from '../lists.ts';
import { Problem, invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { date, email, line, page, prose, word } from '../shapes.ts';

const fields = z.object({
  name: word,
  employer: line(200).min(1).optional(),
  phone: line(60).min(1).optional(),
  email: email.transform((text) => text.toLowerCase()).optional(),
  duties: prose(2_000).min(1),
  document: line(120).min(1).optional(),
  from: date,
  until: date,
});
const ordered = { path: ['until'], params: { code: 'dates-reversed' } };
const body = fields.refine((one) => one.until >= one.from, ordered);
/** What is not named stays, null takes away. */
const change = fields.partial().extend({
  employer: fields.shape.employer.nullable(),
  phone: fields.shape.phone.nullable(),
  email: fields.shape.email.nullable(),
  document: fields.shape.document.nullable(),
  endedOn: date.nullable().optional(),
});

/** Invariant: no code and no clue is shown, only how many there were. */
const show = ({ _id, codeHash: _code, ...rest }: SocialSupervisorRecord, today: IsoDate) => ({
  id: _id,
  ...rest,
  state: appointmentOn(rest, today),
});
export type SocialSupervisorShown = ReturnType<typeof show>;

const todayOf = async ({ clock }: ApiDeps): Promise<IsoDate> => localDate(await clock.now());

/** A code that only its holder has; ours is its hash. */
const newCode = ({ office }: ApiDeps): string => linkToken(office.linkKey, ['social', randomUUID()]);
const spoken = (code: string): string => code.replaceAll(/.{4}(?=.)/g, '$& ');

const find = ({ store }: ApiDeps, params: Readonly<Record<string, string>>) =>
  store.socialSupervisors.findById(params['id']).lean<SocialSupervisorRecord>();

const twice = (): Problem => invalid('/email', 'email-taken', '该邮箱已登记在另一名社会监督员名下');

export const socialSupervisorRoutes = [
  route({
    method: 'post',
    path: '/social-supervisors',
    rule: STAFF,
    summary: '聘任社会监督员；监督员码只显示这一次',
    shownOnce: true,
    body,
    async work({ deps, body: asked }) {
      const { store } = deps;
      const today = await todayOf(deps);
      const year = today.slice(0, 4);
      const no = await nextNumber(store.sequences, `SJ-${year}`);
      const code = newCode(deps);
      const record: SocialSupervisorRecord = {
        _id: `SJ-${year}-${String(no).padStart(4, '0')}`,
        ...asked,
        codeHash: hashToken(code),
        clues: 0,
        version: 1,
      };
      try {
        await store.socialSupervisors.create(record);
      } catch (error) {
        if (isTaken(error)) throw twice();
        throw error;
      }
      const headers = { Location: `/api/v1/social-supervisors/${record._id}` };
      return created({ ...show(record, today), code: spoken(code) }, headers);
    },
  }),
  route({
    method: 'get',
    path: '/social-supervisors',
    rule: READERS,
    summary: '社会监督员',
    query: page.extend({ serving: z.enum(['true']).optional() }),
    async work(call) {
      const today = await todayOf(call.deps);
      const serving = {
        from: { $lte: today },
        until: { $gte: today },
        $or: [{ endedOn: { $exists: false } }, { endedOn: { $gt: today } }],
      };
      return listPage(call.deps.store.socialSupervisors, call, {
        filter: call.query.serving === undefined ? {} : serving,
        show: (row) => show(row, today),
      });
    },
  }),
  route({
    method: 'get',
    path: '/social-supervisors/:id',
    rule: READERS,
    summary: '一名社会监督员',
    find,
    work: async ({ deps, found }) =>
      ok(show(found, await todayOf(deps)), { ETag: versionTag(found.version) }),
  }),
  route({
    method: 'patch',
    path: '/social-supervisors/:id',
    rule: STAFF,
    summary: '修改社会监督员，或者解聘（endedOn）',
    body: change,
    find,
    async work({ deps, body: asked, found, ifMatch }) {
      if (ifMatch !== '' && !matches(ifMatch, versionTag(found.version)))
        throw new Problem(412, 'stale-version');
      const { named, $set, $unset } = changeOf(asked);
      if (named.length === 0) throw invalid('', 'empty', '没有要修改的内容');
      const next = { ...found, ...$set };
      if (next.until < next.from) throw invalid('/until', 'dates-reversed', '后一日期早于前一日期');
      return ok(await changed(deps, found, { $set, $unset }));
    },
  }),
  route({
    method: 'post',
    path: '/social-supervisors/:id/code',
    rule: STAFF,
    summary: '换发监督员码：旧码即时失效，新码只显示这一次',
    shownOnce: true,
    find,
    async work({ deps, found }) {
      const code = newCode(deps);
      const shown = await changed(deps, found, { $set: { codeHash: hashToken(code) } });
      return created({ ...shown, code: spoken(code) });
    },
  }),
];

async function changed(
  deps: ApiDeps,
  found: SocialSupervisorRecord,
  change: {
    readonly $set: Readonly<Record<string, unknown>>;
    readonly $unset?: Readonly<Record<string, number>>;
  },
): Promise<SocialSupervisorShown> {
  try {
    const next = await deps.store.socialSupervisors
      .findOneAndUpdate(
        { _id: found._id, version: found.version },
        { ...change, $inc: { version: 1 } },
        { returnDocument: 'after' },
      )
      .lean<SocialSupervisorRecord>();
    if (!next) throw new Problem(412, 'stale-version');
    return show(next, await todayOf(deps));
  } catch (error) {
    if (isTaken(error)) throw twice();
    throw error;
  }
}
