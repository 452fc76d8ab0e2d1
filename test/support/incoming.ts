import { hashToken, messageId, replyToken, verp } from '../../mail/addresses.ts';
import type { Authentication } from '../../mail/authentication.ts';
import {
  createInbound,
  type InboundEnvelope,
  type InboundLookup,
  type Judgement,
  type TaskRef,
} from '../../mail/inbound.ts';

export const KEY = 'a key of the tests';
export const DOMAIN = 'reply.example.gov.cn';
export const TOKEN = replyToken(KEY, ['ZX-2026-012-033']);
export const OUR_ID = messageId(KEY, ['ZX-2026-012-033', 'task', 1], DOMAIN);
export const VERP = verp(DOMAIN, OUR_ID.split('@')[0] ?? '');
export const REPLY_TO = `r-${TOKEN}@${DOMAIN}`;
export const OFFICER = 'dingyi@slj.example.gov.cn';

const WATER: TaskRef = { no: 'ZX-2026-012-033', agency: 'slj', open: true };
const MARKET: TaskRef = { no: 'ZX-2026-012-034', agency: 'scjg', open: true };
const WATER_CASE: TaskRef = { no: 'GA-2026-031-001', agency: 'slj', open: true };

/** A county with two agencies and three tasks, in place of the database. */
export function lookup(overrides: Partial<InboundLookup> = {}): InboundLookup {
  const tasks = [WATER, MARKET, WATER_CASE];
  const contacts: Record<string, readonly string[]> = {
    slj: [OFFICER, 'Lisi@slj.example.gov.cn'],
    scjg: ['zhao@scjg.example.gov.cn'],
  };
  return {
    byReplyToken: async (hash) => (hash === hashToken(TOKEN) ? WATER : undefined),
    byMessageId: async (id) => (id === OUR_ID ? WATER : undefined),
    byNumber: async (no) => tasks.find((task) => task.no === no),
    addressesOf: async (agency) => contacts[agency] ?? [],
    agenciesOf: async (address) =>
      Object.entries(contacts)
        .filter(([, list]) => list.some((one) => one.toLowerCase() === address))
        .map(([agency]) => ({ agency, openTasks: tasks.filter((task) => task.agency === agency) })),
    ...overrides,
  };
}

export const UNKNOWN: Authentication = { spf: 'none', dkim: 'none', dmarc: 'none', verdict: 'none' };
export const FORGED: Authentication = { spf: 'fail', dkim: 'none', dmarc: 'fail', verdict: 'fail' };

/** A mail as an officer's program sends it; `body` is its text. */
export function letter(headers: Record<string, string>, body = '材料见附件。'): Buffer {
  const all: Record<string, string> = {
    From: OFFICER,
    To: REPLY_TO,
    Subject: '回复：【请办理】安全生产执法专项监督',
    Date: 'Wed, 09 Dec 2026 15:20:00 +0800',
    'Message-ID': '<1@slj.example.gov.cn>',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
    ...headers,
  };
  const head = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n');
  return Buffer.from(`${head}\r\n\r\n${body}\r\n`);
}

/** Judges a mail in that county. */
export function judged(
  raw: Buffer,
  at: { envelope?: InboundEnvelope; authentication?: Authentication; lookup?: InboundLookup } = {},
): Promise<Judgement> {
  const judge = createInbound({
    lookup: at.lookup ?? lookup(),
    ownDomains: [DOMAIN],
    authenticate: async () => at.authentication ?? UNKNOWN,
  });
  return judge(raw, at.envelope ?? { to: [] });
}
