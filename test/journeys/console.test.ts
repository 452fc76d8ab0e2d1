import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse, seconds } from '../support/house.ts';

const PASSWORD = 'a long password';
let house: House;
let windows: Windows;
let no = '';

const tokens = new Map<string, string>();

beforeAll(async () => {
  [house, windows] = await Promise.all([openHouse(), openWindows()]);
  const passwordHash = await hash(PASSWORD);
  await house.store.accounts.updateMany({}, { $set: { passwordHash } });
  await registerAgencies(house, ['maqiao', 'qifeng', 'tianzhuang']);
  for (const n of [1, 2]) {
    await house.call('administrator', 'POST', '/supervisors', {
      body: {
        name: `监督员${n}`,
        certificate: { no: `SD-${n}`, issued: '2024-01-01', expires: '2030-01-01' },
      },
    });
  }
});

afterAll(async () => {
  closeStreams();
  await windows?.close();
  await house?.close();
});

async function signedIn(role: string, options: { scripts?: boolean } = {}): Promise<Page> {
  const page = await windows.open(options);
  await page.goto(`${house.url}/console`);
  await page.fill('#account', role);
  await page.fill('#password', PASSWORD);
  await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
  expect(new URL(page.url()).pathname).toBe('/console');
  return page;
}

/** Presses a button and waits for the page it leads to. */
const press = async (page: Page, name: string): Promise<void> => {
  await Promise.all([page.waitForEvent('load'), page.click(`main button:text-is("${name}")`)]);
};
const text = (page: Page) => page.innerText('main');

async function answered(task: string, said = '自查情况见附件') {
  const { status } = await house.call('organizer', 'POST', `/tasks/${task}/answers`, {
    body: { text: said, by: { name: '王经办' }, items: { c1: { result: 'met' } } },
  });
  expect(status).toBe(201);
  await eventually(async () => {
    const row = await house.store.tasks.findById(task).lean();
    if (row?.state !== 'inReview') throw new Error(row?.state);
  });
}

