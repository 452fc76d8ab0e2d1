import { createServer } from 'node:net';

/**
 * Gives the wanted TCP port on 127.0.0.1 when it is free and not in `taken`, otherwise another free one.
 * The caller compares, and says it aloud when it got another.
 */
export async function freePort(
  wanted: number,
  taken: ReadonlySet<number> = new Set<number>(),
): Promise<number> {
  if (wanted > 0 && !taken.has(wanted)) {
    const port = await tryPort(wanted);
    if (port !== undefined) return port;
  }
  for (;;) {
    const port = await tryPort(0);
    if (port !== undefined && !taken.has(port)) return port;
  }
}

async function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(got));
    });
  });
}
