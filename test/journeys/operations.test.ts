import { Readable } from 'node:stream';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../api/deps.ts';
import { beginMaking } from '../../api/operations.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { type Script, expectProblem, scriptFor } from '../support/contract.ts';
import { createGate, holdCall } from '../support/held.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { OFFICER_HEADINGS, officerTable, plantAgencies } from '../support/register.ts';
import { csv, upload } from '../support/tables.ts';

const AGENCIES = 5;
const PEOPLE = 4_000;
const FINDINGS = 2_600;
const until = (seen: () => Promise<boolean>) => eventually(async () => expect(await seen()).toBe(true));
const ASYNC = { Prefer: 'respond-async' };

/** What takes long shows how far it is, at an address of its own, and can be cancelled. */
describe('something long', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let admin: Page;
  let script: Script;
  const table = csv([OFFICER_HEADINGS, ...officerTable(PEOPLE, { agencies: AGENCIES, bad: false }).rows]);
  const send = (query: string, headers: Record<string, string> = {}) =>
    script('administrator', 'POST', `/officers/import${query}`, { body: upload(table, '人员.csv'), headers });
  const operation = async (id: string) => (await script('auditor', 'GET', `/operations/${id}`)).body;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    windows = await openWindows();
    desk = await openConsole(house, windows);
    script = await scriptFor(house);
    await plantAgencies(house, AGENCIES);
    await house.store.findings.insertMany(
      Array.from({ length: FINDINGS }, (_, n) => ({
        _id: `GA-2026-001/${String(n).padStart(5, '0')}`,
        owner: 'GA-2026-001',
        agency: 'jiguan-1',
        category: 'procedure',
        severity: 'minor',
        description: `第${n + 1}个问题`,
        state: 'found',
        foundOn: '2026-05-01',
      })) as never,
    );
    admin = await desk.signedIn('administrator');
  });
  afterAll(async () => {
    await windows.close();
    await house.close();
  });

  it('Goes on behind its answer for whoever would rather not wait, and says how many of how many at an address of its own', async () => {
    const begun = await send('?skipBad=true', ASYNC);
    expect(begun).toMatchObject({ status: 202 });
    const id = begun.body.operation as string;
    expect(begun.headers.get('location')).toBe(`/api/v1/operations/${id}`);
    let halfway = await operation(id);
    await until(async () => (halfway = await operation(id)).rows > 0);
    expect(halfway).toMatchObject({ kind: 'import', register: 'officers', of: PEOPLE });
    expect(halfway.rows).toBeLessThanOrEqual(PEOPLE);
    await until(async () => (await operation(id)).state === 'done');
    expect(await operation(id)).toMatchObject({ rows: PEOPLE, of: PEOPLE, created: PEOPLE });
    expect(await house.store.officers.countDocuments()).toBe(PEOPLE);
    await house.store.officers.deleteMany({});
  });

  it('Is cancelled by whoever began it or an administrator: rows that were stored stay, and the same file goes on from there', async () => {
    const held = holdCall(house.store.officers.collection, 'bulkWrite', 3);
    const begun = await send('?skipBad=true', ASYNC);
    const id = begun.body.operation as string;
    await until(async () => held.calls.length === 3);
    const before = (await operation(id)).rows as number;
    expect(before).toBeGreaterThan(0);
    expectProblem(await script('organizer', 'POST', `/operations/${id}/cancel`), 403, 'forbidden');
    const cancelled = await script('administrator', 'POST', `/operations/${id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expectProblem(await script('administrator', 'POST', `/operations/${id}/cancel`), 409, 'operation-ended');
    held.open();
    await until(async () => (await house.store.officers.countDocuments()) === (await operation(id)).created);
    held.restore();
    const left = await operation(id);
    expect(left.rows).toBeGreaterThanOrEqual(before);
    expect(left.rows).toBeLessThan(PEOPLE);
    expect(left.rows).toBe(left.created);
    await desk.go(admin, `/operations/${id}`);
    expect(await admin.innerText('main')).toContain(`已取消：前${left.rows}行已经处理并保留`);
    expect(await send('?skipBad=true')).toMatchObject({ status: 201 });
    expect(await operation(id)).toMatchObject({ state: 'done', rows: PEOPLE, created: PEOPLE, resumed: 1 });
    expect(await house.store.officers.countDocuments()).toBe(PEOPLE);
  });

  it('A page without scripts says how far it is, that nobody need stay, and what a cancel leaves; a cancelled file is not kept', async () => {
    const gate = createGate();
    const account = await house.store.accounts.findOne({ role: 'administrator' }).lean();
    const actor = { id: account?._id ?? '', name: account?.name ?? '', role: 'administrator' } as const;
    const order = {
      kind: 'export',
      about: '问题台账',
      name: '问题台账.csv',
      type: 'text/csv',
      actor,
    } as const;
    const { id, result } = beginMaking(house.deps as unknown as ApiDeps, order, async (tell) => {
      await tell({ rows: 0, of: 5_000 });
      await tell({ rows: 1_200 });
      await gate.opened;
      await tell({ rows: 2_000 });
      return Readable.from([Buffer.from('a')]);
    });
    const ended = result.catch((error: unknown) => error);
    const at = `/operations/${await id}`;
    await until(async () => (await operation(await id)).rows === 1_200);
    await desk.go(admin, '/operations');
    await Promise.all([admin.waitForEvent('load'), admin.click(`a[href="/console${at}"]`)]);
    const words = await admin.innerText('main');
    expect(words).toContain('1200/5000');
    expect(words).toContain('不必守在本页');
    expect(words).toContain('取消后不生成文件');
    expect(await admin.content()).toContain('http-equiv="refresh"');
    await desk.press(admin, '取消');
    expect(await admin.innerText('main')).toContain('已取消，没有生成文件');
    expect(await admin.content()).not.toContain('http-equiv="refresh"');
    gate.open();
    expect(await ended).toMatchObject({ code: 'operation-ended' });
    expect((await operation(await id)).made).toBeUndefined();
    expect((await script('auditor', 'GET', `${at}/file`)).status).toBe(404);
  });

  it('The hotline’s file offers no cancel once its work orders are stored: they are told of, and it is done', async () => {
    const { complainantNotices: notices, clues } = house.store;
    const held = holdCall(notices, 'insertMany', 1);
    const calls = csv([
      ['工单编号', '诉求内容', '诉求人', '联系电话'],
      ['GD-1', '重复检查', '赵六', '13611112222'],
    ]);
    const begun = await script('organizer', 'POST', '/clues/import', {
      body: upload(calls, '工单.csv'),
      headers: ASYNC,
    });
    const id = begun.body.operation as string;
    await until(async () => (await clues.countDocuments()) === 1);
    await until(async () => held.calls.length === 1);
    await desk.go(admin, `/operations/${id}`);
    expect(await admin.innerText('main')).toContain('不必守在本页');
    expect(await admin.locator('#cancel button').count()).toBe(0);
    expectProblem(await script('administrator', 'POST', `/operations/${id}/cancel`), 409, 'operation-ended');
    expect(await operation(id)).toMatchObject({ state: 'running', stage: 'storing' });
    held.open();
    await until(async () => (await operation(id)).state === 'done');
    held.restore();
    expect(await operation(id)).toMatchObject({ created: 1 });
  });

  it('A long ledger is exported behind the page and fetched from its own address, whole', async () => {
    const begun = await script('organizer', 'POST', '/ledger/exports?format=csv', { headers: ASYNC });
    expect(begun.status).toBe(202);
    const id = begun.body.operation as string;
    await until(async () => (await operation(id)).state === 'done');
    expect(await operation(id)).toMatchObject({
      rows: FINDINGS,
      of: FINDINGS,
      made: { name: '问题台账.csv' },
    });
    const file = await script('auditor', 'GET', `/operations/${id}/file`);
    expect(String(file.body).split('\r\n').filter(Boolean)).toHaveLength(FINDINGS + 1);
    const organizer = await desk.signedIn('organizer');
    await desk.go(organizer, '/ledger');
    expect(await organizer.getAttribute('form[action="/console/ledger/exports"] button', 'value')).toBe(
      'xlsx',
    );
    await desk.go(organizer, `/operations/${id}`);
    expect(await organizer.innerText('main')).toContain('保留七天');
  });

  it('Reads well, light and dark, in both languages, at 320 px', async () => {
    const ids = await house.store.operations.distinct('_id');
    await desk.readsWell(
      admin,
      ['/operations', ...ids.slice(0, 2).map((id) => `/operations/${id}`)],
      (page) => new AxeBuilder({ page }),
    );
  }, 120_000);
});
