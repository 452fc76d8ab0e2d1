import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type Receive, smtpDelivery } from './delivery.ts';

export interface ListenerOptions {
  readonly port: number;
  readonly host: string;
  /** bytes; 25 MB where it is not given */
  readonly maxBytes?: number;
  /** The office's own mailboxes, besides r-…@ and b-…@. */
  readonly addresses?: readonly string[];
  /** Domains whose r- and b- addresses are ours; any where it is not given. */
  readonly domains?: readonly string[];
  /** Offers STARTTLS. */
  readonly tls?: SecureContextOptions;
  readonly receive: Receive;
  readonly onError?: (error: unknown) => void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BYTES = 25 * 1024 * 1024;
const MAX_HOPS = 25;

class SmtpRefusal extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** Takes mail by SMTP and acknowledges it with 250 only after `receive` has stored it; 451 where that fails, so that the sender tries again. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const server = new SMTPServer({
    size: maxBytes,
    banner: 'jiandu',
    disabledCommands: options.tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    maxClients: 50,
    socketTimeout: 60_000,
    closeTimeout: 3000,
    ...options.tls,
    onRcptTo: (address, session, callback) => {
      if (session.envelope.rcptTo.length >= 50) return callback(new SmtpRefusal(452, 'Too many recipients'));
      callback(isOurs(address.address, options) ? null : new SmtpRefusal(550, 'No such mailbox here'));
    },
    onData: (stream, session, callback) => {
      void answer(stream, session, { ...options, maxBytes, callback });
    },
  });
  server.on('error', (error) => options.onError?.(error));
  const listening = server.listen(options.port, options.host);
  await new Promise<void>((resolve, reject) => {
    listening.once('listening', () => resolve());
    listening.once('error', reject);
  });
  return {
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function isOurs(address: string, options: ListenerOptions): boolean {
  const bare = address.normalize('NFKC').trim().toLowerCase();
  if (options.addresses?.some((one) => one.toLowerCase() === bare)) return true;
  const domain = bare.split('@').at(-1) ?? '';
  if (options.domains && !options.domains.some((one) => one.toLowerCase() === domain)) return false;
  // A token that was mistyped is still taken: a person looks at what is held, nobody looks at what was refused.
  return /^[rb]-[^\s@]{10,80}@/.test(bare);
}

async function answer(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  options: ListenerOptions & { maxBytes: number; callback: (error?: Error | null, message?: string) => void },
): Promise<void> {
  let refusal: Error | undefined;
  try {
    await take(stream, session, options);
  } catch (error) {
    refusal = error instanceof SmtpRefusal ? error : new SmtpRefusal(451, 'Not stored, try again later');
  }
  if (refusal) options.callback(refusal);
  else options.callback(null, 'Stored');
}

async function take(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  options: ListenerOptions & { maxBytes: number },
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    // Attack: a mail without end; what is over the limit is read and dropped, so that the sender hears why.
    if (size <= options.maxBytes) chunks.push(bytes);
    else chunks.length = 0;
  }
  if (stream.sizeExceeded || size > options.maxBytes)
    throw new SmtpRefusal(552, 'Message is larger than accepted');
  const raw = Buffer.concat(chunks);
  if (hops(raw) > MAX_HOPS) throw new SmtpRefusal(554, 'Too many hops, this mail is going round in circles');
  try {
    await options.receive(raw, smtpDelivery(envelopeOf(session)));
  } catch (error) {
    options.onError?.(error);
    throw new SmtpRefusal(451, 'Not stored, try again later');
  }
}

function envelopeOf(session: SMTPServerSession): { from: string; to: string[]; ip: string; helo: string } {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom === false ? '' : mailFrom.address.toLowerCase(),
    to: rcptTo.map((one) => one.address.toLowerCase()),
    ip: session.remoteAddress.replace(/^::ffff:/i, ''),
    helo: session.hostNameAppearsAs || '',
  };
}

function hops(raw: Buffer): number {
  const head = raw.subarray(0, 256 * 1024).toString('latin1');
  const end = /\r?\n\r?\n/.exec(head)?.index ?? head.length;
  return head.slice(0, end).match(/^received:/gim)?.length ?? 0;
}
