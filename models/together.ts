/** The most that go in one round trip. */
const MOST = 64;

interface Waiting<A, R> {
  readonly one: A;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Work that is done for many in one round trip: what is asked while one is under way goes together in the next, so that a busy
 * hour costs the store no more connections' worth than a quiet one. Each caller gets its own result or its own error.
 */
export function together<A, R>(
  work: (asked: readonly A[]) => Promise<readonly (R | Error)[]>,
): (one: A) => Promise<R> {
  let waiting: Waiting<A, R>[] = [];
  let busy = false;
  const run = async (): Promise<void> => {
    for (let batch = waiting.splice(0, MOST); batch.length > 0; batch = waiting.splice(0, MOST)) {
      const results = await work(batch.map(({ one }) => one)).catch((error: unknown) =>
        batch.map(() => (error instanceof Error ? error : new Error(String(error)))),
      );
      for (const [i, { resolve, reject }] of batch.entries()) {
        const result = results[i];
        if (result instanceof Error) reject(result);
        else resolve(result as R);
      }
    }
    busy = false;
  };
  return (one) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ one, resolve, reject });
      if (busy) return;
      busy = true;
      // Reason: what came in with the same packets goes with it.
      setImmediate(() => void run());
    });
}
