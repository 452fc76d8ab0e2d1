import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const OPENED = "for (const one of document.querySelectorAll('details')) one.open = true";

/** What a page reads in English, taken without showing it, and the Chinese in it that nobody marked as Chinese; a name or a source within an English sentence may stand as it is. */
const english = (url: string): string => `(async () => {
  const page = new DOMParser().parseFromString(await (await fetch(${JSON.stringify(url)})).text(), 'text/html');
  const found = [];
  const chinese = (said) => (said.match(/\\p{Script=Han}/gu) ?? []).length > 0 && (said.match(/[A-Za-z]{2,}/g) ?? []).length < 6;
  const marked = (one) => one.closest('[lang]').getAttribute('lang').startsWith('zh') || one.closest('script,style,textarea');
  const walk = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (chinese(node.data) && !marked(node.parentElement)) found.push(node.parentElement.outerHTML.slice(0, 160));
  for (const one of page.querySelectorAll('[aria-label],[placeholder]'))
    if (chinese((one.getAttribute('aria-label') ?? '') + (one.getAttribute('placeholder') ?? '')) && !marked(one))
      found.push(one.outerHTML.slice(0, 160));
  const said = page.body.cloneNode(true);
  for (const one of said.querySelectorAll('script, textarea, code, pre')) one.remove();
  return { lang: page.documentElement.lang, words: said.textContent, found };
})()`;

/** What is wider than the page, or scrolls by itself and cannot be reached by a key. */
const TOO_WIDE = `(() => {
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const culprits = !wide ? [] : [...document.body.querySelectorAll('*')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !one.closest('.hidden,.trap,.skip,.rail,.wide-table'))
    .slice(0, 3).map((one) => 'wider than 320 px: ' + one.outerHTML.slice(0, 120));
  const deaf = [...document.querySelectorAll('main *')].filter((one) => {
    const { overflowX, display } = getComputedStyle(one);
    return (overflowX === 'auto' || overflowX === 'scroll') && display !== 'inline' &&
      one.scrollWidth > one.clientWidth + 1 && one.tabIndex < 0 && !one.querySelector('a,button,input,select,textarea,summary');
  }).map((one) => 'scrolls and takes no focus: ' + one.outerHTML.slice(0, 120));
  return wide && culprits.length === 0 ? ['wider than 320 px'] : [...culprits, ...deaf];
})()`;

/** A percentage of the page's own that is not what the two numbers beside it make, or of which nothing says what it means; what a checklist demands is no rate. */
const RATES = `[...document.querySelectorAll('body *')]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && /\\d\\s*[%％]/.test(node.data)) && !one.closest('script,style,pre,option,textarea') && one.closest('[lang]') === document.documentElement)
  .filter((one) => {
    const [, n, of, said] = /(\\d+)\\s*\\/\\s*(\\d+)\\D{0,4}(\\d+)\\s*[%％]/.exec(one.textContent) ?? [];
    return Math.round((100 * n) / of) !== Number(said) || !one.closest('figure,section')?.querySelector('.definition');
  })
  .map((one) => one.outerHTML.slice(0, 160))`;

/** What a person reads with every detail opened, but for the technical ones. */
const WORDS = `[...document.querySelectorAll('.technical')].reduce((words, one) => words.replace(one.innerText, ''), document.body.innerText)`;

const axe = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode(true);

async function violations(builder: AxeBuilder): Promise<string[]> {
  const { violations: found } = await builder.analyze();
  return found.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((one) => `${id}: ${one.html.slice(0, 200)}`));
}

/** The faults of the page that is open: accessibility by day and by night, and at 320 px, with every detail opened. The width stays at 320. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(OPENED);
  await page.emulateMedia({ colorScheme: 'light' });
  const day = await violations(axe(page));
  await page.emulateMedia({ colorScheme: 'dark' });
  const night = await violations(axe(page).withRules(['color-contrast']));
  await page.setViewportSize({ width: 320, height: 900 });
  const narrow = await page.evaluate<string[]>(TOO_WIDE);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...day, ...night.map((one) => `dark ${one}`), ...narrow];
}

/** A key of the catalogue instead of its words. */
const RAW_KEY = /\b(?:console|page|mail|word)\.[a-z]\w*(?:\.\w+)*/g;

/** A name of the engine's where a sentence belongs, as its histories and its clients write them. */
const ENGINE =
  /\b\w*(?:WorkflowExecution|WorkflowTask|WorkflowUpdate|WorkflowNotFound|ActivityTask|ChildWorkflow|Timer(?:Started|Fired|Canceled)|MarkerRecorded|ContinuedAsNew|SearchAttributes|NexusOperation)\w*|\b(?:EVENT_TYPE|WORKFLOW|ACTIVITY|TIMER|MARKER|CHILD_WORKFLOW|START_CHILD|SIGNAL_EXTERNAL|EXTERNAL_WORKFLOW|UPSERT_WORKFLOW|NEXUS)_[A-Z_]+/g;

const keysIn = (words: string): string[] =>
  [
    ...(words.match(RAW_KEY) ?? []).filter((one) => !/\.example|\.ts$/.test(one)),
    ...(words.match(ENGINE) ?? []),
  ].map((one) => `no word of ours: ${one}`);

/** The faults in the words of the page that is open. */
export async function faultsInWords(page: Page): Promise<string[]> {
  await page.evaluate(OPENED);
  const rates = await page.evaluate<string[]>(RATES);
  return [...keysIn(await page.evaluate<string>(WORDS)), ...rates.map((one) => `a rate without n/N ${one}`)];
}

/** The faults in the words of a page in English. */
export async function faultsInEnglish(page: Page, url: string): Promise<string[]> {
  const { lang, words, found } = await page.evaluate<{ lang: string; words: string; found: string[] }>(
    english(url),
  );
  return [
    ...(lang === 'en' ? [] : [`its language is ${lang}`]),
    ...keysIn(words),
    ...found.map((one) => `unmarked Chinese ${one}`),
  ].map((one) => `en ${one}`);
}
