/** Does `work` again and again until stopped: at once when there was something to do, after `everyMs` otherwise, after a second when it failed. */
export function startRound(
  work: () => Promise<number>,
  { everyMs, onError }: { everyMs: number; onError: (error: unknown) => void },
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
    while (!stopping.signal.aborted) {
      let wait = everyMs;
      try {
        await work();
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
