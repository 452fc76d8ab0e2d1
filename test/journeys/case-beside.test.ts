import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf, caseShows, dateOf, fileMatter, inCase, issue, openMatter } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  daysOf,
  expectNoFailure,
  mailTo,
  pageOf,
  post,
  registerSupervisors,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

/** March 2026 has no holiday; the house opens on Monday the 2nd. Each story has an agency of its own, and time goes on from story to story. */
describe('Beside the way of a case', () => {
  let house: House;
  let people: string[];
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['recusing', 'objecting', 'objecting-late', 'suing', 'criminal', 'vague']);
    people = await registerSupervisors(house, 4);
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  const begin = async (agency: string): Promise<string> => {
    const no = await openMatter(house, agency, { channel: 'media', summary: `${agency}的执法问题` });
    await inCase(house, no, ['filing', { approved: true, supervisors: people.slice(0, 2) }, 'approver']);
    return no;
  };
  const refused = async (no: string, what: string, body: unknown) =>
    house.call('organizer', 'POST', `/cases/${no}/${what}`, { body });

  it('Who is recused leaves the case, by the word of the head of the unit; two must be left', async () => {
    const no = await begin('recusing');
    const [first = '', second = '', third = ''] = people;
    const asked = await inCase(house, no, [
      'recusals',
      { person: first, side: 'agency', reason: '与经办人系亲属' },
    ]);
    const { id } = asked.body;
    expect(await dateOf(house, no, 'recusal')).toMatchObject({ at: '2026-03-05T17:00:00+08:00' });
    const stuck = await house.call('organizer', 'GET', `/cases/${no}/blockers`);
    expect(stuck.body).toMatchObject({ cause: 'awaitingApproval', sentence: '回避申请待负责人决定' });
    const unknown = await house.call('approver', 'POST', `/cases/${no}/recusals/HB-none/decision`, {
      body: { granted: true },
    });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'recusal-unknown' } });
    await inCase(house, no, [`recusals/${id}/decision`, { granted: true }, 'approver']);
    const shown = await caseShows(house, no, { recused: [first] });
    expect(shown.body.supervisors.map((one: { id: string }) => one.id)).toEqual([second]);
    const alone = await refused(no, 'documents', { kind: 'notice', findings: [] });
    expect(alone).toMatchObject({ status: 422, body: { code: 'supervisors-too-few' } });
    const back = await house.call('approver', 'POST', `/cases/${no}/supervisors`, {
      body: { supervisors: [first, second] },
    });
    expect(back).toMatchObject({ status: 422, body: { code: 'supervisor-recused' } });
    await inCase(house, no, ['supervisors', { supervisors: [second, third] }, 'approver']);
    for (const side of ['self', 'complainant', 'exOfficio'] as const) {
      const more = await inCase(house, no, [
        'recusals',
        { person: second, side, reason: '可能影响公正办理' },
      ]);
      await inCase(house, no, [`recusals/${more.body.id}/decision`, { granted: false }, 'approver']);
    }
    const sides = (await caseOf(house, no)).body.recusals as { side: string; decision: string }[];
    expect(sides.map((one) => `${one.side} ${one.decision}`)).toEqual([
      'agency granted',
      'self refused',
      'complainant refused',
      'exOfficio refused',
    ]);
    const twice = await house.call('approver', 'POST', `/cases/${no}/recusals/${id}/decision`, {
      body: { granted: false },
    });
    expect(twice).toMatchObject({ status: 409 });
    await issue(house, no, { kind: 'notice', findings: [] });
    await caseShows(house, no, { state: 'noticeServed' });
  });

  describe('Objection', () => {
    let no: string;
    let opinion: { id: string; task: string };
    it('Comes in through the page, does not stay the term, and has a clock of its own', async () => {
      no = await begin('objecting');
      await issue(
        house,
        no,
        { kind: 'notice', findings: [] },
        { channel: 'paper', receivedOn: '2026-03-02' },
      );
      await post(await pageOf(house, addressOf('objecting')), 'answers', {
        text: '情况说明',
      });
      await caseShows(house, no, { state: 'statementReceived' });
      opinion = await issue(house, no, { kind: 'opinion', findings: ['程序违法'] });
      const link = await pageOf(house, addressOf('objecting'), '【意见书】');
      expect(await (await fetch(link)).text()).toContain('/objections');
      expect((await post(link, 'objections', { text: '事实认定有误，附证据' })).status).toBe(201);
      const shown = await caseShows(house, no, {
        state: 'rectifying',
        objections: [{ paper: opinion.id, on: '2026-03-02' }],
      });
      expect((await taskShows(house, opinion.task, { clock: { started: true } })).body.due.at).toBe(
        '2026-04-01T17:00:00+08:00',
      );
      expect(await dateOf(house, no, 'objectionAnswer')).toMatchObject({ at: '2026-03-17T17:00:00+08:00' });
      const stuck = await house.call('organizer', 'GET', `/cases/${no}/blockers`);
      expect(stuck.body).toMatchObject({ cause: 'awaitingReview', sentence: '机关提出了异议，待本机关答复' });
      expect(shown.body.possible).toContain('answerObjection');
      await keepHistory(house, `case/${no}`, 'case-objected');
    });

    it('Comes after the report was accepted and its task has ended, and is heard all the same', async () => {
      const late = await begin('objecting-late');
      const onPaper = { channel: 'paper', receivedOn: '2026-03-02' };
      const notice = await issue(house, late, { kind: 'notice', findings: [] }, onPaper);
      const said = { text: '情况说明', by: { name: '王某' } };
      await house.call('organizer', 'POST', `/tasks/${notice.task}/answers`, { body: said });
      await caseShows(house, late, { state: 'statementReceived' });
      const { id, task } = await issue(house, late, { kind: 'opinion', findings: ['程序违法'] }, onPaper);
      const link = await pageOf(house, addressOf('objecting-late'), task);
      await post(link, 'answers', { text: '已经改正' });
      await caseShows(house, late, { state: 'verifying' });
      await inCase(house, late, ['verification', { accepted: true, note: '属实' }]);
      await caseShows(house, late, { state: 'verified' });
      await taskShows(house, task, { state: 'closed' });
      const { group } = (await house.store.tasks.findById(task).lean()) ?? {};
      await eventually(async () => {
        const { status } = await house.deps.client.workflow.getHandle(String(group)).describe();
        expect(status.name).toBe('COMPLETED');
      });
      expect((await post(link, 'objections', { text: '改正了，但不认可第一项' })).status).toBe(201);
      const shown = await caseShows(house, late, { objections: [{ paper: id, on: '2026-03-02' }] });
      expect(shown.body).toMatchObject({ state: 'verified' });
      const objection = shown.body.objections[0].id as string;
      const answer = { upheld: false, text: '认定有卷为证' };
      await inCase(house, late, [`objections/${objection}/answer`, answer, 'approver']);
      expect((await mailTo(house, addressOf('objecting-late'), '【异议答复】')).text).toContain(
        '认定有卷为证',
      );
    });

    it('Upheld, the document is withdrawn, its task ends, the agency is told, and the case is reviewed again', async () => {
      const id = (await caseOf(house, no)).body.objections[0].id as string;
      const unknown = await house.call('approver', 'POST', `/cases/${no}/objections/HZNONE/answer`, {
        body: { upheld: true, text: '成立' },
      });
      expect(unknown).toMatchObject({ status: 404, body: { code: 'objection-unknown' } });
      await inCase(house, no, [
        `objections/${id}/answer`,
        { upheld: true, text: '原认定的事实不清' },
        'approver',
      ]);
      await caseShows(house, no, { state: 'reviewing', objections: [{ id, answer: 'upheld' }] });
      await taskShows(house, opinion.task, { state: 'withdrawn' });
      expect((await mailTo(house, addressOf('objecting'), '【异议答复】')).text).toContain(
        '原认定的事实不清',
      );
      const paper = await house.call('organizer', 'GET', `/documents/${opinion.id}`);
      expect(paper.body).toMatchObject({ state: 'withdrawn', withdrawal: { by: 'approver' } });
      const again = await house.call('organizer', 'POST', `/documents/${opinion.id}/service`, {
        body: { channel: 'email' },
      });
      expect(again).toMatchObject({ status: 409, body: { code: 'document-withdrawn' } });
      await inCase(house, no, [
        'review',
        { kind: 'legalReview', opinion: '未发现违法', conclusion: 'noViolation' },
      ]);
      await caseShows(house, no, { state: 'terminated' });
      await inCase(house, no, ['closure', { reason: 'noViolation' }]);
    });
  });

  it('A reconsideration that begins stops everything that is asked of the agency; its days do not count', async () => {
    const no = await begin('suing');
    const served = await issue(house, no, { kind: 'notice', findings: [] });
    const unsigned = await house.call('organizer', 'POST', `/documents/${served.id}/service`, {
      body: { channel: 'email' },
    });
    expect(unsigned).toMatchObject({ status: 409, body: { code: 'document-served' } });
    const link = await pageOf(house, addressOf('suing'), '【监督通知书】');
    await sign(link);
    await caseShows(house, no, { state: 'statementDue' });
    const due = (await taskOf(house, served.task)).body.due.at as string;
    expect(due).toBe('2026-03-16T17:00:00+08:00');
    const drafted = await house.call('organizer', 'POST', `/cases/${no}/suspension`, {
      body: { remedy: 'reconsideration' },
    });
    expect(drafted.body).toMatchObject({
      state: 'suspended',
      suspension: { remedy: 'reconsideration', since: '2026-03-02', from: 'statementDue' },
    });
    const stopped = await refused(no, 'documents', { kind: 'opinion', findings: ['程序违法'] });
    expect(stopped).toMatchObject({ status: 409, body: { code: 'case-suspended' } });
    expect(stopped.body.possible).toContain('resume');
    await keepHistory(house, `case/${no}`, 'case-suspended');
    await house.until('2026-03-12T12:00:00+08:00');
    expect(await daysOf(house, addressOf('suing'), '【提醒】')).toEqual([]);
    expect((await post(link, 'answers', { text: '仍然提交说明' })).status).toBe(201);
    await inCase(house, no, ['resumption', { note: '复议维持' }]);
    const shown = await caseShows(house, no, { state: 'statementReceived' });
    expect(shown.body.suspension).toBeUndefined();
    expect(await dateOf(house, no, 'investigation')).toMatchObject({
      at: '2026-05-11T17:00:00+08:00',
      term: { days: 70 },
      from: '2026-03-02',
    });
    await inCase(house, no, ['suspension', { reason: '当事人提起行政诉讼' }]);
    await caseShows(house, no, { state: 'suspended', suspension: { remedy: 'litigation' } });
    await inCase(house, no, ['closure', { reason: 'remedyStarted' }]);
    await caseShows(house, no, { state: 'closed', closing: { reason: 'remedyStarted' } });
  });

  it('A crime lead goes to the police by its own clocks: three days, a day and a night, three days', async () => {
    const no = await begin('criminal');
    const gone = await house.call('approver', 'POST', `/cases/${no}/transfers/YS-none/decision`, {
      body: { approved: true },
    });
    expect(gone).toMatchObject({ status: 404, body: { code: 'transfer-unknown' } });
    const asked = await inCase(house, no, ['transfer', { to: 'police', reason: '涉嫌徇私舞弊' }]);
    const { id } = asked.body;
    expect(await dateOf(house, no, 'transferApproval')).toMatchObject({
      at: '2026-03-16T17:00:00+08:00',
      basis: '《行政执法机关移送涉嫌犯罪案件的规定》第五条',
    });
    await inCase(house, no, [`transfers/${id}/decision`, { approved: true, note: '同意移送' }, 'approver']);
    const handOver = await dateOf(house, no, 'transferHandOver');
    expect(handOver).toMatchObject({ rule: 'hours', from: '2026-03-12' });
    expect(Date.parse(handOver['at'] as string) - (await house.now())).toBeLessThanOrEqual(86_400_000);
    const letter = await inCase(house, no, [
      'documents',
      { kind: 'transferLetter', findings: [], facts: ['crimeLead'] },
    ]);
    const raw = await house.call('organizer', 'POST', `/documents/${letter.body.id}/service`, {
      body: { channel: 'paper' },
    });
    expect(raw).toMatchObject({ status: 409, body: { code: 'document-not-approved' } });
    await house.call('approver', 'POST', `/documents/${letter.body.id}/approval`, {
      body: { approved: true, signatory: '李某' },
    });
    await house.call('organizer', 'POST', `/documents/${letter.body.id}/service`, {
      body: { channel: 'paper', receivedOn: '2026-03-12', receivedBy: '县公安局' },
    });
    const shown = await caseShows(house, no, { transfers: [{ id, to: 'police', status: 'handedOver' }] });
    expect(shown.body.state).toBe('filed');
    expect(await dateOf(house, no, 'policeDecision')).toMatchObject({ at: '2026-03-16T17:00:00+08:00' });
    await inCase(house, no, [`transfers/${id}/outcome`, { outcome: 'taken', note: '决定立案' }]);
    await inCase(house, no, [
      'joint-meetings',
      { bodies: ['县司法局', '县监委', '县检察院'], subject: '线索移送', minutes: '会商一致' },
    ]);
    await inCase(house, no, ['closure', { reason: 'transferred' }]);
    const closed = await caseShows(house, no, { state: 'closed' });
    expect(closed.body.meetings).toHaveLength(1);
    await keepHistory(house, `case/${no}`, 'case-transferred');
  });

  it('Bad input is refused with its pointer, and nothing is stored of it', async () => {
    const no = await openMatter(house, 'vague', { channel: 'media', summary: '笼统的问题' });
    const few = await house.call('approver', 'POST', `/cases/${no}/filing`, {
      body: { approved: true, supervisors: [people[0]] },
    });
    expect(few).toMatchObject({
      status: 422,
      body: { code: 'supervisors-too-few', errors: [{ pointer: '/supervisors' }] },
    });
    await fileMatter(house, no);
    const when = await refused(no, 'investigation-records', { kind: 'onSiteInspection', on: '2026-12-31' });
    expect(when).toMatchObject({ status: 422, body: { errors: [{ pointer: '/on' }] } });
    const file = await refused(no, 'investigation-records', {
      kind: 'onSiteInspection',
      evidence: [{ kind: 'audioVisual', title: '录像', sha256: '0'.repeat(64) }],
    });
    expect(file).toMatchObject({ status: 422, body: { errors: [{ pointer: '/evidence/0/sha256' }] } });
    expect((await caseOf(house, no)).body).toMatchObject({ records: [], files: [] });
    const none = await house.call('organizer', 'POST', `/cases/GA-2026-999/closure`, {
      body: { reason: 'rectified' },
    });
    expect(none.status).toBe(404);
    const keyless = await house.call('organizer', 'POST', `/cases/${no}/closure`, {
      body: { reason: 'rectified' },
      headers: { 'Idempotency-Key': '' },
    });
    expect(keyless.status).toBe(428);
    const list = await house.call('auditor', 'GET', '/cases?stage=closure&state=closed');
    expect(list.body.items.every((one: { state: string }) => one.state === 'closed')).toBe(true);
    expect(list.body.total).toBe(3);
  });
});
