import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, linkIn, plan, registerAgencies } from '../support/county.ts';
import { eventually, type House, openHouse } from '../support/house.ts';

describe('a campaign to five towns', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await registerAgencies(house, ['maqiao', 'qifeng', 'tangshan', 'tianzhuang', 'xincheng']);
  });
  afterAll(() => house.close());

  it('goes out by mail, is answered by link and by reply, reviewed, returned, accepted, and closes', async () => {
    const no = await launch(house);
    const [mail] = await eventually(async () => {
      const found = await house.mails('jingban@maqiao.huantai.example');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(mail?.subject).toContain('【请办理】');
    expect(mail?.subject).toContain(`${no}-001`);
    const link = linkIn(mail?.text ?? '');
    expect((await fetch(link)).status).toBe(200);

    const form = new FormData();
    form.set('text', '已按计划完成自查');
    form.set('items[c1][result]', 'met');
    form.set('items[c2][result]', 'notMet');
    form.set('items[c2][note]', '执法记录仪配备不足');
    form.set('by', '经办人甲');
    form.append('files', new Blob(['%PDF-1.4 自查报告'], { type: 'application/pdf' }), '自查报告.pdf');
    const answered = await fetch(`${link}/answers`, {
      method: 'POST',
      body: form,
      headers: { Accept: 'application/json' },
    });
    expect(answered.status).toBe(201);
    const receipt = (await answered.json()) as {
      receipt: string;
      late: boolean;
      files: { name: string; size: number; sha256: string }[];
    };
    expect(receipt).toMatchObject({ late: false, files: [{ name: '自查报告.pdf' }] });

    const task = await eventually(async () => {
      const got = await house.call('organizer', 'GET', `/tasks/${no}-001`);
      expect(got.body.state).toBe('inReview');
      return got;
    });
    expect(task.body.answers[0]).toMatchObject({
      id: receipt.receipt,
      channel: 'link',
      text: '已按计划完成自查',
      files: receipt.files,
    });
    await eventually(async () =>
      expect(
        await house.mails('jingban@maqiao.huantai.example', receipt.receipt.slice(0, 0) + '【已收到】'),
      ).toHaveLength(1),
    );

    const returned = await house.call('organizer', 'POST', `/tasks/${no}-001/reviews`, {
      headers: { 'If-Match': task.headers.get('etag') ?? '' },
      body: { verdict: 'return', items: [{ id: 'c2', reason: '请补充整改措施' }], term: { workdays: 3 } },
    });
    expect(returned.body).toMatchObject({ state: 'returned', round: 2 });
    expect(returned.status).toBe(201);
    const [again] = await eventually(async () => {
      const found = await house.mails('jingban@maqiao.huantai.example', '【请补正】');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(again?.text).toContain('请补充整改措施');
    await house.reply(again as never, {
      text: '已补充，见附件。',
      files: [{ filename: '措施.txt', content: '增配记录仪' }],
    });
    const second = await eventually(async () => {
      const got = await house.call('organizer', 'GET', `/tasks/${no}-001`);
      expect(got.body.state).toBe('inReview');
      return got;
    });
    expect(second.body.answers[1]).toMatchObject({
      channel: 'email',
      round: 2,
      text: '已补充，见附件。',
      files: [{ name: '措施.txt' }],
    });
    const stale = await house.call('organizer', 'POST', `/tasks/${no}-001/reviews`, {
      headers: { 'If-Match': task.headers.get('etag') ?? '' },
      body: { verdict: 'accept' },
    });
    expect(stale.status).toBe(412);
    const accepted = await house.call('organizer', 'POST', `/tasks/${no}-001/reviews`, {
      headers: { 'If-Match': second.headers.get('etag') ?? '' },
      body: { verdict: 'accept' },
    });
    expect(accepted.body).toMatchObject({ state: 'closed' });

    const closed = await house.call('organizer', 'POST', `/campaigns/${no}/phases/selfInspection/close`);
    expect(closed.body).toMatchObject({ phase: 'jointInspection' });
    const people = [];
    for (const n of [1, 2])
      people.push(
        (
          await house.call('administrator', 'POST', '/supervisors', {
            body: {
              name: `监督员${n}`,
              certificate: { no: `SD-${n}`, issued: '2025-01-01', expires: '2099-12-31' },
            },
          })
        ).body.id as string,
      );
    const inspected = await house.call('organizer', 'POST', `/campaigns/${no}/inspections`, {
      body: {
        agency: 'qifeng',
        inspectors: people,
        on: '2026-12-01',
        findings: [{ item: 'c3', severity: 'ordinary', description: '重大执法决定未经法制审核' }],
      },
    });
    expect(inspected.status).toBe(201);
    const [order] = await eventually(async () => {
      const found = (await house.mails('jingban@qifeng.huantai.example')).filter((one) =>
        one.text.includes('重大执法决定未经法制审核'),
      );
      expect(found).toHaveLength(1);
      return found;
    });
    await house.call('organizer', 'POST', `/campaigns/${no}/phases/jointInspection/close`);
    await fetch(`${linkIn(order?.text ?? '')}/answers`, {
      method: 'POST',
      body: new URLSearchParams({ text: '已整改' }),
    });
    const rectified = await eventually(async () => {
      const got = await house.call(
        'organizer',
        'GET',
        `/tasks?owner=${no}&kind=rectification&state=inReview`,
      );
      expect(got.body.total).toBe(1);
      return got.body.items[0] as { no: string };
    });
    const shown = await house.call('organizer', 'GET', `/tasks/${rectified.no}`);
    await house.call('organizer', 'POST', `/tasks/${rectified.no}/reviews`, {
      headers: { 'If-Match': shown.headers.get('etag') ?? '' },
      body: { verdict: 'accept' },
    });
    const rows = await eventually(async () => {
      const got = await house.call('organizer', 'GET', `/tasks?owner=${no}`);
      expect(got.body.items.some((one: { kind: string }) => one.kind === 'rectification')).toBe(true);
      return got.body.items as { no: string; kind: string; agency: string; state: string }[];
    });
    expect(rows.filter((one) => one.agency === 'maqiao' && one.kind === 'rectification')).toHaveLength(1);
    await house.call('organizer', 'POST', `/campaigns/${no}/phases/rectification/close`);
    await house.call('organizer', 'POST', `/campaigns/${no}/phases/lookBack/close`);
    await eventually(async () =>
      expect((await house.call('organizer', 'GET', `/campaigns/${no}`)).body.state).toBe('summarising'),
    );
    const circular = await house.call('organizer', 'POST', `/campaigns/${no}/circulars`, {
      body: { title: '关于安全生产执法专项监督情况的通报' },
    });
    const approved = await house.call('approver', 'POST', `/documents/${circular.body.id}/approval`, {
      body: { approved: true, signatory: '局长' },
    });
    expect(approved.body.number).toMatch(/^桓司执监通〔\d{4}〕1号$/);
    await house.call('organizer', 'POST', `/documents/${circular.body.id}/service`, {
      body: { channel: 'email' },
    });
    await eventually(async () =>
      expect((await house.call('organizer', 'GET', `/campaigns/${no}`)).body.state).toBe('closed'),
    );
    await eventually(async () =>
      expect(await house.mails('jingban@tangshan.huantai.example', '【通报】')).toHaveLength(1),
    );
    const verified = await house.call('administrator', 'GET', `/history/${no}/verify`);
    expect(verified.body.intact).toBe(true);
  }, 120_000);

  it('a launch on a changed draft is refused', async () => {
    const drafted = await house.call('organizer', 'POST', '/campaigns', { body: plan() });
    const preview = await house.call('organizer', 'GET', `/campaigns/${drafted.body.no}/preview`);
    await house.call('organizer', 'PATCH', `/campaigns/${drafted.body.no}`, {
      body: { title: '改过的标题' },
    });
    const launched = await house.call('organizer', 'POST', `/campaigns/${drafted.body.no}/launch`, {
      body: { previewDigest: preview.body.digest },
    });
    expect(launched.status).toBe(409);
    expect(launched.body.code).toBe('preview-stale');
  });
});
