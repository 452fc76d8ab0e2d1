import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';

/**
 * How one attempt ended. `notStarted`: DATA never began, sending again is safe. `inDoubt`: DATA began and no reply came,
 * so nobody on this side can know. `deferred` and `rejected` are the server's own words about this attempt.
 */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly response: string }
  | { readonly kind: 'notStarted'; readonly reason: string }
  | { readonly kind: 'deferred'; readonly code: number; readonly response: string }
  | { readonly kind: 'rejected'; readonly code: number; readonly response: string }
  | { readonly kind: 'inDoubt'; readonly reason: string };

/** One mail for one recipient: with two, a server may refuse one and accept the other. */
export interface OutgoingMail {
  readonly raw: Buffer;
  /** Envelope sender, where bounces go. */
  readonly from: string;
  readonly to: string;
}

export interface TransportOptions {
  /** `smtp://user:pass@host:port` or `smtps://…`; `?requireTls=1` refuses a server without STARTTLS, `?name=` is said in EHLO. */
  readonly url: string;
  readonly connections: number;
  /** ms from send() to its outcome at the latest; the socket is destroyed then. */
  readonly attemptMs: number;
  /** ms an unused connection stays open. */
  readonly idleMs?: number;
}

export interface Transport {
  readonly connections: number;
  readonly attemptMs: number;
  /** Attempts once and always resolves within `attemptMs`; nothing is written for it afterwards. Aborting destroys the socket. */
  send(mail: OutgoingMail, signal?: AbortSignal): Promise<SendOutcome>;
  /** Waits for the attempts under way, then closes every connection. */
  close(): Promise<void>;
}

/** Relays end a session after some messages; we end it before them. */
const MAILS_PER_CONNECTION = 100;
const PIECE = 64 * 1024;
/** 5xx replies that speak of the session or of our account, not of the mail: a configuration to mend, not a recipient to give up. */
const NOT_ABOUT_THE_MAIL = new Set([500, 502, 503, 530, 534, 535, 538]);

interface Line {
  readonly smtp: SMTPConnection;
  mails: number;
  idle?: NodeJS.Timeout;
}

/** The time an attempt has, and what to tear down when it is over. */
interface Limit {
  /** Why the attempt was stopped, once it was. */
  stopped?: string;
  /** By both clocks: a thawed process sees its sockets before its timers, a thawed machine has lost monotonic time. */
  over(): boolean;
  onStop?: (reason: string) => void;
}

type Ended = { readonly outcome: SendOutcome; readonly begun: boolean };

