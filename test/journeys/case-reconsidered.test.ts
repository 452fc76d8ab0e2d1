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
import { addressOf, expectNoFailure, mailTo, pageOf, post, sign, taskOf } from '../support/people.ts';

const COMPLAINANT = 'qian@mail.example';

/** March and April 2026: Qingming is 4 to 6 April. The house opens on Monday 2 March; the 18th is in its third week. */
describe('A reconsideration that begins in week three', () => {
  let house: House;
  let no: string;
  let clue: string;
  let opinion: { id: string; task: string };
  const mailbox = addressOf('xincheng');
  const remedy = (more: Record<string, unknown> = {}) =>
    house.call('organizer', 'POST', `/clues/${clue}/remedy`, {
      body: { kind: 'reconsideration', no: '桓政复〔2026〕8号', since: '2026-03-18', ...more },
    });
  const draft = () =>
    house.call('organizer', 'POST', `/cases/${no}/documents`, {
      body: { kind: 'decision', findings: ['重大违法'], facts: ['major'], outcome: 'orderCorrect' },
    });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['xincheng']);
    no = await openMatter(house, 'xincheng', {
      channel: 'complaint',
      summary: '强制拆除前未催告',
      complainant: { name: '钱某某', contact: COMPLAINANT, confidential: true },
    });
    clue = (await caseOf(house, no)).body.clue as string;
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Until then the case goes its way: the opinion is signed for on the 17th', async () => {
    await dateOf(house, no, 'filing');
    await fileMatter(house, no);
    await dateOf(house, no, 'notice');
    await issue(house, no, { kind: 'notice', findings: [] });
    await house.until('2026-03-03T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await house.until('2026-03-11T10:00:00+08:00');
    await house.reply(await mailTo(house, mailbox, '【监督通知书】'), { text: '情况说明：当日确未催告' });
    await caseShows(house, no, { state: 'statementReceived' });
    await inCase(house, no, ['verification', { accepted: true, note: '说明已收到' }]);
    await house.until('2026-03-16T10:00:00+08:00');
    await inCase(house, no, ['review', { kind: 'legalReview', opinion: '违法', conclusion: 'violation' }]);
    opinion = await issue(house, no, { kind: 'opinion', findings: ['强制执行前未催告'] });
    await house.until('2026-03-17T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【意见书】'));
    await caseShows(house, no, { state: 'rectifying' });
    expect((await taskOf(house, opinion.task)).body.due).toMatchObject({
      from: '2026-03-17',
      at: '2026-04-16T17:00:00+08:00',
    });
  });

  it('Known from the clue alone, it stands in the way of the next document before anybody has suspended the case', async () => {
    await house.until('2026-03-18T10:00:00+08:00');
    expect((await remedy()).status).toBe(201);
    const refused = await draft();
    expect(refused).toMatchObject({ status: 409, body: { code: 'case-suspended' } });
    expect(refused.body.detail).toContain('桓政复〔2026〕8号');
    expect((await caseOf(house, no)).body.documents).toHaveLength(2);
  });

  it('Suspended, nothing is asked of the agency, the complainant is told, and every step but a few is refused', async () => {
    const got = await inCase(house, no, ['suspension', { remedy: 'reconsideration' }]);
    expect(got.body).toMatchObject({
      state: 'suspended',
      suspension: { remedy: 'reconsideration', since: '2026-03-18', from: 'rectifying' },
    });
    expect(await dateOf(house, no, 'suspension')).toMatchObject({
      from: '2026-03-18',
      at: '2026-04-17T17:00:00+08:00',
    });
    expect((await mailTo(house, COMPLAINANT, '中止办理')).text).toContain('因复议、诉讼等程序中止办理');
    const refused = await draft();
    expect(refused).toMatchObject({ status: 409, body: { code: 'case-suspended', state: 'suspended' } });
    expect(refused.body.possible).toContain('resume');
    await house.until('2026-04-01T10:00:00+08:00');
  });

  it('Resumed after fourteen days, they do not count, and the complainant is told by when the answer comes', async () => {
    expect((await remedy({ ended: '2026-04-01' })).status).toBe(201);
    await inCase(house, no, ['resumption', { note: '复议维持' }]);
    await caseShows(house, no, { state: 'rectifying' });
    expect(await dateOf(house, no, 'reply')).toMatchObject({
      from: '2026-03-02',
      term: { days: 74 },
      at: '2026-05-15T17:00:00+08:00',
    });
    const told = await mailTo(house, COMPLAINANT, '恢复办理');
    expect(told.text).toContain('恢复办理');
    expect(told.text).toMatch(/中止的时间不计入办理期限，我们将在.*5月15日.*前答复/);
    const follow = await house.call('auditor', 'GET', `/clues/${clue}`);
    expect((follow.body.notices as { step: string }[]).map((one) => one.step)).toContain('resumed');
  });

  it('Reminded before its day, the agency reports; verified, closed, answered, archived', async () => {
    await house.until('2026-04-14T14:00:00+08:00');
    await post(await pageOf(house, mailbox, '【意见书】'), 'answers', { text: '已建立催告台账' });
    await caseShows(house, no, { state: 'verifying' });
    await house.until('2026-04-15T10:00:00+08:00');
    await inCase(house, no, ['verification', { accepted: true, note: '整改到位' }]);
    await caseShows(house, no, { state: 'verified' });
    await inCase(house, no, ['closure', { reason: 'rectified' }]);
    await house.until('2026-04-16T10:00:00+08:00');
    await inCase(house, no, ['reply', { text: '您反映的问题已经督促整改。' }]);
    await house.until('2026-04-17T10:00:00+08:00');
    await inCase(house, no, ['archive']);
    await caseShows(house, no, { state: 'archived', possible: [] });
    await house.settled();
  });

  it('Every day of it stands in the ledger, in the mails and among the dates', async () => {
    expect(await daysTold(house, no)).toEqual([
      '2026-03-02 case-filed case-opened document-approved document-drafted document-served document-signed',
      '2026-03-03 acknowledged document-received term-began',
      '2026-03-11 accepted answered report-received statement-accepted',
      '2026-03-16 document-approved document-drafted document-served document-signed reviewed',
      '2026-03-17 acknowledged document-received term-began',
      '2026-03-18 case-suspended remedy-begun',
      '2026-04-01 case-resumed objection-window-over remedy-ended',
      '2026-04-13 reminded',
      '2026-04-14 answered report-received',
      '2026-04-15 accepted case-closed rectification-accepted',
      '2026-04-16 complainant-answered',
      '2026-04-17 case-archived',
    ]);
    expect(await lettersTo(house, mailbox)).toEqual([
      '2026-03-02 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-11 【已办结】 【已收到】',
      '2026-03-16 【意见书】桓司执监意〔2026〕1号',
      '2026-04-13 【提醒】',
      '2026-04-14 【已收到】',
      '2026-04-15 【已办结】',
    ]);
    expect(await lettersTo(house, COMPLAINANT)).toEqual([
      '2026-03-02 【投诉举报】已受理 【投诉举报】已登记 【投诉举报】已立案',
      '2026-03-18 【投诉举报】中止办理',
      '2026-04-01 【投诉举报】恢复办理',
      '2026-04-15 【投诉举报】已办结',
      '2026-04-16 【投诉举报】答复',
    ]);
    expect(await datesHad(house, no)).toEqual([
      'archive 2026-04-16 → 2026-05-18 17:00',
      'closure 2026-04-15 → 2026-04-29 17:00',
      'filing 2026-03-02 → 2026-03-09 17:00',
      'investigation 2026-03-02 → 2026-05-06 17:00',
      'notice 2026-03-02 → 2026-03-09 17:00',
      'objectionWindow 2026-03-17 → 2026-04-01 17:00',
      'rectification 2026-03-17 → 2026-04-16 17:00',
      'reply 2026-03-02 → 2026-05-06 17:00',
      'reply 2026-03-02 → 2026-05-15 17:00',
      'statement 2026-03-03 → 2026-03-17 17:00',
      'suspension 2026-03-18 → 2026-04-17 17:00',
      'verification 2026-03-11 → 2026-03-25 17:00',
      'verification 2026-04-14 → 2026-04-28 17:00',
    ]);
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
  });
});
