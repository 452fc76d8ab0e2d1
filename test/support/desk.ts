import { hash } from '@node-rs/argon2';
import type { Express } from 'express';
import pino from 'pino';
import request from 'supertest';
import { createApp } from '../../api/app.ts';
import { SAME_CLOCK } from '../../domain/clock.ts';
import type { Role } from '../../models/account.ts';
import { type Store, openStore } from '../../models/store.ts';
import { databaseName, mongoUri } from './engines.ts';
import { OFFICE } from './house.ts';

export const PASSWORD = 'a long password';
const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];

type Agent = ReturnType<typeof request.agent>;
type Form = { readonly to: string; readonly fields: Readonly<Record<string, string>> };

/** The server alone, over a real MongoDB and without an engine, with browsers that keep their cookies. */
export interface Desk {
  readonly store: Store;
  readonly app: Express;
  /** Four accounts as new, and an address that nobody has tried from. */
  fresh(): Promise<void>;
  visitor(): Agent;
  signIn(agent: Agent, account: string, password?: string): request.Test;
  signedIn(account: string): Promise<Agent>;
  /** So many wrong passwords in a row, each after the wait that the one before has earned; from one browser, or each from another. */
  miss(account: string, times: number, agent?: Agent): Promise<void>;
  /** Ends the waits between failures, but no lock. */
  later(): Promise<void>;
  /** Sends a form with the hidden fields of a page. */
  sendForm(agent: Agent, page: string, form: Form): Promise<request.Response>;
  close(): Promise<void>;
}

export const hidden = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

export const cookies = (answer: request.Response): string[] =>
  (answer.headers['set-cookie'] as unknown as string[] | undefined) ?? [];

export async function openDesk(more: Partial<Parameters<typeof createApp>[0]> = {}): Promise<Desk> {
  const store = await openStore(mongoUri(), databaseName());
  const app = createApp({
    store,
    client: {} as never,
    clock: { now: async () => Date.now(), mapping: async () => SAME_CLOCK },
    office: { ...OFFICE, publicUrl: 'http://office.example' },
    log: pino({ level: 'silent' }),
    sessionSecret: 's'.repeat(64),
    secureCookies: false,
    trustedProxies: 1,
    ...more,
  });
  const passwordHash = await hash(PASSWORD);
  let address = 0;
  const desk: Desk = {
    store,
    app,
    async fresh() {
      address += 1;
      await store.accounts.deleteMany({});
      await store.signInTries.deleteMany({});
      await store.connection.collection('sessions').deleteMany({});
      for (const role of ROLES)
        await store.accounts.create({
          _id: role,
          name: role,
          role,
          passwordHash,
          disabled: false,
        });
    },
    visitor() {
      const agent = request.agent(app);
      agent.set('X-Forwarded-For', `10.0.0.${address}`);
      return agent;
    },
    signIn: (agent, account, password = PASSWORD) =>
      agent.post('/console/sign-in').type('form').send({ account, password }),
    async signedIn(account) {
      const agent = desk.visitor();
      const { status } = await desk.signIn(agent, account);
      if (status !== 303) throw new Error(`sign-in of ${account}: ${status}`);
      return agent;
    },
    async miss(account, times, agent) {
      for (let n = 0; n < times; n += 1) {
        const { status } = await desk.signIn(agent ?? desk.visitor(), account, `wrong ${n}`);
        if (status !== 401) throw new Error(`wrong password ${n} of ${account}: ${status}`);
        await desk.later();
      }
    },
    async later() {
      await store.signInTries.updateMany({}, { $unset: { waitUntil: 1 } });
    },
    async sendForm(agent, page, { to, fields }) {
      const { text } = await agent.get(page);
      const form = { _csrf: hidden(text, '_csrf'), _key: hidden(text, '_key'), ...fields };
      return agent.post(to).type('form').send(form);
    },
    async close() {
      await store.connection.dropDatabase();
      await store.close();
    },
  };
  return desk;
}
