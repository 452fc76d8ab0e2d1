import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import {
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
import { addressOf, expectNoFailure, mailTo, pageOf, post, sign } from '../support/people.ts';

const COMPLAINANT = 'sun@mail.example';
const VIDEO = '执法记录仪录像';
const KINDS = [
  'documentary',
  'physical',
  'audioVisual',
  'electronic',
  'testimony',
  'partyStatement',
  'expertOpinion',
  'inspectionRecord',
];

/** March 2026 has no holiday; the house opens on Monday the 2nd, and the 14th and 15th are a weekend. */
describe('A crime lead that is handed over', () => {
  let house: House;
  let no: string;
  let transfer: string;
  const mailbox = addressOf('guoli');

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['guoli']);
    no = await openMatter(house, 'guoli', {
      channel: 'complaint',
      summary: '执法人员私自减免罚款并收取现金',
      complainant: { name: '孙某某', contact: COMPLAINANT, confidential: true },
    });
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Is found in the investigation, whose evidence is of the eight kinds, and its files hashed', async () => {
    await dateOf(house, no, 'filing');
    await fileMatter(house, no);
    await dateOf(house, no, 'notice');
    await issue(house, no, { kind: 'notice', findings: [] });
    await house.until('2026-03-03T08:30:00+08:00');
    await sign(await pageOf(house, mailbox, '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await house.until('2026-03-09T10:00:00+08:00');
    await post(await pageOf(house, mailbox, '【监督通知书】'), 'answers', { text: '情况说明' });
    await caseShows(house, no, { state: 'statementReceived' });
    await inCase(house, no, ['verification', { accepted: true, note: '说明已收到' }]);
    const sha256 = createHash('sha256').update(VIDEO).digest('hex');
    const form = new FormData();
    form.append('files', new Blob([VIDEO]), '录像说明.txt');
    const uploaded = await fetch(`${house.url}/api/v1/cases/${no}/files`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await issueToken(house.store, 'organizer')}` },
      body: form,
    });
    expect(await uploaded.json()).toEqual({ files: [{ name: '录像说明.txt', size: 21, sha256 }] });
    const evidence = KINDS.map((kind) => ({
      kind,
      title: kind,
      ...(kind === 'audioVisual' ? { sha256 } : {}),
    }));
    const records = ['fileRetrieval', 'interviewRecord', 'onSiteInspection', 'covertVisit', 'appraisal'];
    for (const kind of records)
      await inCase(house, no, ['investigation-records', { kind, on: '2026-03-09', text: kind, evidence }]);
    const shown = await caseShows(house, no, { state: 'investigating' });
    expect(shown.body.records).toHaveLength(5);
    expect((shown.body.records[0].evidence as { kind: string }[]).map((one) => one.kind)).toEqual(KINDS);
    expect(shown.body.records[0].evidence[2]).toMatchObject({ kind: 'audioVisual', sha256 });
  });

  it('Asked for on Thursday the 12th, the head of the unit has three days, which end on a Sunday and so on the Monday', async () => {
    await house.until('2026-03-12T10:00:00+08:00');
    const asked = await inCase(house, no, ['transfer', { to: 'police', reason: '涉嫌受贿、徇私舞弊' }]);
    transfer = asked.body.id as string;
    expect(await dateOf(house, no, 'transferApproval')).toMatchObject({
      from: '2026-03-12',
      term: { days: 3 },
      at: '2026-03-16T17:00:00+08:00',
      basis: '《行政执法机关移送涉嫌犯罪案件的规定》第五条',
    });
    const early = await house.call('organizer', 'POST', `/cases/${no}/transfers/${transfer}/outcome`, {
      body: { outcome: 'taken' },
    });
    expect(early).toMatchObject({ status: 409, body: { code: 'case-out-of-step' } });
  });

  it('Approved, it is handed over within twenty-four hours, weekend or not', async () => {
    await house.until('2026-03-13T10:00:00+08:00');
    await inCase(house, no, [
      `transfers/${transfer}/decision`,
      { approved: true, note: '同意移送' },
      'approver',
    ]);
    const handOver = await dateOf(house, no, 'transferHandOver');
    expect(handOver).toMatchObject({
      rule: 'hours',
      from: '2026-03-13',
      at: expect.stringMatching(/^2026-03-14T10:0\d/),
      basis: '《行政执法机关移送涉嫌犯罪案件的规定》第五条',
    });
    await house.until('2026-03-13T15:00:00+08:00');
    const letter = await issue(
      house,
      no,
      { kind: 'transferLetter', findings: [], facts: ['crimeLead'] },
      { channel: 'paper', receivedOn: '2026-03-13', receivedBy: '县公安局' },
    );
    expect(letter.number).toBe('桓司执监移〔2026〕1号');
    const paper = await house.call('organizer', 'GET', `/documents/${letter.id}`);
    expect(paper.body.addressee).toBe('县公安局');
    await caseShows(house, no, { transfers: [{ id: transfer, to: 'police', status: 'handedOver' }] });
  });

  it('The police decide within three days; what they decide is on record, and so is the meeting about it', async () => {
    expect(await dateOf(house, no, 'policeDecision')).toMatchObject({
      from: '2026-03-13',
      term: { days: 3 },
      at: '2026-03-16T17:00:00+08:00',
      basis: '《行政执法机关移送涉嫌犯罪案件的规定》第八条',
    });
    await house.until('2026-03-16T11:00:00+08:00');
    await inCase(house, no, [`transfers/${transfer}/outcome`, { outcome: 'taken', note: '决定立案' }]);
    const lead = await inCase(house, no, [
      'transfer',
      { to: 'supervisionCommission', reason: '职务违法线索' },
    ]);
    await inCase(house, no, [
      `transfers/${lead.body.id}/decision`,
      { approved: true, note: '同意' },
      'approver',
    ]);
    const letter = await issue(
      house,
      no,
      { kind: 'transferLetter', findings: [] },
      { channel: 'paper', receivedOn: '2026-03-16', receivedBy: '县监察委员会' },
    );
    const paper = await house.call('organizer', 'GET', `/documents/${letter.id}`);
    expect(paper.body).toMatchObject({ number: '桓司执监移〔2026〕2号', addressee: '县监察委员会' });
    await house.until('2026-03-17T10:00:00+08:00');
    await inCase(house, no, [
      'joint-meetings',
      {
        bodies: ['县司法局', '县监委', '县检察院'],
        subject: '线索移送',
        minutes: '会商一致',
        resolution: '由公安机关先行侦查',
      },
    ]);
    const shown = await caseShows(house, no, { state: 'investigating' });
    expect(shown.body.meetings).toMatchObject([{ on: '2026-03-17', subject: '线索移送' }]);
    expect(shown.body.transfers.map((one: { status: string }) => one.status)).toEqual([
      'taken',
      'handedOver',
    ]);
  });

  it('Closed as transferred, answered, archived', async () => {
    await house.until('2026-03-18T10:00:00+08:00');
    await inCase(house, no, ['closure', { reason: 'transferred' }]);
    expect((await mailTo(house, COMPLAINANT, '已办结')).text).toContain('已经移送有管辖权的机关');
    await house.until('2026-03-19T10:00:00+08:00');
    await inCase(house, no, ['reply', { text: '您反映的线索已经依法移送有关机关。' }]);
    await house.until('2026-03-20T10:00:00+08:00');
    await inCase(house, no, ['archive']);
    await caseShows(house, no, { state: 'archived', closing: { reason: 'transferred' } });
    await house.settled();
  });

  it('Every day of it stands in the ledger, in the mails and among the dates', async () => {
    expect(await daysTold(house, no)).toEqual([
      '2026-03-02 case-filed case-opened document-approved document-drafted document-served document-signed',
      '2026-03-03 acknowledged document-received term-began',
      '2026-03-09 accepted answered investigated investigated investigated investigated investigated report-received statement-accepted',
      '2026-03-12 transfer-asked',
      '2026-03-13 document-approved document-drafted document-served document-signed transfer-approved',
      '2026-03-16 document-approved document-drafted document-served document-signed transfer-approved transfer-asked transfer-taken',
      '2026-03-17 noted-jointMeeting',
      '2026-03-18 case-closed',
      '2026-03-19 complainant-answered',
      '2026-03-20 case-archived',
    ]);
    expect(await lettersTo(house, mailbox)).toEqual([
      '2026-03-02 【监督通知书】桓司执监通〔2026〕1号',
      '2026-03-09 【已办结】 【已收到】',
    ]);
    expect(await lettersTo(house, COMPLAINANT)).toEqual([
      '2026-03-02 【投诉举报】已受理 【投诉举报】已登记 【投诉举报】已立案',
      '2026-03-18 【投诉举报】已办结',
      '2026-03-19 【投诉举报】答复',
    ]);
    expect(await datesHad(house, no)).toEqual([
      'archive 2026-03-19 → 2026-04-20 17:00',
      'filing 2026-03-02 → 2026-03-09 17:00',
      'investigation 2026-03-02 → 2026-05-06 17:00',
      'notice 2026-03-02 → 2026-03-09 17:00',
      'policeDecision 2026-03-13 → 2026-03-16 17:00',
      'reply 2026-03-02 → 2026-05-06 17:00',
      'statement 2026-03-03 → 2026-03-17 17:00',
      'transferApproval 2026-03-12 → 2026-03-16 17:00',
      'transferApproval 2026-03-16 → 2026-03-19 17:00',
      'transferHandOver 2026-03-13 → 2026-03-14 10:00',
      'transferHandOver 2026-03-16 → 2026-03-17 11:00',
      'verification 2026-03-09 → 2026-03-23 17:00',
    ]);
    expect((await house.call('administrator', 'GET', `/history/${no}/verify`)).body.intact).toBe(true);
  });
});
