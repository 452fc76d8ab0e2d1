import { type MockInstance, vi } from 'vitest';

/** A gate that stays shut until somebody opens it. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

interface Held {
  readonly calls: MockInstance['mock']['calls'];
  /** Lets the held call go on. */
  open(): void;
  restore(): void;
}

/** Holds the `nth` call of a method until it is opened; all others go through. */
export function holdCall<T extends object>(target: T, method: keyof T & string, nth: number): Held {
  const gate = createGate();
  const methods = target as Record<string, (...given: unknown[]) => Promise<unknown>>;
  const real = methods[method]?.bind(target);
  const spy = vi.spyOn(methods, method).mockImplementation(async (...given) => {
    if (spy.mock.calls.length === nth) await gate.opened;
    return real?.(...given);
  });
  return { calls: spy.mock.calls, open: () => gate.open(), restore: () => spy.mockRestore() };
}
