import { type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A line to a server that can be cut and mended. */
export interface Line {
  readonly url: string;
  cut(): void;
  mend(): void;
  /** Takes nothing more from either side, until it is cut. */
  stall(): void;
  /** Resolves when no more of what is written fits into a line that stalls. */
  filled(): Promise<void>;
  close(): Promise<void>;
}

/** Stands between a browser and a server at `url`; while it is cut every connection ends at once. */
export async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let whole = true;
  const held = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((near) => {
    held(near);
    if (!whole) return void near.destroy();
    const far = held(connect(Number(port), hostname));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      whole = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      whole = true;
    },
    stall() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async filled() {
      const taken = () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0);
      for (let last = -1; last !== taken(); await wait(200)) last = taken();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
