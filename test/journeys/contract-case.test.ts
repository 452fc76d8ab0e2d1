import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { linkIn, registerAgencies } from '../support/county.ts';
import { type Answered, eventually, type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, registerSupervisors } from '../support/people.ts';

/** 409 with the steps that are possible now. */
function outOfOrder(answer: Answered): void {
  expectProblem(answer, 409);
  expect(answer.body.possible, JSON.stringify(answer.body)).toBeInstanceOf(Array);
}

describe('one case from a clue to the archive, by the contract alone', () => {
  let house: House;
  let script: Script;
  let no: string;
  let team: string[];
  let opinion: string;
  let task: string;
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });
  const approver = (path: string, body: unknown) =>
    script('approver', 'POST', path, { headers: key(), body });
  const shows = (state: string) =>
    eventually(async () => {
      const got = await organizer('GET', `/cases/${no}`);
      expect(got.body.state).toBe(state);
      return got.body;
    });
  const blocked = (cause: string, stuck = true) =>
    eventually(async () => {
      const got = await script('auditor', 'GET', `/cases/${no}/blockers`);
      expect(got.body).toMatchObject({ blocked: stuck, cause });
      for (const name of ['since', 'owner', 'sentence']) expect(got.body[name], name).toMatch(/./);
      expect(got.body.next).toMatchObject({ step: expect.stringMatching(/./) });
      expect(got.body.actions).toBeInstanceOf(Array);
      return got.body;
    });
  const draft = async (body: Record<string, unknown>): Promise<string> => {
    const made = await organizer('POST', `/cases/${no}/documents`, body);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body).toMatchObject({ id: expect.stringMatching(/./), state: 'draft' });
    return made.body.id as string;
  };
  const approve = async (id: string) => {
    const signed = await approver(`/documents/${id}/approval`, { approved: true, signatory: '局长' });
    expect(signed.status, JSON.stringify(signed.body)).toBe(201);
    expect(signed.body.number).toMatch(/^.+〔2026〕\d+号$/);
    expect(signed.body.state).toBe('approved');
  };
  const serve = async (id: string, body: Record<string, unknown> = { channel: 'email' }) => {
    const served = await organizer('POST', `/documents/${id}/service`, body);
    expect(served.status, JSON.stringify(served.body)).toBeLessThan(203);
    return served;
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['maqiao', 'tangshan'], 'department');
    team = await registerSupervisors(house, 3);
  });
  afterAll(() => house.close());

  it('A clue accepted is a case, which is filed by an approver with two able supervisors', async () => {
    const clue = await organizer('POST', '/clues', {
      channel: 'complaint',
      summary: '马桥镇处罚前未告知陈述申辩权利',
      agency: 'maqiao',
      actType: 'penalty',
      complainant: { name: '张三', contact: '13800000000', confidential: true },
    });
    expect(clue.status).toBe(201);
    const screened = await organizer('POST', `/clues/${clue.body.no}/screening`, { result: 'accept', reason: '属于监督范围' }); // prettier-ignore
    expect(screened.status).toBe(201);
    no = screened.body.case as string;
    expect(no).toBe('GA-2026-001');
    const got = await eventually(async () => {
      const shown = await organizer('GET', `/cases/${no}`);
      expect(shown.status).toBe(200);
      return shown;
    });
    expect(got.body).toMatchObject({ state: expect.any(String), stage: expect.any(String) });
    for (const name of ['deadlines', 'documents', 'tasks', 'supervisors'])
      expect(got.body[name], name).toBeInstanceOf(Array);
    expect(got.headers.get('etag')).toMatch(/^"/);
    expect(JSON.stringify(got.body)).not.toMatch(/张三|13800000000/);
    await blocked('awaitingApproval');
    const early = await organizer('POST', `/cases/${no}/documents`, { kind: 'notice', findings: [] });
    outOfOrder(early);
    const filing = `/cases/${no}/filing`;
    expectProblem(await organizer('POST', filing, { approved: true, supervisors: team }), 403);
    const bare = await script('approver', 'POST', filing, { body: { approved: true, supervisors: team } });
    expectProblem(bare, 428);
    expectProblem(await approver('/cases/GA-2026-999/filing', { approved: true, supervisors: team }), 404);
    expectProblem(await approver(filing, { approved: true, supervisors: team.slice(0, 1) }), 422, undefined, '/supervisors'); // prettier-ignore
    const twin = { approved: true, supervisors: [team[0], team[0]] };
    expect((await approver(filing, twin)).status).toBe(422);
    const unknown = await approver(filing, { approved: true, supervisors: [team[0], 'nobody'] });
    expect(unknown.status).toBe(422);
    const expired = await script('administrator', 'POST', '/supervisors', {
      body: { name: '证件过期者', certificate: { no: 'SD-9', issued: '2020-01-01', expires: '2025-12-31' } },
    });
    const past = await approver(filing, { approved: true, supervisors: [team[0], expired.body.id] });
    expect([409, 422]).toContain(past.status);
    expect(JSON.stringify(past.body)).toContain('证件过期者');
    const filed = await approver(filing, { approved: true, supervisors: team.slice(0, 2) });
    expect(filed.status, JSON.stringify(filed.body)).toBeLessThan(203);
    await shows('filed');
  });

  it('A notice may have no findings, and its statement is a task of the agency', async () => {
    const url = `/cases/${no}/documents`;
    expectProblem(await organizer('POST', url, { kind: 'warrant', findings: [] }), 422, undefined, '/kind');
    const id = await draft({ kind: 'notice', findings: [] });
    await blocked('awaitingApproval');
    const soon = await organizer('POST', `/documents/${id}/service`, { channel: 'email' });
    outOfOrder(soon);
    expectProblem(
      await organizer('POST', `/documents/${id}/approval`, { approved: true, signatory: '局长' }),
      403,
    );
    expectProblem(await approver(`/documents/${id}/approval`, { approved: 'maybe' }), 422, undefined, '/approved'); // prettier-ignore
    await approve(id);
    outOfOrder(await approver(`/documents/${id}/approval`, { approved: true, signatory: '局长' }));
    expectProblem(await organizer('POST', `/documents/${id}/service`, { channel: 'pigeon' }), 422, undefined, '/channel'); // prettier-ignore
    const unkeyed = { body: { channel: 'email' } };
    expectProblem(await script('organizer', 'POST', `/documents/${id}/service`, unkeyed), 428);
    await serve(id);
    const link = linkIn((await mailTo(house, addressOf('maqiao'))).text);
    await blocked('notAcknowledged');
    const signed = await send(`${link}/acknowledge`, 'POST', { body: { name: '经办人甲', post: '科员' }, headers: JSON_WANTED }); // prettier-ignore
    expect(signed.status).toBe(201);
    await shows('statementDue');
    await blocked('awaitingAgency', false);
    const said = await send(`${link}/answers`, 'POST', {
      body: { text: '情况说明如下' },
      headers: JSON_WANTED,
    });
    expect(said.body).toMatchObject({ late: false, receipt: expect.stringMatching(/./) });
    const shown = await shows('statementReceived');
    expect(shown.tasks).toHaveLength(1);
    expect(shown.documents).toMatchObject([{ id, kind: 'notice' }]);
    await blocked('awaitingReview');
    const accept = { body: { verdict: 'accept' }, headers: { ...key(), 'If-Match': '*' } };
    expectProblem(await script('organizer', 'POST', `/tasks/${shown.tasks[0].no}/reviews`, accept), 409);
  });

  it('People are recused and the case rests, and both are over again', async () => {
    const heard = await organizer('POST', `/cases/${no}/verification`, {
      accepted: true,
      note: '说明已收到',
    });
    expect(heard.status, JSON.stringify(heard.body)).toBe(201);
    const record = await organizer('POST', `/cases/${no}/investigation-records`, {
      kind: 'interviewRecord',
      text: '询问经办人，其承认未告知',
    });
    expect(record.status, JSON.stringify(record.body)).toBe(201);
    const url = `/cases/${no}/recusals`;
    expectProblem(await organizer('POST', url, { reason: '近亲属' }), 422, undefined, '/person');
    expectProblem(
      await organizer('POST', url, { person: 'nobody', reason: '近亲属' }),
      422,
      undefined,
      '/person',
    );
    const asked = await organizer('POST', url, { person: team[2], side: 'agency', reason: '近亲属' });
    expect(asked.status, JSON.stringify(asked.body)).toBe(201);
    await blocked('awaitingApproval');
    const decided = await approver(`${url}/${asked.body.id}/decision`, { granted: false });
    expect(decided.status, JSON.stringify(decided.body)).toBe(201);
    const out = await organizer('POST', `/cases/${no}/resumption`, { reason: '未中止' });
    expectProblem(out, 409);
    expect(out.body.possible).toContain('suspend');
    const suspended = await organizer('POST', `/cases/${no}/suspension`, { reason: '行政复议已受理' });
    expect(suspended.status, JSON.stringify(suspended.body)).toBe(201);
    await shows('suspended');
    outOfOrder(await organizer('POST', `/cases/${no}/suspension`, { reason: '行政复议已受理' }));
    expect((await organizer('POST', `/cases/${no}/resumption`, { reason: '复议终结' })).status).toBe(201);
    await shows('investigating');
  });

  it('An opinion is served on paper, returned once, and verified by the case and nobody else', async () => {
    const url = `/cases/${no}/documents`;
    const none = await organizer('POST', url, { kind: 'opinion', findings: [] });
    expectProblem(none, 409, 'fact-missing');
    outOfOrder(none);
    const term = { days: -1 };
    expectProblem(await organizer('POST', url, { kind: 'opinion', findings: ['x'], term }), 422, undefined, '/term/days'); // prettier-ignore
    opinion = await draft({ kind: 'opinion', findings: ['重大执法决定未经法制审核'], term: { days: 30 } });
    await approve(opinion);
    const paper = { channel: 'paper', receivedOn: '2026-03-09' };
    expectProblem(await organizer('POST', `/documents/${opinion}/service`, paper), 422, undefined, '/receivedOn'); // prettier-ignore
    await serve(opinion, { ...paper, receivedOn: '2026-03-02' });
    const { tasks } = await shows('rectifying');
    task = (tasks as { no: string; state: string }[]).find((one) => one.state !== 'closed')?.no ?? '';
    const due = (await organizer('GET', `/tasks/${task}`)).body.due;
    expect(due.at).toMatch(/^2026-04-01T/);
    outOfOrder(await organizer('POST', `/cases/${no}/verification`, { accepted: true, note: '' }));
    const said = { text: '已整改', items: {}, by: { name: '经办人甲', phone: '0533-0000000' } };
    expect((await organizer('POST', `/tasks/${task}/answers`, said)).status).toBe(201);
    await shows('verifying');
    const verification = `/cases/${no}/verification`;
    expectProblem(await script('auditor', 'POST', verification, { headers: key(), body: {} }), 403);
    expectProblem(await organizer('POST', verification, { note: '行' }), 422, undefined, '/accepted');
    expect((await organizer('POST', verification, { accepted: false, note: '缺材料' })).status).toBe(201);
    await shows('rectifying');
    const mail = await mailTo(house, addressOf('maqiao'), '【请补正】');
    await house.reply(mail, { text: '补充材料如下', files: [{ filename: '整改.txt', content: '改' }] });
    await shows('verifying');
    await blocked('awaitingReview');
    const accepted = await organizer('POST', verification, { accepted: true, note: '同意' });
    expect(accepted.status, JSON.stringify(accepted.body)).toBe(201);
    await shows('verified');
  });

  it('Measures and a campaign follow from the case; it is closed, answered and kept', async () => {
    const measure = `/cases/${no}/accountability`;
    expectProblem(await organizer('POST', measure, { kind: 'flogging', subject: 'maqiao', body: 'tangshan' }), 422, undefined, '/kind'); // prettier-ignore
    const officer = await script('administrator', 'POST', '/officers', {
      body: { name: '执法员甲', agency: 'maqiao', certificate: { no: 'ZF-1', issued: '2025-01-01', expires: '2030-01-01' } }, // prettier-ignore
    });
    expect(officer.status).toBe(201);
    const recommended = await organizer('POST', measure, { kind: 'offDutyTraining', subject: officer.body.id, body: 'tangshan' }); // prettier-ignore
    expect(recommended.status, JSON.stringify(recommended.body)).toBe(201);
    const spread = await organizer('POST', `/cases/${no}/spread`, {});
    expect(spread.status, JSON.stringify(spread.body)).toBe(201);
    expect(spread.body).toMatchObject({ no: expect.stringMatching(/^ZX-2026-\d{3}$/), state: 'draft' });
    const closure = `/cases/${no}/closure`;
    expectProblem(await organizer('POST', closure, { reason: 'tired' }), 422, undefined, '/reason');
    outOfOrder(await organizer('POST', closure, { reason: 'noViolation' }));
    outOfOrder(await organizer('POST', `/cases/${no}/archive`));
    expect((await organizer('POST', closure, { reason: 'rectified' })).status).toBe(201);
    await shows('closed');
    expect((await organizer('POST', `/cases/${no}/reply`, { text: '已责令整改' })).status).toBe(201);
    await shows('replied');
    expect((await organizer('POST', `/cases/${no}/archive`)).status).toBe(201);
    const ended = await shows('archived');
    for (const { at } of ended.deadlines as { at: string | null }[])
      if (at !== null) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    const late = await organizer('POST', `/cases/${no}/documents`, { kind: 'decision', findings: ['x'], outcome: 'revoke' }); // prettier-ignore
    outOfOrder(late);
    expect((await script('auditor', 'GET', `/cases/${no}/blockers`)).body.blocked).toBe(false);
    const told = await house.mails(addressOf('maqiao'));
    expect(told.length).toBeGreaterThan(1);
    expect(JSON.stringify(told)).not.toMatch(/张三|13800000000/);
  });

  it('Its history is one stream of all that was done, intact, for administrators', async () => {
    expectProblem(await organizer('GET', `/history/${no}`), 403);
    const admin = (path: string) => script('administrator', 'GET', path);
    expectProblem(await admin('/history/GA-2026-999'), 404);
    const stream = await admin(`/history/${no}`);
    expect(stream.status, JSON.stringify(stream.body)).toBe(200);
    const rows = (Array.isArray(stream.body) ? stream.body : stream.body.items) as Record<string, string>[];
    const sources = new Set(rows.map((one) => one['source']));
    for (const source of ['workflow', 'mail', 'answer', 'decision', 'person'])
      expect([...sources]).toContain(source);
    for (const row of rows) expect(row['at']).toMatch(/\+08:00$/);
    const ats = rows.map((one) => Date.parse(one['at'] ?? ''));
    expect(ats).toEqual(ats.toSorted((a, b) => a - b));
    expect((await admin(`/history/${no}/verify`)).body).toMatchObject({
      intact: true,
      entries: expect.any(Number),
      root: expect.stringMatching(/./),
    });
    expect((await admin(`/history/${no}/raw`)).status).toBe(200);
    expect((await admin(`/history/${task}`)).status).toBe(200);
    for (const kind of ['campaign', 'case', 'plan', 'tasks', 'accountability'])
      for (const stuck of ['true', 'false'])
        expect((await admin(`/workflows?kind=${kind}&state=open&stuck=${stuck}`)).body.total).toEqual(
          expect.any(Number),
        );
    const measures = await admin('/workflows?kind=accountability');
    expect(measures.body.items).toMatchObject([{ kind: 'accountability', state: 'open' }]);
    expectProblem(await admin('/workflows?kind=magic'), 422, undefined, '/kind');
  });
});
