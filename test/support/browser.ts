import type { Page } from 'playwright-core';
import { launchChromium } from '../../documents/chromium.ts';

/** A Chromium for a test file; a window with scripts or without. */
export interface Windows {
  open(options?: { readonly scripts?: boolean; readonly width?: number }): Promise<Page>;
  close(): Promise<void>;
}

/** The same browser that prints papers. */
export async function openWindows(): Promise<Windows> {
  const browser = await launchChromium();
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
