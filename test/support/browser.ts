import type { CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../../documents/chromium.ts';

/** How a window is opened. */
export interface WindowOptions {
  readonly scripts?: boolean;
  readonly width?: number;
  readonly height?: number;
  /** A finger instead of a mouse. */
  readonly touch?: boolean;
  readonly dark?: boolean;
}

/** A Chromium for a test file; a window with scripts or without. */
export interface Windows {
  open(options?: WindowOptions): Promise<Page>;
  /** The browser's own protocol, for what no person could do faster. */
  protocol(page: Page): Promise<CDPSession>;
  close(): Promise<void>;
}

/** The same browser that prints papers; a machine that has none fails the test, and says so. */
export async function openWindows(): Promise<Windows> {
  const browser = await launchChromium();
  return {
    async open({ scripts = true, width = 1280, height = 900, touch = false, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        javaScriptEnabled: scripts,
        hasTouch: touch,
        isMobile: touch,
        colorScheme: dark ? 'dark' : 'light',
      });
      context.setDefaultTimeout(60_000);
      return context.newPage();
    },
    protocol: (page) => page.context().newCDPSession(page),
    close: () => browser.close(),
  };
}
