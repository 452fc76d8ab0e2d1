import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { fileMatter, openMatter } from '../support/cases.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, mailTo } from '../support/people.ts';

const COURT = 'xianjiwei';

/** A recommendation from the case's page to the certificate that is given back, without scripts; March 2026 has no holiday. */
describe('Holding somebody to account in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let approver: Page;
  let matter: string;
  let officer: string;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-03-02T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', COURT]);
    const certificate = { no: '鲁C-0317', issued: '2025-01-01', expires: '2030-12-31' };
    const made = await house.call('administrator', 'POST', '/officers', {
      body: { name: '执法员甲', agency: 'maqiao', certificate },
    });
    officer = made.body.id as string;
    matter = await openMatter(house, 'maqiao');
    await fileMatter(house, matter);
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
    approver = await desk.signedIn('approver');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });
  const main = (page: Page): Promise<string> => page.innerText('main');
  const at = (): string => new URL(organizer.url()).pathname;

  it('Begins on the case’s page and goes to the competent body by mail', async () => {
    await desk.go(organizer, `/cases/${matter}`);
    await desk.take(organizer, 'accountability', {
      kind: 'certificateSuspension',
      subject: officer,
      body: COURT,
      reason: '两次未出示证件即开展检查',
    });
    expect(at()).toBe('/console/accountabilities/ZZ-2026-001');
    await mailTo(house, addressOf(COURT), '【请办理】');
    await desk.go(organizer, '/accountabilities/ZZ-2026-001');
    const shown = await main(organizer);
    for (const word of ['待有权机关处理', '执法员甲', '暂扣执法证件', '有效', matter])
      expect(shown).toContain(word);
    expect(await organizer.locator('#step-measureOutcome, #step-measureDecline').count()).toBe(2);
    expect(await organizer.locator('#step-measureRestore, #step-measureWithdraw').count()).toBe(0);
    await desk.go(approver, '/accountabilities/ZZ-2026-001');
    expect(await approver.locator('#step-measureWithdraw').count()).toBe(1);
  });

  it('What the law does not allow comes back filled in, with its reason', async () => {
    await desk.take(organizer, 'measureOutcome', {
      on: '2026-03-02',
      from: '2026-03-03',
      until: '2026-12-31',
    });
    expect(await main(organizer)).toContain('不得超过6个月');
    expect(await organizer.inputValue('#f-measureOutcome-until')).toBe('2026-12-31');
  });

  it('Decided, the certificate is shown as suspended until its day, wherever its holder stands', async () => {
    await desk.go(organizer, '/accountabilities/ZZ-2026-001');
    await desk.take(organizer, 'measureOutcome', {
      on: '2026-03-02',
      until: '2026-05-11',
      document: '桓纪发〔2026〕7号',
    });
    expect(await main(organizer)).toMatch(/已暂扣.*自2026-03-02.*至2026-05-11/s);
    await desk.go(organizer, '/accountabilities?state=inEffect');
    expect(await main(organizer)).toMatch(/ZZ-2026-001.*生效中.*至2026-05-11/s);
    await desk.go(organizer, `/cases/${matter}`);
    expect(await main(organizer)).toMatch(/执法员甲 暂扣执法证件.*生效中.*至2026-05-11/s);
    const option = organizer.locator(`#step-accountability option[value="${officer}"]`);
    expect(await option.textContent()).toContain('已暂扣至2026-05-11');
  });

  it('Given back early by the head of the unit, with a record; then nothing more is possible', async () => {
    await desk.go(organizer, '/accountabilities/ZZ-2026-001');
    expect(await organizer.locator('details.step').count()).toBe(0);
    await desk.go(approver, '/accountabilities/ZZ-2026-001');
    await desk.take(approver, 'measureRestore', { reason: '复核后撤销' });
    const shown = await main(approver);
    expect(shown).toMatch(/已结束.*有效/s);
    expect(shown).toContain('提前恢复');
    expect(await approver.locator('details.step').count()).toBe(0);
  });

  it('A body declines, and a recommendation is withdrawn', async () => {
    for (const [page, form, word] of [
      [organizer, 'measureDecline', '不予处理'],
      [approver, 'measureWithdraw', '已撤回'],
    ] as const) {
      const made = await house.call('organizer', 'POST', `/cases/${matter}/accountability`, {
        body: { kind: 'discipline', subject: officer, body: COURT },
      });
      await eventually(async () => {
        const shown = await house.call('organizer', 'GET', `/accountabilities/${made.body.no}`);
        expect(shown.body.state).toBe('sent');
      });
      await desk.go(page, `/accountabilities/${made.body.no}`);
      await desk.take(page, form, { reason: '情节轻微' });
      expect(await main(page)).toContain(word);
    }
    expect(await desk.go(organizer, '/accountabilities/ZZ-2026-999')).toBe(404);
  });

  it('Reads well to everyone', async () => {
    await desk.readsWell(
      approver,
      ['/accountabilities', '/accountabilities/ZZ-2026-001', `/cases/${matter}`],
      (page) => new AxeBuilder({ page }),
    );
  });
});
