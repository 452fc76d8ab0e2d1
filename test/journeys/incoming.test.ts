import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../mail/delivery.ts';
import type { Judgement } from '../../mail/inbound.ts';
import { type Listener, type ListenerOptions, startListener } from '../../mail/listener.ts';
import { DOMAIN, judged, letter, OFFICER, REPLY_TO, VERP } from '../support/incoming.ts';

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function office(
  options: Partial<ListenerOptions> = {},
): Promise<{ listener: Listener; stored: { raw: Buffer; delivery: Delivery }[] }> {
  const stored: { raw: Buffer; delivery: Delivery }[] = [];
  const listener = await startListener({
    port: 0,
    host: '127.0.0.1',
    domains: [DOMAIN],
    addresses: ['office@sfj.example.gov.cn'],
    receive: async (raw, delivery) => {
      stored.push({ raw, delivery });
    },
    ...options,
  });
  open.push(listener);
  return { listener, stored };
}

/** Speaks SMTP line by line, and gives the code of each answer; `.` alone sends the mail. */
async function say(port: number, lines: readonly (string | Buffer)[]): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<number> => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done) return 0;
      if (/^\d{3} /.test(value)) return Number(value.slice(0, 3));
    }
  };
  const codes: number[] = [];
  await answer();
  for (const line of lines) {
    if (Buffer.isBuffer(line)) {
      socket.write(line);
      continue;
    }
    socket.write(`${line}\r\n`);
    codes.push(await answer());
  }
  socket.destroy();
  return codes;
}

const dialogue = (raw: Buffer, to = REPLY_TO): (string | Buffer)[] => [
  'EHLO mx',
  `MAIL FROM:<${OFFICER}>`,
  `RCPT TO:<${to}>`,
  'DATA',
  raw,
  '.',
];

describe('Mail is acknowledged only when it is stored', () => {
  it('A reply that was stored is 250, and becomes a submission', async () => {
    const { listener, stored } = await office();
    const raw = letter({}, '签收 丁一 副局长');
    expect(await say(listener.port, dialogue(raw))).toEqual([250, 250, 250, 354, 250]);
    const [first] = stored;
    expect(first?.raw.equals(raw)).toBe(true);
    expect(first?.delivery.envelope).toEqual({ from: OFFICER, to: [REPLY_TO], ip: '127.0.0.1', helo: 'mx' });
    const judgement: Judgement = await judged(first?.raw ?? raw, {
      envelope: first?.delivery.envelope ?? { to: [] },
    });
    expect(judgement).toMatchObject({
      disposition: 'submission',
      command: { kind: 'acknowledgement', name: '丁一', post: '副局长' },
    });
  });

  it('A store that fails is 451: the sender tries again, under the same name', async () => {
    const names: string[] = [];
    const { listener } = await office({
      receive: async (_, delivery) => {
        names.push(delivery.uid);
        if (names.length === 1) throw new Error('the disk is full');
      },
    });
    expect((await say(listener.port, dialogue(letter({})))).at(-1)).toBe(451);
    expect((await say(listener.port, dialogue(letter({})))).at(-1)).toBe(250);
    expect(names[0]).toBe(names[1]);
  });

  it('A mail over the limit is 552, and nothing is stored', async () => {
    const { listener, stored } = await office({ maxBytes: 10_000 });
    expect(
      (await say(listener.port, dialogue(letter({}, 'x'.repeat(70).concat('\r\n').repeat(300))))).at(-1),
    ).toBe(552);
    expect(await say(listener.port, ['EHLO mx', `MAIL FROM:<${OFFICER}> SIZE=20000`])).toEqual([250, 552]);
    expect(stored).toEqual([]);
  });

  it('A mail that has gone round in circles is 554', async () => {
    const { listener, stored } = await office();
    const received = 'Received: from a by b; Wed, 09 Dec 2026 15:20:00 +0800\r\n'.repeat(26);
    expect(
      (await say(listener.port, dialogue(Buffer.concat([Buffer.from(received), letter({})])))).at(-1),
    ).toBe(554);
    expect(stored).toEqual([]);
  });

  it('Only our own addresses are taken, mistyped tokens among them', async () => {
    const { listener } = await office();
    const rcpt = async (address: string): Promise<number | undefined> =>
      (await say(listener.port, ['EHLO mx', 'MAIL FROM:<>', `RCPT TO:<${address}>`])).at(-1);
    expect(await rcpt(VERP)).toBe(250);
    expect(await rcpt('Office@sfj.example.gov.cn')).toBe(250);
    expect(await rcpt(`r-mistyped0l0token@${DOMAIN}`)).toBe(250);
    expect(await rcpt(`someone@${DOMAIN}`)).toBe(550);
    expect(await rcpt('r-7kq2m9xw4tbd3fhnzc5gpvy8ra@elsewhere.example')).toBe(550);
  });

  it('A bounce comes in with the null return path', async () => {
    const { listener, stored } = await office();
    const raw = letter(
      { From: 'Postmaster@163.com', To: VERP, Subject: '系统退信' },
      '收件人：zhang@163.com 不存在',
    );
    const lines = dialogue(raw, VERP).map((line) =>
      line === `MAIL FROM:<${OFFICER}>` ? 'MAIL FROM:<>' : line,
    );
    expect((await say(listener.port, lines)).at(-1)).toBe(250);
    const judgement = await judged(raw, { envelope: stored[0]?.delivery.envelope ?? { to: [] } });
    expect(judgement).toMatchObject({ disposition: 'bounce', bounce: { recipient: 'zhang@163.com' } });
  });
});
