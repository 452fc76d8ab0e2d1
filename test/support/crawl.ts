export interface Visited {
  readonly path: string;
  readonly status: number;
  /** What a person reads, without mark-up; empty where the answer is no page. */
  readonly text: string;
  readonly links: readonly string[];
}

export interface CrawlOptions {
  readonly origin: string;
  readonly cookie: string;
  readonly from: readonly string[];
  /** Pages of one shape (`/console/tasks/:no?state`) that are opened: the first ones found. */
  readonly ofAShape: number;
  readonly most: number;
}

/** Follows every link of every page, GET only, as a person would who clicks on all of them. */
export async function crawl({ origin, cookie, from, ofAShape, most }: CrawlOptions): Promise<Visited[]> {
  const shapes = new Map<string, number>();
  const found = new Set<string>();
  const queue: string[] = [];
  const take = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const shape = shapeOf(path);
    const seen = shapes.get(shape) ?? 0;
    if (seen >= ofAShape || found.size > most * 20) return;
    shapes.set(shape, seen + 1);
    queue.push(path);
  };
  from.forEach(take);
  const visited: Visited[] = [];
  for (let path = queue.shift(); path !== undefined && visited.length < most; path = queue.shift()) {
    const page = await visit(origin, path, cookie);
    visited.push(page);
    page.links.forEach(take);
  }
  return visited;
}

/** One page, without following where it sends its reader. */
export async function visit(origin: string, path: string, cookie: string): Promise<Visited> {
  const response = await fetch(`${origin}${path}`, { headers: { Cookie: cookie }, redirect: 'manual' });
  const html = response.headers.get('content-type')?.startsWith('text/html') === true;
  const body = html ? await response.text() : '';
  if (!html) await response.arrayBuffer();
  const sent = response.headers.get('location');
  return {
    path,
    status: response.status,
    text: textOf(body),
    links: [...(sent === null ? [] : [sent]), ...linksOf(body)].flatMap((link) => within(origin, path, link)),
  };
}

function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map((match) => unescaped(match[1] ?? ''));
}

/** The path of a link that stays in the house; a change of language would only double the way. */
function within(origin: string, path: string, link: string): string[] {
  const url = new URL(link, `${origin}${path}`);
  if (url.origin !== origin || !url.protocol.startsWith('http')) return [];
  url.searchParams.delete('lang');
  return [`${url.pathname}${url.search}`];
}

function textOf(html: string): string {
  return unescaped(
    html
      .replaceAll(/<(script|style|pre|code|textarea)\b[\s\S]*?<\/\1>/g, ' ')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' '),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#x27': "'",
  '#x3D': '=',
  '#x60': '`',
};

function unescaped(text: string): string {
  return text.replaceAll(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

/** Numbers and ids aside: pages of one shape come from one handler. */
function shapeOf(path: string): string {
  const url = new URL(path, 'http://house');
  const steps = url.pathname
    .split('/')
    .map((step) => (/\d|[0-9a-f]{12}/.test(step) ? ':no' : step))
    .join('/');
  return `${steps}?${[...new Set(url.searchParams.keys())].sort().join('&')}`;
}
