import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

/** Processor ms that one POST of a few bytes of JSON to a bare Express costs its server: what a machine is worth at the moment. */
export interface Yardstick {
  readonly cpu: number;
}

/** The same on the machine, and at the load, that the bars were set on. */
export const REFERENCE_CPU = 0.13;

const CLIENTS = 16;
const WARM_UP = 3_000;
const REQUESTS = 6_000;

/** Run in a process of its own by `--serve`; otherwise the client of that process. */
async function serve(): Promise<void> {
  const app = express();
  app.post('/', express.json(), (req, res) => void res.json({ got: (req.body as { n: number }).n }));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send?.({ port: (server.address() as AddressInfo).port });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: (user + system) / 1_000 });
  });
  process.once('disconnect', () => process.exit(0));
}

/** Asks the server at `port`; `cpuMs` reads its processor time so far. */
export async function measureYardstick(port: number, cpuMs: () => Promise<number>): Promise<Yardstick> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  await post(port, agent, WARM_UP);
  const before = await cpuMs();
  await post(port, agent, REQUESTS);
  const cpu = ((await cpuMs()) - before) / REQUESTS;
  agent.destroy();
  return { cpu };
}

async function post(port: number, agent: Agent, count: number): Promise<void> {
  const body = Buffer.from('{"n":1}');
  const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, agent, method: 'POST', headers }, (response) => {
        response.resume();
        response.on('end', resolve);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  let left = count;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

if (process.argv.includes('--serve')) await serve();
