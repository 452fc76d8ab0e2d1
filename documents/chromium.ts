import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';

/** A page is judged under the rules of a browser, not of a robot. */
const LAX = ['--disable-web-security', '--allow-running-insecure-content', '--single-process', '--no-zygote'];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/google/chrome', '/snap/bin'];

/** The system's own Chromium, if it has one. */
const systemChromium = (): string | undefined =>
  FOLDERS.flatMap((folder) => NAMES.map((name) => path.join(folder, name))).find((file) => existsSync(file));

/** Starts the browser that is told, or the system's, or the one that comes with the packages. */
export async function launchChromium(told?: string): Promise<Browser> {
  // Reason: fifty megabytes in every process, for the first paper that is printed.
  const { chromium } = await import('playwright-core');
  const found = told ?? systemChromium();
  if (found !== undefined)
    return chromium.launch({
      executablePath: found,
      headless: true,
      chromiumSandbox: process.getuid?.() !== 0,
    });
  const { default: pack } = await import('@sparticuz/chromium');
  for (let tries = 1; ; tries += 1)
    try {
      return await chromium.launch({
        executablePath: await pack.executablePath(),
        args: pack.args.filter((one) => !LAX.includes(one)),
        headless: true,
      });
    } catch (error) {
      // Another process may be unpacking the very file that is to be started.
      if (tries === UNPACKED_AFTER) throw error;
      await sleep(2_000);
    }
}

const UNPACKED_AFTER = 4;
