import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { type County, openCounty } from '../support/full-county.ts';
import { eventually, seconds } from '../support/house.ts';
import { addressOf, taskShows } from '../support/people.ts';

const PHONE = { width: 390, height: 844, touch: true } as const;

/** A finger that counts. */
function finger(page: Page) {
  const hand = {
    taps: 0,
    async tap(place: Locator | string): Promise<void> {
      hand.taps += 1;
      await (typeof place === 'string' ? page.locator(place) : place).tap();
    },
    /** Taps what leads to another page. */
    async go(place: string): Promise<void> {
      await Promise.all([page.waitForEvent('load'), hand.tap(place)]);
    },
  };
  return hand;
}

describe('People and the pages they live in', () => {
  let county: County;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let last = 0;

  beforeAll(async () => {
    [county, windows] = await Promise.all([openCounty(), openWindows()]);
    desk = await openConsole(county.house, windows);
    organizer = await desk.signedIn('organizer');
  }, 240_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await county?.house.close();
  });

  /** Another agency each time, from the end of the list. */
  const another = (): { agency: string; no: string; link: string } => {
    const [agency = '', task] = [...county.links].at((last -= 1)) ?? [];
    return { agency, no: task?.no ?? '', link: task?.link ?? '' };
  };
  const scripted = async (): Promise<Page> => {
    const page = await windows.open();
    await page.context().addCookies(await organizer.context().cookies());
    return page;
  };
  const said = (page: Page): Promise<string> => page.innerText('main');

  it('Row 15: with scripts off a campaign is launched, its task answered with a file, and the answer accepted', async () => {
    const { house, links } = county;
    const [first = ''] = links.keys();
    await desk.go(organizer, '/campaigns/new');
    await organizer.fill('#f-title', '无脚本专项');
    await organizer.uncheck('input[name=kind][value=town]');
    await organizer.uncheck('input[name=kind][value=department]');
    await organizer.click('summary:has-text("单独勾选")').catch(() => organizer.click('#f-agencies summary'));
    await organizer.check(`input[name=agency][value=${first}]`);
    await desk.press(organizer, '保存并预览');
    await organizer.fill('#f-recall', '0');
    await desk.press(organizer, '发送给1家');
    const owner = /ZX-\d{4}-\d+/.exec(organizer.url())?.[0] ?? '';
    const mail = await eventually(async () => {
      const found = (await house.mails(addressOf(first))).find((one) => one.subject.includes(owner));
      if (!found) throw new Error('no mail yet');
      return found;
    });
    const agency = await windows.open({ ...PHONE, scripts: false });
    await agency.goto(/^\s*(http\S+\/t\/\w+)\s*$/m.exec(mail.text)?.[1] ?? '');
    await agency.fill('#acknowledge-name', '经办人甲');
    await agency.fill('#acknowledge-post', '科员');
    await Promise.all([agency.waitForEvent('load'), agency.click('#acknowledge button')]);
    await agency.goBack();
    await agency.fill('#answers-text', '已完成自查');
    await agency.setInputFiles('#answers-files', {
      name: '台账.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('台账'),
    });
    await Promise.all([agency.waitForEvent('load'), agency.click('#answer form button[type=submit]')]);
    expect(await said(agency)).toContain('台账.txt');
    await taskShows(house, `${owner}-001`, { state: 'inReview' });
    await desk.go(organizer, '/reviews');
    await Promise.all([
      organizer.waitForEvent('load'),
      organizer.click(`main tr:has-text("${owner}-001") a`),
    ]);
    await desk.press(organizer, '接受，办结');
    expect(await said(organizer)).toContain('已接受');
    await taskShows(house, `${owner}-001`, { state: 'closed' });
    await agency.close();
  });

  it('Row 3: on a phone it is four taps from the mail to the photo handed in, and Row 4: the receipt names it with its size', async () => {
    const { agency, no } = another();
    const [mail] = await county.house.mails(addressOf(agency), '【请办理】');
    const page = await windows.open(PHONE);
    await page.setContent(mail?.html ?? '');
    const hand = finger(page);
    await hand.go('a[href*="/t/"] >> nth=0');
    const chooser = page.waitForEvent('filechooser');
    await hand.tap('#camera');
    const photo = {
      name: 'IMG_01.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.concat([JPEG, Buffer.alloc(40_000)]),
    };
    hand.taps += 1; // the shutter
    await (await chooser).setFiles(photo);
    await hand.go('#answer form button[type=submit]');
    expect(await said(page)).toMatch(/IMG_01\.jpg[\s\S]*KB/);
    expect(hand.taps).toBeLessThanOrEqual(4);
    await taskShows(county.house, no, { state: 'inReview' });
    const receipt = await eventually(async () => {
      const found = (await county.house.mails(addressOf(agency), '【已收到】'))[0];
      if (!found) throw new Error('no receipt yet');
      return found;
    }, seconds(10));
    expect(receipt.text).toMatch(/IMG_01\.jpg.*KB/);
    await page.close();
  });

  it('Row 5: to hand a task to a colleague and to ask for more time are three taps each', async () => {
    const { no, link } = another();
    const page = await windows.open(PHONE);
    await page.goto(link);
    const colleague = finger(page);
    await colleague.tap('#delegate summary');
    await page.waitForSelector('#delegate input:focus');
    await page.keyboard.type('王同事');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wang@maqiao.huantai.example');
    await colleague.go('#delegate button');
    expect(await said(page)).toContain('已转同事办理');
    expect(colleague.taps).toBeLessThanOrEqual(3);
    await page.goto(link);
    const time = finger(page);
    await time.tap('#extend summary');
    await page.waitForSelector('#extend input:focus');
    await page.keyboard.type('3');
    await page.keyboard.press('Tab');
    await page.keyboard.type('资料在档案馆');
    await time.go('#extend button');
    expect(time.taps).toBeLessThanOrEqual(3);
    await eventually(async () => {
      expect((await county.house.store.tasks.findById(no).lean())?.machine).toMatchObject({
        extension: { term: { workdays: 3 } },
      });
    });
    await page.close();
  });

  it('Row 8: why it waits is the first thing that a matter says, and one click away from every list', async () => {
    const page = await scripted();
    for (const [list, link] of [
      ['/tasks', 'main a[href^="/console/tasks/"]'],
      [`/campaigns/${county.no}`, '#rows tbody a'],
      ['/cases', 'main a[href^="/console/cases/"]'],
    ] as const) {
      await desk.go(page, list);
      await Promise.all([page.waitForEvent('load'), page.locator(link).first().click()]);
      const sentence = page.locator('.blocker strong').first();
      expect((await sentence.innerText()).length, list).toBeGreaterThan(5);
      const box = await sentence.boundingBox();
      expect((box?.y ?? 10_000) + (box?.height ?? 0), `${list}: on the first screen`).toBeLessThan(900);
    }
    await page.close();
  });

  it('Row 9: from a list it is two clicks to the certificate, and its hash is that of the bytes that were sent', async () => {
    const page = await scripted();
    await desk.go(page, `/campaigns/${county.no}`);
    await Promise.all([page.waitForEvent('load'), page.click('#rows tbody a >> nth=0')]);
    await Promise.all([page.waitForEvent('load'), page.click('a[href$="/certificate"]')]);
    const href = await page.locator('main a[href$="/raw"]').first().getAttribute('href');
    const raw = await (await page.request.get(`${county.house.url}${href}`)).body();
    expect(await said(page)).toContain(createHash('sha256').update(raw).digest('hex'));
    await page.close();
  });

  it('Row 17: ten seconds with the mail on a phone: verb, number, date and button are seen without scrolling', async () => {
    const { agency, no, link } = another();
    const [mail] = await county.house.mails(addressOf(agency), '【请办理】');
    const page = await windows.open(PHONE);
    await page.setContent(mail?.html ?? '');
    const due = /\d+月\d+日（周.）17:00/.exec(mail?.text ?? '')?.[0] ?? 'no date';
    const seen = async (place: Locator): Promise<boolean> => {
      const box = await place.first().boundingBox();
      return (
        box !== null && box.y >= 0 && box.y + box.height <= PHONE.height && box.x + box.width <= PHONE.width
      );
    };
    expect(await seen(page.getByText(/请于.*前反馈/).filter({ visible: true })), 'verb').toBe(true);
    expect(await seen(page.getByText(no)), 'number').toBe(true);
    expect(await seen(page.getByText(due).filter({ visible: true })), 'date').toBe(true);
    expect(await seen(page.locator(`td[bgcolor] a[href^="${link}"]`)), 'button').toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    await page.close();
  });

  describe('By keyboard', () => {
    let page: Page;
    beforeAll(async () => {
      await county.answered(12);
      page = await scripted();
    });

    const loaded = async (key: string): Promise<void> => {
      await Promise.all([page.waitForEvent('load'), page.keyboard.press(key)]);
    };
    /** So many of the campaign's answers are judged. */
    const judged = (): Promise<number> =>
      county.house.store.tasks.countDocuments({
        owner: county.no,
        state: { $in: ['closed', 'returned'] } as never,
      });

    it('Row 13: ten answers are reviewed without a mouse', async () => {
      const before = await judged();
      await desk.go(page, '');
      await page.keyboard.press('g');
      await loaded('r');
      expect(new URL(page.url()).pathname).toBe('/console/reviews');
      for (const key of ['j', 'j', 'k', 'k']) await page.keyboard.press(key);
      await loaded('Enter');
      for (let n = 0; n < 10; n += 1)
        if (n === 4) {
          await page.keyboard.press('r');
          await page.keyboard.type('缺少影像目录');
          await loaded('Enter');
          expect(await said(page)).toContain('已退回');
        } else {
          await loaded('a');
          expect(await said(page)).toContain('已接受');
        }
      expect((await judged()) - before).toBe(10);
    });

    it('Row 13: no key fires while an input method composes, nor with the keys switched off', async () => {
      await desk.go(page, '/reviews');
      await page.keyboard.press('j');
      await loaded('Enter');
      const before = page.url();
      const done = await judged();
      const protocol = await windows.protocol(page);
      await page.keyboard.press('r');
      await protocol.send('Input.imeSetComposition', { text: 'aa', selectionStart: 2, selectionEnd: 2 });
      for (const [key, code] of [
        ['a', 65],
        ['Enter', 13],
      ] as const)
        for (const type of ['rawKeyDown', 'keyUp'] as const)
          await protocol.send('Input.dispatchKeyEvent', {
            type,
            key: 'Process',
            code: `Key${key}`,
            windowsVirtualKeyCode: 229,
            nativeVirtualKeyCode: code,
          });
      await protocol.send('Input.insertText', { text: '啊' });
      expect(await page.inputValue('input[name="reason-c1"]')).toBe('啊');
      await page.keyboard.press('Escape');
      for (const type of ['rawKeyDown', 'keyUp'] as const)
        await protocol.send('Input.dispatchKeyEvent', {
          type,
          key: 'a',
          code: 'KeyA',
          windowsVirtualKeyCode: 229,
        });
      await page.keyboard.press('Control+a');
      await page.keyboard.press('?');
      expect(await page.isVisible('#keys')).toBe(true);
      await page.uncheck('#keys-on');
      await page.click('#keys button');
      await page.keyboard.press('a');
      await page.keyboard.press('g');
      await page.keyboard.press('t');
      await page.waitForTimeout(300);
      expect(page.url()).toBe(before);
      expect(await judged()).toBe(done);
      await page.click('[data-keys]');
      await page.check('#keys-on');
      await page.click('#keys button');
      await page.keyboard.press('/');
      await page.waitForURL('**/console/tasks#q-q');
      await page.waitForSelector('#q-q:focus');
      await page.keyboard.type('ZX-');
      await loaded('Enter');
      expect(await page.locator('main tbody tr').count()).toBeGreaterThan(5);
    });
  });

  it('All scripts together are less than fifteen kilobytes, and none stands in a page', async () => {
    const folder = path.join(import.meta.dirname, '../../api/public');
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const bytes = scripts.map((name) => readFileSync(path.join(folder, name)).length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(15 * 1024);
    const answer = await fetch(`${county.house.url}/console/sign-in`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+="/);
  });
});

/** One grey point. */
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);