describe('A campaign runs without a script and without curl', () => {
  test('it is drafted, previewed and launched', async () => {
    const page = await signedIn('organizer', { scripts: false });
    await page.goto(`${house.url}/console/campaigns/new`);
    await page.fill('#f-title', '安全生产执法专项监督');
    await page.selectOption('#f-checklist', 'CL-three-systems');
    await page.uncheck('input[name=kind][value=department]');
    await press(page, '保存并预览');
    expect(page.url()).toMatch(/\/console\/campaigns\/ZX-\d{4}-001\/preview$/);
    no = /ZX-\d{4}-001/.exec(page.url())?.[0] ?? '';
    expect(await text(page)).toContain('可发送3家');
    await page.fill('#f-recall', '0');
    await press(page, '发送给3家');
    expect(await text(page)).toContain('已发布，正在发送给3家');
    await eventually(async () => {
      if ((await house.store.tasks.countDocuments({ owner: no, state: 'unacknowledged' })) < 3)
        throw new Error('sending');
    });
    await page.goto(`${house.url}/console/campaigns/${no}`);
    expect(await page.innerText('[data-count=unacknowledged]')).toBe('3');
    expect(await page.locator('#rows tbody tr').count()).toBe(3);
  });

  test('what changed since the preview is not launched', async () => {
    const page = await signedIn('organizer', { scripts: false });
    await page.goto(`${house.url}/console/campaigns/new?from=${no}`);
    await press(page, '保存并预览');
    await registerAgencies(house, ['jingjia']);
    await press(page, '发送给3家');
    expect(await text(page)).toContain('预览之后内容已变化');
    expect(await text(page)).toContain('发送给4家');
  });

  test('an answer is returned with a reason, comes again and is accepted', async () => {
    const page = await signedIn('organizer', { scripts: false });
    await answered(`${no}-001`);
    await page.goto(`${house.url}/console/reviews`);
    await Promise.all([page.waitForEvent('load'), page.click('main table a')]);
    await press(page, '退回补正');
    expect(await text(page)).toContain('请至少写明一项退回理由');
    await page.fill('input[name="reason-c2"]', '缺少影像目录');
    await press(page, '退回补正');
    expect(await text(page)).toContain('已退回1项');
    await page.goto(`${house.url}/console/tasks/${no}-001`);
    expect(await text(page)).toContain('退回理由： 缺少影像目录');
    await answered(`${no}-001`, '影像目录已补充');
    await page.goto(`${house.url}/console/tasks/${no}-001`);
    await press(page, '接受，办结');
    expect(await text(page)).toContain('已接受，事项办结');
    expect((await house.store.tasks.findById(`${no}-001`).lean())?.state).toBe('closed');
  });

  test('an answer that came after the page was opened is not judged unseen', async () => {
    const page = await signedIn('organizer', { scripts: false });
    await answered(`${no}-002`);
    await page.goto(`${house.url}/console/tasks/${no}-002`);
    await answered(`${no}-002`, '更正：以本次为准');
    await press(page, '接受，办结');
    expect(await text(page)).toContain('内容已有更新');
    expect(await text(page)).toContain('更正：以本次为准');
    expect((await house.store.tasks.findById(`${no}-002`).lean())?.state).toBe('inReview');
  });

  test('a telephone answer, an extension, a nudge, a pause and an inspection are each a form', async () => {
    const page = await signedIn('organizer', { scripts: false });
    const task = `${house.url}/console/tasks/${no}-003`;
    await house.call('organizer', 'POST', `/tasks/${no}-003/extensions`, {
      body: { workdays: 3, reason: '资料在档案馆' },
    });
    await eventually(async () => {
      await page.goto(task);
      expect(await text(page)).toContain('申请延期3个工作日');
    });
    await press(page, '同意');
    expect(await text(page)).toContain('已同意延期');

    await page.goto(`${house.url}/console/campaigns/${no}/nudges`);
    expect(await text(page)).toContain('24小时内已发过邮件');

    await page.goto(`${house.url}/console/campaigns/${no}`);
    await press(page, '暂停发送');
    expect(await text(page)).toContain('已暂停');
    await press(page, '恢复');
    expect(await text(page)).toContain('进行中');

    await page.goto(`${house.url}/console/campaigns/${no}/inspections`);
    await page.check('input[name=inspectors] >> nth=0');
    await press(page, '登记检查');
    expect(await text(page)).toContain('不得少于2');
    await page.check('input[name=inspectors] >> nth=1');
    await page.selectOption('select[name=item0]', 'c3');
    await page.fill('input[name=description0]', '两件决定未公开');
    await press(page, '登记检查');
    expect(await text(page)).toContain('发现问题1项');

    await page.goto(task);
    await page.click('summary:has-text("登记电话或纸质反馈")');
    await page.fill('#o-by', '李经办');
    await page.fill('#o-text', '电话反馈：已完成自查');
    await press(page, '登记反馈');
    expect(await text(page)).toContain('已登记反馈，回执 HZ');
  });

  test('a circular is drafted by one person and signed by another', async () => {
    const page = await signedIn('organizer', { scripts: false });
    await page.goto(`${house.url}/console/campaigns/${no}/circulars`);
    await press(page, '生成初稿');
    expect(await text(page)).toContain('待审批人签发');
    expect(await page.locator('#f-signatory').count()).toBe(0);
    const approver = await signedIn('approver', { scripts: false });
    await approver.goto(page.url());
    await approver.fill('#f-signatory', '王局长');
    await press(approver, '签发');
    expect(await text(approver)).toMatch(/桓司执监通〔\d{4}〕1号/);
  });

  test('the certificate leads to the bytes that were sent', async () => {
    const page = await signedIn('auditor');
    await page.goto(`${house.url}/console/tasks/${no}-001/certificate`);
    const said = await text(page);
    const href = await page.locator('main a[href$="/raw"]').first().getAttribute('href');
    const raw = await page.request.get(`${house.url}${href ?? ''}`);
    const { createHash } = await import('node:crypto');
    expect(said).toContain(
      createHash('sha256')
        .update(await raw.body())
        .digest('hex'),
    );
  });
});

