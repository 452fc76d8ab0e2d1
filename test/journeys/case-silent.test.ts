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
import {
  addressOf,
  daysOf,
  expectNoFailure,
  pageOf,
  post,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

/** Spring 2026: Qingming 4 to 6 April, May Day 1 to 5 May, 9 May is worked. The house opens on Monday 2 March. */
describe('An agency that never answers, up to the decision and its execution', () => {
  let house: House;
  let no: string;
  let forgotten: string;
  let notice: { id: string; task: string };
  let opinion: { id: string; task: string };
  let decision: { id: string; task: string };
  const [clerk, deputy, leader] = (['jingban', 'fushou', 'fuze'] as const).map((who) =>
    addressOf('xincheng', who),
  ) as [string, string, string];

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['xincheng', 'quiet']);
    no = await openMatter(house, 'xincheng', { channel: 'media', summary: '网上反映重复检查企业' });
    forgotten = await openMatter(house, 'quiet', { channel: 'media', summary: '网上反映不开票据' });
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Unsigned, its notice turns to the deputy, the leader and then a person; no date runs', async () => {
    await dateOf(house, no, 'filing');
    await fileMatter(house, no);
    await dateOf(house, no, 'notice');
    notice = await issue(house, no, { kind: 'notice', findings: [] });
    await house.until('2026-03-10T09:00:00+08:00');
    expect(await daysOf(house, clerk, '【监督通知书】')).toEqual(['2026-03-02']);
    expect(await daysOf(house, deputy, '【监督通知书】')).toEqual(['2026-03-03']);
    expect(await daysOf(house, leader, '【监督通知书】')).toEqual(['2026-03-04']);
    expect((await taskOf(house, notice.task)).body).toMatchObject({
      due: null,
      handedOver: true,
      overdue: false,
      clock: { started: false },
    });
    const stuck = await house.call('organizer', 'GET', `/cases/${no}/blockers`, {
      headers: { 'Accept-Language': 'en' },
    });
    expect(stuck.body).toMatchObject({
      cause: 'notAcknowledged',
      actions: expect.arrayContaining(['recordPaperService']),
    });
    expect(stuck.body.sentence).toContain('8 days ago');
  });

  it('A filing that nobody decides is shown as overdue, and nothing is done by the machine', async () => {
    const shown = await caseShows(house, forgotten, { state: 'accepted', documents: [], tasks: [] });
    expect(shown.body.overdue).toEqual(['filing']);
    expect(await dateOf(house, forgotten, 'filing')).toMatchObject({
      at: '2026-03-09T17:00:00+08:00',
      state: 'passed',
    });
    const stuck = await house.call('organizer', 'GET', `/cases/${forgotten}/blockers`);
    expect(stuck.body).toMatchObject({ blocked: true, cause: 'awaitingApproval', owner: 'approver' });
  });

  it('Served on paper, its term runs from the day on the receipt', async () => {
    const early = await house.call('organizer', 'POST', `/documents/${notice.id}/service`, {
      body: { channel: 'paper', receivedOn: '2026-03-11', receivedBy: '值班员' },
    });
    expect(early).toMatchObject({ status: 422, body: { code: 'date-invalid' } });
    await house.call('organizer', 'POST', `/documents/${notice.id}/service`, {
      body: { channel: 'paper', receivedOn: '2026-03-09', receivedBy: '值班员' },
    });
    await caseShows(house, no, { state: 'statementDue' });
    const task = await taskShows(house, notice.task, { clock: { started: true } });
    expect(task.body).toMatchObject({
      state: 'inProgress',
      acknowledged: { by: '值班员' },
      due: { at: '2026-03-23T17:00:00+08:00', from: '2026-03-09' },
    });
    await keepHistory(house, `tasks/${no}/statement/1`, 'tasks-paperReceipt');
  });

  it('The statement never comes: the investigation goes on', async () => {
    await house.until('2026-03-24T12:00:00+08:00');
    expect(await daysOf(house, leader, '【今日到期】')).toEqual(['2026-03-23']);
    expect(await daysOf(house, leader, '【催办')).toEqual(['2026-03-24']);
    const shown = await caseShows(house, no, { state: 'investigating' });
    expect(shown.body.facts).toContain('noticeNotFollowed');
    await inCase(house, no, ['investigation-records', { kind: 'fileRetrieval', text: '调阅检查登记' }]);
    await keepHistory(house, `case/${no}`, 'case-statementOverdue');
  });

  it('The opinion ends what was asked before it; its thirty days pass, and a decision has its fact only then', async () => {
    await house.until('2026-03-25T10:00:00+08:00');
    opinion = await issue(
      house,
      no,
      { kind: 'opinion', findings: ['一季度对同一企业检查4次'] },
      { channel: 'paper', receivedOn: '2026-03-25', receivedBy: '办公室' },
    );
    await caseShows(house, no, { state: 'rectifying' });
    await taskShows(house, notice.task, { state: 'withdrawn' });
    expect((await taskOf(house, opinion.task)).body.due.at).toBe('2026-04-24T17:00:00+08:00');
    await house.until('2026-04-20T10:00:00+08:00');
    const early = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'decision', findings: [], outcome: 'orderPerform' },
    });
    expect(early).toMatchObject({ status: 409, body: { code: 'fact-missing' } });
    expect(early.body.detail).toContain('未按意见书要求纠正');
    await house.until('2026-04-27T12:00:00+08:00');
    expect(await daysOf(house, clerk, '【提醒】')).toEqual(['2026-04-21', '2026-04-23']);
    expect(await daysOf(house, clerk, '【催办1】')).toEqual(['2026-04-27']);
    const shown = await caseShows(house, no, { state: 'rectifying' });
    expect(shown.body.facts).toContain('opinionNotFollowed');
    const stuck = await house.call('organizer', 'GET', `/cases/${no}/blockers`);
    expect(stuck.body).toMatchObject({ blocked: true, cause: 'awaitingAgency', owner: 'agency' });
    await keepHistory(house, `case/${no}`, 'case-overdue');
  });

  it('The decision is the government’s: sent back once, approved the second time', async () => {
    const first = await inCase(house, no, [
      'documents',
      { kind: 'decision', findings: [], outcome: 'orderPerform' },
    ]);
    await caseShows(house, no, { state: 'decisionProposed', stage: 'decision' });
    expect(await dateOf(house, no, 'government')).toMatchObject({ at: '2026-05-13T17:00:00+08:00' });
    const second = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'decision', findings: [], outcome: 'orderPerform' },
    });
    expect(second).toMatchObject({ status: 409, body: { code: 'decision-exists' } });
    await inCase(house, no, ['government-submission']);
    await caseShows(house, no, { state: 'governmentApproving' });
    await keepHistory(house, `case/${no}`, 'case-governmentApproving');
    await house.until('2026-05-06T10:00:00+08:00');
    await inCase(house, no, ['government-approval', { approved: false, note: '请补充法律依据' }, 'approver']);
    const back = await caseShows(house, no, { state: 'sentBack' });
    expect(back.body.documents.find((one: { id: string }) => one.id === first.body.id)).toMatchObject({
      state: 'withdrawn',
    });
    const again = await inCase(house, no, [
      'documents',
      { kind: 'decision', findings: [], outcome: 'orderPerform' },
    ]);
    await inCase(house, no, ['government-submission']);
    await inCase(house, no, ['government-approval', { approved: true, note: '同意' }, 'approver']);
    await caseShows(house, no, { state: 'governmentApproving' });
    await house.until('2026-05-08T09:00:00+08:00');
    const signed = await house.call('approver', 'POST', `/documents/${again.body.id}/approval`, {
      body: { approved: true, signatory: '桓台县人民政府' },
    });
    expect(signed.status).toBe(201);
    const served = await house.call('organizer', 'POST', `/documents/${again.body.id}/service`, {
      body: { channel: 'email' },
    });
    decision = { id: again.body.id, task: served.body.task };
    await caseShows(house, no, { state: 'decisionIssued', stage: 'execution' });
    await taskShows(house, opinion.task, { state: 'withdrawn' });
  });

  it('Signed for and carried out within its thirty days, which end on a Sunday and so on the Monday', async () => {
    await sign(await pageOf(house, clerk, '【决定书】'));
    await caseShows(house, no, { state: 'executing' });
    expect((await taskOf(house, decision.task)).body.due).toMatchObject({
      at: '2026-06-08T17:00:00+08:00',
      from: '2026-05-08',
    });
    await keepHistory(house, `case/${no}`, 'case-executing');
    await house.until('2026-06-04T10:00:00+08:00');
    await post(await pageOf(house, clerk, '【决定书】'), 'answers', { text: '已按决定执行' });
    await caseShows(house, no, { state: 'executionReported' });
    expect(await dateOf(house, no, 'verification')).toMatchObject({ at: '2026-06-18T17:00:00+08:00' });
    await inCase(house, no, ['verification', { accepted: true, note: '已执行' }]);
    await caseShows(house, no, { state: 'verified' });
  });

  it('Closed as executed; with nobody to answer it is archived at once, and its history kept', async () => {
    await inCase(house, no, ['closure', { reason: 'decisionExecuted' }]);
    expect(await dateOf(house, no, 'archive')).toMatchObject({ at: '2026-07-06T17:00:00+08:00' });
    await inCase(house, no, ['archive']);
    const { body } = await caseOf(house, no);
    expect(body).toMatchObject({ state: 'archived', closing: { reason: 'decisionExecuted' } });
    expect(body.deadlines.every((one: { state: string }) => one.state === 'ended')).toBe(true);
    await keepHistory(house, `case/${no}`, 'case-executed');
  });

  it('Every day of it stands in the ledger, in the mails and among the dates', async () => {
    expect(await daysTold(house, no)).toEqual([
      '2026-03-02 case-filed case-opened document-approved document-drafted document-served document-signed',
      '2026-03-03 turned-to-deputy',
      '2026-03-04 turned-to-leader',
      '2026-03-09 handed-over',
      '2026-03-10 document-received receipt-recorded',
      '2026-03-18 reminded',
      '2026-03-20 reminded',
      '2026-03-23 due-today overdue term-passed',
      '2026-03-24 investigated urged',
      '2026-03-25 document-approved document-drafted document-served document-signed withdrawn',
      '2026-04-09 objection-window-over',
      '2026-04-21 reminded',
      '2026-04-23 reminded',
      '2026-04-24 due-today overdue term-passed',
      '2026-04-27 document-drafted government-asked urged',
      '2026-04-29 urged',
      '2026-05-06 document-drafted government-approved government-asked government-sent-back handed-over',
      '2026-05-08 acknowledged document-approved document-received document-served document-signed term-began withdrawn',
      '2026-05-25 objection-window-over',
      '2026-06-03 reminded',
      '2026-06-04 accepted answered case-archived case-closed execution-accepted report-received',
    ]);
    expect(await lettersTo(house, clerk)).toEqual([
      '2026-03-02 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-25 【请办理】',
      '2026-04-21 【提醒】',
      '2026-04-23 【提醒】',
      '2026-04-24 【今日到期】',
      '2026-04-27 【催办1】',
      '2026-04-29 【催办2】',
      '2026-05-08 【中止】 【决定书】桓政执监决〔2026〕1号',
      '2026-06-03 【提醒】',
      '2026-06-04 【已办结】 【已收到】',
    ]);
    expect(await lettersTo(house, deputy)).toEqual(['2026-03-03 【监督通知书】桓司执监通〔2026〕1号']);
    expect(await lettersTo(house, leader)).toEqual([
      '2026-03-04 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-18 【提醒】',
      '2026-03-20 【提醒】',
      '2026-03-23 【今日到期】',
      '2026-03-24 【催办1】',
      '2026-03-25 【中止】',
    ]);
    expect(await datesHad(house, no)).toEqual([
      'archive 2026-06-04 → 2026-07-06 17:00',
      'closure 2026-06-04 → 2026-06-18 17:00',
      'execution 2026-05-08 → 2026-06-08 17:00',
      'filing 2026-03-02 → 2026-03-09 17:00',
      'government 2026-04-27 → 2026-05-13 17:00',
      'government 2026-05-06 → 2026-05-19 17:00',
      'investigation 2026-03-02 → 2026-05-06 17:00',
      'notice 2026-03-02 → 2026-03-09 17:00',
      'objectionWindow 2026-03-25 → 2026-04-09 17:00',
      'objectionWindow 2026-05-08 → 2026-05-25 17:00',
      'rectification 2026-03-25 → 2026-04-24 17:00',
      'statement 2026-03-09 → 2026-03-23 17:00',
      'verification 2026-06-04 → 2026-06-18 17:00',
    ]);
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
  });
});
