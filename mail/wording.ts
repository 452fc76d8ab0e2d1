import type { Deadline, Term } from '../domain/deadline.ts';
import type { Lang, Translate } from './translator.ts';
import type { DueView } from './views.ts';

const WEEKDAYS: Readonly<Record<Lang, readonly string[]>> = {
  zh: ['日', '一', '二', '三', '四', '五', '六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SHANGHAI = '+08:00';
const SUBJECT_TITLE = 40;

/** Dates, terms and sizes in the words of one language; Shanghai time throughout. No Intl: it would be half of a mail's cost. */
export interface Wording {
  /** 2026-12-11T17:00:00+08:00 → 12月11日（周五）17:00 */
  readonly due: (at: string) => string;
  /** → 12月11日17:00, for subjects. */
  readonly dueShort: (at: string) => string;
  /** 12月11日（周五）17:00 · 剩2个工作日, with 期限暂定 where the calendar is not published. */
  readonly dueLine: (due: DueView) => string;
  /** 剩2个工作日, 今日到期, 超期2个工作日 */
  readonly left: (workdays: number) => string;
  /** An instant that has passed: 2026年11月27日 09:03 */
  readonly moment: (at: string) => string;
  /** A date: 2026年11月27日 */
  readonly day: (date: string) => string;
  /** 5个工作日, 30日 */
  readonly term: (term: Term) => string;
  /** One line: start day, rule, days passed over, made-up days, calendar notices, legal basis. */
  readonly explained: (deadline: Deadline) => string;
  /** 1.8 MB */
  readonly size: (bytes: number) => string;
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly time: string;
}

/** A subject shows the first 40 characters of a title. */
export function shortTitle(title: string): string {
  const characters = Array.from(title);
  return characters.length > SUBJECT_TITLE ? `${characters.slice(0, SUBJECT_TITLE - 1).join('')}…` : title;
}

export function createWording(lang: Lang, t: Translate): Wording {
  const zh = lang === 'zh';
  const monthDay = ({ month, day }: Parts) => (zh ? `${month}月${day}日` : `${day} ${MONTHS[month - 1]}`);
  const weekday = (p: Parts) => WEEKDAYS[lang][p.weekday] ?? '';
  const date = (p: Parts) => (zh ? `${p.year}年${monthDay(p)}` : `${monthDay(p)} ${p.year}`);

  const due = (at: string) => {
    const p = partsOf(at);
    return zh ? `${monthDay(p)}（周${weekday(p)}）${p.time}` : `${weekday(p)} ${monthDay(p)}, ${p.time}`;
  };
  const dueShort = (at: string) => {
    const p = partsOf(at);
    return zh ? `${monthDay(p)}${p.time}` : `${monthDay(p)} ${p.time}`;
  };
  const left = (workdays: number) => {
    if (workdays === 0) return t('word.today');
    return workdays > 0 ? t('word.left', { count: workdays }) : t('word.overdue', { count: -workdays });
  };
  const moment = (at: string) => {
    const p = partsOf(at);
    return zh ? `${date(p)} ${p.time}` : `${date(p)}, ${p.time}`;
  };
  const day = (iso: string) => date(partsOf(iso));
  const term = (value: Term) =>
    'workdays' in value
      ? t('word.workdays', { count: value.workdays })
      : t('word.days', { count: value.days });

  const skipped = (deadline: Deadline) => {
    const holidays = deadline.skipped.filter(({ why }) => why === 'holiday').map(({ date }) => date);
    const weekends = deadline.skipped.length - holidays.length;
    const said: string[] = [];
    if (weekends > 0) said.push(t('word.weekends', { count: weekends }));
    if (holidays.length > 0) said.push(t('word.holidays', { count: holidays.length, days: days(holidays) }));
    const passed = said.length > 0 ? t('word.passed', { what: said.join(t('word.and')) }) : '';
    return deadline.madeUp.length > 0 ? passed + t('word.madeUp', { days: days(deadline.madeUp) }) : passed;
  };
  const days = (dates: readonly string[]) =>
    runs(dates)
      .map(([first, last]) => {
        const [from, to] = [monthDay(partsOf(first)), monthDay(partsOf(last))];
        return from === to ? from : t('word.range', { from, to });
      })
      .join(t('word.comma'));
  const notice = (version: string) => {
    const [year, source] = version.split('@');
    if (source === 'unpublished') return t('word.unpublished', { year });
    return source === undefined ? version : t('word.notice', { year, source });
  };
  const explained = (deadline: Deadline) => {
    const kind = 'workdays' in deadline.term ? 'word.fromWorkdays' : 'word.fromDays';
    const counted = t(kind, { from: day(deadline.from), term: term(deadline.term) }) + skipped(deadline);
    const calendar = deadline.calendar.split(' ').map(notice).join(t('word.comma'));
    const said = t('word.explained', { counted, end: day(deadline.at), basis: deadline.basis, calendar });
    if (!deadline.outage) return said;
    const { no, from, until } = deadline.outage;
    return `${said}${t('word.outage', { no, from: moment(from), until: moment(until) })}`;
  };
  const dueLine = ({ deadline, workdaysLeft }: DueView) =>
    `${due(deadline.at)}${deadline.provisional ? t('word.provisional') : ''} · ${left(workdaysLeft)}`;

  return { due, dueShort, dueLine, left, moment, day, term, explained, size: sizeOf };
}

/** Instants in +08:00 are cut as text; others, and none is expected, are moved to it. */
function partsOf(at: string): Parts {
  const local =
    at.length === 10 || at.endsWith(SHANGHAI) ? at : new Date(Date.parse(at) + 8 * 3_600_000).toISOString();
  const [year, month, day] = [
    Number(local.slice(0, 4)),
    Number(local.slice(5, 7)),
    Number(local.slice(8, 10)),
  ];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  return { year, month, day, weekday, time: local.slice(11, 16) };
}

/** Consecutive dates as pairs of first and last. */
function runs(dates: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (const date of dates) {
    const run = found.at(-1);
    if (run !== undefined && Date.parse(date) - Date.parse(run[1]) === 86_400_000) run[1] = date;
    else found.push([date, date]);
  }
  return found;
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
