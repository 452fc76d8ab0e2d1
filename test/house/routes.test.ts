import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../api/app.ts';
import { READERS } from '../../api/access.ts';
import { openapi } from '../../api/openapi.ts';
import { STATUS_OF_REFUSAL } from '../../api/problem.ts';
import { TITLES, FAULTS } from '../../api/problem-titles.ts';
import { mounted } from '../support/mounted.ts';

const root = path.join(import.meta.dirname, '..', '..');

const filesOf = (folder: string, ending = '.ts'): { name: string; text: string }[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => ({
      name: `${folder}/${name}`,
      text: readFileSync(path.join(root, folder, name), 'utf8'),
    }));

describe('the routes', () => {
  it('Each names its rule, its summary, and who may call it; what changes something is not for auditors', () => {
    for (const { method, path: where, rule, summary } of ROUTES) {
      const said = `${method} ${where}`;
      expect(rule.length, said).toBeGreaterThan(0);
      expect(
        rule.every((role) => READERS.includes(role)),
        said,
      ).toBe(true);
      expect(summary, said).toMatch(/./);
      expect(rule.includes('auditor'), said).toBe(method === 'get');
    }
    const calls = ROUTES.map(({ method, path: where }) => `${method} ${where.replaceAll(/:\w+/g, ':')}`);
    expect(new Set(calls).size).toBe(calls.length);
  });

  it('What starts or mails needs a key; what is reviewed needs the version that was seen', () => {
    const needing = ROUTES.filter((spec) => spec.key).map(({ path: where }) => where);
    expect(needing).toEqual(
      expect.arrayContaining([
        '/campaigns',
        '/campaigns/:no/launch',
        '/campaigns/:no/cancel',
        '/campaigns/:no/phases/:phase/close',
        '/campaigns/:no/nudges',
        '/campaigns/:no/inspections',
        '/tasks/:no/answers',
        '/tasks/:no/reviews',
        '/tasks/:no/extensions',
        '/tasks/:no/extensions/:id/decision',
        '/tasks/:no/delegations',
        '/documents/:id/service',
      ]),
    );
    expect(ROUTES.filter((spec) => spec.ifMatch).map((spec) => spec.path)).toEqual(['/tasks/:no/reviews']);
  });

  it('What answers without an account is the checked-in list and nothing else', () => {
    const listed = readFileSync(path.join(root, 'test/house/public-urls.txt'), 'utf8').trim().split('\n');
    const rest = mounted().filter((one) => !/^\S+ \/(api\/v1|console)(\/|$)/.test(one));
    expect(rest).toEqual(listed.filter((one) => !one.startsWith('#')));
  });

  it('The OpenAPI document has every path and method that is mounted, and no other', () => {
    const { paths, openapi: version } = openapi(ROUTES, 'http://localhost') as {
      openapi: string;
      paths: Record<string, Record<string, { operationId?: string }>>;
    };
    expect(version).toBe('3.1.0');
    const described = Object.entries(paths).flatMap(([where, methods]) =>
      Object.keys(methods)
        .filter((one) => one !== 'servers')
        .map((method) => `${method.toUpperCase()} ${methods['servers'] ? '' : '/api/v1'}${where}`),
    );
    const there = mounted()
      .filter((one) => !/ \/(console|docs|public)(\/|$)| \/(openapi\.json)?$/.test(one))
      .map((one) => one.replaceAll(/:(\w+)/g, '{$1}'));
    expect(described.sort()).toEqual(there.sort());
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).flatMap((one) => one.operationId ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the refusals', () => {
  it('Every code has a status, a title in both languages, and a place that throws it', () => {
    const sources = ['domain', 'documents', 'api', 'models', 'activities', 'workflows'].flatMap((folder) =>
      filesOf(folder),
    );
    const said = sources
      .filter(({ name }) => !/refusals\.ts|problem(-titles)?\.ts$/.test(name))
      .map(({ text }) => text)
      .join('\n');
    const own = readFileSync(path.join(root, 'api/problem.ts'), 'utf8');
    for (const [code, { zh, en }] of Object.entries(TITLES)) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).not.toMatch(/\p{Script=Han}/u);
      if (!(code in STATUS_OF_REFUSAL)) continue;
      expect(
        said.includes(`'${code}'`) || own.split(`'${code}'`).length > 2,
        `${code} is thrown nowhere`,
      ).toBe(true);
    }
    for (const { zh, en } of Object.values(FAULTS)) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('Every code is met in a test', () => {
    const tests = filesOf('test')
      .filter(({ name }) => name !== 'test/house/routes.test.ts')
      .map(({ text }) => text)
      .join('\n');
    const unmet = Object.keys(STATUS_OF_REFUSAL).filter((code) => !tests.includes(`'${code}'`));
    expect(unmet).toEqual([]);
  });
});

/** What the API writes by itself: what people brought, before a workflow is asked (design.md, house.md law 1). */
const WRITES: Readonly<Record<string, string>> = {
  accountabilities: 'a recommendation that a person makes, before its workflow starts',
  accounts: 'sign-ins, and the accounts that administrators keep',
  agencies: 'the roster',
  appraisals: 'answers to objections, and the signature that makes a result final',
  calendars: 'a holiday notice that a person imports',
  campaigns: 'drafts: a plan before its launch',
  checklists:
    'what the office asks and asked before, and the list of a campaign that a person drafts from a case',
  clues: 'what people brought, and what a person decides of a clue',
  complainantNotices: 'that a person told a complainant by telephone',
  caseEntries: 'what people brought to a case: records, reviews, meetings, requests, files',
  cases: 'a case as its clue opened it, before its workflow starts',
  documents: 'drafts, and their signature by a person',
  documentTemplates: "an office's own wording",
  mailTemplates: "an office's own wording",
  fileDraws: 'the draw that a person orders, before the workflow of its review starts',
  fileReviews: 'a review as a person orders it, answers to disputes, the signature that makes it final',
  findings: 'what an inspection brought, and what a look-back on files saw',
  incoming: 'what a person decides of a held mail',
  inspections: 'what an inspection brought',
  keys: 'first answers to Idempotency-Keys',
  operations: 'how far something long is that a person began, and that they cancelled it',
  officers: 'the roster',
  outages: 'a person’s refusal of what an outage proposes',
  plans: 'drafts of a year, and amendments that wait for approval',
  registerEntries: 'what is registered of an agency beside its people',
  socialSupervisors: 'appointments of social supervisors, and their codes',
  reviewedFiles: 'sheets that reviewers sign, and who reviews',
  scoreSheets: 'what the office scores files by',
  sequences: 'numbers',
  session: 'who is signed in',
  settings:
    "the demo's tickets, the code of the first run, whether agencies are ranked, the hours of training, and who must have a second step",
  supervisors: 'the roster',
  tokens: 'tokens that an administrator issues or revokes',
};
const VERBS =
  'create|insertOne|insertMany|updateOne|updateMany|replaceOne|deleteOne|deleteMany|bulkWrite|findOneAndUpdate|findOneAndDelete|findByIdAndUpdate|save';

describe('what the API writes', () => {
  it('Is what people brought, and nothing of what a workflow decides', () => {
    const written = new Set<string>();
    const writing = new RegExp(
      String.raw`(?:store|deps\.store|call\.deps\.store)?\s*[.[]\s*(\w+)\]?\s*(?:\.collection)?\s*\.(?:${VERBS})\(`,
      'g',
    );
    for (const { name, text } of filesOf('api')) {
      const plain = text.replaceAll(/\s*\n\s*(?=\.)/g, '');
      for (const [, collection = ''] of plain.matchAll(writing))
        if (!['store', 'collection', 'sessions', 'res', 'hash', 'createHash'].includes(collection)) {
          written.add(collection === 'noun' ? 'supervisors' : collection);
          expect(
            Object.keys(WRITES).concat('noun', 'MongoStore', 'workbook'),
            `${name} writes ${collection}`,
          ).toContain(collection);
        }
    }
    for (const forbidden of ['tasks', 'messages', 'links', 'submissions', 'archives', 'deadlines', 'events'])
      expect([...written]).not.toContain(forbidden);
    expect(written.size).toBeGreaterThan(6);
  });

  it('A campaign that is no draft any more, and every event, is written by activities or through the ledger', () => {
    for (const { name, text } of filesOf('api')) {
      const plain = text.replaceAll(/\s*\n\s*/g, ' ');
      for (const match of plain.matchAll(
        /campaigns\s*\.(?:findOneAndUpdate|updateOne|updateMany)\((.{0,160})/g,
      ))
        expect(match[1], name).toContain("state: 'draft'");
      expect(plain, name).not.toMatch(/events\s*\.(?:collection\s*\.)?(?:create|insert|update|delete)/);
    }
  });
});
