import type { Request } from 'express';
import * as client from 'openid-client';
import type { AccountRecord } from '../models/account.ts';
import type { ApiDeps } from './deps.ts';
import { Problem } from './problem.ts';
import { begin, kept, record } from './session.ts';

/** The office's identity provider (统一身份认证), as it is configured. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Which of the provider's words names the account: `email` only where the provider has verified it. */
  readonly claim: string;
}

const known = new Map<string, Promise<client.Configuration>>();
const TIMEOUT_S = 10;

/** What the provider says of itself, asked once; a failure is forgotten, so that the next one asks again. */
function discovered(settings: OidcSettings): Promise<client.Configuration> {
  const id = JSON.stringify(settings);
  const asked = known.get(id);
  if (asked) return asked;
  const issuer = new URL(settings.issuer);
  // Plain HTTP never leaves the machine: config.ts refuses it for any other host.
  const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  const { clientId, clientSecret } = settings;
  const asking = client.discovery(issuer, clientId, clientSecret, undefined, { execute, timeout: TIMEOUT_S });
  known.set(id, asking);
  asking.catch(() => known.delete(id));
  return asking;
}

const returnTo = ({ office }: ApiDeps): string => `${office.publicUrl}/console/oidc/return`;

/** Where to send a person who signs in there; what must come back is kept in their session. */
export async function toProvider(deps: ApiDeps, req: Request, next: string): Promise<URL> {
  const config = await configured(deps);
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  req.session.outside = { state, nonce, verifier, next };
  await kept(req);
  return client.buildAuthorizationUrl(config, {
    redirect_uri: returnTo(deps),
    scope: 'openid profile email',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

/** Signs in whom the provider vouches for, where an account is theirs already: none is made, and roles are ours. */
export async function fromProvider(deps: ApiDeps, req: Request): Promise<string> {
  const settings = settingsOf(deps);
  const config = await configured(deps);
  const { outside } = req.session;
  // What was asked can be answered once.
  delete req.session.outside;
  if (!outside) throw new Problem(409, 'oidc-refused');
  const { claims, idToken } = await reached(deps, exchange(deps, req, { config, outside }));
  const account = await accountFor(deps, settings, claims);
  if (!account) {
    await record(deps, req, { what: 'oidc-refused', who: nameIn(claims, settings).slice(0, 60) });
    throw new Problem(403, 'oidc-unknown', { extension: { name: nameIn(claims, settings) } });
  }
  await begin(req, account._id, account.era);
  req.session.byProvider = true;
  if (idToken !== undefined) req.session.idToken = idToken;
  await kept(req);
  await record(deps, req, { what: 'signed-in-by-oidc', who: account.name, detail: { account: account._id } });
  return outside.next;
}

type Claims = Readonly<Record<string, unknown>> & { readonly sub: string; readonly iss: string };

async function exchange(
  deps: ApiDeps,
  req: Request,
  {
    config,
    outside,
  }: {
    readonly config: client.Configuration;
    readonly outside: { readonly state: string; readonly nonce: string; readonly verifier: string };
  },
): Promise<{ claims: Claims; idToken: string | undefined }> {
  // The address as the provider was told it, whatever a proxy has made of it.
  const url = new URL(returnTo(deps));
  url.search = new URL(req.originalUrl, deps.office.publicUrl).search;
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: outside.verifier,
    expectedState: outside.state,
    expectedNonce: outside.nonce,
    idTokenExpected: true,
  });
  const stated = tokens.claims();
  if (!stated) throw new Problem(409, 'oidc-refused');
  const more =
    config.serverMetadata().userinfo_endpoint === undefined
      ? {}
      : await client.fetchUserInfo(config, tokens.access_token, stated.sub);
  return { claims: { ...more, ...stated }, idToken: tokens.id_token };
}

const nameIn = (claims: Claims, { claim }: OidcSettings): string => {
  const value = claims[claim];
  return typeof value === 'string' ? value : '';
};

/** The one account that the claim names; from its first sign-in it belongs to that subject, and to no later bearer of the same name. */
async function accountFor(
  { store }: ApiDeps,
  settings: OidcSettings,
  claims: Claims,
): Promise<AccountRecord | null> {
  const name = nameIn(claims, settings).trim().toLowerCase();
  if (name === '') return null;
  if (settings.claim === 'email' && claims['email_verified'] !== true) return null;
  const field = settings.claim === 'email' ? 'email' : '_id';
  const found = await store.accounts
    .find({ [field]: name, disabled: false }, { _id: 1 })
    .limit(2)
    .lean();
  const [one, another] = found;
  if (!one || another) return null;
  const outside = { issuer: claims.iss, subject: claims.sub };
  return store.accounts
    .findOneAndUpdate(
      {
        _id: one._id,
        disabled: false,
        $or: [{ outside: null }, { 'outside.issuer': outside.issuer, 'outside.subject': outside.subject }],
      },
      { $set: { outside } },
      { returnDocument: 'after' },
    )
    .lean<AccountRecord>();
}

/** Where the provider's own session ends; undefined where it has no such place. */
export async function endAtProvider(deps: ApiDeps, idToken: string): Promise<string | undefined> {
  if (!deps.oidc) return undefined;
  const config = await discovered(deps.oidc).catch(() => undefined);
  if (config?.serverMetadata().end_session_endpoint === undefined) return undefined;
  const back = `${deps.office.publicUrl}/console/sign-in`;
  return client.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: back }).href;
}

function settingsOf({ oidc }: ApiDeps): OidcSettings {
  if (!oidc) throw new Problem(404, 'not-found');
  return oidc;
}

/** A provider that does not say what it is, is away. */
async function configured(deps: ApiDeps): Promise<client.Configuration> {
  try {
    return await discovered(settingsOf(deps));
  } catch (error) {
    if (error instanceof Problem) throw error;
    deps.log.warn({ err: error }, 'identity provider');
    throw away();
  }
}

const away = (): Problem => new Problem(503, 'oidc-unavailable', { headers: { 'Retry-After': '30' } });

/** A no of the provider, or an answer that is not to what was asked, is a refusal; no answer is a provider that is away. */
async function reached<T>({ log }: ApiDeps, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Problem) throw error;
    log.warn({ err: error }, 'identity provider');
    const said =
      error instanceof client.AuthorizationResponseError ||
      error instanceof client.ResponseBodyError ||
      (error instanceof client.ClientError && error.code !== 'OAUTH_TIMEOUT');
    throw said ? new Problem(409, 'oidc-refused') : away();
  }
}
