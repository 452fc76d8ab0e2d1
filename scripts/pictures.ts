import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../documents/chromium.ts';
import { entrance } from '../embedded/access.ts';
import { type Stack, startStack } from '../embedded/stack.ts';
import { startedAs } from '../owner.ts';
import { type Onlooker, PICTURES, WIDTHS, fileOf } from './picture-list.ts';
import { type Places, livelyCounty } from './pictured-county.ts';

/** `npm run pictures`: brings up a demo county of its own, lets it live for two weeks, and pictures its pages for docs/pictures. */
const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
/** What is read at the first look; a page that is longer is cut here. */
const HIGHEST: Readonly<Record<number, number>> = { 1440: 1280, 390: 1320 };
const QUALITY = 62;

/** Takes every picture of a county that is up. */
export async function takePictures(stack: Stack, places: Places, folder: string): Promise<number> {
  const browser = await launchChromium();
  let bytes = 0;
  for (const width of WIDTHS) {
    const windows = new Map<Onlooker, BrowserContext>();
    for (const { name, who, at } of PICTURES) {
      const context = windows.get(who) ?? (await signedIn(browser, stack, { who, width }));
      windows.set(who, context);
      const page = await context.newPage();
      const there = at.replaceAll(/\{(\w+)\}/g, (_all, place: string) => places[place] ?? place);
      await page.goto(new URL(there, stack.url).href);
      const picture = await shot(page, width);
      await writeFile(path.join(folder, fileOf(name, width)), picture);
      bytes += picture.length;
      await page.close();
    }
    for (const context of windows.values()) await context.close();
  }
  await browser.close();
  return bytes;
}

async function signedIn(
  browser: Browser,
  stack: Stack,
  { who, width }: { readonly who: Onlooker; readonly width: number },
): Promise<BrowserContext> {
  const phone = width < 600;
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : 900 },
    deviceScaleFactor: phone ? 2 : 1,
    isMobile: phone,
    hasTouch: phone,
    colorScheme: 'light',
    locale: 'zh-CN',
    reducedMotion: 'reduce',
  });
  if (who === 'nobody') return context;
  const page = await context.newPage();
  await page.goto(await entrance(stack, who));
  await Promise.all([page.waitForEvent('load'), page.click('main button')]);
  await page.close();
  return context;
}

/** WebP keeps letters sharp at a quarter of PNG's size. */
async function shot(page: Page, width: number): Promise<Buffer> {
  await page.evaluate('document.fonts.ready.then(() => true)');
  const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
  const height = Math.min(whole, HIGHEST[width] ?? whole);
  const protocol = await page.context().newCDPSession(page);
  const { data } = await protocol.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height, scale: 1 },
  });
  return Buffer.from(data, 'base64');
}

if (startedAs(import.meta.url)) {
  const say = (line: string): void => console.log(line);
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-pictures-'));
  const stack = await startStack({ dir, clock: 86_400, say, ports: 'any' });
  try {
    const bytes = await takePictures(stack, await livelyCounty(stack), FOLDER);
    say(`已写出 ${PICTURES.length * WIDTHS.length} 张图片，共 ${Math.round(bytes / 1_024)} KB：${FOLDER}`);
  } finally {
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  }
  process.exit(0);
}
