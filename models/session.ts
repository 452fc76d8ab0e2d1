import type { Store } from './store.ts';

/** How the session store keeps a signed-in browser. */
interface SessionRow {
  readonly expires: Date;
  readonly session: { readonly account?: string; readonly era?: number };
}

/** Browsers that are signed in with each of these accounts now. */
export async function sessionsOf(
  store: Store,
  accounts: readonly { readonly _id: string; readonly era?: number }[],
): Promise<Map<string, number>> {
  const rows = await store.connection
    .collection<SessionRow>('sessions')
    .find({ 'session.account': { $in: accounts.map((one) => one._id) }, expires: { $gt: new Date() } })
    .toArray();
  return new Map(
    accounts.map(({ _id, era = 0 }) => [
      _id,
      rows.filter(({ session }) => session.account === _id && (session.era ?? 0) === era).length,
    ]),
  );
}
