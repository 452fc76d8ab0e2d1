import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Windows } from '../support/browser.ts';
import { reading } from '../support/complaints.ts';
import { type ConsoleDesk, type Launched, openLaunched } from '../support/console.ts';
import { openDoor } from '../support/contract.ts';
import type { House } from '../support/house.ts';
import { HTML, NASTY, SHOWN } from '../support/nasty.ts';
import { addressOf, pageOf, review, taskShows } from '../support/people.ts';

describe('Forms', () => {
  let opened: Launched;
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let page: Page;
  let no: string;

  beforeAll(async () => {
    opened = await openLaunched(['maqiao', 'qifeng', 'tianzhuang']);
    ({ house, windows, desk, page, no } = opened);
    await pageOf(house, addressOf('tianzhuang'));
  }, 120_000);
  afterAll(() => opened?.close());

  /** Sends what a browser would keep back, as one without scripts or with a changed page does. */
  const send = async (selector: string): Promise<void> => {
    await page.evaluate('for (const one of document.forms) one.noValidate = true');
    await Promise.all([page.waitForEvent('load'), page.click(selector)]);
  };
  const atFocus = () => page.evaluate<string>('document.activeElement.name || document.activeElement.id');
  const said = (): Promise<string> => page.innerText('main');

  describe('A form that cannot be taken', () => {
    it('comes back with what was typed, the fault beside its field, and a summary that leads there', async () => {
      await desk.go(page, '/campaigns/new');
      await page.fill('#f-title', ' ');
      await page.fill('#f-selfInspection', '0');
      await page.fill('#f-legalBasis', '《某条例》第一条');
      await send('main form button[type=submit]');
      expect(await page.inputValue('#f-legalBasis')).toBe('《某条例》第一条');
      expect(await page.inputValue('#f-selfInspection')).toBe('0');
      expect(await page.getAttribute('#f-title', 'aria-invalid')).toBe('true');
      expect(await page.isVisible('#f-title-error')).toBe(true);
      expect(await page.locator('.summary').count()).toBe(1);
      expect(await atFocus()).toBe('errors');
      await page.click('#errors a >> nth=0');
      expect(await atFocus()).toBe('title');
    });

    it('is opened again where it was folded in, whoever wrote its template', async () => {
      await desk.go(page, `/campaigns/${no}`);
      await page.click('details:has(#x-term) > summary');
      await page.fill('#x-term', '5000');
      await page.selectOption('select[name=termUnit]', 'days');
      await page.fill('#x-reason', '材料较多');
      await send('details[open] form[action$="/extensions"] button');
      expect(await page.isVisible('#x-reason')).toBe(true);
      expect(await page.inputValue('#x-reason')).toBe('材料较多');
      expect(await page.inputValue('#x-term')).toBe('5000');
      expect(await page.inputValue('form[action$="/extensions"] select')).toBe('days');
      expect(await page.locator('#errors').count()).toBe(1);
    });

    it('shows which line of many is meant', async () => {
      await desk.go(page, `/campaigns/${no}/inspections`);
      await page.check('input[name=inspectors] >> nth=0');
      await page.fill('input[name=description0]', NASTY);
      await send('main form button[type=submit]');
      expect(await page.inputValue('input[name=description0]')).toBe(SHOWN);
      expect(await page.isChecked('input[name=inspectors] >> nth=0')).toBe(true);
      expect(await page.locator('#errors').count()).toBe(1);
      expect(await page.title()).not.toBe('taken');
    });

    it('on the agency’s page and on the public one too', async () => {
      await page.goto(await pageOf(house, addressOf('qifeng')));
      await page.click('#extend summary');
      await page.fill('#extensions-workdays', '5');
      await page.fill('#extensions-reason', ' ');
      await send('#extend button');
      expect(await page.inputValue('#extensions-workdays')).toBe('5');
      expect(await page.isVisible('#extensions-reason-error')).toBe(true);
      await page.click('#errors a');
      expect(await atFocus()).toBe('reason');
      await page.goto(`${house.url}/complaints`);
      await page.fill('#complaint-summary', NASTY);
      await page.fill('#complaint-contact', '没有');
      await reading();
      await send('main button[type=submit]');
      expect(await page.inputValue('#complaint-summary')).toBe(SHOWN);
      await page.click('#errors a');
      expect(await atFocus()).toBe('contact');
    });
  });

  describe('Twice is once', () => {
    it('a double click on an answer is one answer, and the back button brings no second one', async () => {
      const link = await pageOf(house, addressOf('qifeng'));
      await page.goto(link);
      await page.fill('#answers-text', '已自查一遍');
      await Promise.all([page.waitForEvent('load'), page.dblclick('#answer form button[type=submit]')]);
      const receipt = /HZ\w+/.exec(await said())?.[0];
      await page.goBack();
      if ((await page.locator('#answers-text').count()) > 0) {
        await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
        await page.fill('#answers-text', '已自查一遍');
        await Promise.all([page.waitForEvent('load'), page.click('#answer form button[type=submit]')]);
        expect(/HZ\w+/.exec(await said())?.[0]).toBe(receipt);
      }
      expect(await house.store.submissions.countDocuments({ task: `${no}-002`, kind: 'answer' })).toBe(1);
    });

    it('two presses of a button that shows a secret make one secret, and show the same', async () => {
      const admin = await desk.signedIn('administrator');
      await desk.go(admin, '/accounts/organizer');
      await admin.fill('#a-token', '自动对接');
      const fields = await Promise.all(
        ['_csrf', '_key', '_at', 'token'].map(async (name) => [
          name,
          await admin.inputValue(`form[action$="/tokens"] [name="${name}"]`),
        ]),
      );
      const press = () =>
        admin.request.post(`${house.url}/console/accounts/organizer/tokens`, {
          form: Object.fromEntries(fields) as Record<string, string>,
        });
      const pages = await Promise.all([press(), press()]);
      pages.push(await press());
      const secrets = await Promise.all(
        pages.map(async (one) => /<p class="hash"><code>([^<]+)</.exec(await one.text())?.[1]),
      );
      expect(secrets[0]).toMatch(/.{20}/);
      expect(new Set(secrets).size).toBe(1);
      const tokens = await house.store.tokens.find({ account: 'organizer', name: '自动对接' }).lean();
      expect(tokens).toHaveLength(1);
      await admin.close();
    });

    it('a draft saved twice from the same page, or again after going back, is one campaign', async () => {
      const count = (): Promise<number> => house.store.campaigns.countDocuments({});
      const before = await count();
      await desk.go(page, '/campaigns/new');
      await page.fill('#f-title', '只此一项');
      await Promise.all([page.waitForURL('**/preview'), page.dblclick('main form button[type=submit]')]);
      const first = page.url();
      await page.goBack();
      await Promise.all([page.waitForURL('**/preview'), page.click('main form button[type=submit]')]);
      expect(page.url()).toBe(first);
      expect((await count()) - before).toBe(1);
    });
  });

  it('What was typed for a form that is gone meanwhile is shown, to be copied', async () => {
    await taskShows(house, `${no}-002`, { state: 'inReview' });
    await desk.go(page, `/tasks/${no}-002`);
    await page.fill('input[name="reason-c2"]', `缺少影像目录 ${HTML}`);
    await review(house, `${no}-002`, { verdict: 'accept' });
    await send('form[action$="/return"] button, button[formaction$="/return"]');
    expect(await page.locator('#errors').count()).toBe(1);
    expect(await said()).toContain('您填写的内容');
    expect(await said()).toContain(`缺少影像目录 ${HTML}`);
    expect((await house.store.tasks.findById(`${no}-002`).lean())?.state).toBe('closed');
  });

  it('An expired session leads back to where the person was, with the text kept', async () => {
    await desk.go(page, `/tasks/${no}-003`);
    await page.click('summary:has-text("登记电话或纸质反馈")');
    await page.fill('#o-by', '李经办');
    await page.fill('#o-text', `电话反馈 ${HTML}`);
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await send('form[action$="/answers"] button');
    expect(await page.locator('#password').count()).toBe(1);
    expect(await said()).toContain('已保留');
    await page.fill('#account', 'organizer');
    await page.fill('#password', 'wrong password');
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    await page.fill('#password', 'a long password');
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    expect(new URL(page.url()).pathname).toBe(`/console/tasks/${no}-003`);
    expect(await said()).toContain('请核对后提交');
    expect(await page.isVisible('#o-text')).toBe(true);
    expect(await page.inputValue('#o-text')).toBe(`电话反馈 ${HTML}`);
    expect(await page.inputValue('#o-by')).toBe('李经办');
    expect(await house.store.submissions.countDocuments({ task: `${no}-003` })).toBe(0);
    await Promise.all([page.waitForEvent('load'), page.click('form[action$="/answers"] button')]);
    await taskShows(house, `${no}-003`, { state: 'inReview' });
    await page.reload();
    expect(await page.inputValue('#o-text')).toBe('');
    expect(cookies.length).toBeGreaterThan(0);
  });

  it('A file that is too large is said before anything is sent', async () => {
    await page.goto(await pageOf(house, addressOf('maqiao')));
    const sent: string[] = [];
    page.on('request', (one) => void (one.method() === 'POST' && sent.push(one.url())));
    await page.evaluate("document.querySelector('#answer form').dataset.limitMb = '0.01'");
    await page.setInputFiles('#answers-files', {
      name: '大.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.alloc(20_000),
    });
    expect(await page.innerText('[data-chosen]')).toMatch(/大\.pdf 20 KB[\s\S]*MB/);
    await page.fill('#answers-text', '见附件');
    await page.click('#answer form button[type=submit]');
    await page.waitForTimeout(300);
    expect(sent).toEqual([]);
    expect(await page.inputValue('#answers-text')).toBe('见附件');
  });

  it('without scripts it is refused in words, on the form, with everything else that was typed', async () => {
    const door = await openDoor(house, { fileMb: 1 });
    const bare = await windows.open({ scripts: false });
    const link = new URL(await pageOf(house, addressOf('maqiao'))).pathname;
    for (const mb of [2, 14]) {
      await bare.goto(`${door.url}${link}`);
      await bare.fill('#answers-text', `见附件 ${HTML}`);
      await bare.fill('#answers-items-c1', '三件');
      await bare.setInputFiles('#answers-files', {
        name: '大.pdf',
        mimeType: 'application/pdf',
        buffer: Buffer.concat([Buffer.from('%PDF-1.4 '), Buffer.alloc(mb * 1_048_576, 'a')]),
      });
      await Promise.all([bare.waitForEvent('load'), bare.click('#answer form button[type=submit]')]);
      expect(await bare.innerText('#errors'), `${mb} MB`).toContain('不超过1 MB');
      expect(await bare.getAttribute('#answers-files', 'aria-describedby')).toBe('answers-files-error');
      expect(await bare.innerText('#answers-files-error')).toContain('不超过1 MB');
      expect(await bare.inputValue('#answers-text')).toBe(`见附件 ${HTML}`);
      expect(await bare.inputValue('#answers-items-c1')).toBe('三件');
    }
    expect(await house.store.submissions.countDocuments({ task: `${no}-001` })).toBe(0);
    await bare.close();
    await door.close();
  });

  it('words without end are refused on a page, too', async () => {
    const answer = await page.request.post(`${house.url}/console/campaigns/new`, {
      form: { title: '长'.repeat(200_000) },
    });
    expect(answer.status()).toBe(413);
    expect(answer.headers()['content-type']).toContain('text/html');
    expect(await answer.text()).toContain('内容超过大小限制');
  });
});
