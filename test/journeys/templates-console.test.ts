import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeWords } from '../../activities/mail-words.ts';
import { draftPaper, shippedTemplate } from '../../documents/draft.ts';
import { SAMPLE } from '../../documents/views.ts';
import { renderMail, shippedMail, speakWith } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import { writePreviews } from '../../scripts/preview-emails.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type Desk, PASSWORD, openDesk } from '../support/desk.ts';

let desk: Desk;
let windows: Windows;
let url: string;
let close: () => void;

beforeAll(async () => {
  desk = await openDesk();
  await desk.fresh();
  windows = await openWindows();
  const server = desk.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  close = () => void server.close();
});
afterAll(async () => {
  speakWith([]);
  await windows?.close();
  close?.();
  await desk?.close();
});

async function signedIn(account: string, scripts: boolean) {
  const page = await windows.open({ scripts });
  await page.goto(`${url}/console`);
  await page.fill('#account', account);
  await page.fill('#password', PASSWORD);
  await Promise.all([page.waitForEvent('load'), page.click('main button')]);
  return page;
}

describe('The words of mails and documents', () => {
  it('Are changed, previewed, compared and brought back without scripts; a fault stands beside its field with its line', async () => {
    const page = await signedIn('administrator', false);
    const press = async (name: string) =>
      Promise.all([page.waitForEvent('load'), page.click(`main button:text-is("${name}")`)]);
    await page.goto(`${url}/console/templates/document/letter`);
    expect(await page.innerText('.names')).toContain('findings');
    const source = '督办{{matter}}\n主送：{{agency}}\n请于{{term}}内办理。';
    await page.fill('#f-source', `${source}\n{{constructor}}`);
    await press('预览');
    expect(await page.innerText('#f-source-error')).toContain('第4行');
    expect(await page.inputValue('#f-source')).toBe(`${source}\n{{constructor}}`);
    await page.fill('#f-source', source);
    await press('预览');
    expect(await page.getAttribute('#preview iframe', 'srcdoc')).toContain('30日');
    expect(await desk.store.documentTemplates.countDocuments()).toBe(0);
    await press('保存为新的一版');
    expect(await page.innerText('main')).toContain('已保存为第1版');
    expect((await draftPaper(desk.store, 'letter', SAMPLE)).body).toEqual(['请于30日内办理。']);
    expect(await page.innerText('main')).toContain('administrator');
    await Promise.all([page.waitForEvent('load'), page.click('a:text-is("比较并恢复")')]);
    expect(await page.locator('.changes ins').count()).toBeGreaterThan(0);
    await press('恢复为新的一版');
    expect(await page.innerText('main')).toContain('已保存为第2版');
    expect((await desk.store.documentTemplates.findById('letter/2').lean())?.source).toBe(
      shippedTemplate('letter').replaceAll('\r\n', '\n'),
    );
  });

  it('Show what they come to while they are typed', async () => {
    const page = await signedIn('administrator', true);
    await page.goto(`${url}/console/templates/mail/task`);
    const { text } = shippedMail('task');
    await page.fill('#f-text', text.replace('{{> greeting}}', '{{contact}}，您好！'));
    await page.locator('#preview pre', { hasText: '经办人乙，您好！' }).waitFor();
    await page.fill('#f-text', text.replace('{{> sign}}', ''));
    await page.locator('#f-text-error', { hasText: '联系人' }).waitFor();
    expect(await page.innerText('#preview pre')).toContain('经办人乙，您好！');
    expect(await desk.store.mailTemplates.countDocuments()).toBe(0);
  });

  it('A mail’s new words are taken up by a process that runs, and two who save at once do not overwrite each other', async () => {
    const agent = await desk.signedIn('administrator');
    const { text, html } = shippedMail('reminder');
    const own = text.replace('{{> greeting}}', '{{contact}}，您好！');
    const save = (fields: Record<string, string>) =>
      desk.sendForm(agent, '/console/templates/mail/reminder', {
        to: '/console/templates/mail/reminder',
        fields: { version: '0', html, ...fields },
      });
    expect((await save({ text: own.replaceAll('\n', '\r\n') })).status).toBe(303);
    expect((await save({ text: `${own}x` })).status).toBe(412);
    expect(await desk.store.mailTemplates.find().lean()).toMatchObject([
      { _id: 'reminder/1', text: own, html, by: 'administrator' },
    ]);
    expect(renderMail('reminder', sampleViews.reminder).text).not.toContain('您好！');
    await takeWords(desk);
    expect(renderMail('reminder', sampleViews.reminder).text).toContain('经办人乙，您好！');
    expect((await agent.get('/console/mails?kind=reminder')).text).toContain('经办人乙，您好！');
  });

  it('Are changed by administrators only; organizers see every mail, and others the words', async () => {
    for (const [role, mails, put] of [
      ['administrator', 200, 422],
      ['organizer', 200, 403],
      ['approver', 403, 403],
      ['auditor', 403, 403],
    ] as const) {
      const agent = await desk.signedIn(role);
      expect((await agent.get('/console/templates/mail/task')).status).toBe(200);
      expect((await agent.get('/console/templates/document/notice')).status).toBe(200);
      expect((await agent.get('/console/mails')).status).toBe(mails);
      const sent = await desk.sendForm(agent, '/console/templates', {
        to: '/console/templates/mail/task',
        fields: { version: '0', text: '{{secret}}', html: 'x' },
      });
      expect([role, sent.status]).toEqual([role, put]);
    }
    const agent = await desk.signedIn('organizer');
    for (const address of ['mail/novel', 'document/task', 'novel/task'])
      expect((await agent.get(`/console/templates/${address}`)).status).toBe(404);
    expect((await agent.get('/console/mails?in=en&kind=task&lang=en')).text).toContain('Phone (390 px)');
  });
});

describe('npm run preview-emails', () => {
  it('Writes every mail in both languages and both parts, and a page that shows them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mails-'));
    try {
      const page = writePreviews(folder);
      const kinds = Object.keys(sampleViews).length;
      expect(readdirSync(folder)).toHaveLength(kinds * 4 + 1);
      expect(readFileSync(page, 'utf8').split('<section').length - 1).toBe(kinds * 2);
      expect(readFileSync(path.join(folder, 'due-today.zh-CN.txt'), 'utf8')).toContain('【今日到期】');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
