import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkIn, plan } from '../support/county.ts';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { eventually, type House, openHouse } from '../support/house.ts';
import { addressOf, campaignShows, mailTo, registerSupervisors } from '../support/people.ts';

const AGENCIES = Array.from({ length: 40 }, (_, i) => `jiguan-${String(i + 1).padStart(2, '0')}`);

describe('a campaign to forty agencies, by the contract alone', () => {
  let house: House;
  let script: Script;
  let no: string;
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });
  const counts = (said: Record<string, number>) => campaignShows(house, no, { counts: said });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    for (const [i, id] of AGENCIES.entries()) {
      const contacts = [{ name: '经办人甲', email: addressOf(id), role: 'primary' }];
      const body = { id, name: `${id}局`, kind: i < 10 ? 'town' : 'department', domains: i < 10 ? [] : ['workSafety'], contacts }; // prettier-ignore
      expect((await script('administrator', 'POST', '/agencies', { body })).status).toBe(201);
    }
    const silent = { id: 'silent', name: '无联络员', kind: 'town', domains: [], contacts: [] };
    await script('administrator', 'POST', '/agencies', { body: silent });
  });
  afterAll(() => house.close());

  it('Agencies are chosen by any of several criteria or by their ids', async () => {
    const any = { any: [{ kind: 'town' }, { domain: 'workSafety' }] };
    const drafted = await organizer('POST', '/campaigns', plan({ agencies: any }));
    expect(drafted.status).toBe(201);
    expect(drafted.body).toMatchObject({ state: 'draft', recipients: { total: 41, sendable: 40 } });
    expect(drafted.body.no).toMatch(/^ZX-2026-\d{3}$/);
    expect(drafted.body.problems).toContainEqual({ agency: 'silent', code: 'no-contact' });
    const ids = await organizer('POST', '/campaigns', plan({ agencies: { ids: [...AGENCIES, 'nobody'] } }));
    expect(ids.body.recipients.sendable).toBe(40);
    expect(ids.body.problems).toContainEqual({ agency: 'nobody', code: 'agency-unknown' });
    no = drafted.body.no as string;
    const shown = await organizer('GET', `/campaigns/${no}`);
    expect(shown.body).toMatchObject({ no, state: 'draft', phase: 'mobilisation' });
    expect(shown.headers.get('etag')).toBe('"v1"');
    const listed = await organizer('GET', '/campaigns?state=draft,running&limit=1');
    expect(listed.body).toMatchObject({ total: 2, items: [{ no: ids.body.no }] });
  });

  it('A preview shows the mail and every step, and binds the launch to what it showed', async () => {
    const preview = await organizer('GET', `/campaigns/${no}/preview?agency=jiguan-07`);
    expect(preview.status).toBe(200);
    expect(preview.body.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(preview.body.text).toContain('jiguan-07局');
    expect(preview.body.html).toContain('jiguan-07局');
    expect(preview.body.subject).toContain('【请办理】');
    for (const step of preview.body.steps) {
      expect(step.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
      expect(step.what).toMatch(/./);
    }
    expect(preview.body.problems).toBeInstanceOf(Array);
    expectProblem(await organizer('GET', `/campaigns/${no}/preview?agency=other`), 422, undefined, '/agency');
    const silent = await organizer('GET', `/campaigns/${no}/preview?agency=silent`);
    expect(silent.body.problems).toContainEqual({ agency: 'silent', code: 'no-contact' });
    const order = { previewDigest: preview.body.digest, recallMinutes: 5 };
    const hasty = await organizer('POST', `/campaigns/${no}/launch`, order);
    expectProblem(hasty, 409, 'problems-remain');
    await organizer('PATCH', `/campaigns/${no}`, { title: '安全生产专项监督（改）' });
    const stale = await organizer('POST', `/campaigns/${no}/launch`, { ...order, skipProblems: true });
    expectProblem(stale, 409, 'preview-stale');
    expectProblem(await organizer('POST', `/campaigns/${no}/pause`), 409, 'campaign-not-running');
  });

  it('Within the recall window nothing is sent, and a recall takes all of it back', async () => {
    const { body } = await organizer('POST', '/campaigns', plan({ agencies: { ids: ['jiguan-01'] } }));
    const preview = await organizer('GET', `/campaigns/${body.no}/preview`);
    const before = Date.now();
    const order = { previewDigest: preview.body.digest, skipProblems: true };
    const launched = await organizer('POST', `/campaigns/${body.no}/launch`, order);
    expect(launched.status).toBe(202);
    expect(launched.body.accepted).toBe(1);
    const window = Date.parse(launched.body.recallUntil as string) - before;
    expect(window).toBeGreaterThan(290_000);
    expect(window).toBeLessThan(320_000);
    const out = await organizer('POST', `/campaigns/${body.no}/nudges`, { where: {}, dryRun: false });
    expectProblem(out, 409, 'campaign-not-running');
    expect(out.body.possible).toContain('recall');
    const recalled = await organizer('POST', `/campaigns/${body.no}/recall`);
    expect(recalled.status).toBe(202);
    expect(recalled.body.state).toBe('recalled');
    expect(await house.mails(addressOf('jiguan-01'))).toHaveLength(0);
    const late = await organizer('POST', `/campaigns/${body.no}/recall`);
    expectProblem(late, 409, 'campaign-not-running');
    expect(late.body.possible).toEqual([]);
  });

  it('Launched at once, forty are told, and the counts follow what they do', async () => {
    const preview = await organizer('GET', `/campaigns/${no}/preview`);
    const headers = key();
    const body = { previewDigest: preview.body.digest, skipProblems: true, recallMinutes: 0 };
    const launched = await script('organizer', 'POST', `/campaigns/${no}/launch`, { body, headers });
    expect(launched.status).toBe(202);
    expect(launched.body.accepted).toBe(40);
    const again = await script('organizer', 'POST', `/campaigns/${no}/launch`, { body, headers });
    expect(again.body).toEqual(launched.body);
    expectProblem(await organizer('POST', `/campaigns/${no}/launch`, body), 409, 'campaign-not-draft');
    await counts({ unacknowledged: 40, inReview: 0, overdue: 0 });
    await campaignShows(house, no, { state: 'running', phase: 'selfInspection' });
    expectProblem(await organizer('POST', `/campaigns/${no}/recall`), 409, 'recall-over');
    for (const id of AGENCIES.slice(0, 25)) {
      const mail = await mailTo(house, addressOf(id));
      const link = linkIn(mail.text);
      expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/t\/[a-z0-9]{20,}$/);
      const answered = await send(`${link}/answers`, 'POST', {
        body: { text: '已自查' },
        headers: JSON_WANTED,
      });
      expect(answered.status).toBe(201);
      expect(answered.body).toMatchObject({ late: false, files: [], receipt: expect.stringMatching(/./) });
    }
    for (const id of AGENCIES.slice(25, 35))
      await house.reply(await mailTo(house, addressOf(id)), {
        text: '已自查，见附件。',
        files: [{ filename: '自查报告.txt', content: `${id} 的自查报告` }],
      });
    await counts({ unacknowledged: 5, inReview: 35 });
    const tasks = await organizer('GET', `/tasks?owner=${no}&state=unacknowledged&limit=200`);
    expect(tasks.body.items.map((one: { agency: string }) => one.agency)).toEqual(AGENCIES.slice(35));
    const mine = await organizer('GET', `/tasks?owner=${no}&agency=jiguan-30`);
    const one = await organizer('GET', `/tasks/${mine.body.items[0].no}`);
    expect(one.body.answers[0]).toMatchObject({ channel: 'email', late: false, files: [{ name: '自查报告.txt' }] }); // prettier-ignore
  });

  it('A pause holds the mail and not the answers; whoever has answered is not nudged', async () => {
    const tried = await organizer('POST', `/campaigns/${no}/nudges`, { where: {}, dryRun: true });
    expect(tried.status).toBe(200);
    expect(tried.body.wouldSend + tried.body.skipped.length).toBe(40);
    for (const { task, why } of tried.body.skipped) expect(`${task} ${why}`).toMatch(/^ZX-\S+ \S+$/);
    const red = await organizer('POST', `/campaigns/${no}/nudges`, {
      where: { light: ['red'] },
      dryRun: true,
    });
    expect(red.body).toEqual({ wouldSend: 0, skipped: [] });
    expect((await organizer('POST', `/campaigns/${no}/pause`)).body.state).toBe('paused');
    expectProblem(await organizer('POST', `/campaigns/${no}/pause`), 409, 'campaign-not-running');
    const link = linkIn((await mailTo(house, addressOf('jiguan-36'))).text);
    await send(`${link}/answers`, 'POST', { body: { text: '暂停期间答复' }, headers: JSON_WANTED });
    await counts({ unacknowledged: 4, inReview: 36 });
    expect((await organizer('POST', `/campaigns/${no}/resume`)).body.state).toBe('running');
    const nudged = await organizer('POST', `/campaigns/${no}/nudges`, { where: { light: ['purple'] } });
    expectProblem(nudged, 422, undefined, '/where/light/0');
  });

  it('Phases close in their order; an inspection needs two valid inspectors who are not of the agency', async () => {
    const wrong = await organizer('POST', `/campaigns/${no}/phases/lookBack/close`);
    expectProblem(wrong, 409, 'phase-not-open');
    expectProblem(await organizer('POST', `/campaigns/${no}/phases/none/close`), 404);
    const closed = await organizer('POST', `/campaigns/${no}/phases/selfInspection/close`);
    expect(closed.body).toMatchObject({ phase: 'jointInspection', counts: { inReview: 36 } });
    const inspectors = await registerSupervisors(house, 2);
    const finding = { item: 'c1', severity: 'ordinary', description: '未公示年度检查计划' };
    const body = { agency: 'jiguan-01', inspectors, on: '2026-03-03', findings: [finding] };
    const own = await script('administrator', 'POST', '/supervisors', {
      body: { name: '本机关人员', agency: 'jiguan-01', certificate: { no: 'own', issued: '2025-01-01', expires: '2030-01-01' } }, // prettier-ignore
    });
    for (const [over, code, pointer] of [
      [{ inspectors: inspectors.slice(1) }, 'inspectors-too-few', '/inspectors'],
      [{ inspectors: [inspectors[0], inspectors[0]] }, 'inspectors-too-few', '/inspectors'],
      [{ inspectors: [inspectors[0], 'nobody'] }, 'inspector-unknown', '/inspectors/1'],
      [{ inspectors: [inspectors[0], own.body.id] }, 'supervisor-own-agency', '/inspectors/1'],
      [{ on: '2020-01-01' }, 'certificate-invalid', '/inspectors/0'],
      [{ on: 'yesterday' }, undefined, '/on'],
      [{ agency: 'nobody' }, 'agency-unknown', '/agency'],
      [{ findings: [{ ...finding, item: 'z9' }] }, 'item-unknown', '/findings/0/item'],
      [{ findings: [{ ...finding, severity: 'bad' }] }, undefined, '/findings/0/severity'],
    ] as const) {
      const refused = await organizer('POST', `/campaigns/${no}/inspections`, { ...body, ...over });
      expectProblem(refused, 422, code, pointer);
    }
    const made = await organizer('POST', `/campaigns/${no}/inspections`, body);
    expect(made.status).toBe(201);
    expect(made.body.findings).toMatchObject([{ item: 'c1', severity: 'ordinary' }]);
    const listed = await script('auditor', 'GET', `/campaigns/${no}/inspections`);
    expect(listed.body.items).toHaveLength(1);
    await eventually(async () => {
      const tasks = await organizer('GET', `/tasks?owner=${no}&kind=rectification&agency=jiguan-01`);
      expect(tasks.body.items).toMatchObject([{ state: 'unacknowledged', phase: 'rectification' }]);
    });
  });

  it('A circular is a draft until it is signed, and a cancelled campaign takes no command any more', async () => {
    const circular = await organizer('POST', `/campaigns/${no}/circulars`, { title: '关于专项监督的通报' });
    expect(circular.status).toBe(201);
    expect(circular.body).toMatchObject({ state: 'draft' });
    const where = circular.headers.get('location')?.replace('/api/v1', '') ?? '';
    const paper = await script('auditor', 'GET', where);
    const signed = { body: { approved: true, signatory: '局长' }, headers: { 'If-Match': '"other"' } };
    expectProblem(await script('approver', 'POST', `${where}/approval`, signed), 412, 'stale-version');
    const headers = { 'If-Match': paper.headers.get('etag') ?? '' };
    const approved = await script('approver', 'POST', `${where}/approval`, { ...signed, headers });
    expect(approved.body.number).toMatch(/〔2026〕1号$/);
    expectProblem(await script('approver', 'POST', `${where}/approval`, { body: signed.body }), 409);
    expectProblem(await organizer('PATCH', where, { title: '改' }), 409, 'document-not-draft');
    const served = await organizer('POST', `${where}/service`, { channel: 'email' });
    expectProblem(served, 409, 'campaign-not-running');
    expectProblem(await organizer('POST', `/campaigns/${no}/cancel`, {}), 422, undefined, '/reason');
    const cancelled = await organizer('POST', `/campaigns/${no}/cancel`, { reason: '任务调整' });
    expect(cancelled.body).toMatchObject({ state: 'cancelled', possible: [] });
    await counts({ unacknowledged: 0, inReview: 0, inProgress: 0 });
    expectProblem(await organizer('POST', `/campaigns/${no}/resume`), 409, 'campaign-not-running');
  });
});
