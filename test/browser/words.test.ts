import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stamp } from '../../domain/clock.ts';
import { type ConsoleDesk, type Launched, openLaunched } from '../support/console.ts';
import { launch, registerAgencies } from '../support/county.ts';
import type { House } from '../support/house.ts';
import { HTML, NASTY, TURNED, TURNING } from '../support/nasty.ts';
import { addressOf, pageOf, review, taskShows } from '../support/people.ts';
import { entriesOf } from '../support/zip.ts';

/** Everything that a ZIP holds, as one text. */
const unzipped = async (bytes: Buffer): Promise<string> =>
  [...(await entriesOf(bytes)).values()].map((one) => one.toString('utf8')).join('\n');

describe('What people write is text, everywhere', () => {
  let opened: Launched;
  let house: House;
  let desk: ConsoleDesk;
  let page: Page;
  let no: string;

  beforeAll(async () => {
    opened = await openLaunched(['maqiao', 'qifeng']);
    ({ house, desk, page, no } = opened);
  }, 120_000);
  afterAll(() => opened?.close());

  const said = (): Promise<string> => page.innerText('main');

  it('In names and titles they are words too: in subjects and headers, on the board, in its charts and in what is exported', async () => {
    const name = `${TURNED}<b>粗</b>镇=1+1`;
    await registerAgencies(house, ['jingjia']);
    await house.store.agencies.updateOne({ _id: 'jingjia' }, { $set: { name } });
    const owner = await launch(house, { title: NASTY, agencies: { ids: ['jingjia'] } });
    const link = await pageOf(house, addressOf('jingjia'));
    const [mail] = await house.mails(addressOf('jingjia'), '【请办理】');
    for (const words of [mail?.subject, mail?.text, mail?.html, ...Object.values(mail?.headers ?? {})])
      expect(words).not.toMatch(TURNING);
    expect(mail?.subject).toContain('=HYPERLINK');
    expect(mail?.html).not.toMatch(/<img|<b>粗/);
    await page.goto(link);
    expect(await said()).toContain('<b>粗</b>');
    expect(await page.locator('main img, main b:text-is("粗")').count()).toBe(0);
    await page.fill('#answers-text', '已自查');
    await page.check('input[name="items[c1][result]"][value=notMet]');
    await Promise.all([page.waitForEvent('load'), page.click('#answer form button[type=submit]')]);
    await taskShows(house, `${owner}-001`, { state: 'inReview' });
    await desk.go(page, `/campaigns/${owner}`);
    expect(await page.locator('figure svg').count()).toBeGreaterThan(1);
    const drawn = (await page.locator('figure').allTextContents()).join(' ');
    expect(drawn).toContain('<b>粗</b>');
    expect(drawn).not.toMatch(TURNING);
    expect(await page.locator('main img, figure b, figure script').count()).toBe(0);
    expect(await page.title()).not.toBe('taken');
    for (const path of [
      '',
      '/campaigns',
      '/tasks',
      '/reviews',
      '/agencies',
      '/agencies/jingjia',
      `/history/${owner}`,
    ]) {
      await desk.go(page, path);
      expect(await page.locator('main img, main b:text-is("粗")').count(), path).toBe(0);
      expect(await said(), path).not.toMatch(TURNING);
    }
  });

  it('Markup, formulas and turned letters are words on the page, in the mail, in the sheet and in the paper', async () => {
    const task = `${no}-001`;
    await page.goto(await pageOf(house, addressOf('maqiao')));
    await page.fill('#answers-text', NASTY);
    await page.fill('#answers-by', NASTY.slice(0, 90));
    await Promise.all([page.waitForEvent('load'), page.click('#answer form button[type=submit]')]);
    expect(await said()).toContain('<b>粗</b>');
    await taskShows(house, task, { state: 'inReview' });
    await desk.go(page, `/tasks/${task}`);
    expect(await said()).toContain(HTML);
    expect(await page.locator('main img, main b:text-is("粗")').count()).toBe(0);
    await review(house, task, {
      verdict: 'return',
      items: [{ id: 'c1', reason: NASTY }],
      term: { workdays: 3 },
    });
    const link = await pageOf(house, addressOf('maqiao'), '【请补正】');
    const [mail] = await house.mails(addressOf('maqiao'), '【请补正】');
    expect(mail?.html).toContain('&lt;img');
    expect(mail?.html).not.toContain('<img src=x');
    expect(`${mail?.html}${mail?.text}${mail?.subject}`).not.toMatch(TURNING);
    await page.goto(link);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).not.toBe('taken');
    const inspectors = (await house.store.supervisors.find({}).lean()).map((one) => one._id);
    const found = await house.call('organizer', 'POST', `/campaigns/${no}/inspections`, {
      body: {
        agency: 'qifeng',
        inspectors,
        on: stamp(await house.now()).slice(0, 10),
        findings: [{ item: 'c3', severity: 'ordinary', description: NASTY }],
      },
    });
    expect(found.status, JSON.stringify(found.body)).toBe(201);
    await desk.go(page, '/ledger');
    expect(await said()).toContain('<b>粗</b>');
    expect(await page.locator('main img').count()).toBe(0);
    const csv = await (await page.request.get(`${house.url}/console/ledger.csv`)).text();
    expect(csv).not.toMatch(/(?:^|[,\n"])=HYPERLINK/);
    const sheet = await unzipped(await (await page.request.get(`${house.url}/console/ledger.xlsx`)).body());
    expect(sheet).not.toMatch(/<f[ >]/);
    expect(sheet).toContain('HYPERLINK(');
    const paper = await house.call('organizer', 'POST', `/campaigns/${no}/circulars`, {
      body: { title: NASTY },
    });
    expect(paper.status, JSON.stringify(paper.body)).toBe(201);
    await desk.go(page, `/documents/${paper.body.id}`);
    expect(await page.locator('main img').count()).toBe(0);
    const docx = await unzipped(
      await (await page.request.get(`${house.url}/console/documents/${paper.body.id}.docx`)).body(),
    );
    expect(docx).toContain('&lt;img');
    expect(docx).not.toMatch(/<img|<w:instrText[^>]*>[^<]*HYPERLINK/);
    for (const text of [await said(), docx, csv, sheet]) expect(text).not.toMatch(TURNING);
  });
});
