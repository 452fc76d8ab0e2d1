import type { Client } from '@temporalio/client';
import type { Clock } from '../domain/clock.ts';
import type { Office } from '../mail/office.ts';
import type { Store } from '../models/store.ts';
import type { Outbox } from './outbox.ts';

/** Everything the activities need; each of them may run twice. */
export interface Deps {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly client: Client;
  readonly office: Office;
}
