/** After so long with nothing to do, in ms, a round that rests looks less often. */
const QUIET_MS = 5_000;

/** Does `work` again and again until stopped: `everyMs` after it ended, after a second at the least when it failed; after five quiet seconds every `restMs` only, where that is given. */
export function startRound(
  work: () => Promise<number>,
  {
    everyMs,
    restMs = everyMs,
    onError,
  }: { everyMs: number; restMs?: number; onError: (error: unknown) => void },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      stopping.signal.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', done);
        resolve();
      }
    });
  const run = async (): Promise<void> => {
    let busyAt = performance.now();
    while (!stopping.signal.aborted) {
      let wait = everyMs;
      try {
        if ((await work()) > 0) busyAt = performance.now();
        if (performance.now() - busyAt > QUIET_MS) wait = restMs;
      } catch (error) {
        onError(error);
        wait = Math.max(everyMs, 1_000);
      }
      if (!stopping.signal.aborted) await pause(wait);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
