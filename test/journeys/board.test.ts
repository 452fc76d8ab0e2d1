import { gzipSync } from 'node:zlib';
import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { plantBoard } from '../../bench/board-set.ts';
import { stamp } from '../../domain/clock.ts';
import { appendEvents } from '../../models/event.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { openLine } from '../support/cut-line.ts';
import { type House, eventually, openHouse, seconds } from '../support/house.ts';

const PASSWORD = 'a long password';
const N = 10_000;
let house: House;
let windows: Windows;
let large: Awaited<ReturnType<typeof plantBoard>>;

beforeAll(async () => {
  [house, windows] = await Promise.all([openHouse(), openWindows()]);
  const passwordHash = await hash(PASSWORD);
  await house.store.accounts.updateMany({}, { $set: { passwordHash } });
  await registerAgencies(house, ['maqiao', 'qifeng', 'tianzhuang']);
  large = await plantBoard(house.store, { n: N, now: await house.now(), mailBytes: 200 });
});

afterAll(async () => {
  closeStreams();
  await windows?.close();
  await house?.close();
});

async function signedIn(url = house.url, options: { scripts?: boolean } = {}): Promise<Page> {
  const page = await windows.open(options);
  await page.goto(`${url}/console`);
  await page.fill('#account', 'organizer');
  await page.fill('#password', PASSWORD);
  await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
  return page;
}

describe('A board of 10,000 agencies', () => {
  test('is one page of under 200 KB, and every counter has its denominator', async () => {
    const page = await signedIn(house.url, { scripts: false });
    await page.goto(`${house.url}/console/campaigns/${large.no}`);
    const html = await page.content();
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
    expect(gzipSync(html).length).toBeLessThan(40_000);
    expect(await page.locator('#rows tbody tr').count()).toBe(100);
    const legend = await page.locator('.legend li:has([data-count])').allInnerTexts();
    expect(legend).toHaveLength(8);
    for (const one of legend) expect(one).toMatch(new RegExp(`\\d+\\s*/${N}`));
    const numbers = await page.locator('.legend [data-count]').allInnerTexts();
    const states = numbers.slice(0, -1).reduce((sum, n) => sum + Number(n), 0);
    expect(states).toBe(N);
  });

  test('is filtered and ordered by its address, and its pages lead through every row once', async () => {
    const page = await signedIn(house.url, { scripts: false });
    const at = `${house.url}/console/campaigns/${large.no}`;
    const expected = await house.store.tasks.find({ owner: large.no, state: 'returned' }).lean();
    const collator = (key: (one: (typeof expected)[number]) => string | number) =>
      expected
        .toSorted((a, b) => {
          const [x, y] = [key(a), key(b)];
          return x < y ? -1 : x > y ? 1 : a._id < b._id ? -1 : 1;
        })
        .map((one) => one._id);
    const orders = {
      due: collator((one) => one.dueAt?.getTime() ?? Infinity),
      agency: collator((one) => one.agencyName),
    };
    for (const [sort, whole] of Object.entries(orders))
      for (const way of ['', '-']) {
        const seen: string[] = [];
        await page.goto(`${at}?state=returned&sort=${way}${sort}`);
        for (;;) {
          seen.push(
            ...(await page
              .locator('#rows [data-no]')
              .evaluateAll((rows) =>
                rows.map((row) => (row as { dataset: Record<string, string> }).dataset['no'] ?? ''),
              )),
          );
          const next = page.locator('#rows a[rel=next]');
          if ((await next.count()) === 0) break;
          await page.goto(`${house.url}${(await next.getAttribute('href')) ?? ''}`);
        }
        expect(seen).toEqual(way === '' ? whole : whole.toReversed());
      }
    await page.goto(`${at}?q=${encodeURIComponent('第77镇')}`);
    expect(await page.locator('#rows tbody tr').count()).toBe(1);
    await page.goto(`${at}?light=red`);
    expect(new Set(await page.locator('#rows tbody tr .light').allInnerTexts())).toEqual(new Set(['■ 超期']));
    await page.goto(`${at}?kind=lookBack`);
    expect(await page.innerText('#rows')).toContain('没有');
  });

  test('a cursor that no list gave is refused with a sentence', async () => {
    const page = await signedIn(house.url, { scripts: false });
    for (const cursor of [
      'rubbish',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('["x",2,3]').toString('base64url'),
    ]) {
      const answer = await page.goto(`${house.url}/console/campaigns/${large.no}?cursor=${cursor}`);
      expect([cursor, answer?.status()]).toEqual([cursor, 422]);
    }
  });

  test('has its charts with their tables, every figure out of how many, and a name that is markup stays text', async () => {
    const hostile = '<img src=x onerror=alert(1)>‮镇';
    await house.store.tasks.updateOne(
      { owner: large.no, state: 'inProgress', overdue: true },
      { $set: { agencyName: hostile, dueAt: new Date(0) } },
    );
    const page = await signedIn(house.url, { scripts: false });
    await page.goto(`${house.url}/console/campaigns/${large.no}`);
    const charts = page.locator('section:has(#charts)');
    expect(await charts.locator('svg').count()).toBe(3);
    expect(await charts.locator('table').count()).toBe(3);
    expect(await charts.locator('figcaption').allInnerTexts()).toEqual([
      expect.stringMatching(/^反馈曲线：已反馈 5[78]\d\d\/10000$/),
      expect.stringMatching(/^超期事项：最久的 12\/\d+$/),
      expect.stringMatching(/^本页机关 × 检查项：\d+\/100家已反馈$/),
    ]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await charts.innerHTML()).toContain('&lt;img src');
    expect(await charts.locator('rect.heat-none').count()).toBeGreaterThan(0);
  });

  test('shows a row that has changed within two seconds', async () => {
    const page = await signedIn();
    const row = await house.store.tasks.findOne({ owner: large.no, state: 'unacknowledged' }).lean();
    const no = row?._id ?? '';
    await page.goto(`${house.url}/console/campaigns/${large.no}?q=${no}`);
    await page.waitForSelector('[data-said]:text("实时更新中")');
    await page.waitForSelector(`tr[data-no="${no}"] :text("待签收")`);
    await house.store.tasks.updateOne({ _id: no }, { $set: { state: 'inReview' } });
    await appendEvents(house.store.events, {
      owner: large.no,
      key: 'answered',
      entries: [
        { at: stamp(await house.now()), source: 'answer', what: 'answered', task: no, detail: { round: 1 } },
      ],
    });
    const from = Date.now();
    await page.waitForSelector(`tr.fresh[data-no="${no}"]:has-text("待审核")`);
    expect(Date.now() - from).toBeLessThan(seconds(2));
  });
});

