import { describe, expect, it } from 'vitest';
import { classify } from '../../mail/auto-mail.ts';
import { HELD_REASONS } from '../../mail/held-reasons.ts';
import { bareSubject, numbersIn } from '../../mail/inbound-number.ts';
import { parseIncoming } from '../../mail/inbound-parse.ts';
import {
  DOMAIN,
  FORGED,
  judged,
  letter,
  lookup,
  OFFICER,
  OUR_ID,
  REPLY_TO,
  TOKEN,
  VERP,
} from '../support/incoming.ts';

describe('A mail finds its task', () => {
  it('by the reply address', async () => {
    expect(await judged(letter({}))).toMatchObject({
      disposition: 'submission',
      matchedBy: 'token',
      task: { no: 'ZX-2026-012-033' },
    });
  });

  it('by the reply address as somebody retyped it', async () => {
    const typed = `R-${TOKEN.toUpperCase().replaceAll('I', 'l')}@${DOMAIN.toUpperCase()}`;
    expect(await judged(letter({ To: typed }))).toMatchObject({
      disposition: 'submission',
      matchedBy: 'token',
    });
  });

  it('by the envelope, when To names somebody else', async () => {
    const envelope = { from: OFFICER, to: [REPLY_TO] };
    expect(await judged(letter({ To: 'undisclosed-recipients:;' }), { envelope })).toMatchObject({
      disposition: 'submission',
    });
  });

  it('by References, when the address is lost', async () => {
    const raw = letter({ To: 'ju@sfj.example.gov.cn', References: `<x@y> <${OUR_ID}>` });
    expect(await judged(raw)).toMatchObject({ disposition: 'submission', matchedBy: 'references' });
  });

  it('by the number in the subject, when its sender belongs to that agency', async () => {
    const raw = letter({ To: 'ju@sfj.example.gov.cn', Subject: '答复：转发：GA－2026－031－001 情况说明' });
    expect(await judged(raw)).toMatchObject({
      disposition: 'submission',
      matchedBy: 'subject',
      task: { no: 'GA-2026-031-001' },
    });
  });

  it('even when the task is closed: a late answer is recorded', async () => {
    const closed = lookup({
      byReplyToken: async () => ({ no: 'ZX-2026-012-033', agency: 'slj', open: false }),
    });
    expect(await judged(letter({}), { lookup: closed })).toMatchObject({
      disposition: 'submission',
      task: { open: false },
    });
  });
});

describe('What cannot be placed is held with its reason and the best guesses', () => {
  it.each([
    ['unknown-sender', { From: 'someone@163.com' }],
    ['sender-not-of-agency', { From: 'zhao@scjg.example.gov.cn' }],
    ['token-unknown', { To: `r-${'a'.repeat(26)}@${DOMAIN}` }],
    ['no-match', { To: 'ju@sfj.example.gov.cn' }],
    ['unknown-sender', { To: 'ju@sfj.example.gov.cn', From: 'someone@163.com' }],
    ['sender-not-of-agency', { To: 'ju@sfj.example.gov.cn', Subject: 'ZX-2026-012-034' }],
    ['no-sender', { From: '' }],
    ['several-senders', { Subject: `x\r\nFrom: ${OFFICER}` }],
    ['several-tasks', { To: `ju@x.cn`, Subject: 'ZX-2026-012-033 和 GA-2026-031-001' }],
  ])('%s', async (reason, headers) => {
    expect(await judged(letter(headers))).toMatchObject({ disposition: 'held', reason });
  });

  it('A forged sender is held, whatever it knows', async () => {
    const judgement = await judged(letter({}), { authentication: FORGED });
    expect(judgement).toMatchObject({
      disposition: 'held',
      reason: 'authentication-failed',
      guesses: [{ task: 'ZX-2026-012-033', score: 90 }, {}],
    });
  });

  it('A campaign’s number is a guess, not a match', async () => {
    const judgement = await judged(letter({ To: 'ju@sfj.example.gov.cn', Subject: '关于ZX-2026-012的答复' }));
    expect(judgement).toMatchObject({ disposition: 'held', reason: 'no-match' });
    expect(judgement).toHaveProperty('guesses.0', {
      task: 'ZX-2026-012-033',
      agency: 'slj',
      score: 80,
      why: 'owner-number',
    });
  });

  it('Every reason has its sentence in both languages', () => {
    for (const { zh, en } of Object.values(HELD_REASONS))
      expect([zh.endsWith('。'), en.endsWith('.')]).toEqual([true, true]);
  });
});

