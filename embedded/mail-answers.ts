import type { MailboxMessage } from './mailbox-parse.ts';

/** The report that a mail could not be delivered, to its bounce address (RFC 3464). */
export const deliveryReport = (mail: MailboxMessage, recipient: string): string =>
  [
    'From: MAILER-DAEMON@mx.huantai.example',
    `To: ${mail.envelopeFrom}`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    `<${recipient}>: user unknown`,
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.huantai.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b--',
    '',
  ].join('\r\n');

/** What a mail program sends by itself while its owner is away. */
export const outOfOffice = (from: string, replyTo: string, about: string): string =>
  [
    `From: ${from}`,
    `To: ${replyTo}`,
    `Subject: =?utf-8?B?${Buffer.from(`自动回复：${about}`).toString('base64')}?=`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '我正在休假，3月20日返回。',
    '',
  ].join('\r\n');