describe('A lost connection', () => {
  test('is recovered without a gap: what was answered in between stands on the board', async () => {
    const no = await launch(house, {
      title: '断线专项',
      agencies: { ids: ['maqiao', 'qifeng', 'tianzhuang'] },
    });
    await eventually(async () => {
      if ((await house.store.tasks.countDocuments({ owner: no, state: 'unacknowledged' })) < 3)
        throw new Error('sending');
    });
    const line = await openLine(house.url);
    const page = await signedIn(line.url);
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/stream')) asked.push(request.headers()['last-event-id'] ?? '');
    });
    await page.goto(`${line.url}/console/campaigns/${no}`);
    await page.waitForSelector('[data-said]:text("实时更新中")');
    await answered(`${no}-001`);
    await page.waitForSelector('#rows :text("待审核")');
    line.cut();
    await page.waitForSelector('[data-said]:text("连接中断")');
    await answered(`${no}-002`);
    expect(await page.innerText('[data-count=inReview]')).toBe('1');
    line.mend();
    await page.waitForSelector('[data-count=inReview]:text-is("2")');
    await page.waitForSelector(`tr[data-no="${no}-002"]:has-text("待审核")`);
    await page.waitForSelector('[data-said]:text("实时更新中")');
    await line.close();
  });

  test('where no stream can be opened the board asks again by itself, and says so', async () => {
    const no = await launch(house, { title: '轮询专项', agencies: { ids: ['maqiao'] } });
    await eventually(async () => {
      if ((await house.store.tasks.countDocuments({ owner: no, state: 'unacknowledged' })) < 1)
        throw new Error('sending');
    });
    const page = await signedIn();
    await page.route('**/stream*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.goto(`${house.url}/console/campaigns/${no}`);
    await page.waitForSelector('[data-said]:text("每5秒查询一次")');
    await answered(`${no}-001`);
    await page.waitForSelector('#rows :text("待审核")');
    expect(await page.innerText('[data-count=inReview]')).toBe('1');
  });

  async function answered(task: string) {
    const { status } = await house.call('organizer', 'POST', `/tasks/${task}/answers`, {
      body: { text: '已自查', by: { name: '王经办' } },
    });
    expect(status).toBe(201);
    await eventually(async () => {
      const row = await house.store.tasks.findById(task).lean();
      if (row?.state !== 'inReview') throw new Error(row?.state);
    });
  }
});
