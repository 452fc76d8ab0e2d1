import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import type { ApiDeps } from './deps.ts';

const HALF_YEAR_MS = 180 * 86_400_000;

type Secrets = Pick<ApiDeps, 'sessionSecret' | 'secureCookies'>;
interface Owner {
  readonly account: string;
  /** Ending every session of an account forgets its browsers too. */
  readonly era: number;
}

const mark = ({ sessionSecret }: Secrets, { account, era }: Owner, nonce: string): string =>
  createHmac('sha256', sessionSecret)
    .update(JSON.stringify(['device', account, era, nonce]))
    .digest('base64url');

const nameFor = ({ sessionSecret }: Secrets, account: string): string =>
  `jiandu.known.${createHmac('sha256', sessionSecret).update(`browser of ${account}`).digest('hex').slice(0, 8)}`;

/** The name of a browser that has signed in to this account before; '' for any other. It opens nothing: guesses from elsewhere only do not count against it. */
export function deviceOf(secrets: Secrets, req: Request, owner: Owner): string {
  const name = nameFor(secrets, owner.account);
  const pair = (req.headers.cookie ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
  const [nonce = '', given = ''] = (pair?.slice(name.length + 1) ?? '').split('.');
  const right = Buffer.from(mark(secrets, owner, nonce));
  const theirs = Buffer.from(given);
  return right.length === theirs.length && timingSafeEqual(right, theirs) ? nonce : '';
}

export function rememberDevice(secrets: Secrets, res: Response, owner: Owner): void {
  const nonce = randomBytes(12).toString('base64url');
  res.cookie(nameFor(secrets, owner.account), `${nonce}.${mark(secrets, owner, nonce)}`, {
    httpOnly: true,
    sameSite: 'lax',
    secure: secrets.secureCookies,
    maxAge: HALF_YEAR_MS,
    path: '/console',
  });
}
