import { randomBytes } from 'node:crypto';
import encodeQr from 'qr';
import { stamp } from '../domain/clock.ts';
import { Refusal } from '../domain/refusals.ts';
import type { AccountRecord, Role } from '../models/account.ts';
import { vaultOf } from '../models/complainant.ts';
import { hashSecret } from './access.ts';
import type { ApiDeps } from './deps.ts';
import { base32, stepOf } from './totp.ts';

const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;
const RULE = 'second-step';

type Parts = Pick<ApiDeps, 'store' | 'office'>;
const about = (account: string, what: 'offered' | 'kept'): string => `second step ${what} ${account}`;

/** A secret that is offered to an account's holder: nothing is stored before a code of it comes back. */
export interface Offer {
  readonly sealed: string;
  /** In groups of four, to be typed. */
  readonly key: string;
  /** The same as a picture, for a phone's camera. */
  readonly picture: string;
  readonly uri: string;
}

export function offerSecret({ office }: Parts, account: string, sealed?: string): Offer {
  const secret =
    (sealed === undefined ? undefined : opened({ office }, account, sealed)) ?? randomBytes(SECRET_BYTES);
  const key = base32(secret);
  const issuer = encodeURIComponent(office.name);
  const uri = `otpauth://totp/${issuer}:${encodeURIComponent(account)}?secret=${key}&issuer=${issuer}&algorithm=SHA1&digits=6&period=30`;
  const svg = encodeQr(uri, 'svg', { ecc: 'medium' });
  return {
    sealed: vaultOf(office).seal(secret, about(account, 'offered')).toString('base64url'),
    key: key.match(/.{1,4}/g)?.join(' ') ?? key,
    picture: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    uri,
  };
}

function opened({ office }: Pick<Parts, 'office'>, account: string, sealed: string): Buffer | undefined {
  try {
    return vaultOf(office).open(Buffer.from(sealed, 'base64url'), about(account, 'offered'));
  } catch {
    return undefined;
  }
}

/** Takes the second step up, once a code proves that the app has the secret; gives the recovery codes, which are shown this once. */
export async function beginSecondStep(
  deps: Pick<ApiDeps, 'store' | 'office' | 'clock'>,
  account: string,
  given: { readonly sealed: string; readonly code: string },
): Promise<readonly string[]> {
  const secret = opened(deps, account, given.sealed);
  if (!secret) throw new Refusal('offer-over');
  const used = stepOf(secret, digitsOf(given.code), Date.now());
  if (used === undefined) throw new Refusal('code-wrong', undefined, '/code');
  const codes = newCodes();
  const done = await deps.store.accounts.updateOne(
    { _id: account, secondStep: null },
    {
      $set: {
        secondStep: {
          sealed: vaultOf(deps.office).seal(secret, about(account, 'kept')),
          since: stamp(await deps.clock.now()),
          used,
          recovery: codes.map(hashCode),
        },
      },
    },
  );
  if (done.modifiedCount === 0) throw new Refusal('second-step-on');
  return codes;
}

/** What a code was: the app's, used up by this; a recovery code, used up too; or neither. */
export async function passSecondStep(
  { store, office }: Parts,
  account: string,
  given: string,
): Promise<'app' | 'recovery' | undefined> {
  const { secondStep } = (await store.accounts.findById(account).lean<AccountRecord>()) ?? {};
  if (!secondStep) return undefined;
  const sealed = secondStep.sealed as Buffer | { readonly buffer: Uint8Array };
  const bytes = Buffer.isBuffer(sealed) ? sealed : Buffer.from(sealed.buffer);
  const secret = vaultOf(office).open(bytes, about(account, 'kept'));
  const step = stepOf(secret, digitsOf(given), Date.now());
  if (step !== undefined) {
    const { modifiedCount } = await store.accounts.updateOne(
      { _id: account, 'secondStep.used': { $lt: step } },
      { $set: { 'secondStep.used': step } },
    );
    return modifiedCount === 1 ? 'app' : undefined;
  }
  const hashed = hashCode(given);
  const { modifiedCount } = await store.accounts.updateOne(
    { _id: account, 'secondStep.recovery': hashed },
    { $pull: { 'secondStep.recovery': hashed } },
  );
  return modifiedCount === 1 ? 'recovery' : undefined;
}

/** New recovery codes in place of all that are left. */
export async function renewRecovery({ store }: Parts, account: string): Promise<readonly string[]> {
  const codes = newCodes();
  const { matchedCount } = await store.accounts.updateOne(
    { _id: account, secondStep: { $ne: null } },
    { $set: { 'secondStep.recovery': codes.map(hashCode) } },
  );
  if (matchedCount === 0) throw new Refusal('second-step-off');
  return codes;
}

export async function endSecondStep({ store }: Parts, account: string): Promise<void> {
  const { modifiedCount } = await store.accounts.updateOne(
    { _id: account, secondStep: { $ne: null } },
    { $unset: { secondStep: 1 } },
  );
  if (modifiedCount === 0) throw new Refusal('second-step-off');
}

/** Digits as an app shows them, with or without the space in the middle, half width or full. */
const digitsOf = (code: string): string => code.normalize('NFKC').replaceAll(/\s/g, '');

const newCodes = (): readonly string[] =>
  Array.from({ length: RECOVERY_CODES }, () =>
    (base32(randomBytes(RECOVERY_BYTES)).toLowerCase().match(/.{4}/g) ?? []).join('-'),
  );

/** 80 random bits need no salt and no slow hash. */
const hashCode = (code: string): string =>
  hashSecret(
    `recovery ${code
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[^a-z2-7]/g, '')}`,
  );

/** The roles whose holders must have a second step. */
export async function rolesWithSecondStep({ store }: Pick<ApiDeps, 'store'>): Promise<readonly Role[]> {
  const row = await store.settings.findById(RULE).lean();
  return (row?.value as { readonly roles?: readonly Role[] } | undefined)?.roles ?? [];
}

export async function requireSecondStep(
  { store }: Pick<ApiDeps, 'store'>,
  roles: readonly Role[],
): Promise<void> {
  await store.settings.updateOne({ _id: RULE }, { $set: { value: { roles } } }, { upsert: true });
}
