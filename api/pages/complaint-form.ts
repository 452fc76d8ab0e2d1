import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { reachOf } from '../../domain/identity.ts';
import { hashToken, isToken, normaliseToken } from '../../mail/addresses.ts';
import { queryCode } from '../../mail/complaint.ts';
import type { ClueRecord } from '../../models/clue.ts';
import { storeClues } from '../../models/clue-intake.ts';
import { vaultOf } from '../../models/complainant.ts';
import { orderNotices } from '../../models/complainant-notice.ts';
import { removeFile } from '../../models/files.ts';
import { type SocialSupervisorRecord, countClue, servingSupervisor } from '../../models/social-supervisor.ts';
import type { StoredFile } from '../../models/submission.ts';
import { checkReadable } from '../body.ts';
import type { ApiDeps } from '../deps.ts';
import { limitGuess } from '../limits.ts';
import type { Patience } from '../patience.ts';
import { fieldErrors, invalid, parse, problemOf } from '../problem.ts';
import { answerText, line } from '../shapes.ts';
import { readUpload } from '../uploads.ts';
import { renderPage } from './render.ts';
import { officeOf } from './task-pages.ts';
import { SAID_ON_THE_FORM, wantsJson } from './task-visit.ts';
import type { ComplaintsPageView } from './views.ts';

const FILE_MB = 20;
/** Milliseconds: nobody reads and fills this form faster, and nobody leaves it open longer. */
const FASTEST = 2_000;
const LONGEST = 24 * 3_600_000;
const ACT_TYPES = ['penalty', 'licence', 'coercion', 'levy', 'fee', 'inspection'] as const;

const empty = (value: unknown): unknown => (value === '' ? undefined : value);
const optional = <T extends z.ZodType>(shape: T) => z.preprocess(empty, shape.optional());

export const COMPLAINT_SHAPE = z.object({
  summary: answerText.pipe(z.string().max(20_000)),
  agency: optional(line(64)),
  actType: optional(z.enum(ACT_TYPES)),
  name: optional(line(100)),
  contact: optional(
    line(120).refine((text) => reachOf(text) !== 'none', { params: { code: 'contact-invalid' } }),
  ),
  confidential: z.preprocess((value) => value === 'yes' || value === true, z.boolean()),
  /** The code of a social supervisor. */
  supervisorCode: optional(line(60)),
  opened: z.string().max(200).default(''),
  website: z.string().max(1_000).default(''),
});

/** One request to the public form. */
export interface PublicVisit {
  readonly deps: ApiDeps;
  readonly req: Request;
  readonly res: Response;
  readonly lang: 'zh' | 'en';
  readonly patience: Patience;
}

const signed = ({ office }: ApiDeps, words: string): string =>
  createHmac('sha256', office.linkKey).update(`form ${words}`).digest('hex').slice(0, 32);

/** When a form was opened, and a number used once, under our signature. */
function openedNow(deps: ApiDeps): string {
  const words = `${Date.now()}.${randomBytes(16).toString('hex')}`;
  return `${words}.${signed(deps, words)}`;
}

/** Milliseconds since a form was opened; undefined where we never opened it. */
function openedFor(deps: ApiDeps, opened: string): number | undefined {
  const [at = '', once = '', signature = ''] = opened.split('.');
  const right = Buffer.from(signed(deps, `${at}.${once}`));
  const given = Buffer.from(signature);
  return right.length === given.length && timingSafeEqual(right, given) ? Date.now() - Number(at) : undefined;
}

export async function complaintForm(
  { deps, lang }: Pick<PublicVisit, 'deps' | 'lang'>,
  failed?: Pick<ComplaintsPageView, 'errors' | 'values'>,
): Promise<string> {
  const agencies = await deps.store.agencies.find({}, { name: 1 }).sort({ kind: 1, name: 1 }).lean();
  return renderPage('complaints', {
    lang,
    path: '/complaints',
    agencies: agencies.map(({ _id, name }) => ({ id: _id, name })),
    actTypes: ACT_TYPES,
    opened: openedNow(deps),
    limits: { fileMb: FILE_MB },
    office: officeOf(deps),
    ...failed,
  });
}

/** Takes a complaint in: its source is slowed and then refused before anything of it is read, and what looks like a machine's is asked for again and weighs more. */
export async function takeComplaint(visit: PublicVisit): Promise<void> {
  const { deps, req, res, lang, patience } = visit;
  await patience.ask(req.ip ?? '');
  let files: StoredFile[] = [];
  try {
    files = await readUpload({ ...deps, fileMb: FILE_MB, vault: vaultOf(deps.office) }, req, res);
    checkReadable(res);
    const said = parse(COMPLAINT_SHAPE, req.body ?? {}, lang);
    await asPerson(visit, said);
    await received(visit, said, files);
  } catch (error) {
    await Promise.all(files.map((file) => removeFile(deps.store, file).catch(() => undefined)));
    await comesBack(visit, error);
  }
}

