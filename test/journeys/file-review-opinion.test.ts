import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { expectProblem } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type Shown, minus, registerReviewers } from '../support/file-review.ts';
import { type Answered, type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, mailTo } from '../support/people.ts';

/** 案卷评查 → 监督意见书: the deductions of a final review become the problems that an opinion states. */
describe('An opinion out of a case-file review', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let approver: Page;
  let team: string[];
  let no = '';
  const organizer = (method: string, where: string, body?: unknown): Promise<Answered> =>
    house.call('organizer', method, where, { body });
  const ask = (agency: string, supervisors: readonly string[], role: 'approver' | 'organizer' = 'approver') =>
    house.call(role, 'POST', `/file-reviews/${no}/opinions`, { body: { agency, supervisors } });
  const review = async () => (await organizer('GET', `/file-reviews/${no}`)).body;
  const main = (): Promise<string> => approver.innerText('main');
  const follow = (link: string) =>
    Promise.all([approver.waitForEvent('load'), approver.click(`main a:text-is("${link}")`)]);

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-09-01T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', 'qifeng', 'tangshan']);
    const registered = await registerReviewers(house, 'maqiao');
    team = registered.team;
    const files = { maqiao: '马罚〔2026〕1号', qifeng: '齐罚〔2026〕1号', tangshan: '唐罚〔2026〕1号' };
    const made = await organizer('POST', '/file-reviews', {
      year: 2026,
      agencies: Object.entries(files).map(([id, file]) => ({ id, files: [file] })),
      perAgency: 1,
      supervisors: team,
    });
    no = made.body.no as string;
    const drawn = await organizer('POST', `/file-reviews/${no}/draw`);
    for (const file of drawn.body.files as Shown[])
      for (const { name } of file.reviewers) {
        const marks = file.agency === 'tangshan' ? [] : [minus('S2', 4), minus('S6', 10)];
        const body = { marks, opinion: '' };
        const signed = await registered.as(name, 'POST', `/file-reviews/${no}/files/${file.id}/scores`, body);
        expect(signed.status, JSON.stringify(signed.body)).toBe(201);
      }
    await organizer('POST', `/file-reviews/${no}/preliminary`);
    expectProblem(await ask('qifeng', team.slice(0, 2)), 409, 'file-review-out-of-step');
    await house.until('2026-09-16T10:00:00+08:00');
    expect((await house.call('approver', 'POST', `/file-reviews/${no}/final`)).status).toBe(201);
    desk = await openConsole(house, windows);
    approver = await desk.signedIn('approver');
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await windows?.close();
    await house?.close();
  });

  it('Only an approver, about an agency whose files have problems, with two supervisors who are not its own', async () => {
    const two = team.slice(0, 2);
    expectProblem(await ask('qifeng', two, 'organizer'), 403);
    expectProblem(await ask('tangshan', two), 422, 'findings-missing', '/agency');
    expectProblem(await ask('qifeng', two.slice(0, 1)), 422, 'supervisors-too-few');
    expectProblem(await ask('maqiao', [team[4] ?? '', ...two]), 422, 'supervisor-own-agency');
    expect((await review()).opinions).toEqual([]);
  });

  it('One action opens a filed case and drafts the opinion with the deductions; review, case and opinion lead to each other', async () => {
    await desk.go(approver, `/file-reviews/${no}`);
    await desk.take(approver, 'opinionFromFiles', { agency: 'qifeng', supervisors: team.slice(0, 2) });
    expect(await main()).toContain('已立案并起草意见书');
    const [{ case: matter, document }] = (await review()).opinions as [{ case: string; document: string }];
    const problems = await house.store.findings.find({ owner: no, agency: 'qifeng' }).sort({ _id: 1 }).lean();
    const ids = problems.map((one) => one._id);
    expect(ids.length).toBeGreaterThan(0);
    const paper = (await organizer('GET', `/documents/${document}`)).body;
    expect(paper).toMatchObject({
      kind: 'opinion',
      state: 'draft',
      owner: matter,
      review: no,
      findings: ids,
    });
    for (const { description } of problems)
      expect(paper.body.join()).toContain(description.replace(/[。；]$/u, ''));
    await follow('意见书');
    expect(await main()).toMatch(/行政执法监督意见书[\s\S]*齐罚〔2026〕1号/);
    await follow(`据案卷评查 ${no} 起草`);
    await follow(matter);
    expect(await main()).toContain(`来自案卷评查 ${no}`);
    const opened = (await organizer('GET', `/cases/${matter}`)).body;
    expect(opened).toMatchObject({ state: 'reviewing', channel: 'fileReview', agency: 'qifeng' });
    const history = (await house.call('auditor', 'GET', `/history/${matter}`)).body;
    expect(JSON.stringify(history)).toContain('听取意见');
    expect((await organizer('GET', `/clues/${opened.clue}`)).body).toMatchObject({ source: no });
    expect((await organizer('GET', `/ledger?owner=${matter}`)).body.total, 'no problem counts twice').toBe(0);
  });

  it('There is one opinion for an agency of a review, also of two asked for at the same moment', async () => {
    const two = team.slice(0, 2);
    expectProblem(await ask('qifeng', two), 409, 'already-decided');
    const both = await Promise.all([ask('maqiao', two), ask('maqiao', two)]);
    const made = both.flatMap((one) => (one.status === 201 ? [one.body.document as string] : []));
    expect(new Set(made).size, JSON.stringify(both.map((one) => one.body))).toBe(1);
    expect(await house.store.cases.countDocuments()).toBe(2);
    expect(await house.store.documents.countDocuments({ kind: 'opinion' })).toBe(2);
    await desk.go(approver, `/file-reviews/${no}`);
    expect(await approver.locator('#step-opinionFromFiles').count()).toBe(0);
  });

  it('Signed and served, the agency is asked to put right what its files showed', async () => {
    const [{ document }] = (await review()).opinions as [{ document: string }];
    const signed = await house.call('approver', 'POST', `/documents/${document}/approval`, {
      body: { approved: true, signatory: '司法局局长' },
    });
    expect(signed.status, JSON.stringify(signed.body)).toBe(201);
    expect((await organizer('POST', `/documents/${document}/service`, { channel: 'email' })).status).toBe(
      201,
    );
    const mail = await mailTo(house, addressOf('qifeng'), '【意见书】');
    expect(mail.text).toContain(signed.body.number);
    await eventually(async () =>
      expect(await house.store.findings.distinct('state', { owner: no, agency: 'qifeng' })).toEqual([
        'rectifying',
      ]),
    );
  });
});
