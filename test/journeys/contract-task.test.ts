import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, numberOf, taskShows } from '../support/people.ts';

describe('a task, by the contract alone', () => {
  let house: House;
  let script: Script;
  let owner: string;
  const links = new Map<string, string>();
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });
  const task = (agency: string) => numberOf(house, owner, agency);
  const page = (agency: string, form: string, body: unknown) =>
    send(`${links.get(agency)}/${form}`, 'POST', { body, headers: JSON_WANTED });
  const review = (no: string, body: unknown, etag: string) =>
    script('organizer', 'POST', `/tasks/${no}/reviews`, { body, headers: { ...key(), 'If-Match': etag } });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    const agencies = ['jiahe', 'lihu', 'shaojing', 'xiyan', 'yanqiao'];
    await registerAgencies(house, agencies);
    owner = await launch(house);
    for (const id of agencies) links.set(id, linkIn((await mailTo(house, addressOf(id))).text));
  });
  afterAll(() => house.close());

  it('Shows everything about itself under the names of the contract', async () => {
    const no = await task('jiahe');
    expect(no).toBe(`${owner}-001`);
    const { body, headers } = await taskShows(house, no, { state: 'unacknowledged' });
    expect(body).toMatchObject({ no, owner, agency: 'jiahe', kind: 'selfInspection', light: 'green', round: 1, answers: [] }); // prettier-ignore
    expect(body.due).toMatchObject({ at: '2026-03-16T17:00:00+08:00', rule: 'workdays', from: '2026-03-02' });
    for (const name of ['basis', 'calendar']) expect(body.due[name]).toMatch(/./);
    expect(body.due.skipped).toContainEqual({ date: '2026-03-07', why: 'weekend' });
    expect(body.deliveries).toMatchObject([{ template: 'task', rung: 'accepted', smtp: expect.any(String) }]);
    expect(body.deliveries[0].messageId).toMatch(/@/);
    expect(headers.get('etag')).toMatch(/^"r1-/);
    expectProblem(await organizer('GET', `/tasks/${owner}-099`), 404);
  });

  it('Lists are filtered by owner, agency, state, light and date, and an unknown word is refused', async () => {
    const total = async (query: string) => (await organizer('GET', `/tasks?${query}`)).body.total as number;
    expect(await total(`owner=${owner}`)).toBe(5);
    expect(await total(`owner=${owner}&agency=lihu&state=&light=`)).toBe(1);
    expect(await total(`owner=${owner}&light=green`)).toBe(5);
    expect(await total(`owner=${owner}&light=yellow,red&state=unacknowledged,inReview`)).toBe(0);
    expect(await total('due[before]=2026-03-17')).toBe(5);
    expect(await total('due%5Bbefore%5D=2026-03-16')).toBe(0);
    expect(await total('due[before]=2026-03-16T17:00:01%2B08:00')).toBe(5);
    expect(await total('due[before]=2026-03-16T17:00:00+08:00')).toBe(0);
    expect(await total('state=overdue')).toBe(0);
    for (const [query, pointer] of [
      ['state=open', '/state/0'],
      ['light=purple', '/light/0'],
      ['due[before]=soon', '/due[before]'],
      ['due[after]=2026-03-16', '/due[after]'],
      ['owner[$ne]=x', '/owner[$ne]'],
      ['agency=a&agency=b', '/agency'],
    ] as const)
      expectProblem(await organizer('GET', `/tasks?${query}`), 422, undefined, pointer);
  });

  it('Is acknowledged by form, multipart or JSON, and the first name stands', async () => {
    const multipart = new FormData();
    multipart.set('name', '经办人甲');
    multipart.set('post', '科员');
    for (const [agency, body] of [
      ['jiahe', multipart],
      ['lihu', new URLSearchParams({ name: '经办人甲', post: '科员' })],
      ['shaojing', { name: '经办人甲', post: '科员' }],
    ] as const) {
      const signed = await page(agency, 'acknowledge', body);
      expect(signed.status).toBe(201);
      expect(signed.body).toMatchObject({ receipt: expect.stringMatching(/./), late: false });
      const shown = await taskShows(house, await task(agency), { state: 'inProgress' });
      expect(shown.body.acknowledged).toMatchObject({ by: '经办人甲', post: '科员' });
      expect(shown.body.deliveries[0].rung).toBe('acknowledged');
    }
    expectProblem(await page('xiyan', 'acknowledge', { name: '甲\r\nX: 1' }), 422, undefined, '/name');
    expectProblem(await page('xiyan', 'acknowledge', { name: '' }), 422, undefined, '/name');
  });

  it('Is answered by JSON, form or multipart; only the text is required, and the same again is the same receipt', async () => {
    const items = { c1: { result: 'met' }, c2: { result: 'notMet', note: '记录仪不足' } };
    const body = { text: '已自查', items, by: '经办人甲' };
    const first = await page('jiahe', 'answers', body);
    expect(first.status).toBe(201);
    expect(Object.keys(first.body)).toEqual(expect.arrayContaining(['receipt', 'receivedAt', 'late', 'files'])); // prettier-ignore
    expect((await page('jiahe', 'answers', body)).body).toEqual(first.body);
    const bytes = '%PDF-1.4 自查报告';
    const multipart = new FormData();
    multipart.set('text', '已自查');
    multipart.set('items', JSON.stringify(items));
    multipart.set('by', '经办人甲');
    multipart.append('files', new Blob([bytes]), '自查报告.pdf');
    multipart.append('files', new Blob(['附表']), '附表.txt');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const second = await page('lihu', 'answers', multipart);
    expect(second.body.files).toMatchObject([
      { name: '自查报告.pdf', size: 21, sha256 },
      { name: '附表.txt' },
    ]);
    const plain = await page('shaojing', 'answers', new URLSearchParams({ text: '无问题' }));
    expect(plain.status).toBe(201);
    const html = await send(`${links.get('shaojing')}/answers`, 'POST', { body: new URLSearchParams({ text: '补充' }) }); // prettier-ignore
    expect(html.status).toBe(201);
    expect(html.body).toContain('<html');
    const shown = await taskShows(house, await task('jiahe'), { state: 'inReview' });
    expect(shown.body.answers).toMatchObject([{ id: first.body.receipt, channel: 'link', by: '经办人甲', text: '已自查', late: false, items, files: [] }]); // prettier-ignore
    expectProblem(await page('xiyan', 'answers', { items }), 422, undefined, '/text');
    expectProblem(await page('xiyan', 'answers', { text: '' }), 422, undefined, '/text');
    expectProblem(await page('xiyan', 'answers', { text: '答', items: { c1: { result: 'perfect' } } }), 422, undefined, '/items/c1/result'); // prettier-ignore
  });

  it('Takes what came by telephone or on paper from an organizer', async () => {
    const no = await task('xiyan');
    const body = { text: '电话答复：已自查', items: { c1: { result: 'partly', note: '整改中' } }, by: { name: '经办人丁', phone: '0533-1234567' } }; // prettier-ignore
    const made = await organizer('POST', `/tasks/${no}/answers`, body);
    expect(made.status).toBe(201);
    const shown = await taskShows(house, no, { state: 'inReview' });
    expect(shown.body.answers).toMatchObject([{ channel: 'operator', by: '经办人丁', text: body.text, items: body.items }]); // prettier-ignore
    const nobody = await organizer('POST', `/tasks/${no}/answers`, { text: '答' });
    expectProblem(nobody, 422, undefined, '/by');
  });

  it('Is returned with reasons and a new term, answered again and accepted; a newer answer makes a review stale', async () => {
    const no = await task('jiahe');
    const etag = (await taskShows(house, no, { state: 'inReview' })).headers.get('etag') ?? '';
    const back = {
      verdict: 'return',
      items: [{ id: 'c2', reason: '请补充整改措施' }],
      term: { workdays: 3 },
    };
    for (const [over, pointer] of [
      [{ verdict: 'maybe' }, '/verdict'],
      [{ items: [] }, '/items'],
      [{ items: [{ id: 'c2' }] }, '/items/0/reason'],
      [{ items: [{ id: 'z9', reason: '没有此项' }] }, '/items/0/id'],
      [{ term: { workdays: 0 } }, '/term/workdays'],
      [{ term: { workdays: 1, days: 1 } }, '/term'],
      [{ term: 'P3D' }, '/term'],
    ] as const)
      expectProblem(await review(no, { ...back, ...over }, etag), 422, undefined, pointer);
    expectProblem(await review(no, { verdict: 'accept' }, '"r1-other"'), 412, 'stale-version');
    const returned = await review(no, back, etag);
    expect(returned.status).toBe(201);
    expect(returned.body).toMatchObject({ state: 'returned', round: 2, due: { at: '2026-03-05T17:00:00+08:00' } }); // prettier-ignore
    expectProblem(await review(no, back, '*'), 409, 'nothing-to-review');
    await page('jiahe', 'answers', { text: '已补充' });
    const now = (await taskShows(house, no, { state: 'inReview', round: 2 })).headers.get('etag') ?? '';
    await page('jiahe', 'answers', { text: '再补充一点' });
    expectProblem(await review(no, { verdict: 'accept' }, now), 412, 'stale-version');
    const latest = (await organizer('GET', `/tasks/${no}`)).headers.get('etag') ?? '';
    const headers = { ...key(), 'If-Match': `W/${latest}` };
    const accept = () => script('organizer', 'POST', `/tasks/${no}/reviews`, { body: { verdict: 'accept' }, headers }); // prettier-ignore
    const accepted = await accept();
    expect(accepted.body).toMatchObject({ verdict: 'accept', state: 'closed' });
    expect((await accept()).body).toEqual(accepted.body);
    expectProblem(await review(no, { verdict: 'accept' }, latest), 409, 'task-closed');
    expectProblem(await organizer('POST', `/tasks/${no}/extensions`, { days: 3, reason: '忙' }), 409, 'task-closed'); // prettier-ignore
    const late = await page('jiahe', 'answers', { text: '办结后的材料' });
    expect(late.status).toBe(201);
  });

  it('An extension is asked for by either side and decided once; it moves the date', async () => {
    const no = await task('yanqiao');
    for (const [body, pointer] of [
      [{ reason: '缺少天数' }, ''],
      [{ days: -3, reason: '负数' }, '/days'],
      [{ days: 10_000, reason: '太长' }, '/days'],
      [{ workdays: 2.5, reason: '半天' }, '/workdays'],
      [{ days: 3 }, '/reason'],
    ] as const) {
      expectProblem(await organizer('POST', `/tasks/${no}/extensions`, body), 422, undefined, pointer);
      expectProblem(await page('yanqiao', 'extensions', body), 422, undefined, pointer);
    }
    const asked = await page('yanqiao', 'extensions', new URLSearchParams({ workdays: '5', reason: '资料在档案馆' })); // prettier-ignore
    expect(asked.status).toBe(201);
    const id = asked.body.receipt as string;
    await taskShows(house, no, { extension: { id, term: { workdays: 5 } } });
    const twice = await organizer('POST', `/tasks/${no}/extensions`, { days: 3, reason: '又一次' });
    expectProblem(twice, 409, 'extension-pending');
    const decide = (which: string) => organizer('POST', `/tasks/${no}/extensions/${which}/decision`, { granted: true }); // prettier-ignore
    const second = await page('yanqiao', 'extensions', { days: 9, reason: '再要几天' });
    await taskShows(house, no, { requests: [{ id }, { id: second.body.receipt }] });
    expectProblem(await decide(second.body.receipt as string), 404, 'extension-unknown');
    expectProblem(await decide('none'), 404);
    const granted = await decide(id);
    expect(granted.status).toBe(201);
    expect(granted.body.due.at).toBe('2026-03-23T17:00:00+08:00');
    expectProblem(await decide(id), 409, 'already-decided');
    const own = await organizer('POST', `/tasks/${no}/extensions`, { days: 7, reason: '再次延期' });
    expect(own.status).toBe(201);
    const body = { granted: false, reason: '不再延期' };
    const refused = await organizer('POST', `/tasks/${no}/extensions/${own.body.id}/decision`, body);
    expect(refused.body.due.at).toBe('2026-03-23T17:00:00+08:00');
  });

  it('Is handed on to a colleague, who gets a mail with a page of their own', async () => {
    const no = await task('yanqiao');
    const made = await organizer('POST', `/tasks/${no}/delegations`, { name: '经办人丁', email: 'ding@yanqiao.huantai.example' }); // prettier-ignore
    expect(made.status).toBe(201);
    const mail = await mailTo(house, 'ding@yanqiao.huantai.example');
    expect(linkIn(mail.text)).not.toBe(links.get('yanqiao'));
    const next = await page('yanqiao', 'delegations', {
      name: '经办人戊',
      email: 'wu@yanqiao.huantai.example',
    });
    expect(next.status).toBe(201);
    await mailTo(house, 'wu@yanqiao.huantai.example');
    for (const email of ['wu', 'a@b', 'a@b.example,c@d.example', 'a@b.example\nc@d.example'])
      expectProblem(
        await page('yanqiao', 'delegations', { name: '戊', email }),
        422,
        'email-invalid',
        '/email',
      );
  });

  it('Has a certificate of every message: its hash, its rungs and its times', async () => {
    const { body } = await script('auditor', 'GET', `/tasks/${await task('jiahe')}/certificate`);
    expect(body.messages.length).toBeGreaterThan(3);
    for (const message of body.messages) {
      expect(message.messageId).toMatch(/@/);
      expect(message.sha256).toMatch(/^[0-9a-f]{64}$/);
      const rungs = message.rungs.map((one: { rung: string }) => one.rung);
      expect(rungs.slice(0, 3)).toEqual(['created', 'submitted', 'accepted']);
      for (const { at } of message.rungs) expect(Date.parse(at)).not.toBeNaN();
      const raw = await script('auditor', 'GET', message.eml.replace('/api/v1', ''));
      expect(createHash('sha256').update(raw.body).digest('hex')).toBe(message.sha256);
    }
    expect(body.messages[0].rungs.at(-1).rung).toBe('acknowledged');
  });

  it('Has one history of all that happened, whose chain verifies, for administrators and auditors', async () => {
    const no = await task('jiahe');
    for (const [of, workflow] of [
      [no, `tasks/${owner}/selfInspection/1`],
      [owner, `campaign/${owner}`],
    ] as const) {
      const { body } = await script('administrator', 'GET', `/history/${of}`);
      expect(body).toBeInstanceOf(Array);
      for (const line of body) {
        expect(['workflow', 'mail', 'answer', 'decision', 'person']).toContain(line.source);
        expect(Date.parse(line.at)).not.toBeNaN();
        expect(`${line.what}${line.who}`).toMatch(/./);
      }
      const raw = await script('auditor', 'GET', `/history/${of}/raw`);
      expect(raw.body.workflowId).toBe(workflow);
      expect(raw.body.events.length).toBeGreaterThan(3);
      const verified = await script('auditor', 'GET', `/history/${of}/verify`);
      expect(verified.body).toMatchObject({ intact: true, root: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(verified.body.entries).toBeGreaterThan(3);
    }
    expectProblem(await script('administrator', 'GET', '/history/none'), 404);
    const all = await script('administrator', 'GET', '/workflows?kind=campaign&state=open');
    expect(all.body).toMatchObject({ total: 1, next: null, items: [{ id: `campaign/${owner}`, owner }] });
    expect((await script('administrator', 'GET', '/workflows?stuck=true')).body.items).toEqual([]);
    const first = await script('administrator', 'GET', '/workflows?limit=1');
    const rest = await script('administrator', 'GET', `/workflows?limit=1&cursor=${first.body.next}`);
    expect(rest.body.items[0].id).not.toBe(first.body.items[0].id);
    expect(first.headers.get('link')).toContain('rel="next"');
  });
});
