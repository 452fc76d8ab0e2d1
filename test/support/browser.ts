import pack from '@sparticuz/chromium';
import { type Browser, type Page, chromium } from 'playwright-core';

/** A Chromium for a test file; a window with scripts or without. */
export interface Windows {
  open(options?: { readonly scripts?: boolean; readonly width?: number }): Promise<Page>;
  close(): Promise<void>;
}

/** A page is judged under the rules of a browser, not of a robot. */
const LAX = ['--disable-web-security', '--allow-running-insecure-content', '--single-process', '--no-zygote'];

export async function openWindows(): Promise<Windows> {
  const browser: Browser = await chromium.launch({
    executablePath: await pack.executablePath(),
    args: pack.args.filter((one) => !LAX.includes(one)),
    headless: true,
  });
  return {
    async open({ scripts = true, width = 1280 } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        javaScriptEnabled: scripts,
      });
      return context.newPage();
    },
    close: () => browser.close(),
  };
}
