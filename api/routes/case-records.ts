import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { CONCLUSIONS, RECORD_KINDS } from '../../domain/case-steps.ts';
import { checkSupervisor, checkSupervisors } from '../../domain/supervisor.ts';
import { readSupervisors } from '../../models/agency.ts';
import { type CaseEntryRecord, EVIDENCE_KINDS } from '../../models/case-entry.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { type CaseCall, bringToCase, entryId, findCase } from '../case-calls.ts';
import { showEntry } from '../case-view.ts';
import { invalid } from '../problem.ts';
import { created, ok, route } from '../route.ts';
import { date, line, prose, sentence, word } from '../shapes.ts';
import { readUpload } from '../uploads.ts';

const evidence = z.union([
  // A plain title is a document (书证).
  word.transform((title) => ({ kind: 'documentary' as const, title, sha256: undefined })),
  z.object({
    kind: z.enum(EVIDENCE_KINDS),
    title: word,
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    source: line(400).optional(),
  }),
]);

const record = z.object({
  kind: z.enum(RECORD_KINDS),
  on: date.optional(),
  place: line(200).optional(),
  /** Those who took part for the office; the case's own where none are named. */
  people: z.array(word).max(20).optional(),
  subject: line(200).optional(),
  text: prose(100_000).default(''),
  evidence: z.array(evidence).max(200).default([]),
});

const review = z.object({
  kind: z.enum(['legalReview', 'collectiveDiscussion']),
  on: date.optional(),
  people: z.array(word).max(50).default([]),
  opinion: sentence,
  conclusion: z.enum(CONCLUSIONS).optional(),
});

const meeting = z.object({
  on: date.optional(),
  /** 协作机制: legal office, supervision commission, procuratorate. */
  bodies: z.array(word).min(2).max(20),
  subject: word,
  minutes: sentence,
  resolution: sentence.optional(),
});

/** Who gathered the evidence: the case's own supervisors, fit on that day, where none are named; whoever of the register is named must be fit, too. */
async function investigators(
  { deps: { store }, found }: Pick<CaseCall, 'deps' | 'found'>,
  { asked, on: day }: { readonly asked: readonly string[] | undefined; readonly on: string },
): Promise<readonly string[]> {
  const { recused, agency } = found;
  const own = found.supervisors.map((one) => one.id);
  const register = await readSupervisors(store, asked ?? own);
  const team = { register, day, recused, agency, as: 'people' } as const;
  if (asked === undefined && own.length > 0)
    return checkSupervisors({ ...team, asked: own }).map((one) => one.name);
  for (const [n, said] of (asked ?? []).entries())
    if (register.some((one) => one.id === said || one.name === said)) checkSupervisor(team, said, n);
  return asked ?? [];
}

export const caseRecordRoutes = [
  route({
    method: 'post',
    path: '/cases/:no/investigation-records',
    rule: ORGANIZERS,
    key: 'required',
    summary: '登记调查取证（调阅案卷、询问、现场检查、暗访、鉴定）',
    body: record,
    find: findCase,
    async work(call) {
      const { deps, found, body, actor, key } = call;
      const today = localDate(await deps.clock.now());
      const on = body.on ?? today;
      if (on > today) throw invalid('/on', 'date-invalid', '日期不得晚于今天');
      for (const [i, { sha256 }] of body.evidence.entries())
        if (sha256 !== undefined && !(await deps.store.caseEntries.exists({ owner: found._id, sha256 })))
          throw invalid(`/evidence/${i}/sha256`, 'file-unknown', '本案没有这个文件，请先上传');
      const people = await investigators(call, { asked: body.people, on });
      const id = entryId('DC', key);
      const entry = { what: 'investigation' as const, ...body, on, people };
      const command = { kind: 'recordInvestigation' as const, by: actor.name, record: id, what: body.kind };
      return created(await bringToCase(call, { id, entry, command }));
    },
  }),
  route({
    method: 'get',
    path: '/cases/:no/investigation-records',
    rule: READERS,
    summary: '调查取证记录',
    find: findCase,
    async work({ deps, found }) {
      const rows = await deps.store.caseEntries
        .find({ owner: found._id, what: 'investigation' })
        .sort({ at: 1, _id: 1 })
        .lean<CaseEntryRecord[]>();
      return ok({ items: rows.map(showEntry), next: null, total: rows.length });
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/files',
    rule: ORGANIZERS,
    summary: '上传案卷文件（multipart，字段 files），以 SHA-256 留存',
    find: findCase,
    async work({ deps, found, req, res, actor }) {
      const files = await readUpload(deps, req, res);
      if (files.length === 0) throw invalid('/files', 'missing', '请上传 files');
      const at = stamp(await deps.clock.now());
      const rows = files.map((file) => ({
        _id: `WJ-${file.sha256.slice(0, 12)}-${found._id}`,
        owner: found._id,
        what: 'file' as const,
        by: actor.name,
        at,
        ...file,
      }));
      for (const row of rows)
        await deps.store.caseEntries.updateOne({ _id: row._id }, { $setOnInsert: row }, { upsert: true });
      return created({ files: files.map(({ name, size, sha256 }) => ({ name, size, sha256 })) });
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/review',
    rule: STAFF,
    key: 'required',
    summary: '法制审核、集体讨论',
    body: review,
    find: findCase,
    async work(call) {
      const { body, actor, key, deps } = call;
      const id = entryId('SH', key);
      const on = body.on ?? localDate(await deps.clock.now());
      const { conclusion } = body;
      const command = {
        kind: 'review' as const,
        by: actor.name,
        review: id,
        what: body.kind,
        ...(conclusion === undefined ? {} : { conclusion }),
      };
      return created(await bringToCase(call, { id, entry: { what: 'review', ...body, on }, command }));
    },
  }),
  route({
    method: 'post',
    path: '/cases/:no/joint-meetings',
    rule: STAFF,
    key: 'required',
    summary: '登记协作会议（司法行政、监察、检察）',
    body: meeting,
    find: findCase,
    async work(call) {
      const { body, actor, key, deps } = call;
      const id = entryId('HS', key);
      const on = body.on ?? localDate(await deps.clock.now());
      const command = { kind: 'note' as const, by: actor.name, what: 'jointMeeting' as const, about: id };
      return created(await bringToCase(call, { id, entry: { what: 'jointMeeting', ...body, on }, command }));
    },
  }),
];
