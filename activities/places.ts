/** Places for work that only so many may do at once; who comes first has the first free one. */
export interface Places {
  /** Resolves with what gives the place back, or with nothing when the signal came before a place was free. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createPlaces(count: number): Places {
  const waiting: (() => void)[] = [];
  let free = count;
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  const wait = (signal: AbortSignal): Promise<(() => void) | undefined> =>
    new Promise((resolve) => {
      const granted = (): void => {
        signal.removeEventListener('abort', given);
        resolve(leave);
      };
      const given = (): void => {
        waiting.splice(waiting.indexOf(granted), 1);
        resolve(undefined);
      };
      waiting.push(granted);
      signal.addEventListener('abort', given, { once: true });
    });
  return {
    async enter(signal) {
      if (signal.aborted) return undefined;
      if (free === 0) return wait(signal);
      free -= 1;
      return leave;
    },
  };
}
