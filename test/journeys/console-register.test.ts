import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { type House, openHouse } from '../support/house.ts';
import { OFFICER_HEADINGS, officerTable } from '../support/register.ts';
import { csv } from '../support/tables.ts';

/** The county's register, read and kept in the console without scripts. */
describe('The register in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let admin: Page;
  let dir: string;

  beforeAll(async () => {
    [house, windows, dir] = await Promise.all([
      openHouse({ startsAt: '2026-06-01T09:00:00+08:00' }),
      openWindows(),
      mkdtemp(path.join(tmpdir(), 'jiandu-console-register-')),
    ]);
    for (const n of [1, 2, 3])
      await house.call('administrator', 'POST', '/agencies', {
        body: {
          id: `jiguan-${n}`,
          name: `第${n}执法机关`,
          kind: 'department',
          ...(n === 1 ? { unit: { name: '法制科' }, responsible: { name: '李局长', post: '局长' } } : {}),
        },
      });
    for (const [name, no, expires] of [
      ['监督甲', 'JD-1', '2028-01-01'],
      ['监督乙', 'JD-2', '2026-07-01'],
    ])
      await house.call('administrator', 'POST', '/supervisors', {
        body: { name, agency: 'jiguan-1', certificate: { no, issued: '2024-01-01', expires } },
      });
    await house.call('administrator', 'POST', '/enforcement-items', {
      body: {
        agency: 'jiguan-1',
        name: '占道经营',
        type: 'penalty',
        legalBasis: '《城市市容和环境卫生管理条例》',
        post: '城管岗',
      },
    });
    desk = await openConsole(house, windows);
    admin = await desk.signedIn('administrator');
  });
  afterAll(async () => {
    await windows.close();
    await house.close();
    await rm(dir, { recursive: true });
  });

  const file = async (bad: boolean): Promise<string> => {
    const at = path.join(dir, bad ? '人员有误.csv' : '人员.csv');
    const { rows } = officerTable(120, { agencies: 3, bad });
    await writeFile(at, Buffer.from(await csv([OFFICER_HEADINGS, ...rows]).arrayBuffer()));
    return at;
  };

  it('A table is tried, its bad rows are shown, and what was tried is stored by its good rows', async () => {
    expect(await desk.go(admin, '/imports')).toBe(200);
    const at = await file(true);
    await admin.selectOption('#f-register', 'officers');
    await admin.setInputFiles('#f-file', at);
    await Promise.all([admin.waitForEvent('load'), admin.click('form:has(#f-file) button')]);
    expect(await admin.innerText('main')).toMatch(/52\s+单位\s+没有这个机关/);
    expect(await house.store.officers.countDocuments()).toBe(0);
    await admin.setInputFiles('#f-again', at);
    await admin.check('[name=skipBad]');
    await Promise.all([admin.waitForEvent('load'), admin.click('form:has(#f-again) button')]);
    expect(await admin.innerText('[role=status]')).toContain('119');
    expect(await house.store.officers.countDocuments()).toBe(119);
    await Promise.all([admin.waitForEvent('load'), admin.click('[role=status] a')]);
    expect(await admin.innerText('main')).toMatch(/完成[\s\S]*跳过有误的行/);
  });

  it('People are found by what their certificates and their training say', async () => {
    await desk.go(admin, '/people?register=supervisors&standing=expiring');
    const shown = await admin.innerText('main');
    expect(shown).toContain('监督乙');
    expect(shown).not.toContain('监督甲');
    await desk.go(admin, '/people?q=ZF-0000005');
    expect(await admin.innerText('table')).toMatch(/执法员5[\s\S]*行政执法证[\s\S]*44\/60/);
    expect(await desk.go(admin, '/people?standing=lazy')).toBe(422);
  });

  it('Units that lack something are marked, in the list and on the agency’s page', async () => {
    await desk.go(admin, '/units?flag=unit-missing');
    const listed = await admin.innerText('main');
    expect(listed).toContain('第2执法机关');
    expect(listed).not.toContain('李局长');
    await desk.go(admin, '/agencies/jiguan-1');
    expect(await admin.innerText('main')).toMatch(/法制科[\s\S]*李局长[\s\S]*占道经营[\s\S]*没有责任人员/);
  });

  it('A social supervisor is appointed, and the code is shown this once', async () => {
    await desk.go(admin, '/social-supervisors');
    for (const [name, value] of Object.entries({
      name: '王监督',
      email: 'wang@qiye.example',
      duties: '了解执法情况，反映问题',
      from: '2026-01-01',
      until: '2027-12-31',
    }))
      await admin.fill(`#f-${name}`, value);
    await desk.press(admin, '聘任');
    expect(await admin.innerText('[role=status]')).toMatch(/[a-z2-9]{4} [a-z2-9]{4}/);
    await desk.go(admin, '/social-supervisors');
    expect(await admin.locator('[role=status]').count()).toBe(0);
    expect(await admin.innerText('main')).toContain('在聘');
  });

  it('An account of a line begins at its units and meets nothing of the rest', async () => {
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $set: { line: 'jiguan-2' } });
    const clerk = await desk.signedIn('organizer');
    expect(clerk.url()).toContain('/console/units');
    expect(await clerk.innerText('main')).not.toContain('第1执法机关');
    expect(await clerk.locator('nav.rail a').count()).toBe(2);
    expect(await desk.go(clerk, '/agencies/jiguan-2')).toBe(200);
    for (const path of ['/agencies/jiguan-1', '/agencies', '/clues', '/cases', '/imports', '/ledger'])
      expect(await desk.go(clerk, path), path).toBe(404);
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $unset: { line: 1 } });
  });

  it('Reads well on a telephone, in both languages, light and dark', async () => {
    await desk.readsWell(
      admin,
      ['/units', '/people', '/imports', '/social-supervisors', '/agencies/jiguan-1'],
      (page) => new AxeBuilder({ page }),
    );
  }, 240_000);
});
