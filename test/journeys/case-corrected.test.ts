import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  caseOf,
  caseShows,
  dateOf,
  datesHad,
  daysTold,
  fileMatter,
  inCase,
  issue,
  lettersTo,
  openMatter,
} from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, daysOf, expectNoFailure, mailTo, pageOf, post, sign, taskOf } from '../support/people.ts';

/** March and April 2026: Qingming is 4 to 6 April. The house opens on Monday 2 March. */
describe('A complaint that is put right after an opinion', () => {
  let house: House;
  let no: string;
  let notice: { id: string; task: string; number: string };
  let opinion: { id: string; task: string; number: string };
  const mailbox = addressOf('maqiao');

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao']);
    no = await openMatter(house, 'maqiao', {
      channel: 'complaint',
      summary: '执法人员未出示证件，当场收取罚款未开票据',
      complainant: { name: '王某某', contact: 'wang@mail.example', confidential: true },
    });
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Waits for its filing, with a date for it and one for the answer', async () => {
    expect(no).toBe('GA-2026-001');
    const shown = await caseShows(house, no, { state: 'accepted', stage: 'filing', agency: 'maqiao' });
    expect(shown.body.possible).toContain('file');
    expect(await dateOf(house, no, 'filing')).toMatchObject({
      at: '2026-03-09T17:00:00+08:00',
      state: 'running',
    });
    expect(await dateOf(house, no, 'reply')).toMatchObject({
      at: '2026-05-06T17:00:00+08:00',
      from: '2026-03-02',
      term: { days: 60 },
    });
    await keepHistory(house, `case/${no}`, 'case-accepted');
  });

  it('Takes no step out of order: the refusal names what is possible', async () => {
    const early = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'opinion', findings: ['未出示证件'] },
    });
    expect(early).toMatchObject({ status: 409, body: { code: 'case-out-of-step', state: 'accepted' } });
    expect(early.body.possible).toContain('file');
    const alone = await house.call('approver', 'POST', `/cases/${no}/filing`, {
      body: { approved: true, supervisors: ['nobody'] },
    });
    expect(alone.status).toBe(422);
  });

  it('Filed by the approver with two supervisors, its notice is due in five working days', async () => {
    await fileMatter(house, no);
    const shown = await caseShows(house, no, { state: 'filed', stage: 'notice', facts: ['filed'] });
    expect(shown.body.supervisors).toHaveLength(2);
    expect(await dateOf(house, no, 'notice')).toMatchObject({ at: '2026-03-09T17:00:00+08:00' });
    expect(await dateOf(house, no, 'investigation')).toMatchObject({
      at: '2026-05-06T17:00:00+08:00',
      term: { days: 60 },
    });
    await keepHistory(house, `case/${no}`, 'case-filed');
  });

  it('A notice served by mail has no date before it is signed for', async () => {
    notice = await issue(house, no, { kind: 'notice', findings: [], term: { workdays: 10 } });
    await caseShows(house, no, { state: 'noticeServed' });
    const mail = await mailTo(house, mailbox, '【监督通知书】');
    expect(mail.subject).toContain('签收之日起10个工作日内');
    expect(mail.text).toContain('未签收，期限未起算');
    expect(mail.subject).toMatch(/^【监督通知书】桓司执监通〔2026〕1号/);
    expect(mail.attachments).toMatchObject([{ filename: `${notice.number}.pdf` }]);
    expect((await taskOf(house, notice.task)).body).toMatchObject({
      due: null,
      light: 'grey',
      clock: { started: false, from: 'receipt', term: { workdays: 10 } },
    });
    expect(await dateOf(house, no, 'statement')).toMatchObject({ at: null, state: 'notStarted' });
    const stuck = await house.call('organizer', 'GET', `/cases/${no}/blockers`);
    expect(stuck.body).toMatchObject({ blocked: true, cause: 'notAcknowledged', owner: 'agency' });
    expect(stuck.body.sentence).toContain('未签收');
    const page = await (await fetch(await pageOf(house, mailbox, '【监督通知书】'))).text();
    expect(page).toContain('期限自签收起算');
    await keepHistory(house, `case/${no}`, 'case-noticeServed');
    await keepHistory(house, `tasks/${no}/statement/1`, 'tasks-unsigned');
  });

  it('Signed for the next day, ten working days begin the day after', async () => {
    await house.until('2026-03-03T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue', stage: 'investigation' });
    expect((await taskOf(house, notice.task)).body).toMatchObject({
      clock: { started: true },
      due: { at: '2026-03-17T17:00:00+08:00', from: '2026-03-03' },
    });
    await keepHistory(house, `case/${no}`, 'case-statementDue');
  });

  it('Reminded in time, the statement comes, and is judged with the case alone', async () => {
    await house.until('2026-03-16T12:00:00+08:00');
    expect(await daysOf(house, mailbox, '【提醒】')).toEqual(['2026-03-12', '2026-03-16']);
    const link = await pageOf(house, mailbox, '【监督通知书】');
    expect((await post(link, 'answers', { text: '情况说明：确有票据未开具' })).status).toBe(201);
    await caseShows(house, no, { state: 'statementReceived' });
    expect(await dateOf(house, no, 'verification')).toMatchObject({ at: '2026-03-30T17:00:00+08:00' });
    const elsewhere = await house.call('organizer', 'POST', `/tasks/${notice.task}/reviews`, {
      headers: { 'If-Match': '*' },
      body: { verdict: 'accept' },
    });
    expect(elsewhere).toMatchObject({ status: 409, body: { code: 'verified-elsewhere' } });
    expect(elsewhere.body.detail).toContain('/verification');
    await inCase(house, no, ['verification', { accepted: true, note: '说明已收到' }]);
    await caseShows(house, no, { state: 'investigating' });
    await keepHistory(house, `case/${no}`, 'case-investigating');
  });

  it('Is investigated and reviewed; a document without its fact is refused and names it', async () => {
    await inCase(house, no, [
      'investigation-records',
      { kind: 'interviewRecord', text: '询问当事人', evidence: [{ kind: 'testimony', title: '询问笔录' }] },
    ]);
    const lacking = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'opinion', findings: [] },
    });
    expect(lacking).toMatchObject({ status: 409, body: { code: 'fact-missing' } });
    await inCase(house, no, [
      'review',
      { kind: 'legalReview', opinion: '事实清楚', conclusion: 'violation' },
    ]);
    await caseShows(house, no, { state: 'reviewing', stage: 'review' });
    await keepHistory(house, `case/${no}`, 'case-reviewing');
  });

  it('The opinion gives thirty days from its receipt', async () => {
    const short = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'opinion', findings: ['未出示证件'], term: { days: 10 } },
    });
    expect(short).toMatchObject({ status: 422, body: { code: 'term-not-allowed' } });
    opinion = await issue(house, no, {
      kind: 'opinion',
      findings: [{ description: '未出示执法证件', severity: 'ordinary' }, '当场收缴罚款未出具票据'],
    });
    await caseShows(house, no, { state: 'opinionIssued', stage: 'rectification' });
    await house.until('2026-03-17T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【意见书】'));
    await caseShows(house, no, { state: 'rectifying' });
    expect((await taskOf(house, opinion.task)).body.due).toMatchObject({
      at: '2026-04-16T17:00:00+08:00',
      from: '2026-03-17',
      term: { days: 30 },
    });
    expect(await dateOf(house, no, 'objectionWindow')).toMatchObject({ at: '2026-04-01T17:00:00+08:00' });
    await keepHistory(house, `case/${no}`, 'case-rectifying');
  });

  it('A report that falls short goes back with a new date; the next is accepted', async () => {
    await house.until('2026-04-07T10:00:00+08:00');
    const link = await pageOf(house, mailbox, '【意见书】');
    await post(link, 'answers', { text: '已整改' });
    await caseShows(house, no, { state: 'verifying' });
    expect(await dateOf(house, no, 'verification')).toMatchObject({ at: '2026-04-21T17:00:00+08:00' });
    await inCase(house, no, [
      'verification',
      { accepted: false, note: '未附票据清理清单', term: { workdays: 3 } },
    ]);
    await caseShows(house, no, { state: 'rectifying' });
    expect((await taskOf(house, opinion.task)).body.due.at).toBe('2026-04-10T17:00:00+08:00');
    expect((await mailTo(house, mailbox, '【请补正】')).text).toContain('未附票据清理清单');
    await house.until('2026-04-09T10:00:00+08:00');
    await house.reply(await mailTo(house, mailbox, '【请补正】'), { text: '补充票据清理清单如下……' });
    await caseShows(house, no, { state: 'verifying' });
    await inCase(house, no, ['verification', { accepted: true, note: '整改到位' }]);
    await caseShows(house, no, { state: 'verified', stage: 'closure' });
    const { body } = await caseOf(house, no);
    for (const finding of body.findings) expect(finding.state).toBe('writtenOff');
    expect(await dateOf(house, no, 'closure')).toMatchObject({ at: '2026-04-23T17:00:00+08:00' });
    await keepHistory(house, `case/${no}`, 'case-verified');
  });

  it('Closed for its own reason only, answered, archived; then nothing is possible', async () => {
    const wrong = await house.call('organizer', 'POST', `/cases/${no}/closure`, {
      body: { reason: 'decisionExecuted' },
    });
    expect(wrong).toMatchObject({ status: 409, body: { code: 'closing-reason-wrong' } });
    await inCase(house, no, ['closure', { reason: 'rectified' }]);
    const unanswered = await house.call('organizer', 'POST', `/cases/${no}/archive`);
    expect(unanswered).toMatchObject({ status: 409, body: { code: 'case-out-of-step' } });
    await inCase(house, no, ['reply', { text: '您反映的问题已经查实并督促整改到位。' }]);
    expect((await mailTo(house, 'wang@mail.example', '', 1)).text).toBeTruthy();
    await inCase(house, no, ['archive']);
    await caseShows(house, no, { state: 'archived', possible: [] });
    await keepHistory(house, `case/${no}`, 'case-archived');
    const after = await house.call('organizer', 'POST', `/cases/${no}/investigation-records`, {
      body: { kind: 'fileRetrieval' },
    });
    expect(after).toMatchObject({ status: 409, body: { code: 'case-out-of-step', possible: [] } });
  });

  it('Its history is one stream, intact, and readable by the engine', async () => {
    const history = await house.call('administrator', 'GET', `/history/${no}`);
    const codes = (history.body as { code: string }[]).map((one) => one.code);
    expect(codes).toEqual(
      expect.arrayContaining([
        'case-opened',
        'case-filed',
        'document-signed',
        'document-received',
        'case-closed',
        'case-archived',
      ]),
    );
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
    expect(
      (await house.call('administrator', 'GET', `/history/${no}/raw`)).body.events.length,
    ).toBeGreaterThan(10);
  });

  it('Every day of it stands in the ledger, in the mails and among the dates', async () => {
    expect(await daysTold(house, no)).toEqual([
      '2026-03-02 case-filed case-opened document-approved document-drafted document-served document-signed',
      '2026-03-03 acknowledged document-received term-began',
      '2026-03-12 reminded',
      '2026-03-16 accepted answered document-approved document-drafted document-served document-signed investigated reminded report-received reviewed statement-accepted',
      '2026-03-17 acknowledged document-received term-began',
      '2026-04-01 objection-window-over',
      '2026-04-07 answered rectification-returned report-received returned',
      '2026-04-09 accepted answered case-archived case-closed complainant-answered rectification-accepted reminded report-received',
    ]);
    expect(await lettersTo(house, mailbox)).toEqual([
      '2026-03-02 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-12 【提醒】',
      '2026-03-16 【已办结】 【已收到】 【意见书】桓司执监意〔2026〕1号 【提醒】',
      '2026-04-07 【已收到】 【请补正】',
      '2026-04-09 【已办结】 【已收到】 【提醒】',
    ]);
    expect(await lettersTo(house, 'wang@mail.example')).toEqual([
      '2026-03-02 【投诉举报】已受理 【投诉举报】已登记 【投诉举报】已立案',
      '2026-04-09 【投诉举报】已办结 【投诉举报】答复',
    ]);
    expect(await datesHad(house, no)).toEqual([
      'archive 2026-04-09 → 2026-05-09 17:00',
      'closure 2026-04-09 → 2026-04-23 17:00',
      'filing 2026-03-02 → 2026-03-09 17:00',
      'investigation 2026-03-02 → 2026-05-06 17:00',
      'notice 2026-03-02 → 2026-03-09 17:00',
      'objectionWindow 2026-03-17 → 2026-04-01 17:00',
      'rectification 2026-04-07 → 2026-04-10 17:00',
      'reply 2026-03-02 → 2026-05-06 17:00',
      'statement 2026-03-03 → 2026-03-17 17:00',
      'verification 2026-03-16 → 2026-03-30 17:00',
      'verification 2026-04-07 → 2026-04-21 17:00',
      'verification 2026-04-09 → 2026-04-23 17:00',
    ]);
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
  });
});
