import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    mongo: string;
    bundle: { path: string } | { reason: string };
    testServer: string;
    temporal: string;
  }
}

/** URI of the run's MongoDB (a replica set of one, so transactions work); name a database by databaseName(). */
export function mongoUri(): string {
  return inject('mongo');
}

/** A database name that no other call, process or run gets. */
export function databaseName(): string {
  const unique = Math.random().toString(36).slice(2, 8);
  return `jiandu-test-${process.pid}-${unique}`;
}

/** For `Worker.create({ workflowBundle })`. Throws when the workflows could not be bundled. */
export function workflowBundle(): { codePath: string } {
  const bundle = inject('bundle');
  if ('reason' in bundle) throw new Error(`The workflows could not be bundled: ${bundle.reason}`);
  return { codePath: bundle.path };
}

/** For `TestWorkflowEnvironment.createTimeSkipping({ server: timeSkippingServer() })`. */
export function timeSkippingServer(): { executable: { type: 'existing-path'; path: string } } {
  return { executable: { type: 'existing-path', path: inject('testServer') } };
}

/** For `TestWorkflowEnvironment.createLocal({ server: localServer() })`: schedules and visibility, in real time. */
export function localServer(): { executable: { type: 'existing-path'; path: string } } {
  return { executable: { type: 'existing-path', path: inject('temporal') } };
}
