import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Role } from '../models/account.ts';

export const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];

/** What an installation of its own makes up once and keeps beside its data. */
export interface Secrets {
  readonly key: string;
  readonly tokens: Readonly<Record<Role, string>>;
  readonly passwords: Readonly<Record<Role, string>>;
}

const perRole = (make: () => string): Record<Role, string> =>
  Object.fromEntries(ROLES.map((role) => [role, make()])) as Record<Role, string>;

/** The same secrets at every start on the same data. */
export async function keptSecrets(dir: string): Promise<Secrets> {
  const file = path.join(dir, 'secrets.json');
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Secrets;
  const secrets: Secrets = {
    key: randomBytes(32).toString('hex'),
    tokens: perRole(() => randomBytes(24).toString('base64url')),
    passwords: perRole(() => randomBytes(9).toString('base64url')),
  };
  await writeFile(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
