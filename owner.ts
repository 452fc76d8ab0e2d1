import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOOKS_EVERY_MS = 1_000;
const ENDS_WITHIN_MS = 20_000;

/** Whether this module (its `import.meta.url`) is the one that Node was started with, by its own path or by a link to it. */
export function startedAs(module: string): boolean {
  const [, file] = process.argv;
  return file !== undefined && existsSync(file) && realpathSync(file) === fileURLToPath(module);
}

/** Ends this process in order on SIGINT and SIGTERM, and with its owner when it was started by one, however that ended: even SIGKILL leaves an orphan. What does not end in twenty seconds is ended. */
export function endInOrder(stop: () => Promise<void>): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), ENDS_WITHIN_MS).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  if (process.env['JIANDU_OWNED'] !== '1') return;
  const owner = process.ppid;
  setInterval(() => {
    if (process.ppid !== owner) end();
  }, LOOKS_EVERY_MS).unref();
}
