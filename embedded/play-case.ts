import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { call } from './call.ts';
import { runCase } from './case-robot.ts';
import { seedCounty } from './demo.ts';
import { startRobots } from './robots.ts';
import { startStack, type Stack } from './stack.ts';

/** `npm run demo:case`: one case from the complaint to the archive without a person, on data of its own, and its file at the end. */
const say = (line: string): void => console.log(line);
const SECONDS_A_DAY = Number(process.env['JIANDU_CLOCK'] ?? '4');

const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-case-'));
const stack = await startStack({ dir, clock: SECONDS_A_DAY, say, ports: 'any' });
const finish = async (code: number): Promise<never> => {
  robots.stop();
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void finish(130));
await seedCounty(stack);
const robots = startRobots(stack, { dayMs: SECONDS_A_DAY * 1_000 });
say(`演示开始：1天=${SECONDS_A_DAY}秒`);
try {
  const no = await runCase(stack, say);
  await printTimeline(stack, no);
  await keepFile(stack, no);
  await finish(0);
} catch (error) {
  say(`✘ ${error instanceof Error ? error.message : String(error)}`);
  await finish(1);
}

async function printTimeline(house: Stack, no: string): Promise<void> {
  const { body } = await call<{ at: string; source: string; what: string; who?: string }[]>(
    house,
    'administrator',
    { method: 'GET', path: `/history/${no}` },
  );
  say('\n经过');
  for (const one of body.filter((row) => row.source !== 'workflow'))
    say([one.at.slice(0, 16).replace('T', ' '), one.what, one.who ?? ''].join('\t'));
  const shown = await call<{ deadlines: { name: string; at: string | null; state: string }[] }>(
    house,
    'organizer',
    { method: 'GET', path: `/cases/${no}` },
  );
  say('\n期限');
  for (const one of shown.body.deadlines) say([one.name, one.at?.slice(0, 16) ?? '—', one.state].join('\t'));
}

/** The file outlives the demo's data; its own script is asked whether it is whole. */
async function keepFile({ url, secrets }: Stack, no: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/cases/${no}/file`, {
    headers: { Authorization: `Bearer ${secrets.tokens.organizer}` },
  });
  if (!response.ok) throw new Error(`案卷：${response.status}`);
  const kept = await mkdtemp(path.join(tmpdir(), 'jiandu-file-'));
  const zip = path.join(kept, `${no}.zip`);
  await writeFile(zip, Buffer.from(await response.arrayBuffer()));
  const run = promisify(execFile);
  const unpacked = path.join(kept, no);
  await run('python3', ['-m', 'zipfile', '-e', zip, unpacked]);
  const { stdout } = await run(process.execPath, [path.join(unpacked, 'verify.mjs')]);
  say(`\n案卷 ${zip}\n${stdout.trim()}`);
}