describe('A machine’s mail is never an answer', () => {
  it.each([
    ['autoReply', { 'Auto-Submitted': 'auto-replied' }],
    ['autoReply', { 'X-Autoreply': 'yes' }],
    ['autoReply', { Precedence: 'auto_reply' }],
    ['autoReply', { Subject: '自动回复：【请办理】ZX-2026-012-033' }],
    ['autoReply', { Subject: '[自动回复]我正在休假' }],
    ['autoReply', { Subject: '假期自动回复: 您好' }],
    ['autoReply', { Subject: 'Automatic reply: task' }],
    ['autoReply', { 'Return-Path': '<>' }],
    ['loop', { 'Message-ID': `<${OUR_ID}>` }],
    ['loop', { 'X-Loop': DOMAIN }],
    ['loop', { 'List-Id': `<zx-2026-012.${DOMAIN}>` }],
    [
      'loop',
      {
        'Message-ID': `<7@x>\r\n${'Received: from a by b; Wed, 09 Dec 2026 15:20:00 +0800\r\n'.repeat(21)}X-A: b`,
      },
    ],
  ])('%s by %o', async (disposition, headers) => {
    expect(await judged(letter(headers))).toMatchObject({ disposition, task: { no: 'ZX-2026-012-033' } });
  });

  it('An agency that shares our mail domain is still a person', async () => {
    expect(await judged(letter({ 'Message-ID': `<20261209.abc@${DOMAIN}>` }))).toMatchObject({
      disposition: 'submission',
    });
  });

  it('Nothing written and no file is filed as empty; a file alone is an answer', async () => {
    const below = '\r\n\r\n-----原始邮件-----\r\n发件人: x\r\n\r\n请反馈';
    expect(await judged(letter({}, below))).toMatchObject({ disposition: 'empty' });
    const type = 'multipart/mixed; boundary=b';
    const body = `--b\r\n\r\n\r\n--b\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--`;
    expect(await judged(letter({ 'Content-Type': type }, body))).toMatchObject({
      disposition: 'submission',
      files: [{ name: 'a.pdf' }],
    });
  });
});

const REPORT = (recipient: string, status: string, words: string): string =>
  ['--b', 'Content-Type: text/plain; charset=utf-8', '', words, '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.cn', '', `Final-Recipient: rfc822; ${recipient}`, 'Action: failed', `Status: ${status}`, '--b', 'Content-Type: message/rfc822', '', `Message-ID: <${OUR_ID}>`, 'Subject: task', '', 'x', '--b--'].join('\r\n'); // prettier-ignore
const DSN = {
  From: 'MAILER-DAEMON@mx.example.cn',
  To: VERP,
  Subject: 'Undelivered Mail Returned to Sender',
  'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
};

describe('A bounce says whose address failed, why, and which mail of ours it was', () => {
  it.each([
    ['5.1.1', '该邮箱地址不存在。'],
    ['5.2.2', '邮箱已满。'],
    ['5.7.1', '对方邮件系统拒收。'],
    ['5.1.2', '该邮箱的域名不存在或无法连接。'],
  ])('status %s', async (status, sentence) => {
    const judgement = await judged(letter(DSN, REPORT('gone@slj.example.gov.cn', status, '')));
    expect(judgement).toMatchObject({
      disposition: 'bounce',
      bounce: {
        recipient: 'gone@slj.example.gov.cn',
        status,
        sentence,
        permanent: true,
        verpToken: OUR_ID.split('@')[0],
        messageId: OUR_ID,
      },
    });
  });

  it.each([
    [
      'PostMaster@qq.com',
      '系统退信',
      '很抱歉您发送的邮件被退回。\r\n收件人 <123456@qq.com>\r\n退信原因：收件人邮件地址（123456@qq.com）不存在，邮件无法送达。',
      '123456@qq.com',
      '该邮箱地址不存在。',
    ],
    [
      'Postmaster@163.com',
      '系统退信',
      '抱歉，您的邮件被退回来了……\r\n收件人：zhang@163.com\r\n退信原因：收件人邮箱容量已满 552 Quota exceeded',
      'zhang@163.com',
      '邮箱已满。',
    ],
    [
      'postmaster@mail.slj.example.gov.cn',
      '退信通知：投递失败',
      '邮件无法投递到 li@slj.example.gov.cn ，该帐号已被停用。',
      'li@slj.example.gov.cn',
      '该邮箱已停用。',
    ],
  ])('%s', async (from, ...row) => {
    const [subject, words, recipient, sentence] = row;
    const judgement = await judged(letter({ From: from, To: VERP, Subject: subject }, words));
    expect(judgement).toMatchObject({
      disposition: 'bounce',
      bounce: { recipient, sentence, permanent: true },
    });
  });

  it('A delay is not yet a failure', async () => {
    const words = REPORT('gone@slj.example.gov.cn', '4.4.1', '').replace('Action: failed', 'Action: delayed');
    expect(await judged(letter(DSN, words))).toMatchObject({
      disposition: 'bounce',
      bounce: { permanent: false },
    });
  });

  it('A person who writes about a bounce is a person', async () => {
    const mail = await parseIncoming(letter({ Subject: '关于系统退信的说明' }));
    expect('unparseable' in mail ? undefined : classify(mail, [DOMAIN])).toEqual({ kind: 'person' });
  });
});

describe('A subject is read without what programs put before it', () => {
  it.each([
    ['回复：答复: Re：Fw: 【请办理】x', '【请办理】x'],
    ['Re[2]: 回复:x', 'x'],
    ['回复（2）：x', 'x'],
    ['报告', '报告'],
  ])('%s', (subject, bare) => expect(bareSubject(subject)).toBe(bare));

  it('finds every public number once', () => {
    expect(
      numbersIn('ｚｘ－2026－012－033、GA-2026-031-001及RC-2026-017，ZX-2026-012-033；电话0533-2026-012'),
    ).toEqual(['ZX-2026-012-033', 'GA-2026-031-001', 'RC-2026-017']);
  });
});
