import { type Socket, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What the sink is asked over the channel to its parent. */
export type SinkQuestion = { readonly id: number } & (
  | { readonly want: 'until'; readonly count: number }
  | { readonly want: 'links' | 'forget' }
);

export interface SinkAnswer {
  readonly id: number;
  /** epoch ms of the mail that completed the count */
  readonly at: number;
  /** epoch ms of the first mail since `forget` */
  readonly first: number;
  readonly mails: number;
  readonly bytes: number;
  /** Page tokens by recipient, out of each recipient's first mail. */
  readonly links?: Readonly<Record<string, string>>;
}

const END = Buffer.from('\r\n.\r\n');
const BASE64 = Buffer.from('Content-Transfer-Encoding: base64\r\n\r\n');
const PART_END = Buffer.from('\r\n--');

const firstMails = new Map<string, Buffer>();
const waiting: Extract<SinkQuestion, { want: 'until' }>[] = [];
let mails = 0;
let bytes = 0;
let first = 0;
let last = 0;

/** Takes every mail, answers 250 and keeps each recipient's first one in memory: an SMTP server that costs next to nothing. */
function serve(socket: Socket): void {
  let held = Buffer.alloc(0);
  let to = '';
  let inData = false;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (inData) {
      if (!held.subarray(-END.length).equals(END)) return;
      accepted(to, held);
      held = Buffer.alloc(0);
      inData = false;
      socket.write('250 taken\r\n');
      return;
    }
    for (let end = held.indexOf('\r\n'); end >= 0 && !inData; end = held.indexOf('\r\n')) {
      const line = held.toString('latin1', 0, end);
      held = held.subarray(end + 2);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') socket.write('250-sink\r\n250-8BITMIME\r\n250 SIZE 20000000\r\n');
      else if (verb === 'DATA') {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else {
        if (verb === 'RCPT') to = /<([^>]*)>/.exec(line)?.[1]?.toLowerCase() ?? '';
        socket.write('250 ok\r\n');
      }
    }
  });
}

function accepted(to: string, raw: Buffer): void {
  mails += 1;
  bytes += raw.length - END.length;
  last = Date.now();
  if (mails === 1) first = last;
  if (!firstMails.has(to)) firstMails.set(to, raw);
  for (const one of waiting.splice(0)) tell(one);
}

function tell(question: SinkQuestion): void {
  if (question.want === 'until' && mails < question.count) {
    waiting.push(question);
    return;
  }
  const answer: SinkAnswer = { id: question.id, at: last, first, mails, bytes };
  if (question.want === 'links') process.send?.({ ...answer, links: links() });
  else process.send?.(answer);
  if (question.want === 'forget') {
    firstMails.clear();
    mails = 0;
    bytes = 0;
  }
}

function links(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [to, raw] of firstMails) {
    const begin = raw.indexOf(BASE64) + BASE64.length;
    const part = raw.toString('latin1', begin, raw.indexOf(PART_END, begin));
    const token = /\/t\/([a-z0-9]{26})/.exec(Buffer.from(part, 'base64').toString('utf8'))?.[1];
    if (token !== undefined) found[to] = token;
  }
  return found;
}

process.on('message', (question: SinkQuestion) => tell(question));
process.once('disconnect', () => process.exit(0));
const server = createServer(serve);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
