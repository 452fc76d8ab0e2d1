import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stamp } from '../../domain/clock.ts';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { linkIn, registerAgencies } from '../support/county.ts';
import { type Answered, eventually, type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, registerSupervisors } from '../support/people.ts';

/** 409 with the steps that are possible now. */
function outOfOrder(answer: Answered): void {
  expectProblem(answer, 409);
  expect(answer.body.possible, JSON.stringify(answer.body)).toBeInstanceOf(Array);
}

describe('the other documents of a case, by the contract alone', () => {
  let house: House;
  let script: Script;
  let team: string[];
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });
  const approver = (path: string, body?: unknown) =>
    script('approver', 'POST', path, { headers: key(), body });
  const shows = (no: string, state: string) =>
    eventually(async () => {
      const got = await organizer('GET', `/cases/${no}`);
      expect(got.body.state).toBe(state);
      return got.body;
    });
  const blocked = (no: string, cause: string) =>
    eventually(async () => {
      const got = await script('auditor', 'GET', `/cases/${no}/blockers`);
      expect(got.body).toMatchObject({ blocked: true, cause, sentence: expect.stringMatching(/./) });
    });
  const made = (answer: Answered): Answered => {
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer;
  };
  const open = async (agency: string): Promise<string> => {
    const clue = made(
      await organizer('POST', '/clues', { channel: 'assignment', summary: '不履行法定职责', agency }),
    );
    const screened = await organizer('POST', `/clues/${clue.body.no}/screening`, {
      result: 'accept',
      reason: '是',
    });
    const no = made(screened).body.case as string;
    made(await approver(`/cases/${no}/filing`, { approved: true, supervisors: team }));
    return no;
  };
  const draft = async (no: string, body: Record<string, unknown>): Promise<string> =>
    made(await organizer('POST', `/cases/${no}/documents`, body)).body.id as string;
  const sign = async (id: string): Promise<string> =>
    made(await approver(`/documents/${id}/approval`, { approved: true, signatory: '局长' })).body
      .number as string;
  const issue = async (no: string, body: Record<string, unknown>, channel: 'email' | 'paper' = 'paper') => {
    const id = await draft(no, body);
    await sign(id);
    const receivedOn = stamp(await house.now()).slice(0, 10);
    const receipt = channel === 'paper' ? { receivedOn } : {};
    made(await organizer('POST', `/documents/${id}/service`, { channel, ...receipt }));
    return id;
  };
  const heard = async (agency: string): Promise<string> => {
    const no = await open(agency);
    await issue(no, { kind: 'notice', findings: [] });
    const { tasks } = await shows(no, 'statementDue');
    const said = { text: '说明', items: {}, by: { name: '经办人甲', phone: '1' } };
    made(await organizer('POST', `/tasks/${tasks[0].no}/answers`, said));
    await shows(no, 'statementReceived');
    made(await organizer('POST', `/cases/${no}/verification`, { accepted: true, note: '收到' }));
    await shows(no, 'investigating');
    return no;
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['maqiao', 'tangshan', 'xincheng', 'guoli'], 'department');
    team = (await registerSupervisors(house, 3)).slice(0, 2);
  });
  afterAll(() => house.close());

  it('A letter that is not carried out leads to one decision, which the government approves', async () => {
    const no = await heard('maqiao');
    await issue(no, { kind: 'letter', findings: ['逾期不履行法定职责'], term: { days: 15 } });
    const rectifying = await shows(no, 'rectifying');
    const due = (rectifying.tasks as { state: string; due?: { at: string } }[]).map((one) => one.due?.at);
    expect(due.some((at) => at?.startsWith('2026-03-17'))).toBe(true);
    outOfOrder(await organizer('POST', `/cases/${no}/documents`, { kind: 'decision', findings: ['x'], outcome: 'orderPerform' })); // prettier-ignore
    await house.until('2026-03-18T12:00:00+08:00');
    await blocked(no, 'awaitingAgency');
    const url = `/cases/${no}/documents`;
    const decision = { kind: 'decision', findings: ['逾期不履行法定职责'], term: { days: 30 } };
    expectProblem(await organizer('POST', url, { ...decision, outcome: 'punish' }), 422);
    const id = await draft(no, { ...decision, outcome: 'orderPerform' });
    await shows(no, 'decisionProposed');
    outOfOrder(await organizer('POST', url, { ...decision, outcome: 'revoke' }));
    made(await organizer('POST', `/cases/${no}/government-submission`));
    await shows(no, 'governmentApproving');
    await blocked(no, 'awaitingApproval');
    expectProblem(await organizer('POST', `/cases/${no}/government-approval`, { approved: true }), 403);
    made(await approver(`/cases/${no}/government-approval`, { approved: true, note: '同意' }));
    expect(await sign(id)).toMatch(/^桓政.*〔2026〕1号$/);
    made(await organizer('POST', `/documents/${id}/service`, { channel: 'paper', receivedOn: '2026-03-18' }));
    const executing = await shows(no, 'executing');
    outOfOrder(await organizer('POST', url, { ...decision, outcome: 'revoke' }));
    const task = (executing.tasks as { no: string; state: string }[]).findLast((one) => one.state !== 'closed' && one.state !== 'withdrawn'); // prettier-ignore
    made(
      await organizer('POST', `/tasks/${task?.no}/answers`, {
        text: '已执行',
        by: { name: '甲', phone: '1' },
      }),
    );
    await shows(no, 'executionReported');
    made(await organizer('POST', `/cases/${no}/verification`, { accepted: true, note: '属实' }));
    await shows(no, 'verified');
    made(await organizer('POST', `/cases/${no}/closure`, { reason: 'decisionExecuted' }));
    const circular = await draft(no, { kind: 'circular', findings: ['典型问题'] });
    await sign(circular);
    made(await organizer('POST', `/documents/${circular}/service`, { channel: 'email' }));
    made(await organizer('POST', `/cases/${no}/archive`));
    await shows(no, 'archived');
  });

  it('An opinion may be objected to and more time asked for, and both are answered', async () => {
    const no = await heard('tangshan');
    const opinion = await issue(
      no,
      { kind: 'opinion', findings: ['适用法律错误'], term: { days: 30 } },
      'email',
    );
    const link = linkIn((await mailTo(house, addressOf('tangshan'), '【意见书】')).text);
    await blocked(no, 'notAcknowledged');
    for (const body of [{}, { text: '' }])
      expect((await send(`${link}/objections`, 'POST', { body, headers: JSON_WANTED })).status).toBe(422);
    const objected = await send(`${link}/objections`, 'POST', {
      body: { text: '认定有误' },
      headers: JSON_WANTED,
    });
    expect(objected.status, JSON.stringify(objected.body)).toBe(201);
    await blocked(no, 'awaitingReview');
    const { objections } = (await organizer('GET', `/cases/${no}`)).body;
    const answer = `/cases/${no}/objections/${objections[0].id}/answer`;
    expectProblem(await approver(answer, {}), 422, undefined, '/upheld');
    expectProblem(await organizer('POST', answer, { upheld: false, text: '理由不成立' }), 403);
    made(await approver(answer, { upheld: false, text: '理由不成立' }));
    outOfOrder(await approver(answer, { upheld: true, text: '成立' }));
    expectProblem(await approver(`/cases/${no}/objections/none/answer`, { upheld: true, text: '成立' }), 404);
    const asked = await send(`${link}/extensions`, 'POST', {
      body: { days: 10, reason: '需要时间' },
      headers: JSON_WANTED,
    });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    await blocked(no, 'extensionUndecided');
    outOfOrder(await organizer('POST', `/documents/${opinion}/service`, { channel: 'email' }));
  });

  it('A proposal and letters of transfer go out in the course of a case', async () => {
    const no = await heard('xincheng');
    for (const body of [
      { kind: 'proposal', findings: ['制度不健全'] },
      { kind: 'transferLetter', findings: ['涉嫌犯罪线索'] },
    ]) {
      const id = await draft(no, body);
      expect(await sign(id)).toMatch(/〔2026〕\d+号$/);
      made(await organizer('POST', `/documents/${id}/service`, { channel: 'email' }));
    }
    for (const [to, series] of [
      ['police', '移'],
      ['competentAgency', '移'],
    ] as const) {
      const transfer = made(await organizer('POST', `/cases/${no}/transfer`, { to, reason: '线索' }));
      made(await approver(`/cases/${no}/transfers/${transfer.body.id}/decision`, { approved: true }));
      expect(await sign(await draft(no, { kind: 'transferLetter', findings: [] }))).toContain(series);
    }
  });

  it('A case without a violation ends, and takes no document any more', async () => {
    const no = await heard('guoli');
    const reviewed = { kind: 'legalReview', opinion: '未发现违法', conclusion: 'noViolation' };
    made(await organizer('POST', `/cases/${no}/review`, reviewed));
    await shows(no, 'terminated');
    outOfOrder(await organizer('POST', `/cases/${no}/documents`, { kind: 'decision', findings: ['x'], outcome: 'revoke' })); // prettier-ignore
    outOfOrder(await organizer('POST', `/cases/${no}/suspension`, { reason: '复议' }));
    outOfOrder(await organizer('POST', `/cases/${no}/closure`, { reason: 'rectified' }));
    made(await organizer('POST', `/cases/${no}/closure`, { reason: 'noViolation' }));
    await shows(no, 'closed');
  });
});
