import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const PARTS = [
  'activities',
  'api',
  'data',
  'documents',
  'domain',
  'locales',
  'mail',
  'models',
  'templates',
  'workflows',
  'config.ts',
  'connect.ts',
  'home.ts',
  'owner.ts',
  'payload-codec.ts',
  'worker.ts',
  'package.json',
  'tsconfig.json',
];

/** A copy of the sources whose outbox does not mark a mail `sending` before it connects: the harness must catch it. */
export async function sabotagedCopy(): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'jiandu-sabotaged-'));
  for (const part of PARTS) await cp(path.join(root, part), path.join(copy, part), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  await change(path.join(copy, 'activities', 'outbox-booking.ts'), (text) =>
    text.replace("state: 'sending',\n    attempt: 1,", "state: 'pending',\n    attempt: 0,"),
  );
  await change(path.join(copy, 'activities', 'outbox-records.ts'), (text) =>
    text.replace("filter: { _id: id, state: 'sending' as const, fence }", 'filter: { _id: id }'),
  );
  await change(path.join(copy, 'activities', 'outbox-records.ts'), (text) =>
    text.replace("one.id) }, state: 'sending' as const, fence }", 'one.id) } }'),
  );
  await change(path.join(copy, 'activities', 'outbox-records.ts'), (text) =>
    text.replace('const { filter, update } = markOperation(', 'return new Set(ids);\n    $&'),
  );
  return copy;
}

async function change(file: string, edit: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const after = edit(before);
  if (after === before) throw new Error(`the sabotage no longer fits ${path.basename(file)}`);
  await writeFile(file, after);
}
