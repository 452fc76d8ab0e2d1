import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entrance } from '../../embedded/access.ts';
import { EXAMPLES } from '../../embedded/demo-modes.ts';
import { playDemo, seedCounty } from '../../embedded/demo.ts';
import { runCampaign } from '../../embedded/organizer-robot.ts';
import type { Robots } from '../../embedded/robots.ts';
import { type Stack, startStack } from '../../embedded/stack.ts';
import { type Visited, crawl, visit } from '../support/crawl.ts';

const SECONDS_A_DAY = 1;
const ROLES = ['organizer', 'approver', 'administrator', 'auditor'] as const;
const root = path.join(import.meta.dirname, '..', '..');

/** A page that names a key instead of a word, or shows what a program left over. */
async function gibberish(): Promise<RegExp> {
  const words = JSON.parse(await readFile(path.join(root, 'locales', 'zh-CN.json'), 'utf8')) as object;
  const keys = `\\b(?:${Object.keys(words).join('|')})\\.[a-zA-Z]+`;
  return new RegExp(`${keys}|\\[object |\\bundefined\\b|\\bNaN\\b|Invalid Date|\\{\\{`);
}

/** The whole of `npm start`: real engines, real processes, the county's robots. */
describe('The demo county', () => {
  let dir: string;
  let stack: Stack;
  let robots: Robots | undefined;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'jiandu-demo-test-'));
    stack = await startStack({
      dir,
      clock: SECONDS_A_DAY,
      say: () => undefined,
      ports: 'any',
      env: { LOG_LEVEL: 'silent' },
    });
    await seedCounty(stack);
    robots = await playDemo(stack, { robots: true, dayMs: SECONDS_A_DAY * 1_000 });
  }, 240_000);
  afterAll(async () => {
    robots?.stop();
    await stack?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function signedIn(role: string): Promise<string> {
    const ticket = new URL(await entrance(stack, role)).searchParams.get('ticket') ?? '';
    const response = await fetch(`${stack.url}/console/enter`, {
      method: 'POST',
      body: new URLSearchParams({ ticket }),
      redirect: 'manual',
    });
    expect(response.status).toBe(303);
    return response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
  }

  it('Shows an example of every mode at the first start', async () => {
    const marks = await stack.store.settings.distinct('_id', { _id: /^demo-seeded\// });
    expect(marks.sort()).toEqual(EXAMPLES.map((name) => `demo-seeded/${name}`).sort());
  });

  it('A whole campaign goes to its end without a person', async () => {
    await runCampaign(stack, 'ZX-2026-001', () => undefined);
    expect((await stack.store.campaigns.findById('ZX-2026-001').lean())?.state).toBe('closed');
  }, 480_000);

  it('Every link of every page opens for the person who sees it, in both languages, and no page names a key for a word', async () => {
    const garbled = await gibberish();
    const faults: string[] = [];
    const judge = ({ path: at, status, text }: Visited, who: string): void => {
      if (status !== 200 && status !== 302 && status !== 303) faults.push(`${who} ${status} ${at}`);
      const found = garbled.exec(text);
      if (found) faults.push(`${who} ${at}: ${text.slice(Math.max(0, found.index - 40), found.index + 60)}`);
    };
    for (const role of ROLES) {
      const cookie = await signedIn(role);
      const pages = await crawl({
        origin: stack.url,
        cookie,
        from: ['/console'],
        ofAShape: role === 'organizer' ? 6 : 2,
        most: 500,
      });
      expect(pages.length, role).toBeGreaterThan(40);
      for (const page of pages) judge(page, `${role} zh`);
      for (const page of pages.filter((one) => one.text !== '')) {
        const english = `${page.path}${page.path.includes('?') ? '&' : '?'}lang=en`;
        judge(await visit(stack.url, english, cookie), `${role} en`);
      }
    }
    expect(faults).toEqual([]);
  }, 480_000);

  it('npm run demo:case brings one case to the archive, and its file is whole', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', 'embedded/play-case.ts'],
      {
        cwd: root,
        env: { ...process.env, JIANDU_CLOCK: '2', LOG_LEVEL: 'silent' },
      },
    );
    expect(stdout).toMatch(/archived/);
    expect(stdout).toMatch(/✔ chain of events/);
    expect(stdout).toMatch(/✔ \d+ files are as they were bound/);
    const zip = /案卷 (\S+\.zip)/.exec(stdout)?.[1] ?? '';
    await rm(path.dirname(zip), { recursive: true });
  }, 480_000);
});
