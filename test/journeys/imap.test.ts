import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiverOf } from '../../connect.ts';
import type { MailboxMessage } from '../../embedded/mailbox.ts';
import { type Poller, startPoller } from '../../mail/poller.ts';
import { incomingMailModel, rawOf } from '../../models/incoming-mail.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { addressOf, mailTo, numberOf, taskShows } from '../support/people.ts';

const REPORT = Buffer.from(Array.from({ length: 4_000 }, (_, n) => `第${n}行，情况已核实。\n`).join(''));

/** An office that takes its mail from a mailbox at a provider: real IMAP, over a line that breaks. */
describe('A reply that waits in an IMAP mailbox', () => {
  let house: House;
  let imap: ImapServer;
  let poller: Poller;
  let owner: string;
  let first: Buffer;
  const faults: string[] = [];
  const mails = () => incomingMailModel(house.store.connection);
  beforeAll(async () => {
    [house, imap] = await Promise.all([
      openHouse({ startsAt: '2026-03-02T09:00:00+08:00' }),
      startImapServer(),
    ]);
    await registerAgencies(house, ['maqiao', 'tangshan', 'qifeng']);
    owner = await launch(house);
    poller = startPoller({
      url: imap.url,
      everyMs: 3_600_000,
      receive: receiverOf(house.deps),
      onError: (error) => faults.push(String(error)),
    });
    await poller.poll();
  });
  afterAll(async () => {
    await poller?.close();
    await imap?.close();
    await house?.close();
  });

  async function reply(to: MailboxMessage): Promise<Buffer> {
    const mail = new MailComposer({
      from: to.to[0] ?? '',
      to: /<([^>]+)>/.exec(to.headers['Reply-To'] ?? '')?.[1] ?? '',
      subject: `回复：${to.subject}`,
      text: '已完成自查，报告见附件。',
      inReplyTo: to.headers['Message-ID'] ?? '',
      attachments: [{ filename: '自查报告.txt', content: REPORT }],
    });
    return mail.compile().build();
  }
  const handedIn = async (agency: string): Promise<Buffer> => {
    const raw = await reply(await mailTo(house, addressOf(agency), '【请办理】'));
    await imap.deliver(raw);
    return raw;
  };
  const stored = (raw: Buffer): Promise<number> =>
    mails().countDocuments({ sha256: createHash('sha256').update(raw).digest('hex') });
  /** The agency has answered, once, with the whole file. */
  const answeredOnce = async (agency: string): Promise<void> => {
    const no = await numberOf(house, owner, agency);
    const { body } = await taskShows(house, no, { state: 'inReview' });
    const sha256 = createHash('sha256').update(REPORT).digest('hex');
    expect(body.answers).toMatchObject([
      { channel: 'email', files: [{ name: '自查报告.txt', size: REPORT.length, sha256 }] },
    ]);
    expect(await house.store.submissions.countDocuments({ task: no, kind: 'answer' })).toBe(1);
    await mailTo(house, addressOf(agency), '【已收到】');
    expect(await house.mails(addressOf(agency), '【已收到】')).toHaveLength(1);
  };

  it('Counts once, with its file, and is marked as read only then', async () => {
    first = await handedIn('maqiao');
    expect(await imap.unread()).toBe(1);
    expect(await poller.poll()).toBe(1);
    expect(await imap.unread()).toBe(0);
    await answeredOnce('maqiao');
    expect(await poller.poll()).toBe(0);
  });

  it('Is not taken in by halves where the line breaks in its middle, and is read at the next poll', async () => {
    const raw = await handedIn('tangshan');
    imap.cut(/UID FETCH/, 60_000);
    expect(await poller.poll()).toBe(0);
    expect(faults).toHaveLength(1);
    expect(await stored(raw)).toBe(0);
    expect(await imap.unread()).toBe(1);
    expect(await poller.poll()).toBe(1);
    await answeredOnce('tangshan');
  });

  it('Counts once where the line breaks after it was stored and before it was marked', async () => {
    const raw = await handedIn('qifeng');
    imap.cut(/UID STORE/);
    expect(await poller.poll()).toBe(0);
    expect(faults.at(-1)).toMatch(/not marked/);
    expect([await stored(raw), await imap.unread()]).toEqual([1, 1]);
    await answeredOnce('qifeng');
    expect(await poller.poll()).toBe(1);
    expect([await stored(raw), await imap.unread()]).toEqual([1, 0]);
    await answeredOnce('qifeng');
  });

  it('Counts once where the mailbox shows everything again, under the old names and under new ones', async () => {
    await imap.forgetRead();
    expect(await poller.poll()).toBe(3);
    await imap.deliver(first);
    expect(await poller.poll()).toBe(1);
    await eventually(async () => expect(await mails().countDocuments({ disposition: 'pending' })).toBe(0));
    await house.settled();
    expect(await stored(first)).toBe(2);
    for (const agency of ['maqiao', 'tangshan', 'qifeng']) await answeredOnce(agency);
  });

  it('Is kept byte by byte and waits for a person where nobody can parse it', async () => {
    const parts = Array.from({ length: 3_000 }, () => '--b\r\nContent-Type: text/plain\r\n\r\nx\r\n').join(
      '',
    );
    const raw = Buffer.from(
      `From: ${addressOf('maqiao')}\r\nSubject: bomb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`,
    );
    await imap.deliver(raw);
    expect(await poller.poll()).toBe(1);
    const kept = await eventually(async () => {
      const found = await mails().findOne({ disposition: 'unparseable' }).lean();
      if (!found) throw new Error('not judged yet');
      return found;
    });
    expect((await rawOf(house.store.connection, kept)).equals(raw)).toBe(true);
    const held = await house.call('organizer', 'GET', '/held-mails');
    expect(held.body.items).toMatchObject([{ id: kept._id, reason: 'unparseable' }]);
    expect(await imap.unread()).toBe(0);
  });
});
