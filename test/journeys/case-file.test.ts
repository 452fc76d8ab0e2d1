import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { appendEvents } from '../../models/event.ts';
import { caseShows, fileMatter, inCase, issue, openMatter } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, pageOf, sign, taskShows } from '../support/people.ts';
import { entriesOf } from '../support/zip.ts';

const run = promisify(execFile);
const COMPLAINANT = { name: '欧阳金丝雀', contact: '13900007777', confidential: true };

/** March 2026 has no holiday; the house opens on Monday the 2nd. */
describe('The file of a case', () => {
  let house: House;
  let no: string;
  let folder: string;
  let files: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    folder = await mkdtemp(path.join(tmpdir(), 'jiandu-file-'));
    await registerAgencies(house, ['maqiao']);
    no = await openMatter(house, 'maqiao', {
      channel: 'complaint',
      summary: '当场收取罚款未开票据',
      complainant: COMPLAINANT,
    });
    await fileMatter(house, no);
    const notice = await issue(house, no, { kind: 'notice', findings: [], term: { workdays: 10 } });
    await sign(await pageOf(house, addressOf('maqiao'), '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await house.reply(await mailTo(house, addressOf('maqiao'), '【监督通知书】'), {
      text: '情况说明如下，案卷见附件。',
      files: [{ filename: '案卷 第1册.txt', content: '案卷内容' }],
    });
    await taskShows(house, notice.task, { state: 'inReview' });
    await inCase(house, no, [
      'investigation-records',
      { kind: 'fileRetrieval', on: '2026-03-02', text: '调阅案卷一册', evidence: [] },
    ]);
    files = await bound();
  }, 240_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await house.close();
  });

  /** The file as an auditor takes it, unpacked into the folder. */
  async function bound(): Promise<ReadonlyMap<string, Buffer>> {
    const tokenless = await fetch(`${house.url}/api/v1/cases/${no}/file`);
    expect(tokenless.status).toBe(401);
    const taken = await fetch(`${house.url}/api/v1/cases/${no}/file`, {
      headers: { Authorization: `Bearer ${await issueToken(house.store, 'auditor')}` },
    });
    expect(taken.headers.get('content-type')).toBe('application/zip');
    const found = await entriesOf(Buffer.from(await taken.arrayBuffer()));
    for (const [name, bytes] of found) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), bytes);
    }
    return found;
  }
  const named = (pattern: RegExp): string[] => [...files.keys()].filter((name) => pattern.test(name));
  const checked = (): Promise<{ code: number; said: string }> =>
    run(process.execPath, [path.join(folder, 'verify.mjs')]).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, said: error.stdout }),
    );

  it('Holds papers as PDF and DOCX, mails as they went and came, records, files, dates and the timeline', () => {
    expect(named(/^1-文书\/.*监督通知书 .*号\.pdf$/u)).toHaveLength(1);
    expect(named(/^1-文书\/.*\.docx$/u)).toHaveLength(1);
    const pdf = files.get(named(/^1-文书\/.*\.pdf$/u)[0] ?? '');
    expect(pdf?.subarray(0, 5).toString()).toBe('%PDF-');
    expect(named(/^2-办理事项\/.*\.txt$/u).length).toBeGreaterThanOrEqual(2);
    expect(named(/^3-调查材料\//u)).toHaveLength(1);
    expect(named(/^4-邮件\/\d+ 发出 .*\.eml$/u).length).toBeGreaterThanOrEqual(1);
    expect(named(/^4-邮件\/\d+ 收到 .*\.eml$/u)).toHaveLength(1);
    expect(named(/^5-期限凭证\/.*\.json$/u)).toHaveLength(1);
    expect(named(/^6-时间线\/.*\.txt$/u)).toHaveLength(1);
    const index = JSON.parse(files.get('卷内目录.json')?.toString() ?? '{}') as { index: { n: number }[] };
    expect(index.index.map((line) => line.n)).toEqual(index.index.map((_line, i) => i + 1));
    expect(files.get('卷内目录.pdf')?.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('Names nobody who complained', () => {
    for (const [name, bytes] of files)
      for (const word of [COMPLAINANT.name, COMPLAINANT.contact])
        expect(bytes.includes(word) ? name : 'nowhere', word).toBe('nowhere');
  });

  it('Is checked by its own script with nothing but Node, and a change is found', async () => {
    const whole = await checked();
    expect(whole.said).toContain('与立卷时一致');
    expect(whole.code).toBe(0);
    const answer = path.join(folder, named(/^2-办理事项\/.*\.txt$/u)[0] ?? '');
    const before = await readFile(answer);
    await writeFile(answer, Buffer.concat([before, Buffer.from(' ')]));
    expect(await checked()).toMatchObject({ code: 1, said: expect.stringContaining('已改动') as string });
    await writeFile(answer, before);
    await writeFile(path.join(folder, '多出.txt'), '');
    expect((await checked()).said).toContain('清单中没有');
    await rm(path.join(folder, '多出.txt'));
    await rm(answer);
    expect((await checked()).said).toContain('缺失');
    await writeFile(answer, before);
    expect((await checked()).code).toBe(0);
  });

  it('Is whole though something happens while it is bound', async () => {
    const { documents, events } = house.store;
    const find = documents.find.bind(documents);
    const entries = [{ at: '2026-03-02T10:00:00+08:00', source: 'decision', what: 'investigation-recorded' }];
    let written: Promise<void> | undefined;
    vi.spyOn(documents, 'find').mockImplementationOnce(((...given: Parameters<typeof find>) => {
      written = appendEvents(events, { owner: no, key: 'meanwhile', entries } as never);
      return find(...given);
    }) as never);
    files = await bound();
    await written;
    expect(await events.countDocuments({ owner: no, key: 'meanwhile' })).toBe(1);
    expect(await checked()).toMatchObject({
      code: 0,
      said: expect.stringContaining('与立卷时一致') as string,
    });
  });

  it('Finds a ledger that was rewritten, even where its hashes in the manifest were too', async () => {
    const chain = named(/\.chain\.json$/u)[0] ?? '';
    const changed = Buffer.from(
      (files.get(chain)?.toString() ?? '').replace('"seq": 2', '"seq": 2 ').replace(/accept/u, 'decline'),
    );
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '{}') as {
      files: { path: string; size: number; sha256: string }[];
    };
    const line = manifest.files.find((file) => file.path === chain);
    if (!line) throw new Error('the chain is not in the manifest');
    line.size = changed.length;
    line.sha256 = createHash('sha256').update(changed).digest('hex');
    await writeFile(path.join(folder, chain), changed);
    await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
    const found = await checked();
    expect(found.said).toContain('台账在第');
    expect(found.code).toBe(1);
  });
});
