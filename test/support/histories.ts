import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect } from 'vitest';
import { archiveFinished } from '../../activities/archive.ts';
import { type House, eventually } from './house.ts';

const root = path.join(import.meta.dirname, '..', '..');
const home = path.join(root, 'test', 'histories');

/** Stores a workflow's history in the folder that the run records into (`scripts/record-histories.ts`); otherwise nothing. */
export async function keepHistory(house: House, workflowId: string, name: string): Promise<void> {
  const folder = process.env['RECORD_HISTORIES'];
  if (folder === undefined) return;
  const json = historyToJSON(await house.env.client.workflow.getHandle(workflowId).fetchHistory());
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${name}.json.gz`), gzipSync(anonymous(json), { level: 9 }));
}

/** A workflow that has ended is listed as its kind, and its history is read from the archive, whole. */
export async function expectKept(house: House, id: string, kind: string): Promise<void> {
  const administrator = (path: string) => house.call('administrator', 'GET', path);
  const raw = () => administrator(`/history/${encodeURIComponent(id)}/raw`);
  await eventually(async () => {
    const { body } = await administrator(`/workflows?kind=${kind}&state=closed&limit=200`);
    expect(body.items).toContainEqual(expect.objectContaining({ id, kind, stuck: [] }));
  });
  const before = (await raw()).body;
  await eventually(async () => {
    await archiveFinished(house.deps);
    expect((await raw()).body.runs).toMatchObject([{ source: 'archive' }]);
  });
  expect((await raw()).body.events).toEqual(before.events);
}

/** Which process and machine did a step is nobody's business. */
function anonymous(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) =>
    key === 'identity' ? 'worker' : value,
  ).replaceAll(`${root}/`, '');
}

export interface StoredHistory {
  /** `<version>/<workflow>-<phase>` */
  readonly name: string;
  readonly history: unknown;
}

/** Every stored history of every released version. */
export async function storedHistories(): Promise<StoredHistory[]> {
  const names = (await readdir(home, { recursive: true })).filter((name) => name.endsWith('.json.gz')).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: name.slice(0, -'.json.gz'.length),
      history: JSON.parse(gunzipSync(await readFile(path.join(home, name))).toString('utf8')) as unknown,
    })),
  );
}
