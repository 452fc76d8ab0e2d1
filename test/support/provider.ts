import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

/** What the provider knows of a person, by the name that is typed there. */
export interface Person {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

/** A real identity provider on loopback. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly people: Map<string, Person>;
  close(): Promise<void>;
}

/** Its client is the office whose pages stand at `office`; PKCE is demanded of it. */
export async function openProvider(office: string): Promise<IdentityProvider> {
  const people = new Map<string, Person>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'jiandu',
        client_secret: 'a secret between the two of them',
        redirect_uris: [`${office}/console/oidc/return`],
        post_logout_redirect_uris: [`${office}/console/sign-in`],
      },
    ],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username'],
      email: ['email', 'email_verified'],
    },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k1' }] },
    cookies: { keys: ['keys of a provider that lives for one test'] },
    findAccount: (_context: unknown, id: string) => {
      const person = people.get(id);
      return person ? { accountId: id, claims: async () => ({ ...person }) } : undefined;
    },
  });
  const answer = provider.callback();
  server.on('request', (req, res) => void answer(req, res));
  return {
    issuer,
    people,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
