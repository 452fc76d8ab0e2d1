import type { APIRequestContext } from 'playwright-core';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';

/** One page of the console that links lead to. */
export interface Found {
  readonly route: string;
  readonly path: string;
  readonly html: string;
}

interface Pattern {
  readonly route: string;
  readonly reads: RegExp;
}

const PATTERNS: readonly Pattern[] = CONSOLE_ROUTES.filter((one) => one.method === 'get').map(({ path }) => ({
  route: path,
  reads: new RegExp(
    `^/console${path === '/' ? '' : path.replaceAll('.', String.raw`\.`).replaceAll(/:\w+/g, '[^/]+')}$`,
  ),
}));

/** The address of the console that answers a path; the first that fits, as the server takes it. */
export const routeOf = (path: string): string | undefined =>
  PATTERNS.find(({ reads }) => reads.test(path.split(/[?#]/)[0] ?? ''))?.route;

/** What is no page: files, streams, rows of a board, archives, and the sheet of a formal paper, which is as wide as its paper. */
const FILES =
  /\/(?:raw|file|xlsx|stream|rows)$|\.(?:xlsx|csv|docx|pdf|zip|eml|json|html)$|\/(?:files|packages)\//;

/** Every address of the console that answers a page. */
export const PAGES: readonly string[] = PATTERNS.map(({ route }) => route).filter(
  (route) => !FILES.test(route),
);

const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a\b[^>]*\shref="(\/console[^"#]*)/g)].map(([, href = '']) =>
    href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='),
  );

/** Follows the links of the console from its first page, a few pages of each kind. */
export async function tour(
  asked: APIRequestContext,
  origin: string,
  mostOfAKind = 4,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const seen = new Set<string>(['/console']);
  const queue = ['/console'];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const route = routeOf(path);
    if (route === undefined) throw new Error(`a link leads nowhere: ${path}`);
    if (FILES.test(path.split('?')[0] ?? '')) continue;
    if (found.filter((one) => one.route === route).length >= mostOfAKind) continue;
    const answer = await asked.get(`${origin}${path}`);
    if (answer.status() !== 200) throw new Error(`${path} answers ${answer.status()}`);
    if (!(answer.headers()['content-type'] ?? '').includes('text/html')) continue;
    const html = await answer.text();
    found.push({ route, path, html });
    for (const link of linksIn(html))
      if (!/[?&]lang=/.test(link) && !seen.has(link)) {
        seen.add(link);
        queue.push(link);
      }
  }
  return found;
}

/** What a page is made of: classes, kinds of fields, forms. */
function partsOf({ html }: Found): Set<string> {
  const classes = [...html.matchAll(/\sclass="([^"]+)"/g)].flatMap(([, names = '']) => names.split(/\s+/));
  const forms = [...html.matchAll(/<form\b[^>]*action="([^"?]+)/g)].map(([, action = '']) =>
    action.replaceAll(/[A-Z]{2}-\d[\w-]*|\d+/g, '*'),
  );
  const tags = [...html.matchAll(/<(\w+)(?:[^>]*\stype="(\w+)")?/g)].map(([, tag, type]) => `${tag} ${type}`);
  return new Set([...classes, ...forms, ...tags]);
}

/** So few pages of each kind that together show every part that any of them shows, but for one or two. */
export function fewest(pages: readonly Found[], mostOfAKind: number): Found[] {
  return [...new Set(pages.map((one) => one.route))].flatMap((route) => {
    const left = pages.filter((one) => one.route === route).map((one) => ({ one, parts: partsOf(one) }));
    const shown = new Set<string>();
    const chosen: Found[] = [];
    while (chosen.length < mostOfAKind) {
      const best = left
        .map(({ one, parts }) => ({ one, more: [...parts].filter((part) => !shown.has(part)) }))
        .toSorted((a, b) => b.more.length - a.more.length)[0];
      if (!best || best.more.length <= chosen.length * 2) break;
      chosen.push(best.one);
      for (const part of best.more) shown.add(part);
    }
    return chosen;
  });
}
