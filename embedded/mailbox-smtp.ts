import { once } from 'node:events';
import { SMTPServer, type SMTPServerAddress } from 'smtp-server';
import type { IncomingMail } from './mailbox-store.ts';

/** `reject` refuses the address for good (550), `defer` for now (451). */
export type Misbehaviour = 'reject' | 'defer';

export interface SmtpOptions {
  readonly port: number;
  readonly behaviour: (address: string) => Misbehaviour | undefined;
  /** Resolves with the mail's id when it is on the disk: the 250 follows. */
  readonly accept: (mail: IncomingMail) => Promise<string>;
}

export interface SmtpSink {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const sizeLimit = 64 * 1024 * 1024;

/** Listens for SMTP on loopback and hands over every mail; without TLS and login, which is why it listens nowhere else. */
export async function listenSmtp({ port, behaviour, accept }: SmtpOptions): Promise<SmtpSink> {
  const server = new SMTPServer({
    name: 'localhost',
    disabledCommands: ['AUTH', 'STARTTLS'],
    hideSMTPUTF8: false,
    disableReverseLookup: true,
    size: sizeLimit,
    socketTimeout: 10 * 60_000,
    closeTimeout: 200,
    logger: false,
    onMailFrom: (_address, _session, callback) => callback(),
    onRcptTo: ({ address }, _session, callback) => callback(refusal(behaviour(address))),
    onData: (stream, session, answer) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return answer(reply(552, '5.3.4 Message too big'));
        const mail = { raw: Buffer.concat(chunks), ...envelope(session.envelope) };
        accept(mail).then(
          (id) => answer(null, `accepted as ${id}`),
          () => answer(reply(451, '4.3.1 Not stored, try again')),
        );
      });
    },
  });
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  server.on('error', () => {});
  const address = server.server.address();
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function envelope(from: {
  readonly mailFrom: SMTPServerAddress | false;
  readonly rcptTo: readonly SMTPServerAddress[];
}): { envelopeFrom: string; to: string[] } {
  return {
    envelopeFrom: from.mailFrom === false ? '' : from.mailFrom.address,
    to: from.rcptTo.map((one) => one.address),
  };
}

function refusal(behaviour: Misbehaviour | undefined): Error | null {
  if (behaviour === 'reject') return reply(550, '5.1.1 No such mailbox');
  return behaviour === 'defer' ? reply(451, '4.2.1 Mailbox busy, try again later') : null;
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