/** Opens no connection until the first mail. Keeps at most `connections`, reuses them, and never sends a mail a second time by itself. */
export function createTransport(options: TransportOptions): Transport {
  const server = readServer(options);
  const free: Line[] = [];
  const waiting: (() => void)[] = [];
  const underWay = new Set<Promise<SendOutcome>>();
  let slots = options.connections;
  let closed = false;

  const slot = (limit: Limit): Promise<boolean> =>
    new Promise((resolve) => {
      if (slots > 0) {
        slots -= 1;
        return resolve(true);
      }
      const grant = (): void => resolve(true);
      waiting.push(grant);
      limit.onStop = () => {
        const at = waiting.indexOf(grant);
        if (at >= 0) waiting.splice(at, 1);
        resolve(false);
      };
    });
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next) next();
    else slots += 1;
  };
  const keep = (line: Line): void => {
    if (closed || line.mails >= MAILS_PER_CONNECTION) return quit(line.smtp);
    free.push(line);
    line.idle = setTimeout(() => {
      drop(line);
      quit(line.smtp);
    }, options.idleMs ?? 3000);
  };
  const drop = (line: Line): void => {
    const at = free.indexOf(line);
    if (at >= 0) free.splice(at, 1);
    clearTimeout(line.idle);
  };
  const takeFree = (): Line | undefined => {
    const line = free.pop();
    if (line) clearTimeout(line.idle);
    return line;
  };

  const attempt = async (mail: OutgoingMail, limit: Limit): Promise<SendOutcome> => {
    if (!(await slot(limit))) return { kind: 'notStarted', reason: limit.stopped ?? 'no connection free' };
    try {
      const used = takeFree();
      const first = used && (await deliver(used, mail, limit));
      if (used && first?.outcome.kind === 'accepted') keep(used);
      // A server may have ended the idle session: DATA never began, so a fresh connection is the same attempt.
      if (first && !(isStale(first) && !limit.stopped)) return first.outcome;
      const fresh = await open(server, limit);
      if ('kind' in fresh) return fresh;
      fresh.smtp.once('end', () => drop(fresh));
      const ended = await deliver(fresh, mail, limit);
      if (ended.outcome.kind === 'accepted') keep(fresh);
      return ended.outcome;
    } finally {
      giveBack();
    }
  };

  const send = async (mail: OutgoingMail, signal?: AbortSignal): Promise<SendOutcome> => {
    const bad = [mail.from, mail.to].find((address) => /[\s<>]/.test(address) || !address);
    if (bad !== undefined)
      return { kind: 'rejected', code: 553, response: `Not an address: ${JSON.stringify(bad)}` };
    if (closed || signal?.aborted)
      return { kind: 'notStarted', reason: closed ? 'transport closed' : 'aborted' };
    const limit = startLimit(options.attemptMs);
    const timer = setTimeout(() => stop(limit, 'deadline of the attempt'), options.attemptMs);
    const forget = signal && stopWith(signal, limit);
    const going = attempt(mail, limit);
    underWay.add(going);
    try {
      return await going;
    } finally {
      underWay.delete(going);
      clearTimeout(timer);
      forget?.();
    }
  };

  const close = async (): Promise<void> => {
    closed = true;
    await Promise.allSettled(underWay);
    for (const line of free.splice(0)) {
      clearTimeout(line.idle);
      quit(line.smtp);
    }
  };
  return { connections: options.connections, attemptMs: options.attemptMs, send, close };
}

function startLimit(ms: number): Limit {
  const monotonic = performance.now() + ms;
  const wall = Date.now() + ms;
  return { over: () => performance.now() >= monotonic || Date.now() >= wall };
}

function stop(limit: Limit, reason: string): void {
  limit.stopped ??= reason;
  limit.onStop?.(limit.stopped);
}

/** What each signal stops when it aborts: one listener for all, since a hundred mails share theirs. */
const stoppedBy = new WeakMap<AbortSignal, Set<Limit>>();

/** Stops the attempt when the signal aborts; answers with what to call when it is over before. */
function stopWith(signal: AbortSignal, limit: Limit): () => void {
  const limits = stoppedBy.get(signal) ?? new Set<Limit>();
  if (!stoppedBy.has(signal)) {
    stoppedBy.set(signal, limits);
    const aborted = (): void => limits.forEach((one) => stop(one, 'aborted'));
    signal.addEventListener('abort', aborted, { once: true });
  }
  limits.add(limit);
  return () => void limits.delete(limit);
}

/** Says goodbye, and does not wait for a server that does not answer it. */
function quit(smtp: SMTPConnection): void {
  smtp.quit();
  setTimeout(() => smtp.close(), 2000).unref();
}

function isStale({ outcome, begun }: Ended): boolean {
  return !begun && (outcome.kind === 'notStarted' || (outcome.kind === 'deferred' && outcome.code === 421));
}

/** A line ready for MAIL FROM, or why there is none: before MAIL FROM no reply is about the mail, so none rejects it. */
function open(server: Server, limit: Limit): Promise<Line | SendOutcome> {
  return new Promise((resolve) => {
    const smtp = new SMTPConnection(server.options);
    const failed = (error: SmtpError): void => {
      smtp.close();
      const code = failureCode(error);
      resolve(
        code
          ? { kind: 'deferred', code, response: replyOf(error) }
          : { kind: 'notStarted', reason: error.message },
      );
    };
    if (limit.stopped) return resolve({ kind: 'notStarted', reason: limit.stopped });
    limit.onStop = (reason) => failed(new Error(reason));
    smtp.on('error', failed);
    const ready = (error?: SmtpError | null): void => (error ? failed(error) : resolve({ smtp, mails: 0 }));
    smtp.connect((error) => {
      if (error) failed(error);
      else if (server.login && smtp.allowsAuth) smtp.login({ ...server.login }, ready);
      else ready();
    });
  });
}

