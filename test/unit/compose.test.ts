import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import {
  hashToken,
  isToken,
  linkToken,
  messageId,
  normaliseToken,
  readReply,
  readVerp,
  replyAddress,
  replyToken,
  verp,
} from '../../mail/addresses.ts';
import { composeMail, type MailParts } from '../../mail/compose.ts';

const KEY = 'a key of the tests, thirty-two long';
const id = messageId(KEY, ['ZX-2026-001-001', 'task', 1, 'a@town.example'], 'mail.example');

const parts = (over: Partial<MailParts> = {}): MailParts => ({
  messageId: id,
  date: '2026-11-23T08:30:00+08:00',
  from: { name: '桓台县司法局', address: 'office@mail.example' },
  to: { name: '张三, 办公室', address: 'a@town.example' },
  replyTo: replyAddress('mail.example', replyToken(KEY, ['ZX-2026-001-001'])),
  envelopeFrom: verp('mail.example', id.split('@')[0] ?? ''),
  subject: '【请办理】安全生产专项监督自查：请于12月11日（周五）17:00前报送自查情况和整改台账',
  text: '张三：\n\n.点开头的一行\nhttps://office.example/t/abcdefgh\n',
  html: '<p>张三：</p>\n<p>&lt;请办理&gt;</p>',
  headers: {
    'Content-Language': 'zh-CN',
    'List-Id': '<zx-2026-001.mail.example>',
    References: '<first@mail.example>',
  },
  ...over,
});

describe('the bytes of a mail', () => {
  test('The same parts give the same bytes, and another Message-ID gives other boundaries', async () => {
    const [one, two] = await Promise.all([composeMail(parts()), composeMail(parts())]);
    expect(one.equals(two)).toBe(true);
    const other = await composeMail(parts({ messageId: 'b'.repeat(52) + '@mail.example' }));
    const boundary = /boundary="([^"]+)"/;
    expect(boundary.exec(other.toString())?.[1]).not.toBe(boundary.exec(one.toString())?.[1]);
  });

  test('Every part of it arrives as it was given', async () => {
    const raw = await composeMail(parts());
    const mail = await PostalMime.parse(raw);
    const header = (key: string): string | undefined => mail.headers.find((one) => one.key === key)?.value;
    expect(mail.subject).toBe(parts().subject);
    expect(mail.from).toMatchObject({ name: '桓台县司法局', address: 'office@mail.example' });
    expect(mail.to).toEqual([expect.objectContaining({ name: '张三, 办公室', address: 'a@town.example' })]);
    expect(mail.text?.replaceAll('\r\n', '\n')).toBe(parts().text);
    expect(mail.html?.replaceAll('\r\n', '\n').trim()).toBe(parts().html);
    expect(mail.messageId).toBe(`<${id}>`);
    expect(header('date')).toBe('Mon, 23 Nov 2026 08:30:00 +0800');
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('x-auto-response-suppress')).toBe('OOF, AutoReply');
    expect(header('content-language')).toBe('zh-CN');
    expect(header('list-id')).toBe('<zx-2026-001.mail.example>');
    expect(mail.references).toBe('<first@mail.example>');
  });

  test('It is seven-bit, its lines end in CRLF and none that can be folded is longer than 78', async () => {
    const text = (await composeMail(parts())).toString('latin1');
    expect(text).toContain(`\r\nMessage-ID: <${id}>\r\n`.slice(text.startsWith('Message-ID') ? 2 : 0));
    expect(text).toMatch(/^[\x20-\x7e\r\n\t]*$/);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const foldable = text.split('\r\n').filter((line) => !line.startsWith('Message-ID: '));
    expect(Math.max(...foldable.map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  test('An attachment keeps its Chinese name and its bytes', async () => {
    const content = Buffer.from(Array.from({ length: 300 }, (_, n) => n % 256));
    const attachments = [{ filename: '监督意见书（3号）.pdf', contentType: 'application/pdf', content }];
    const mail = await PostalMime.parse(await composeMail(parts({ attachments })));
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]?.filename).toBe('监督意见书（3号）.pdf');
    expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer).equals(content)).toBe(true);
    expect(mail.text?.replaceAll('\r\n', '\n')).toBe(parts().text);
  });

  test('A line break in any header value is refused, wherever it hides', async () => {
    const hostile = fc.tuple(fc.string(), fc.constantFrom('\r', '\n', '\r\n', '\0'), fc.string());
    await fc.assert(
      fc.asyncProperty(hostile, fc.nat(5), async ([before, breaks, after], where) => {
        const value = `${before}${breaks}${after}`;
        const given: Partial<MailParts>[] = [
          { subject: value },
          { messageId: value },
          { to: { name: value, address: 'a@b.example' } },
          { replyTo: value },
          { headers: { References: value } },
          { attachments: [{ filename: value, contentType: 'text/plain', content: Buffer.alloc(1) }] },
        ];
        await expect(composeMail(parts(given[where]))).rejects.toThrow('Line break');
      }),
      { numRuns: 300 },
    );
    await expect(composeMail(parts({ headers: { 'X-A\r\nBcc': 'x' } }))).rejects.toThrow('header name');
    await expect(composeMail(parts({ date: 'soon' }))).rejects.toThrow('instant');
  });
});

describe('addresses and tokens', () => {
  test('A Message-ID is decided by its parts and its key, and by where one part ends', () => {
    expect(messageId(KEY, ['a', 'b', 1], 'X.example')).toMatch(/^[a-km-np-z2-9]{52}@x\.example$/);
    expect(messageId(KEY, ['ab', 1], 'x')).not.toBe(messageId(KEY, ['a', 'b1'], 'x'));
    expect(messageId(KEY, ['a', 1], 'x')).not.toBe(messageId(`${KEY}2`, ['a', 1], 'x'));
  });

  test('The link of a task does not give its reply address away, and each is 130 bits that can be retyped', () => {
    const [link, reply] = [linkToken(KEY, ['T-1', 'a@b']), replyToken(KEY, ['T-1', 'a@b'])];
    expect(link).not.toBe(reply);
    for (const token of [link, reply]) expect(isToken(token)).toBe(true);
    expect(hashToken(link)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('A retyped token is read in upper case, in full width, with blanks, and with 1 or l for i', () => {
    const token = 'abcdefghi2jkmnpqrstuvwxyz3';
    expect(normaliseToken(' ABCDE-FGHI2 JKMNPQRSTUVWXYZ3')).toBe(token);
    expect(normaliseToken('ａｂｃｄｅｆｇｈｉ２ｊｋｍｎｐｑｒｓｔｕｖｗｘｙｚ３')).toBe(token);
    expect(normaliseToken(token.replace('i', '1'))).toBe(token);
    expect(readReply(replyAddress('mail.example', token).toUpperCase().replace('HI2', 'HL2'))).toBe(token);
  });

  test('What is not an address of ours is not read as one', () => {
    expect(readVerp(verp('mail.example', id.split('@')[0] ?? ''))).toBe(id.split('@')[0]);
    for (const address of ['b-short@mail.example', 'r-0000@mail.example', 'office@mail.example', '']) {
      expect(readVerp(address)).toBeUndefined();
      expect(readReply(address)).toBeUndefined();
    }
  });
});
