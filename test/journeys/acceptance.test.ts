import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MailboxMessage } from '../../embedded/mailbox.ts';
import { launch, plan, registerAgencies } from '../support/county.ts';
import { type House, OFFICE, eventually, openHouse, seconds } from '../support/house.ts';
import { addressOf, mailTo, sentAt } from '../support/people.ts';

const TOWNS = Array.from({ length: 40 }, (_, n) => `zhen${String(n + 1).padStart(2, '0')}`);
const MANY = 10_000;

/** A mail of an agency: what its sender's program made of the one it answers. */
interface Letter {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly thread?: string;
  /** The task that it belongs to; none where nobody can know. */
  readonly task?: string;
}

describe('What the office was promised, by the calls and by mail', () => {
  let house: House;
  let no = '';

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, TOWNS);
  }, 120_000);
  afterAll(() => house?.close());

  it('Row 1: forty agencies are told in three calls, queued within five seconds', async () => {
    let calls = 0;
    const counted: House = {
      ...house,
      call: (...given) => {
        calls += 1;
        return house.call(...given);
      },
    };
    const began = performance.now();
    no = await launch(counted);
    expect(performance.now() - began).toBeLessThan(seconds(5));
    expect(calls).toBe(3);
    await eventually(async () => {
      expect(await house.store.messages.countDocuments({ owner: no })).toBeGreaterThanOrEqual(40);
    }, seconds(5));
    await eventually(async () => {
      expect((await house.mailbox.messages({ q: no })).length).toBeGreaterThanOrEqual(40);
    });
  });

  it('Row 4: a reply with two files has its receipt within ten seconds, which names each of them with its size', async () => {
    const [town = ''] = TOWNS.slice(-2);
    const mail = await mailTo(house, addressOf(town));
    const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
    const began = performance.now();
    await client.sendMail({
      from: addressOf(town),
      to: replyTo(mail),
      subject: `回复：${mail.subject}`,
      text: '自查完成，见附件。',
      attachments: [
        {
          filename: '自查表.pdf',
          content: Buffer.concat([Buffer.from('%PDF-1.4 '), Buffer.alloc(48_000, 'a')]),
        },
        { filename: '台账.txt', content: Buffer.alloc(3_100, '台') },
      ],
    });
    client.close();
    const receipt = await eventually(async () => {
      const [found] = await house.mails(addressOf(town), '【已收到】');
      if (!found) throw new Error('no receipt yet');
      return found;
    }, seconds(10));
    expect(performance.now() - began).toBeLessThan(seconds(10));
    for (const words of [receipt.text, receipt.html.replaceAll(/<[^>]+>/g, ' ')]) {
      expect(words).toMatch(/自查表\.pdf[\s(（]*\d+(?:\.\d)? KB/);
      expect(words).toMatch(/台账\.txt[\s(（]*\d+(?:\.\d)? KB/);
    }
  });

  it('Row 7: of twenty mails eighteen are filed where they belong, none is filed wrongly, and the rest is held with its reason', async () => {
    const letters = await twenty();
    const before = await house.store.incoming.countDocuments({});
    const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
    for (const { from, to, subject, thread } of letters)
      await client.sendMail({
        ...{ from, to, subject, text: `自查完成，见附件。${from}` },
        ...(thread === undefined ? {} : { inReplyTo: thread, references: thread }),
      });
    client.close();
    await eventually(async () => {
      expect(await house.store.incoming.countDocuments({ disposition: 'pending' })).toBe(0);
      expect(await house.store.incoming.countDocuments({})).toBe(before + 20);
    });
    const filed = await house.store.submissions
      .find({ kind: 'answer', task: { $in: letters.map((one) => one.task ?? '') } })
      .lean();
    const right = letters.flatMap(({ task, from }) => (task === undefined ? [] : [`${task} ${from}`]));
    expect(filed.map((one) => `${one.task} ${one.text.replace(/^.*。/s, '')}`).toSorted()).toEqual(
      right.toSorted(),
    );
    expect(right).toHaveLength(18);
    const held = await house.call('organizer', 'GET', '/held-mails');
    expect(held.body.items).toHaveLength(2);
    for (const one of held.body.items as { sentence?: string; reason?: string }[])
      expect(`${one.sentence ?? ''}${one.reason ?? ''}`).toMatch(/./);
  });

  it('Row 6: in ten days nobody gets more than one reminder a day, however many tasks wait', async () => {
    await launch(house, {
      title: '生态环境执法专项监督',
      remind: [{ workdaysBefore: 5 }, { workdaysBefore: 2 }],
    });
    for (let day = 0; day < 17; day += 1) await house.pass(1);
    const contacts = TOWNS.flatMap((town) =>
      (['jingban', 'fushou', 'fuze'] as const).map((who) => addressOf(town, who)),
    );
    const all = await Promise.all(contacts.map((to) => house.mails(to)));
    const reminders = all.map((mails) =>
      mails.filter(({ subject }) => /【(?:提醒|今日到期|今日待办|催办)/.test(subject)).map(sentAt),
    );
    expect(reminders.filter((one) => one.length > 2).length).toBeGreaterThan(10);
    const late = all.flat().filter(({ text }) => text.includes('件已超期，请今日反馈或说明原因'));
    expect(late.length, 'urges stand in the daily mail').toBeGreaterThan(0);
    for (const times of reminders) {
      const days = times.map((at) => at.slice(0, 10));
      expect(new Set(days).size, times.join(' ')).toBe(days.length);
    }
  }, 180_000);

  it('Row 1: ten thousand agencies are accepted within a minute', async () => {
    await house.store.agencies.insertMany(
      Array.from({ length: MANY }, (_, n) => ({
        _id: `ju-${n}`,
        name: `第${n}局`,
        kind: 'department',
        domains: ['foodDrug'],
        contacts: [{ name: '经办人甲', email: `jingban@ju-${n}.huantai.example`, role: 'primary' }],
        version: 1,
      })) as never[],
    );
    const drafted = await house.call('organizer', 'POST', '/campaigns', {
      body: plan({ title: '万家', domain: 'foodDrug', agencies: { any: [{ kind: 'department' }] } }),
    });
    const large = drafted.body.no as string;
    const preview = await house.call('organizer', 'GET', `/campaigns/${large}/preview`);
    const began = performance.now();
    const launched = await house.call('organizer', 'POST', `/campaigns/${large}/launch`, {
      body: { previewDigest: preview.body.digest, skipProblems: true, recallMinutes: 60 },
    });
    expect(launched.body).toMatchObject({ accepted: MANY });
    expect(performance.now() - began).toBeLessThan(seconds(60));
    expect((await house.call('organizer', 'POST', `/campaigns/${large}/recall`)).status).toBeLessThan(300);
  }, 180_000);

  async function twenty(): Promise<Letter[]> {
    const towns = TOWNS.slice(0, 20);
    const mails = await Promise.all(towns.map((id) => mailTo(house, addressOf(id))));
    const tasks = await house.store.tasks
      .find({ owner: no }, { agency: 1 })
      .lean<{ _id: string; agency: string }[]>();
    return mails.map((mail, n) =>
      letterOf(mail, {
        n,
        agency: towns[n] ?? '',
        task: tasks.find((one) => one.agency === towns[n])?._id ?? '',
      }),
    );
  }
});

