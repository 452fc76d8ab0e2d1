import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type Desk, PASSWORD, hidden, openDesk } from '../support/desk.ts';

const GOOD = 'correct horse battery';

let desk: Desk;
let app: Express;
const call = (method: 'get', path: string, bearer: string) =>
  request(app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${bearer}`);
const codeOf = (link: string): string => new URL(link).searchParams.get('code') ?? '';

beforeAll(async () => {
  desk = await openDesk();
  app = desk.app;
});
afterAll(() => desk?.close());

describe('In the console', () => {
  let windows: Windows;
  let url: string;
  let close: () => void;
  beforeAll(async () => {
    await desk.fresh();
    windows = await openWindows();
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    close = () => void server.close();
  });
  afterAll(async () => {
    await windows?.close();
    close?.();
  });

  it('An account is made, its link handed over, its password set, and its lock ended', async () => {
    const page = await windows.open({ scripts: false });
    const press = async (name: string) =>
      Promise.all([page.waitForEvent('load'), page.click(`main button:text-is("${name}")`)]);
    await page.goto(`${url}/console`);
    await page.fill('#account', 'administrator');
    await page.fill('#password', PASSWORD);
    await press('登录');
    await Promise.all([page.waitForEvent('load'), page.click('nav a:text-is("账号")')]);
    await page.fill('#a-id', 'sun');
    await page.fill('#a-name', '孙审批');
    await page.selectOption('#a-role', 'approver');
    await page.fill('#a-email', 'not an address');
    await page
      .locator('form[action="/console/accounts"]')
      .evaluate((form) => form.setAttribute('novalidate', ''));
    await press('建立并生成设密链接');
    expect(await page.inputValue('#a-id')).toBe('sun');
    expect(await page.innerText('#a-email-error')).toContain('邮箱格式不正确');
    await page.fill('#a-email', '');
    await press('建立并生成设密链接');
    const link = await page.innerText('section.ask code');
    expect(await page.innerText('main')).toContain('只显示这一次');
    await page.goto(`${url}/console/accounts`);
    expect(await page.locator('section.ask').count()).toBe(0);

    const other = await windows.open({ scripts: false, width: 390 });
    await other.goto(`${url}/console/password?code=${codeOf(link)}`);
    await other.fill('#password', GOOD);
    await Promise.all([other.waitForEvent('load'), other.click('main button')]);
    expect(await other.innerText('main')).toContain('密码已设定');

    await desk.miss('sun', 10);
    await page.goto(`${url}/console/accounts/sun`);
    await press('立即解除锁定');
    expect(await page.innerText('main')).toContain('已解除锁定');
    await page.fill('#a-token', '每周统计');
    await press('发放令牌');
    const secret = await page.innerText('section.ask code');
    expect((await call('get', '/agencies', secret)).status).toBe(200);
    await press('作废');
    expect((await call('get', '/agencies', secret)).status).toBe(401);
    await press('停用');
    expect((await desk.signIn(desk.visitor(), 'sun', GOOD)).status).toBe(401);
    expect(await page.innerText('main')).toContain('修改账号 sun ：停用');
  });

  it('A form from elsewhere changes nothing', async () => {
    const agent = await desk.signedIn('administrator');
    const { text } = await agent.get('/console/accounts/organizer');
    expect(hidden(text, '_csrf')).not.toBe('');
    const forged = await agent
      .post('/console/accounts/organizer/invitation')
      .type('form')
      .send({ _csrf: 'x', _key: 'y' });
    expect(forged.status).toBe(403);
    expect((await desk.signIn(desk.visitor(), 'organizer')).status).toBe(303);
  });
});