/** One mail over one line. Whatever is not accepted ends the line: its state is not worth a guess. */
function deliver(line: Line, mail: OutgoingMail, limit: Limit): Promise<Ended> {
  return new Promise((resolve) => {
    const body = new Body(mail.raw, limit);
    const end = (outcome: SendOutcome): void => resolve({ outcome, begun: body.begun });
    const lost = (reason: string): SendOutcome => ({ kind: body.begun ? 'inDoubt' : 'notStarted', reason });
    limit.onStop = (reason) => {
      line.smtp.close();
      end(lost(reason));
    };
    if (limit.stopped) return limit.onStop(limit.stopped);
    line.mails += 1;
    line.smtp.send({ from: mail.from, to: [mail.to], size: mail.raw.length }, body, (error, info) => {
      if (!error && info) return end({ kind: 'accepted', response: info.response });
      const outcome = error ? (verdict(error) ?? lost(error.message)) : lost('no reply');
      if (outcome.kind === 'rejected' || outcome.kind === 'deferred') quit(line.smtp);
      else line.smtp.close();
      end(outcome);
    });
  });
}

/** The mail's bytes, first read after the server's 354: `begun` is the border between safe to repeat and in doubt. */
class Body extends Readable {
  begun = false;
  readonly #raw: Buffer;
  readonly #limit: Limit;
  #at = 0;

  constructor(raw: Buffer, limit: Limit) {
    super({ highWaterMark: PIECE });
    this.#raw = raw;
    this.#limit = limit;
  }

  /** Asked again before every piece and before the end: a worker thawed too late must not complete a mail. */
  override _read(): void {
    if (this.#limit.stopped || this.#limit.over()) {
      this.destroy(new Error('deadline of the attempt'));
      return;
    }
    this.begun = true;
    const piece = this.#raw.subarray(this.#at, this.#at + PIECE);
    this.#at += piece.length;
    this.push(piece.length ? piece : null);
  }
}

type SmtpError = Error & {
  responseCode?: number | undefined;
  response?: string | undefined;
  code?: string | undefined;
};

function verdict(error: SmtpError): SendOutcome | undefined {
  const tooLarge = error.code === 'EMESSAGE' && error.response === undefined;
  if (tooLarge) return { kind: 'rejected', code: 552, response: error.message };
  const code = failureCode(error);
  if (code === undefined) return undefined;
  const kind = code < 500 || NOT_ABOUT_THE_MAIL.has(code) ? 'deferred' : 'rejected';
  return { kind, code, response: replyOf(error) };
}

function failureCode(error: SmtpError): number | undefined {
  const code = error.responseCode;
  return code !== undefined && code >= 400 && code < 600 ? code : undefined;
}

function replyOf(error: SmtpError): string {
  return (error.response ?? error.message).slice(0, 2000);
}

interface Server {
  readonly options: SMTPConnectionOptions;
  readonly login?: { readonly user: string; readonly pass: string };
}

/** Throws on an address that is neither smtp: nor smtps:. No option of ours allows a plaintext fallback. */
function readServer({ url, attemptMs }: TransportOptions): Server {
  const at = new URL(url);
  if (at.protocol !== 'smtp:' && at.protocol !== 'smtps:')
    throw new Error('The mail server is smtp:// or smtps://');
  const secure = at.protocol === 'smtps:';
  const name = at.searchParams.get('name');
  const options = {
    host: at.hostname.replace(/^\[|\]$/g, ''),
    port: Number(at.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && at.searchParams.get('requireTls') === '1',
    ...(name ? { name } : {}),
    connectionTimeout: attemptMs,
    greetingTimeout: attemptMs,
    dnsTimeout: attemptMs,
    socketTimeout: Math.max(attemptMs, 10_000),
    // Destroys at once: what is still queued in this process must not reach the server after the deadline.
    socketCloseTimeout: 0,
  };
  if (!at.username) return { options };
  const login = { user: decodeURIComponent(at.username), pass: decodeURIComponent(at.password) };
  return { options, login };
}
