import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  caseOf,
  caseShows,
  datesHad,
  daysTold,
  dateOf,
  fileMatter,
  inCase,
  issue,
  lettersTo,
  openMatter,
} from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  pageOf,
  post,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

const COMPLAINANT = 'zhao@mail.example';

/** March and April 2026: Qingming is 4 to 6 April. The house opens on Monday 2 March. */
describe('An objection that is upheld: the opinion is withdrawn, and a right one follows', () => {
  let house: House;
  let no: string;
  let opinion: { id: string; task: string; number: string };
  const mailbox = addressOf('maqiao');

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao']);
    no = await openMatter(house, 'maqiao', {
      channel: 'complaint',
      summary: '处罚决定适用条款错误',
      complainant: { name: '赵某某', contact: COMPLAINANT, confidential: true },
    });
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Its statement is heard, and an opinion is served with thirty days', async () => {
    await dateOf(house, no, 'filing');
    await fileMatter(house, no);
    await dateOf(house, no, 'notice');
    await issue(house, no, { kind: 'notice', findings: [] });
    await house.until('2026-03-03T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await house.until('2026-03-10T10:00:00+08:00');
    await post(await pageOf(house, mailbox, '【监督通知书】'), 'answers', { text: '情况说明' });
    await caseShows(house, no, { state: 'statementReceived' });
    await house.until('2026-03-11T10:00:00+08:00');
    await inCase(house, no, ['verification', { accepted: true, note: '说明已收到' }]);
    await inCase(house, no, ['investigation-records', { kind: 'fileRetrieval', text: '调阅处罚案卷' }]);
    await house.until('2026-03-13T10:00:00+08:00');
    await inCase(house, no, ['review', { kind: 'legalReview', opinion: '违法', conclusion: 'violation' }]);
    await house.until('2026-03-16T10:00:00+08:00');
    opinion = await issue(house, no, { kind: 'opinion', findings: ['适用条款错误'] });
    expect(opinion.number).toBe('桓司执监意〔2026〕1号');
    await house.until('2026-03-17T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【意见书】'));
    await caseShows(house, no, { state: 'rectifying' });
    expect((await taskOf(house, opinion.task)).body.due).toMatchObject({
      from: '2026-03-17',
      at: '2026-04-16T17:00:00+08:00',
    });
    expect(await dateOf(house, no, 'objectionWindow')).toMatchObject({
      from: '2026-03-17',
      at: '2026-04-01T17:00:00+08:00',
    });
  });

  it('The objection has reasons, a receipt and a clock of its own, and does not stay the term', async () => {
    await house.until('2026-03-20T10:00:00+08:00');
    const link = await pageOf(house, mailbox, '【意见书】');
    expect((await post(link, 'objections', { text: '' })).status).toBe(422);
    expect((await post(link, 'objections', { text: '所引条款已于去年修订，附新旧对照' })).status).toBe(201);
    await caseShows(house, no, {
      state: 'rectifying',
      objections: [{ paper: opinion.id, on: '2026-03-20' }],
    });
    expect(await dateOf(house, no, 'objectionAnswer')).toMatchObject({
      from: '2026-03-20',
      at: '2026-04-07T17:00:00+08:00',
      term: { days: 15 },
      skipped: [{ date: '2026-04-04' }, { date: '2026-04-05' }, { date: '2026-04-06' }],
    });
    expect((await taskOf(house, opinion.task)).body.due.at).toBe('2026-04-16T17:00:00+08:00');
  });

  it('Upheld by its issuer, the opinion is withdrawn, its number stays void, and the agency is told', async () => {
    await house.until('2026-04-02T10:00:00+08:00');
    const id = (await caseOf(house, no)).body.objections[0].id as string;
    const answer = { upheld: true, text: '所引条款确已修订' };
    const byStaff = await house.call('organizer', 'POST', `/cases/${no}/objections/${id}/answer`, {
      body: answer,
    });
    expect(byStaff.status).toBe(403);
    await inCase(house, no, [`objections/${id}/answer`, answer, 'approver']);
    await caseShows(house, no, { state: 'reviewing', objections: [{ id, answer: 'upheld' }] });
    await taskShows(house, opinion.task, { state: 'withdrawn' });
    const { body } = await house.call('organizer', 'GET', `/documents/${opinion.id}`);
    expect(body).toMatchObject({
      state: 'withdrawn',
      number: '桓司执监意〔2026〕1号',
      withdrawal: { at: expect.stringMatching(/^2026-04-02/), by: 'approver' },
    });
    expect((await mailTo(house, mailbox, '【异议答复】')).text).toContain('所引条款确已修订');
  });

  it('Reviewed again, a second opinion with a number of its own is followed and verified', async () => {
    await house.until('2026-04-08T10:00:00+08:00');
    await inCase(house, no, [
      'review',
      { kind: 'collectiveDiscussion', opinion: '程序仍有瑕疵', conclusion: 'violation' },
    ]);
    const second = await issue(house, no, { kind: 'opinion', findings: ['处罚前未告知陈述申辩权'] });
    expect(second.number).toBe('桓司执监意〔2026〕2号');
    await house.until('2026-04-09T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【意见书】', 2));
    await caseShows(house, no, { state: 'rectifying' });
    expect((await taskOf(house, second.task)).body.due).toMatchObject({
      from: '2026-04-09',
      at: '2026-05-09T17:00:00+08:00',
    });
    await house.until('2026-04-20T10:00:00+08:00');
    await post(await pageOf(house, mailbox, '【意见书】', 2), 'answers', { text: '已重新告知' });
    await caseShows(house, no, { state: 'verifying' });
    await house.until('2026-04-21T10:00:00+08:00');
    await inCase(house, no, ['verification', { accepted: true, note: '整改到位' }]);
    await caseShows(house, no, { state: 'verified' });
  });

  it('Closed, answered and archived, each on its day', async () => {
    await house.until('2026-04-22T10:00:00+08:00');
    await inCase(house, no, ['closure', { reason: 'rectified' }]);
    await house.until('2026-04-23T10:00:00+08:00');
    await inCase(house, no, ['reply', { text: '您反映的问题已经查实并督促整改到位。' }]);
    await house.until('2026-04-24T10:00:00+08:00');
    await inCase(house, no, ['archive']);
    await caseShows(house, no, { state: 'archived', possible: [] });
    await house.settled();
  });

  it('Every day of it stands in the ledger, in the mails and among the dates', async () => {
    expect(await daysTold(house, no)).toEqual([
      '2026-03-02 case-filed case-opened document-approved document-drafted document-served document-signed',
      '2026-03-03 acknowledged document-received term-began',
      '2026-03-10 answered report-received',
      '2026-03-11 accepted investigated statement-accepted',
      '2026-03-13 reviewed',
      '2026-03-16 document-approved document-drafted document-served document-signed',
      '2026-03-17 acknowledged document-received term-began',
      '2026-03-20 objected objection-received',
      '2026-04-01 objection-window-over',
      '2026-04-02 objection-upheld objection-upheld withdrawn',
      '2026-04-08 document-approved document-drafted document-served document-signed reviewed',
      '2026-04-09 acknowledged document-received term-began',
      '2026-04-20 answered report-received',
      '2026-04-21 accepted rectification-accepted',
      '2026-04-22 case-closed',
      '2026-04-23 complainant-answered',
      '2026-04-24 case-archived',
    ]);
    expect(await lettersTo(house, mailbox)).toEqual([
      '2026-03-02 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-10 【已收到】',
      '2026-03-11 【已办结】',
      '2026-03-16 【意见书】桓司执监意〔2026〕1号',
      '2026-03-20 【已收到】',
      '2026-04-02 【中止】 【异议答复】',
      '2026-04-08 【意见书】桓司执监意〔2026〕2号',
      '2026-04-20 【已收到】',
      '2026-04-21 【已办结】',
    ]);
    expect(await lettersTo(house, COMPLAINANT)).toEqual([
      '2026-03-02 【投诉举报】已受理 【投诉举报】已登记 【投诉举报】已立案',
      '2026-04-22 【投诉举报】已办结',
      '2026-04-23 【投诉举报】答复',
    ]);
    expect(await datesHad(house, no)).toEqual([
      'archive 2026-04-23 → 2026-05-25 17:00',
      'closure 2026-04-21 → 2026-05-08 17:00',
      'filing 2026-03-02 → 2026-03-09 17:00',
      'investigation 2026-03-02 → 2026-05-06 17:00',
      'notice 2026-03-02 → 2026-03-09 17:00',
      'objectionAnswer 2026-03-20 → 2026-04-07 17:00',
      'objectionWindow 2026-03-17 → 2026-04-01 17:00',
      'objectionWindow 2026-04-09 → 2026-04-24 17:00',
      'rectification 2026-03-17 → 2026-04-16 17:00',
      'rectification 2026-04-09 → 2026-05-09 17:00',
      'reply 2026-03-02 → 2026-05-06 17:00',
      'statement 2026-03-03 → 2026-03-17 17:00',
      'verification 2026-03-10 → 2026-03-24 17:00',
      'verification 2026-04-20 → 2026-05-07 17:00',
    ]);
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
  });
});