describe('A board is live', () => {
  test('its numbers and rows turn within two seconds of an answer, and no page overflows at 320 pixels', async () => {
    const live = await launch(house, { title: '实时专项' });
    await eventually(async () => {
      if ((await house.store.tasks.countDocuments({ owner: live, state: 'unacknowledged' })) < 4)
        throw new Error('sending');
    });
    const page = await signedIn('organizer');
    await page.goto(`${house.url}/console/campaigns/${live}`);
    await page.waitForSelector('[data-said]:text("实时更新中")');
    await house.call('organizer', 'POST', `/tasks/${live}-002/answers`, {
      body: { text: '已自查', by: { name: '王' } },
    });
    const from = Date.now();
    await page.waitForSelector('[data-count=inReview]:text-is("1")');
    expect(Date.now() - from).toBeLessThan(seconds(2));
    await page.waitForSelector('#rows :text("待审核")');
    await page.setViewportSize({ width: 320, height: 700 });
    for (const path of [
      '',
      '/campaigns',
      '/campaigns/new',
      `/campaigns/${live}`,
      `/campaigns/${no}/inspections`,
      `/tasks/${live}-002`,
      '/reviews',
      '/inbox',
      '/agencies',
    ]) {
      await page.goto(`${house.url}/console${path}`);
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320]);
    }
  });
});

describe('The stream of a campaign', () => {
  interface Told {
    readonly id: string;
    readonly event: string;
    readonly data: string;
  }

  /** Listens until `enough`, then hangs up. */
  async function listen(
    owner: string,
    { from, enough }: { from?: string; enough: (told: readonly Told[]) => boolean },
  ): Promise<Told[]> {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), 60_000);
    const answer = await fetch(`${house.url}/api/v1/campaigns/${owner}/stream`, {
      headers: {
        Authorization: `Bearer ${tokens.get('auditor') ?? ''}`,
        ...(from === undefined ? {} : { 'Last-Event-ID': from }),
      },
      signal: stop.signal,
    });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const told: Told[] = [];
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true });
      const parts = rest.split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? '';
        if (field('event') !== '') told.push({ id: field('id'), event: field('event'), data: field('data') });
      }
      if (enough(told)) break;
    }
    clearTimeout(late);
    stop.abort();
    return told;
  }

  beforeAll(async () => {
    const { issueToken } = await import('../../data/seed.ts');
    tokens.set('auditor', await issueToken(house.store, 'auditor'));
  });

  test('begins with the counts, and replays the whole ledger in order from Last-Event-ID', async () => {
    const head = await house.store.events.findOne({ owner: no }).sort({ seq: -1 }).lean();
    const all = await house.store.events.find({ owner: no }).sort({ seq: 1 }).lean();
    const lines = all.flatMap((block) => JSON.parse(block.entries) as { what: string }[]);
    const told = await listen(no, {
      from: '0',
      enough: (so) => so.filter((one) => one.event === 'entry').length >= lines.length,
    });
    expect(told[0]?.event).toBe('counts');
    expect(JSON.parse(told[0]?.data ?? '')).toMatchObject({
      counts: { closed: 1 },
      state: 'running',
      phase: 'selfInspection',
    });
    const entries = told.filter((one) => one.event === 'entry');
    expect(entries.map((one) => (JSON.parse(one.data) as { code: string }).code)).toEqual(
      lines.map((line) => line.what),
    );
    expect(entries.filter((one) => one.id !== '').map((one) => Number(one.id))).toEqual(
      all.map((block) => block.seq),
    );
    expect(entries.at(-1)?.id).toBe(String(head?.seq));
  });

  test('a listener that comes back gets what it missed, once', async () => {
    const head = (await house.store.events.findOne({ owner: no }).sort({ seq: -1 }).lean())?.seq ?? 0;
    await house.call('organizer', 'POST', `/campaigns/${no}/pause`);
    const told = await listen(no, {
      from: String(head),
      enough: (so) => so.some((one) => one.data.includes('"code":"paused"')),
    });
    expect(
      told
        .filter((one) => one.event === 'entry')
        .map((one) => (JSON.parse(one.data) as { code: string }).code),
    ).toEqual(['paused']);
    await house.call('organizer', 'POST', `/campaigns/${no}/resume`);
  });

  test('without a token there is none', async () => {
    expect((await fetch(`${house.url}/api/v1/campaigns/${no}/stream`)).status).toBe(401);
  });
});
