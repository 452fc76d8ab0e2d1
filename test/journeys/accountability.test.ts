import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/contract.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type Answered, type House, openHouse } from '../support/house.ts';
import { addressOf, campaignShows, mailTo, pageOf, post, registerSupervisors, sentAt, taskShows } from '../support/people.ts'; // prettier-ignore

const COURT = 'xianjiwei';

describe('holding somebody to account', () => {
  let house: House;
  let matter: string;
  let team: string[];
  let officer: string;
  const organizer = (method: string, path: string, body?: unknown) =>
    house.call('organizer', method, path, { body });
  const one = (no: string): Promise<Answered> => organizer('GET', `/accountabilities/${no}`);
  const recommendation = (over: Record<string, unknown> = {}) => ({
    kind: 'certificateSuspension',
    subject: team[0],
    body: COURT,
    reason: '两次未出示证件即开展检查。',
    ...over,
  });
  const recommend = (over: Record<string, unknown> = {}) =>
    organizer('POST', `/cases/${matter}/accountability`, recommendation(over));

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'xincheng'], 'town');
    await registerAgencies(house, [COURT], 'department');
    team = await registerSupervisors(house, 3);
    const registered = await house.call('administrator', 'POST', '/officers', {
      body: {
        name: '执法员甲',
        agency: 'maqiao',
        certificate: { no: '鲁C-0317', issued: '2025-01-01', expires: '2030-12-31' },
      },
    });
    officer = registered.body.id as string;
    const clue = await organizer('POST', '/clues', {
      channel: 'complaint',
      summary: '检查未出示证件',
      agency: 'maqiao',
    });
    const screened = await organizer('POST', `/clues/${clue.body.no}/screening`, {
      result: 'accept',
      reason: '属于监督范围',
    });
    matter = screened.body.case as string;
  });
  afterAll(() => house.close());

  it('A case that is not filed recommends nothing', async () => {
    expectProblem(await recommend(), 409, 'fact-missing');
    const filed = await house.call('approver', 'POST', `/cases/${matter}/filing`, {
      body: { approved: true, supervisors: team.slice(1) },
    });
    expect(filed.status, JSON.stringify(filed.body)).toBe(201);
  });

  it('What cannot be recommended is refused with its place', async () => {
    for (const [over, code, pointer] of [
      [{ kind: 'exile' }, 'validation', '/kind'],
      [{ subject: 'nobody' }, 'subject-unknown', '/subject'],
      [{ body: 'nobody' }, 'agency-unknown', '/body'],
      [{ subject: 'maqiao' }, 'measure-not-applicable', '/kind'],
      [{ subject: 'maqiao', kind: 'circulatedCriticism', body: 'maqiao' }, 'body-not-competent', '/body'],
      [{ term: { days: 0 } }, 'term-invalid', undefined],
    ] as const)
      expectProblem(await recommend(over), 422, code, pointer);
    expectProblem(await organizer('POST', '/cases/GA-2026-999/accountability', recommendation()), 404);
    const read = await house.call('auditor', 'POST', `/cases/${matter}/accountability`, {
      body: recommendation(),
    });
    expectProblem(read, 403);
  });

  it('A suspension: recommended, decided by the competent body, in effect on its day, over by the clock', async () => {
    const campaign = await launch(house);
    await house.until('2026-03-03T09:00:00+08:00');
    await organizer('POST', `/campaigns/${campaign}/phases/selfInspection/close`);
    await campaignShows(house, campaign, { phase: 'jointInspection' });
    const inspection = (on: string, inspectors = team.slice(0, 2)) =>
      organizer('POST', `/campaigns/${campaign}/inspections`, {
        agency: 'maqiao',
        inspectors,
        on,
        findings: [],
      });

    // Monday 2 March: recommended; the competent body has thirty days and a mail.
    const made = await recommend();
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const { no } = made.body as { no: string };
    expect(no).toBe('ZZ-2026-001');
    expect(made.body).toMatchObject({
      case: matter,
      subject: { type: 'supervisor', id: team[0], name: '监督员1' },
      body: COURT,
      basis: '《关于加强行政执法监督工作的意见》（桓政办字〔2017〕29号）',
    });
    const asked = await mailTo(house, addressOf(COURT), '【请办理】');
    expect(asked.subject).toContain('关于对监督员1予以暂扣执法证件的建议');
    const task = `${no}-001`;
    const shown = await taskShows(house, task, { state: 'unacknowledged' });
    expect(shown.body).toMatchObject({ owner: no, kind: 'accountability', agency: COURT });
    expect(shown.body.due).toMatchObject({ at: '2026-04-02T17:00:00+08:00', from: '2026-03-03' });
    expect((await one(no)).body).toMatchObject({ state: 'sent', possible: ['recordOutcome', 'decline', 'withdraw'] }); // prettier-ignore
    await keepHistory(house, `accountability/${no}`, 'accountability-sent');

    // The body answers by its link; nothing takes effect before a person has recorded what it decided.
    const page = await pageOf(house, addressOf(COURT));
    await post(page, 'answers', { text: '决定暂扣两个月，文号桓纪发〔2026〕7号。' });
    const inHand = await taskShows(house, task, { state: 'inReview' });
    const aside = await house.call('organizer', 'POST', `/tasks/${task}/reviews`, {
      body: { verdict: 'accept' },
      headers: { 'If-Match': inHand.headers.get('etag') ?? '' },
    });
    expectProblem(aside, 409, 'verified-elsewhere');
    expect((await inspection('2026-03-03')).status).toBe(201);

    await house.until('2026-03-09T10:00:00+08:00');
    const outcome = {
      imposed: true,
      on: '2026-03-06',
      from: '2026-03-12',
      until: '2026-05-11',
      document: '桓纪发〔2026〕7号',
    };
    const say = (body: unknown) => organizer('POST', `/accountabilities/${no}/outcome`, body);
    expectProblem(await say({ ...outcome, until: '2026-09-13' }), 422, 'term-not-allowed');
    expectProblem(await say({ ...outcome, on: '2026-03-10' }), 422, 'date-invalid');
    expectProblem(await say({ ...outcome, measure: 'exile' }), 422, 'validation', '/measure');
    const received = await say(outcome);
    expect(received.status, JSON.stringify(received.body)).toBe(201);
    expect(received.body).toMatchObject({ state: 'outcomeReceived', possible: [] });
    await taskShows(house, task, { state: 'closed' });
    await mailTo(house, addressOf(COURT), '【已办结】');
    await keepHistory(house, `accountability/${no}`, 'accountability-outcomeReceived');
    const twice = await say({ ...outcome, until: '2026-05-12' });
    expectProblem(twice, 409, 'accountability-out-of-step');
    expect(twice.body.possible).toEqual([]);

    // Thursday 12 March: in effect by itself; the holder is in no team, on that day or later, till 11 May.
    await house.until('2026-03-11T12:00:00+08:00');
    expect((await inspection('2026-03-11')).status).toBe(201);
    await house.until('2026-03-12T09:00:00+08:00');
    expect((await one(no)).body).toMatchObject({ state: 'inEffect', notifyBy: '2026-03-15', possible: ['restore'] }); // prettier-ignore
    await keepHistory(house, `accountability/${no}`, 'accountability-inEffect');
    const suspended = await organizer('GET', `/supervisors/${team[0]}`);
    expect(suspended.body.status).toEqual({
      state: 'suspended',
      from: '2026-03-12',
      until: '2026-05-11',
      by: no,
    });
    for (const on of ['2026-03-12', '2026-04-01', '2026-05-11']) {
      const refused = await inspection(on);
      expectProblem(refused, 422, 'certificate-suspended', '/inspectors/0');
      expect(refused.body.detail).toContain('监督员1');
    }
    expect((await inspection('2026-03-12', team.slice(1))).status).toBe(201);
    const gathered = (people: string[]) =>
      organizer('POST', `/cases/${matter}/investigation-records`, { kind: 'fileRetrieval', people });
    const barred = await gathered(['监督员1', '监督员2']);
    expectProblem(barred, 422, 'certificate-suspended', '/people/0');
    expect((await gathered(['监督员2', '监督员3', '专家赵某'])).status).toBe(201);
    const taken = await house.call('approver', 'POST', `/cases/${matter}/supervisors`, {
      body: { supervisors: team.slice(0, 2) },
    });
    expectProblem(taken, 422, 'certificate-suspended', '/supervisors/0');

    // Tuesday 12 May: over by the clock, restored with a record; the days in between stay barred.
    await house.until('2026-05-11T23:00:00+08:00');
    expect((await one(no)).body.state).toBe('inEffect');
    await house.until('2026-05-12T01:00:00+08:00');
    expect((await one(no)).body).toMatchObject({ state: 'ended', because: 'term', endedOn: '2026-05-12' });
    await keepHistory(house, `accountability/${no}`, 'accountability-ended');
    const restored = await organizer('GET', `/supervisors/${team[0]}`);
    expect(restored.body.status).toEqual({ state: 'valid' });
    expect(restored.body.bars).toEqual([
      { state: 'suspended', from: '2026-03-12', until: '2026-05-11', endedOn: '2026-05-12', by: no },
    ]);
    expectProblem(await inspection('2026-05-11'), 422, 'certificate-suspended', '/inspectors/0');
    const history = await house.call('administrator', 'GET', `/history/${no}`);
    expect(history.body.map((entry: { code: string }) => entry.code)).toEqual(
      expect.arrayContaining(['recommended', 'recommendation-sent', 'outcome-received', 'measure-in-effect', 'measure-ended']), // prettier-ignore
    );
    const register = await house.call('auditor', 'GET', `/history/${team[0]}`);
    expect(register.body.map((entry: { code: string; at: string }) => [entry.code, entry.at.slice(0, 10)])).toEqual([
      ['holder-registered', '2026-03-02'],
      ['holder-barred', '2026-03-12'],
      ['holder-restored', '2026-05-12'],
    ]); // prettier-ignore
  });

  it('The unit of an officer is told within three days, and told again when the certificate is given back early', async () => {
    const made = await recommend({ subject: officer, body: 'maqiao' });
    const { no } = made.body as { no: string };
    await mailTo(house, addressOf('maqiao'), '关于对执法员甲予以');
    const today = '2026-05-12';
    const decided = await organizer('POST', `/accountabilities/${no}/outcome`, {
      imposed: true,
      on: today,
      until: '2026-07-31',
    });
    expect(decided.body, JSON.stringify(decided.body)).toMatchObject({
      state: 'inEffect',
      notifyBy: '2026-05-15',
    });
    const told = await mailTo(house, addressOf('maqiao'), '【证件通知】');
    expect(told.subject).toBe('【证件通知】执法员甲：暂扣执法证件自2026-05-12起生效');
    expect(told.text).toContain('鲁C-0317');
    expect(sentAt(told).slice(0, 10)).toBe(today);
    await mailTo(house, addressOf('maqiao'), '【中止】');
    await house.until('2026-05-20T10:00:00+08:00');
    const restore = () =>
      house.call('approver', 'POST', `/accountabilities/${no}/restoration`, {
        body: { reason: '复核后撤销' },
      });
    expect((await restore()).body).toMatchObject({
      state: 'ended',
      because: 'restored',
      endedOn: '2026-05-20',
    });
    const back = await mailTo(house, addressOf('maqiao'), '【证件通知】', 2);
    expect(back.subject).toBe('【证件通知】执法员甲：暂扣执法证件已于2026-05-20结束');
    await keepHistory(house, `accountability/${no}`, 'accountability-restored');
    expectProblem(await restore(), 409, 'accountability-out-of-step');
    expect((await organizer('GET', `/officers/${officer}`)).body.status).toEqual({ state: 'valid' });
  });

  it('A body may decline, and a recommendation may be withdrawn; lists show them all', async () => {
    const declined = (await recommend({ kind: 'discipline', subject: officer })).body.no as string;
    const no = await organizer('POST', `/accountabilities/${declined}/outcome`, {
      imposed: false,
      reason: '情节轻微，已批评教育。',
    });
    expect(no.body).toMatchObject({ state: 'declined' });
    await keepHistory(house, `accountability/${declined}`, 'accountability-declined');
    const withdrawn = (await recommend({ kind: 'circulatedCriticism', subject: 'maqiao' })).body.no as string;
    const taken = await house.call('approver', 'POST', `/accountabilities/${withdrawn}/withdrawal`, {
      body: { reason: '事实有误' },
    });
    expect(taken.body).toMatchObject({ state: 'withdrawn' });
    await keepHistory(house, `accountability/${withdrawn}`, 'accountability-withdrawn');
    const all = await organizer('GET', `/accountabilities?case=${matter}`);
    expect(all.body.items.map((row: { no: string }) => row.no)).toEqual([
      withdrawn,
      declined,
      'ZZ-2026-002',
      'ZZ-2026-001',
    ]);
    const his = await organizer('GET', `/accountabilities?subject=${officer}&state=declined`);
    expect(his.body).toMatchObject({ total: 1, items: [{ no: declined }] });
    const shown = await organizer('GET', `/cases/${matter}`);
    expect(shown.body.accountabilities).toHaveLength(4);
    const told = await house.call('administrator', 'GET', `/history/${matter}`);
    expect(JSON.stringify(told.body)).toContain('ZZ-2026-004');
    expectProblem(await one('ZZ-2026-999'), 404);
  });
});
