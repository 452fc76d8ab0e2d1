import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hashSecret } from '../api/access.ts';
import type { Stack } from './stack.ts';

/** Writes `.jiandu/access.json`, which only its owner reads. */
export async function writeAccess(dir: string, stack: Stack): Promise<void> {
  const access = {
    console: `${stack.url}/console`,
    api: `${stack.url}/api/v1`,
    mailbox: stack.mailboxUrl,
    temporal: stack.ui,
    smtp: { host: '127.0.0.1', port: stack.smtpIn },
    tokens: stack.secrets.tokens,
  };
  const file = path.join(dir, 'access.json');
  await writeFile(`${file}.new`, JSON.stringify(access, null, 2), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

const TICKET_LIVES_MS = 12 * 3_600_000;

/** An address that signs a person in, for half a day: the embedded default's way past the first password. */
export async function entrance(stack: Stack, account: string): Promise<string> {
  const ticket = randomBytes(18).toString('base64url');
  await stack.store.settings.create({
    _id: `ticket/${hashSecret(ticket)}`,
    value: { account, until: Date.now() + TICKET_LIVES_MS },
  });
  return `${stack.url}/console/enter?ticket=${ticket}`;
}
