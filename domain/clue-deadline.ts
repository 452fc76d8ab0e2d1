import { type Calendar, type IsoDate, localDate } from './calendar.ts';
import type { Channel, ClueState } from './clue.ts';
import { type Deadline, type Term, provisionalDeadline } from './deadline.ts';
import type { Light } from './light.ts';

/** What a clue's clock runs for. */
export type ClueDue = 'register' | 'screen' | 'transfer' | 'reply';

interface ClueTerm {
  readonly term: Term;
  /** As printed: a norm of another province is a model, and says so. */
  readonly basis: string;
}

/** The office's default terms, each with what it is modelled on. */
export const CLUE_TERMS: Readonly<
  Record<'register' | 'screen' | 'transfer' | 'reply' | 'hotline' | 'proposal', ClueTerm>
> = {
  register: { term: { workdays: 1 }, basis: '本机关办理时限：当日登记，至迟次一工作日' },
  screen: {
    term: { workdays: 5 },
    basis: '本机关办理时限：五个工作日内研判并告知',
  },
  transfer: {
    term: { days: 10 },
    basis: '本机关办理时限：十日内移送（参照《四川省行政执法监督条例》第三十一条）',
  },
  reply: { term: { days: 60 }, basis: '本机关办理时限：六十日内答复（参照辽宁省行政执法监督立法第十九条）' },
  hotline: { term: { workdays: 5 }, basis: '《山东省政务服务热线管理办法》' },
  proposal: { term: { days: 60 }, basis: '建议书未载明期限，按本机关办理时限' },
};

export type ClueDeadlines = Readonly<Partial<Record<ClueDue, Deadline>>>;

/** When a clue that came on this day is to be registered, screened and answered. `replyOn` is the day that a proposal names itself. */
export function deadlinesOf(
  clue: { readonly channel: Channel; readonly receivedAt: string; readonly replyOn?: IsoDate | undefined },
  calendar: Calendar,
): ClueDeadlines {
  const from = localDate(clue.receivedAt);
  const until = (one: ClueTerm): Deadline => provisionalDeadline({ ...one, from, calendar });
  return {
    register: until(CLUE_TERMS.register),
    screen: until(CLUE_TERMS.screen),
    reply: until(replyTerm(clue, from)),
  };
}

function replyTerm(
  { channel, replyOn }: { channel: Channel; replyOn?: IsoDate | undefined },
  from: IsoDate,
): ClueTerm {
  if (channel === 'hotline12345') return CLUE_TERMS.hotline;
  if (channel !== 'procuratorialProposal' && channel !== 'supervisoryProposal') return CLUE_TERMS.reply;
  if (replyOn === undefined) return CLUE_TERMS.proposal;
  const days = Math.max(1, Math.round((Date.parse(replyOn) - Date.parse(from)) / 86_400_000));
  return { term: { days }, basis: '建议书载明的答复期限' };
}

/** The term of a transfer begins when the clue is found to be another body's. */
export const transferDeadline = (screenedAt: string, calendar: Calendar): Deadline =>
  provisionalDeadline({ ...CLUE_TERMS.transfer, from: localDate(screenedAt), calendar });

/** What a clue waits for now; nothing once it has ended and its complainant is answered. */
export function dueOf(state: ClueState, repliedAt?: string): ClueDue | undefined {
  switch (state) {
    case 'received':
      return 'register';
    case 'registered':
      return 'screen';
    case 'screened':
      return 'transfer';
    case 'accepted':
      return repliedAt === undefined ? 'reply' : undefined;
    case 'merged':
    case 'transferred':
    case 'declined':
    case 'corrected':
      return undefined;
  }
}

/** How late a clue is; an ended one that was late stays yellow for ever. `now` is epoch ms. */
export function clueLight(
  clue: { readonly dueAt?: Date | undefined; readonly warnAt?: Date | undefined; readonly late: boolean },
  now: number,
): Light {
  if (!clue.dueAt || !clue.warnAt) return clue.late ? 'yellow' : 'green';
  if (now > clue.dueAt.getTime()) return 'red';
  return now >= clue.warnAt.getTime() ? 'yellow' : 'green';
}
