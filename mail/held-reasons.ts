/** Why a mail waits for a person. Closed: every code has its sentence in both languages. */
export type HeldReason =
  | 'authentication-failed'
  | 'no-match'
  | 'no-sender'
  | 'sender-not-of-agency'
  | 'several-senders'
  | 'several-tasks'
  | 'token-unknown'
  | 'unknown-sender';

export const HELD_REASONS: Readonly<Record<HeldReason, { readonly zh: string; readonly en: string }>> = {
  'authentication-failed': {
    zh: '发件域名的SPF、DKIM或DMARC校验未通过，发件人可能是冒充的。',
    en: 'SPF, DKIM or DMARC failed for the sending domain: the sender may be forged.',
  },
  'no-match': {
    zh: '发件人是已登记的联系人，但邮件没有可以识别的事项。',
    en: 'The sender is a registered contact, but the mail names no task that can be recognised.',
  },
  'no-sender': { zh: '邮件没有可用的发件人地址。', en: 'The mail has no usable sender.' },
  'sender-not-of-agency': {
    zh: '发件人属于其他单位，不是本事项承办单位的联系人。',
    en: 'The sender belongs to another agency than the one this task was given to.',
  },
  'several-senders': {
    zh: '邮件写有多个发件人，无法确定是谁提交的。',
    en: 'The mail names several senders, so nobody can be held to it.',
  },
  'several-tasks': {
    zh: '邮件同时发给多个事项的回复地址，无法确定答复哪一项。',
    en: 'The mail is addressed to the reply addresses of several tasks.',
  },
  'token-unknown': {
    zh: '回复地址不存在或已失效，可能是手工输入有误。',
    en: 'The reply address does not exist or has expired; it may have been mistyped.',
  },
  'unknown-sender': {
    zh: '发件人不是任何单位登记的联系人。',
    en: 'The sender is not a registered contact of any agency.',
  },
};
