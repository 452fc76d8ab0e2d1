import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productAt } from '../../domain/clock.ts';
import { entrance } from '../../embedded/access.ts';
import { EXAMPLES } from '../../embedded/demo-modes.ts';
import { playDemo, seedCounty } from '../../embedded/demo.ts';
import { readClock } from '../../embedded/demo-clock.ts';
import { runCampaign } from '../../embedded/organizer-robot.ts';
import type { Robots } from '../../embedded/robots.ts';
import { type Stack, startStack } from '../../embedded/stack.ts';
import { eventually } from '../support/house.ts';
import { type Visited, crawl, visit } from '../support/crawl.ts';

const SECONDS_A_DAY = 1;
const ROLES = ['organizer', 'approver', 'administrator', 'auditor'] as const;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
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
  let began = 0;
  beforeAll(async () => {
    began = performance.now();
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

  it('Row 19: the first screen stands within three minutes of the start, with things to do on it', async () => {
    const answer = await fetch(`${stack.url}/console`, { headers: { Cookie: await signedIn('organizer') } });
    const html = await answer.text();
    const seconds = (performance.now() - began) / 1_000;
    expect(answer.status).toBe(200);
    expect(html).toContain('今日');
    expect(html).toMatch(/href="\/console\/(?:reviews|inbox#bounced|tasks\?[^"]*)">[^<]+<b>[1-9]/);
    expect(seconds).toBeLessThan(180);
  });

  it('Shows an example of every mode at the first start', async () => {
    const marks = await stack.store.settings.distinct('_id', { _id: /^demo-seeded\// });
    expect(marks.sort()).toEqual(EXAMPLES.map((name) => `demo-seeded/${name}`).sort());
  });

  it('A newcomer puts the clock forward and does the five steps at the desk, and mail that no person wrote is taken for what it is', async () => {
    const own = { 'Sec-Fetch-Site': 'same-origin' };
    const send = async (
      at: string,
      body: URLSearchParams | FormData,
      headers: Record<string, string> = own,
    ) =>
      (await fetch(`${stack.mailboxUrl}${at}`, { method: 'POST', body, headers, redirect: 'manual' })).status;
    const desk = async () => (await fetch(`${stack.mailboxUrl}/desk`)).text();
    const english = await (await fetch(`${stack.mailboxUrl}/desk?lang=en`)).text();
    expect(english.replaceAll(/<a [^>]*>中文<\/a>|请办理|催办1?/g, '')).not.toMatch(
      /\p{Script=Han}(?![^<>]*>)/u,
    );
    const done = async (n: number) => new RegExp(`<li class="done">\\s*<h2>${n}`).test(await desk());
    const shown = async () => {
      const mapping = await readClock(stack.store);
      return mapping ? productAt(mapping, Date.now()) : 0;
    };

    expect(await done(2)).toBe(false);
    expect(await done(5)).toBe(false);
    const before = await shown();
    expect(await send('/desk/clock', new URLSearchParams({ to: 'day' }))).toBe(303);
    expect((await shown()) - before).toBeGreaterThan(86_400_000);
    expect(
      await send('/desk/clock', new URLSearchParams({ to: 'day' }), { 'Sec-Fetch-Site': 'cross-site' }),
    ).toBe(403);

    const [mail] = await stack.mailbox.messages({ q: '请办理', limit: 1 });
    const form = new FormData();
    form.set('text', '已按清单自查，照片附后。');
    form.set('files', new File([PNG], '现场.png', { type: 'image/png' }));
    expect(await send(`/messages/${mail?.id}/reply`, form)).toBe(303);
    expect(await done(2)).toBe(true);
    await eventually(async () => expect(await done(3)).toBe(true));
    expect(await send('/desk/steps/5', new URLSearchParams())).toBe(303);
    expect(await done(5)).toBe(true);

    const away = new URLSearchParams({ what: 'away' });
    expect(await send(`/messages/${mail?.id}/by-itself`, away)).toBe(303);
    await eventually(async () =>
      expect(await stack.store.incoming.countDocuments({ disposition: 'autoReply' })).toBeGreaterThan(0),
    );
    const bounce = new URLSearchParams({ what: 'bounce' });
    expect(await send(`/messages/${mail?.id}/by-itself`, bounce)).toBe(303);
    const id = mail?.headers['Message-ID']?.replaceAll(/[<>]/g, '');
    await eventually(async () =>
      expect((await stack.store.messages.findById(id).lean())?.state).toBe('bounced'),
    );
  }, 120_000);

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
        ofAShape: role === 'organizer' ? 3 : 1,
        most: 500,
      });
      expect(pages.length, role).toBeGreaterThan(30);
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
