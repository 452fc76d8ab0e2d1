import { readFile } from 'node:fs/promises';
import type { Browser, Page, Route } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { fontFile, fontSheet } from './fonts.ts';

/** Makes PDF pages of HTML pages. */
export interface Press {
  /** Throws when a paper takes longer than it may. */
  print(html: string): Promise<Buffer>;
  /** Shows the pages of a paper to whoever wants to look at or measure them. */
  show<T>(html: string, look: (page: Page) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PressOptions {
  /** Path of a Chromium; the system's or the packaged one where none is told. */
  readonly chromium?: string | undefined;
  /** Folder of the office's own fonts. */
  readonly fonts?: string | undefined;
  /** Milliseconds a paper may take. */
  readonly patience?: number;
  /** Milliseconds without work after which the browser goes. */
  readonly idle?: number;
}

/** Papers that are set at once; the others wait their turn. */
const AT_ONCE = 2;
/** Where papers lie while they are printed; it is nowhere, and nothing else is reached from there. */
const TABLE = 'http://papers.invalid/';

/** One browser for all papers, started for the first and gone after the last. */
export function openPress({ chromium, fonts, patience = 60_000, idle = 20_000 }: PressOptions = {}): Press {
  let browser: Promise<Browser> | undefined;
  let leaving: NodeJS.Timeout | undefined;
  let busy = 0;
  const waiting: (() => void)[] = [];

  const leave = async (): Promise<void> => {
    const gone = browser;
    browser = undefined;
    await gone?.then((one) => one.close()).catch(() => undefined);
  };
  const started = async (): Promise<Browser> => {
    browser ??= launchChromium(chromium);
    const mine = browser;
    const one = await mine.catch((error: unknown) => {
      if (browser === mine) browser = undefined;
      throw error;
    });
    if (one.isConnected()) return one;
    if (browser === mine) browser = undefined;
    return started();
  };
  const turn = async (): Promise<void> => {
    clearTimeout(leaving);
    if (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
  };
  const done = (): void => {
    const next = waiting.shift();
    if (next) return next();
    busy -= 1;
    if (busy > 0) return;
    leaving = setTimeout(() => void leave(), idle);
    leaving.unref();
  };

  async function show<T>(html: string, look: (page: Page) => Promise<T>): Promise<T> {
    await turn();
    try {
      const context = await (
        await started()
      ).newContext({ javaScriptEnabled: false, serviceWorkers: 'block' });
      try {
        return await inTime(patience, async () => {
          context.setDefaultTimeout(patience);
          await context.route('**/*', (route) => serve(route, { html, fonts }));
          const page = await context.newPage();
          await page.goto(TABLE, { waitUntil: 'load' });
          await page.evaluate('document.fonts.ready.then(() => true)');
          return look(page);
        });
      } finally {
        await context.close().catch(() => undefined);
      }
    } finally {
      done();
    }
  }

  return {
    show,
    print: (html) =>
      show(html, (page) => page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true })),
    async close() {
      clearTimeout(leaving);
      await leave();
    },
  };
}

async function inTime<T>(ms: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('A paper took too long to print')), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Attack: words of a paper that name an address reach nothing but the paper and its fonts. */
async function serve(
  route: Route,
  { html, fonts }: { readonly html: string; readonly fonts: string | undefined },
): Promise<void> {
  const { pathname, href } = new URL(route.request().url());
  if (href === TABLE) return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
  if (!href.startsWith(`${TABLE}public/fonts/`)) return route.abort();
  const [from = '', file] = pathname.replace('/public/fonts/', '').split('/');
  if (from === 'papers.css' && file === undefined)
    return route.fulfill({ contentType: 'text/css; charset=utf-8', body: fontSheet(fonts) });
  const font = file === undefined ? undefined : fontFile(from, decodeURIComponent(file), fonts);
  if (!font) return route.abort();
  return route.fulfill({ contentType: font.type, body: await readFile(font.path) });
}
