import { createHash } from 'node:crypto';
import type { InboundEnvelope } from './inbound.ts';

/** One delivery: who said what in the SMTP dialogue, where it came in, and the name under which a repeat of it is known. */
export interface Delivery {
  readonly source: string;
  readonly uid: string;
  readonly envelope: InboundEnvelope;
}

/** Stores a mail for good. When it returns the mail is acknowledged; when it throws the other side tries again. */
export type Receive = (raw: Buffer, delivery: Delivery) => Promise<void>;

/** A mail server that saw no answer delivers again: the same envelope is the same delivery. */
export function smtpDelivery(envelope: InboundEnvelope): Delivery {
  const name = JSON.stringify([envelope.from ?? '', [...envelope.to].sort()]);
  return { source: 'smtp', uid: createHash('sha256').update(name).digest('hex').slice(0, 32), envelope };
}
