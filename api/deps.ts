import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import type { Office } from '../mail/office.ts';
import type { Store } from '../models/store.ts';

/** Everything the server's routes and pages need. */
export interface ApiDeps {
  readonly store: Store;
  readonly client: Client;
  readonly clock: Clock;
  readonly office: Office;
  readonly log: Logger;
  readonly sessionSecret: string;
  readonly secureCookies: boolean;
  /** Megabytes of one file that an agency hands in; 200 unless told. */
  readonly fileMb?: number;
  /** Web UI of the engine, for administrators; absent where there is none. */
  readonly temporalUi?: string;
  /** The demo's clock and five steps; absent outside the embedded default. */
  readonly demoDesk?: string;
}
