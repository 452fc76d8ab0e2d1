import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf, caseShows, dateOf, inCase, issue, openMatter } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, pageOf, registerSupervisors, sign } from '../support/people.ts';

/** March 2026 has no holiday; the house opens on Monday the 2nd. */
describe('Shorter and longer ways of a case', () => {
  let house: House;
  let people: string[];
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['onspot', 'major']);
    people = await registerSupervisors(house, 2);
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  const begin = async (agency: string): Promise<string> => {
    const no = await openMatter(house, agency, { channel: 'media', summary: `${agency}的执法问题` });
    await inCase(house, no, ['filing', { approved: true, supervisors: people }, 'approver']);
    return no;
  };

  it('What was put right on the spot needs no document: the case goes to its closure', async () => {
    const no = await begin('onspot');
    const { task } = await issue(house, no, { kind: 'notice', findings: [] });
    await inCase(house, no, ['investigation-records', { kind: 'onSiteInspection', text: '当场补正' }]);
    const early = await house.call('organizer', 'POST', `/cases/${no}/review`, {
      body: {
        kind: 'legalReview',
        opinion: '当场纠正',
        conclusion: 'correctedOnSpot',
      },
    });
    expect(early).toMatchObject({ status: 409, body: { code: 'case-out-of-step', state: 'noticeServed' } });
    const said = { text: '已当场补正', by: { name: '经办人甲' } };
    await sign(await pageOf(house, addressOf('onspot'), '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await house.call('organizer', 'POST', `/tasks/${task}/answers`, { body: said });
    await caseShows(house, no, { state: 'statementReceived' });
    await inCase(house, no, [
      'review',
      { kind: 'legalReview', opinion: '当场纠正', conclusion: 'correctedOnSpot' },
    ]);
    await caseShows(house, no, { state: 'verified', documents: [{ kind: 'notice' }] });
    await inCase(house, no, ['closure', { reason: 'rectified' }]);
  });

  it('A major matter goes from its review to the government, and the hotline’s work order has a date of its own', async () => {
    const no = await openMatter(house, 'major', { channel: 'hotline12345', externalNo: 'GD-7' });
    expect(await dateOf(house, no, 'hotline')).toMatchObject({
      from: '2026-03-02',
      term: { workdays: 5 },
      at: '2026-03-09T17:00:00+08:00',
      basis: '《山东省政务服务热线管理办法》',
    });
    await inCase(house, no, ['filing', { approved: true, supervisors: people }, 'approver']);
    const receipt = { channel: 'paper', receivedOn: '2026-03-02', receivedBy: '办公室' };
    const { task } = await issue(house, no, { kind: 'notice', findings: [] }, receipt);
    const said = { text: '情况说明', by: { name: '经办人甲' } };
    await house.call('organizer', 'POST', `/tasks/${task}/answers`, { body: said });
    await caseShows(house, no, { state: 'statementReceived' });
    await inCase(house, no, ['extension', { reason: '案情复杂' }, 'approver']);
    expect(await dateOf(house, no, 'hotline')).toMatchObject({
      from: '2026-03-02',
      term: { workdays: 15 },
      at: '2026-03-23T17:00:00+08:00',
    });
    expect(await dateOf(house, no, 'reply')).toMatchObject({
      term: { days: 90 },
      at: '2026-06-01T17:00:00+08:00',
    });
    const { clue } = (await caseOf(house, no)).body as { clue: string };
    await eventually(async () => {
      const { body } = await house.call('auditor', 'GET', `/clues/${clue}`);
      expect((body.notices as { step: string }[]).map((one) => one.step)).toContain('extended');
    });
    await inCase(house, no, [
      'review',
      { kind: 'collectiveDiscussion', opinion: '重大', conclusion: 'violation' },
    ]);
    const drafted = await inCase(house, no, [
      'documents',
      {
        kind: 'decision',
        findings: [{ description: '违法实施查封', severity: 'major' }],
        outcome: 'confirmUnlawful',
      },
    ]);
    await caseShows(house, no, { state: 'decisionProposed', facts: expect.arrayContaining(['major']) });
    const unapproved = await house.call('organizer', 'POST', `/documents/${drafted.body.id}/service`, {
      body: { channel: 'email' },
    });
    expect(unapproved).toMatchObject({ status: 409, body: { code: 'document-not-approved' } });
    await inCase(house, no, ['withdrawal', { reason: '投诉人撤回' }]);
    await inCase(house, no, ['closure', { reason: 'withdrawn' }]);
    expect((await caseOf(house, no)).body.answerOwed).toBe(true);
    await inCase(house, no, ['reply', { text: '已按撤回办结。' }]);
    await inCase(house, no, ['archive']);
    const { body } = await caseOf(house, no);
    const dates = body.deadlines as { name: string; state: string }[];
    expect(dates.filter((one) => one.name === 'hotline').map((one) => one.state)).toEqual(['ended', 'ended']);
  });
});