type Complaint = z.infer<typeof COMPLAINT_SHAPE>;

async function asPerson({ deps, req, patience }: PublicVisit, { website, opened }: Complaint): Promise<void> {
  const age = openedFor(deps, opened);
  if (website === '' && age !== undefined && age >= FASTEST && age <= LONGEST) return;
  await patience.ask(req.ip ?? '', 2);
  throw invalid('/summary', 'form-again', '提交没有成功：请核对内容后再提交一次');
}

async function received(
  { deps, req, res, lang }: PublicVisit,
  said: Complaint,
  files: StoredFile[],
): Promise<void> {
  const { summary, agency, actType, name, contact, confidential } = said;
  const receivedAt = stamp(await deps.clock.now());
  const social = await socialOf(deps, said, req.ip ?? '');
  const who = social
    ? { name: name ?? social.name, contact: contact ?? social.email ?? social.phone, confidential: true }
    : { name, contact, confidential };
  const known = agency === undefined ? null : await deps.store.agencies.exists({ _id: agency });
  if (agency !== undefined && !known) throw invalid('/agency', 'agency-unknown', '没有这个机关');
  const content = JSON.stringify([said, files.map((file) => file.sha256)]);
  const origin = `form:${createHash('sha256').update(content).digest('hex')}`;
  const [stored] = await storeClues(deps, [
    {
      channel: social ? 'socialSupervisor' : 'complaint',
      door: 'form',
      origin,
      summary,
      agency,
      actType,
      ...(who.name === undefined && who.contact === undefined ? {} : { complainant: who }),
      lang,
      files,
      receivedAt,
      code: hashToken(queryCode(deps.office, origin)),
      by: '投诉人',
    },
  ]);
  if (!stored) throw new Error('a complaint was not stored');
  const { record, again } = stored;
  if (social && !again) await countClue(deps.store, social._id, localDate(receivedAt));
  if (again) await Promise.all(files.map((file) => removeFile(deps.store, file).catch(() => undefined)));
  await orderNotices(deps.store, record._id, {
    step: 'received',
    facts: record.deadlines.register ? { by: record.deadlines.register.at } : {},
    at: record.receivedAt,
  });
  answer({ deps, req, res, lang }, record);
}

/** The social supervisor whose code was given; a wrong one counts as a guess. */
async function socialOf(
  deps: ApiDeps,
  { supervisorCode }: Complaint,
  ip: string,
): Promise<SocialSupervisorRecord | undefined> {
  if (supervisorCode === undefined) return undefined;
  const code = normaliseToken(supervisorCode);
  const today = localDate(await deps.clock.now());
  const known = isToken(code)
    ? await servingSupervisor(deps.store, { codeHash: hashToken(code) }, today)
    : undefined;
  if (known) return known;
  await limitGuess(ip);
  throw invalid('/supervisorCode', 'code-unknown', '没有这个监督员码，或者聘期已过');
}

function answer({ deps, req, res, lang }: Omit<PublicVisit, 'patience'>, clue: ClueRecord): void {
  const code = queryCode(deps.office, clue.origin);
  res.status(201);
  if (wantsJson(req)) {
    res.type('json').end(JSON.stringify({ no: clue._id, receivedAt: clue.receivedAt, code }));
    return;
  }
  res.type('html').send(
    renderPage('complaint-receipt', {
      lang,
      path: '/complaints',
      no: clue._id,
      receivedAt: clue.receivedAt,
      by: clue.deadlines.register?.at ?? '',
      code: code.replaceAll(/.{4}(?=.)/g, '$& '),
      files: clue.files.map(({ name, size }) => ({ name, size })),
      office: officeOf(deps),
    }),
  );
}

/** A form that cannot be taken comes back filled in, with its faults. */
async function comesBack(visit: PublicVisit, error: unknown): Promise<void> {
  const { req, res, lang } = visit;
  const problem = problemOf(error);
  if (!problem || !SAID_ON_THE_FORM.includes(problem.status) || problem.errors.length === 0 || wantsJson(req))
    throw error;
  const body = (req.body ?? {}) as Readonly<Record<string, unknown>>;
  const fields = Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const errors = fieldErrors(problem, lang).map(({ pointer, detail }) => ({
    form: 'complaint' as const,
    field: pointer.split('/')[1] || 'summary',
    sentence: detail,
  }));
  const page = await complaintForm(visit, { errors, values: { form: 'complaint', fields, items: {} } });
  res.status(problem.status).type('html').send(page);
}