const HEADS = ['回复：', '答复：', '转发：', 'Re: ', '回复: ', 'Fw: '];

const replyTo = (mail: MailboxMessage): string => /<([^>]+)>/.exec(mail.headers['Reply-To'] ?? '')?.[1] ?? '';

/** An address that somebody typed from paper: in capitals, or with the digits and letters that look alike. */
const retyped = (address: string, n: number): string => {
  const [local = '', host = ''] = address.split('@');
  if (n === 6) return address.toUpperCase();
  return `${local.replaceAll('i', n === 7 ? '1' : 'l')}@${host}`;
};

/** The ways in which an answer loses what it was sent with. */
function letterOf(
  mail: MailboxMessage,
  { n, agency, task }: { n: number; agency: string; task: string },
): Letter {
  const reply = replyTo(mail);
  const from = addressOf(agency);
  const thread = mail.headers['Message-ID'] ?? '';
  const subject = `${HEADS[n % HEADS.length]}${mail.subject}`;
  if (n < 6) return { from, to: reply, subject, thread, task };
  if (n < 9) return { from, to: retyped(reply, n), subject: '自查情况', task };
  if (n < 12) return { from, to: OFFICE.fromAddress, subject: '自查情况', thread, task };
  if (n < 15) return { from, to: OFFICE.fromAddress, subject: `自查情况（${task}）`, task };
  if (n < 18) return { from: addressOf(agency, 'fushou'), to: reply, subject, task };
  if (n === 18) return { from: 'wang@elsewhere.example', to: OFFICE.fromAddress, subject: '关于材料' };
  return { from: 'li@elsewhere.example', to: OFFICE.fromAddress, subject: `自查情况（${task}）` };
}
