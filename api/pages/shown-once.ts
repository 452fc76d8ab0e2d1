import type { Page } from './console-frame.ts';

/** ms in which a second press of a button still belongs to the first. */
const PRESSED_TWICE_MS = 60_000;
const shown = new Map<string, Promise<Page | undefined>>();

/** What is shown once is written down nowhere; whoever presses twice gets the page of the first press, from the memory of this process and for a minute. */
export async function onceShown(
  key: string,
  work: () => Promise<Page | undefined>,
): Promise<Page | undefined> {
  const first = await shown.get(key)?.catch(() => undefined);
  if (first) return first;
  const page = work();
  shown.set(key, page);
  const forget = (): void => {
    if (shown.get(key) === page) shown.delete(key);
  };
  setTimeout(forget, PRESSED_TWICE_MS).unref();
  const made = await page.catch((error: unknown) => {
    forget();
    throw error;
  });
  // Reason: what was sent as a file has no page to show again.
  if (!made) forget();
  return made;
}
