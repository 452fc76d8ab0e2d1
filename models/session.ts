import { createHash } from 'node:crypto';
import type { Store } from './store.ts';

/** How the session store keeps a signed-in browser. */
interface SessionRow {
  readonly _id: string;
  readonly expires: Date;
  readonly session: {
    readonly account?: string;
    readonly era?: number;
    readonly since?: string;
    readonly address?: string;
    readonly browser?: string;
  };
}

/** A browser that is signed in, as its owner and administrators see it. */
export interface SignedIn {
  readonly id: string;
  readonly since?: string;
  readonly expires: Date;
  readonly address: string;
  readonly browser: string;
}

type Owner = { readonly _id: string; readonly era?: number };

/** Who could read a session's own id could take the session over: people name it by a part of its hash. */
export const sessionName = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16);

const collection = (store: Pick<Store, 'connection'>) => store.connection.collection<SessionRow>('sessions');

async function rowsOf(store: Store, accounts: readonly Owner[]): Promise<readonly SessionRow[]> {
  const eras = new Map(accounts.map(({ _id, era = 0 }) => [_id, era]));
  const rows = await collection(store)
    .find({ 'session.account': { $in: [...eras.keys()] }, expires: { $gt: new Date() } })
    .sort({ expires: -1 })
    .toArray();
  return rows.filter(({ session }) => eras.get(session.account ?? '') === (session.era ?? 0));
}

/** Browsers that are signed in with each of these accounts now. */
export async function sessionsOf(store: Store, accounts: readonly Owner[]): Promise<Map<string, number>> {
  const rows = await rowsOf(store, accounts);
  return new Map(
    accounts.map(({ _id }) => [_id, rows.filter(({ session }) => session.account === _id).length]),
  );
}

/** The browsers of one account, the latest first. */
export async function browsersOf(store: Store, account: Owner): Promise<readonly SignedIn[]> {
  return (await rowsOf(store, [account])).map(({ _id, expires, session }) => ({
    id: sessionName(_id),
    expires,
    address: session.address ?? '',
    browser: session.browser ?? '',
    ...(session.since === undefined ? {} : { since: session.since }),
  }));
}

/** Ends one browser's session; false where it has ended already. */
export async function endSession(store: Store, account: Owner, name: string): Promise<boolean> {
  const row = (await rowsOf(store, [account])).find(({ _id }) => sessionName(_id) === name);
  if (!row) return false;
  return (await collection(store).deleteOne({ _id: row._id })).deletedCount === 1;
}

/** Ends every session of an account but one. */
export async function endOthers(store: Store, account: Owner, mine: string): Promise<void> {
  await collection(store).deleteMany({ 'session.account': account._id, _id: { $ne: mine } });
}
