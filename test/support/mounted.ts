import { createApp } from '../../api/app.ts';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly name: string;
  readonly handle: { readonly stack?: readonly Layer[] };
  readonly matchers?: readonly ((path: string) => { readonly path: string } | false)[];
}

/** Where a router hangs: express keeps a matcher and no longer the words. */
const PREFIXES = [
  '/api/v1',
  '/t',
  '/contacts',
  '/complaints',
  '/console',
  '/docs',
  '/public/fonts',
  '/public',
];
const prefixOf = (layer: Layer): string =>
  PREFIXES.find((one) =>
    layer.matchers?.some((matches) => matches(`${one}/x`) !== false && matches('/x') === false),
  ) ?? '';

/** Every method and path that the server answers, as it is mounted. */
export function mounted(): string[] {
  const away = new Proxy({}, { get: () => () => away }) as never;
  const office = { publicUrl: 'http://localhost' } as never;
  const store = { connection: { getClient: () => new Promise(() => undefined), name: 'none' } } as never;
  const log = { level: 'silent' } as never;
  const app = createApp({
    store,
    client: away,
    clock: away,
    office,
    log,
    sessionSecret: 'x'.repeat(64),
    secureCookies: false,
  });
  const walk = (stack: readonly Layer[], prefix: string): string[] =>
    stack.flatMap((layer) => {
      if (layer.route) {
        const { methods, path: own } = layer.route;
        return Object.keys(methods).map(
          (method) => `${method.toUpperCase()} ${prefix}${own === '/' && prefix !== '' ? '' : own}`,
        );
      }
      return layer.handle.stack ? walk(layer.handle.stack, `${prefix}${prefixOf(layer)}`) : [];
    });
  return [...new Set(walk((app as unknown as { router: { stack: Layer[] } }).router.stack, ''))].sort();
}
