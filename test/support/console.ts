import type { AxeBuilder } from '@axe-core/playwright';
import { hash } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from './browser.ts';
import { launch, registerAgencies } from './county.ts';
import { type House, openHouse } from './house.ts';
import { registerSupervisors } from './people.ts';

const PASSWORD = 'a long password';

type Fields = Readonly<Record<string, string | readonly string[]>>;

/** People at the console of a house, without scripts. */
export interface ConsoleDesk {
  signedIn(role: string): Promise<Page>;
  /** Goes to a page of the console and answers its status. */
  go(page: Page, path: string): Promise<number>;
  /** Presses a button and waits for the page it leads to. */
  press(page: Page, name: string): Promise<void>;
  /** Opens one of a page's forms, fills it in and sends it. */
  take(page: Page, form: string, fields: Fields): Promise<void>;
  /** No violation of accessibility with every detail opened, light and dark, in both languages, and nothing wider than 320 px. */
  readsWell(page: Page, paths: readonly string[], axe: (page: Page) => AxeBuilder): Promise<void>;
}

/** A house whose agencies have their first mail, and an organizer in a browser with scripts. */
export interface Launched {
  readonly house: House;
  readonly windows: Windows;
  readonly desk: ConsoleDesk;
  readonly page: Page;
  /** Of the campaign. */
  readonly no: string;
  close(): Promise<void>;
}

export async function openLaunched(agencies: readonly string[]): Promise<Launched> {
  const [house, windows] = await Promise.all([openHouse(), openWindows()]);
  await registerAgencies(house, [...agencies]);
  await registerSupervisors(house, 2);
  const no = await launch(house);
  const desk = await openConsole(house, windows);
  const page = await windows.open();
  await page.context().addCookies(await (await desk.signedIn('organizer')).context().cookies());
  return {
    house,
    windows,
    desk,
    page,
    no,
    async close() {
      closeStreams();
      await windows.close();
      await house.close();
    },
  };
}

/** Gives every account the same password, which only a test may. */
export async function openConsole(house: House, windows: Windows): Promise<ConsoleDesk> {
  await house.store.accounts.updateMany({}, { $set: { passwordHash: await hash(PASSWORD) } });
  const desk: ConsoleDesk = {
    async signedIn(role) {
      const page = await windows.open({ scripts: false });
      await page.goto(`${house.url}/console`);
      await page.fill('#account', role);
      await page.fill('#password', PASSWORD);
      await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
      return page;
    },
    go: async (page, path) => (await page.goto(`${house.url}/console${path}`))?.status() ?? 0,
    async press(page, name) {
      await Promise.all([page.waitForEvent('load'), page.click(`main button:text-is("${name}")`)]);
    },
    async take(page, form, fields) {
      await page.click(`#step-${form} > summary`);
      for (const [name, value] of Object.entries(fields)) {
        const at = `#step-${form} [name="${name}"]`;
        if (typeof value !== 'string') for (const one of value) await page.check(`${at}[value="${one}"]`);
        else if ((await page.locator(at).evaluate((node) => node.tagName)) === 'SELECT')
          await page.selectOption(at, value);
        else await page.fill(at, value);
      }
      await Promise.all([page.waitForEvent('load'), page.click(`#step-${form} button`)]);
    },
    async readsWell(signed, paths, axe) {
      const page = await windows.open({ width: 320 });
      await page.context().addCookies(await signed.context().cookies());
      for (const path of paths.flatMap((one) => [one, `${one}?lang=en`, `${one}?lang=zh`]))
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await desk.go(page, path), path).toBe(200);
          await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
          const { violations } = await axe(page).analyze();
          expect(violations.map((one) => `${path} ${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
          expect(
            await page.evaluate('document.documentElement.scrollWidth'),
            `${path} at 320 px`,
          ).toBeLessThanOrEqual(320);
          expect(await page.innerText('body')).not.toMatch(/console\.[a-z]/);
        }
      await page.close();
    },
  };
  return desk;
}
