import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../../mail/inbound.ts';
import { type IncomingMail, parseIncoming } from '../../mail/inbound-parse.ts';
import { isMarker } from '../../mail/quote-patterns.ts';
import { renderMail } from '../../mail/render.ts';
import { readCommand } from '../../mail/reply-command.ts';
import { stripQuotation } from '../../mail/reply-text.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import type { MailKind } from '../../mail/views.ts';

interface Expected {
  readonly style: string;
  readonly charset: string;
  readonly reply: string;
  readonly command: string;
  readonly files: readonly string[];
}

const folder = join(import.meta.dirname, '../corpus');
const corpus = Object.entries(
  JSON.parse(readFileSync(join(folder, 'replies.json'), 'utf8')) as Record<string, Expected>,
);
const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

async function read(id: string): Promise<IncomingMail> {
  const mail = await parseIncoming(readFileSync(join(folder, 'replies', `${id}.eml`)));
  if ('unparseable' in mail) throw new Error(`${id}: ${mail.unparseable}`);
  return mail;
}

const NONE = { spf: 'none', dkim: 'none', dmarc: 'none', verdict: 'none' } as const;

describe('A reply is what the person wrote, whatever mail program it came from', () => {
  it.each(corpus)('%s', async (id, expected) => {
    const mail = await read(id);
    const { reply, quoted } = stripQuotation(mail);
    expect(squeeze(reply)).toBe(squeeze(expected.reply));
    expect(readCommand(reply).kind).toBe(expected.command);
    const words = squeeze(reply + quoted).replaceAll(' ', '');
    for (const line of expected.reply.split('\n')) expect(words).toContain(squeeze(line).replaceAll(' ', ''));
  });

  it.each(corpus)('%s keeps its files and drops the logo', async (id, expected) => {
    const task = { no: 'ZX-2026-012-033', agency: 'slj', open: true };
    const mail = await read(id);
    const judgement = judge({
      mail,
      kind: { kind: 'person' },
      authentication: NONE,
      matches: [{ task, by: 'token' }],
      tokenUnknown: false,
      allowed: [mail.from.address],
      agencies: [],
    });
    const files = judgement.disposition === 'submission' ? judgement.files.map((file) => file.name) : [];
    expect(files).toEqual(expected.files);
    expect(judgement.disposition).toBe(
      expected.reply === '' && expected.files.length === 0 ? 'empty' : 'submission',
    );
  });
});

describe('The corpus', () => {
  it('holds at least 64 mails in three charsets', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(64);
    expect(new Set(corpus.map(([, one]) => one.charset))).toEqual(
      new Set(['utf-8', 'gbk', 'gb2312', 'gb18030']),
    );
  });

  it('catches a build that strips nothing', async () => {
    const right = await Promise.all(
      corpus.map(async ([id, one]) => squeeze((await read(id)).text) === squeeze(one.reply)),
    );
    expect(right.filter(Boolean).length).toBeLessThan(corpus.length / 10);
  });
});

describe('When in doubt a line is the person’s', () => {
  it.each([
    ['a single line that starts with >', '归档率如下：\n>80%的科室6个'],
    ['words about quotations', '“原始邮件”和“发件人：”两栏已核对。'],
    ['a rule of one’s own', '第一部分\n----------\n第二部分'],
    ['On the forum, Bob wrote:', 'On the forum, Bob wrote:\nWhat do you think?'],
    ['a date and 写道 without a sender', '在2026年12月召开的会议上，局长写道：\n要抓紧。'],
    ['one header-like line', '发件人：请改为公务邮箱\n其余不变'],
  ])('%s', (_, text) => {
    expect(stripQuotation({ text })).toEqual({ reply: text, quoted: '' });
  });
});

describe('A heading cuts however it is written', () => {
  it.each([
    '在 2026年12月9日 星期三 10:00，县司法局 <r@x.cn> 写道：',
    '县司法局<r@x.cn> 在 2026年12月9日 周三 10:00 写道：',
    '---- 在 2026年12月09日 10:00，县司法局<r@x.cn> 写道 ----',
    '---- On Wed, 09 Dec 2026 10:00:00 +0800 县司法局 <r@x.cn> wrote ----',
    'On 12/9/2026 10:00，县司法局<r@x.cn> wrote：',
    '2026-12-09 10:00 GMT+08:00 县司法局 <r@x.cn>:',
    '‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐',
    '－－－－ 回复邮件信息 －－－－',
    '===== 原始邮件 =====',
    '**发件人：** 县司法局\n**日期：** 2026年12月9日\n**主题：** 通知',
    '|发件人|县司法局|\n|已发送|2026年12月9日|\n|主题|通知|',
    '寄件者: 县司法局\n寄件日期: 2026年12月9日\n收件者: 丁一\n主旨: 通知',
    '发件人：县司法局 发送时间：2026-12-09 10:00 收件人：丁一 主题：通知',
    '发件人: 县司法局\n收件人: a@x.cn; b@x.cn;\n c@x.cn; d@x.cn\n主题: 通知',
  ])('%s', (heading) => {
    expect(stripQuotation({ text: `已办结。\n\n${heading}\n\n请反馈。` }).reply).toBe('已办结。');
  });

  it('our own last line is known in both languages', () => {
    for (const language of ['zh-CN', 'en']) {
      const words = readFileSync(join(import.meta.dirname, `../../locales/${language}.json`), 'utf8');
      const line = /"replyLine": "([^"]+)"/.exec(words)?.[1] ?? 'missing';
      expect(stripQuotation({ text: `已办结。\n\n${line}` })).toEqual({ reply: '已办结。', quoted: line });
    }
  });

  it.each([
    '发自我的 iPhone',
    '发自我的华为手机',
    '来自我的小米手机',
    '发自 网易邮箱大师',
    '发自我的QQ邮箱',
    '获取 Outlook for iOS<https://aka.ms/o0ukef>',
    'Sent from my iPhone',
    '从我的 iPhone 发送',
    '签名由 网易邮箱大师 定制',
  ])('a tag line is nobody’s words: %s', (line) => {
    expect(stripQuotation({ text: `\n\n${line}\n\n-----原始邮件-----\n发件人: x` }).reply).toBe('');
  });
});

describe('Our own mails are known, however they are quoted', () => {
  const kinds = (Object.keys(sampleViews) as MailKind[]).filter((kind) =>
    isMarker(renderMail(kind, sampleViews[kind]).text),
  );

  it.each(kinds.flatMap((kind) => [[kind, 'zh'] as const, [kind, 'en'] as const]))(
    '%s in %s',
    (kind, lang) => {
      const { text, html } = renderMail(kind, sampleViews[kind], lang);
      const heading = '------------------ 原始邮件 ------------------\n发件人: x\n主题: y\n';
      const said = [
        { text: `已办结。\n\n${heading}\n${text}` },
        { text: `已办结。\n\n${text}` },
        { text: `已办结。\n\n在 2026-12-09 10:00，"x" <a@b.cn> 写道：\n${text.replace(/^/gm, '> ')}` },
        { text: `\n\n${heading}\n${text}\n\n已办结。` },
        { text: '', html: `<div>已办结。</div><br>${html}` },
      ];
      expect(said.map((mail) => stripQuotation(mail).reply)).toEqual(said.map(() => '已办结。'));
      expect(stripQuotation({ text: `\n\n${heading}\n${text}` }).reply).toBe('');
    },
  );
});
