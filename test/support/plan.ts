import { expect } from 'vitest';
import { type Answered, type House, eventually } from './house.ts';
import { addressOf, settle, sign } from './people.ts';

/** A problem of the year before, as that year's supervision left it. */
export const lastYears = (n: number, over: Record<string, unknown> = {}) => ({
  _id: `RC-2025-${String(n).padStart(3, '0')}-M06`,
  owner: 'RC-2025',
  mode: 'daily',
  agency: 'maqiao',
  item: 'M06',
  category: 'legalReview',
  severity: 'ordinary',
  description: '重大执法决定未经法制审核',
  source: 'self',
  foundOn: `2025-0${n}-20`,
  state: 'writtenOff',
  ...over,
});

/** The task of an agency in a cycle, once its mail is out. */
export async function taskIn(
  house: House,
  phase: string,
  agency: string,
  to = addressOf(agency),
): Promise<{ no: string; link: string }> {
  return eventually(async () => {
    const row = await house.store.tasks
      .findOne({ phase, agency, mailedAt: { $exists: true } })
      .sort({ _id: -1 });
    if (!row) throw new Error(`no task of ${agency} in ${phase}`);
    const mails = await house.mails(to, '【请办理】');
    const mail = mails.find((one) => one.text.includes(row._id));
    if (!mail) throw new Error(`no mail about ${row._id}`);
    return { no: row._id, link: /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(mail.text)?.[1] ?? '' };
  });
}

export const planShows = (house: House, no: string, what: Record<string, unknown>): Promise<Answered> =>
  eventually(async () => {
    const got = await house.call('organizer', 'GET', `/plans/${no}`);
    expect(got.body).toMatchObject(what);
    return got;
  });

export interface Cycle {
  readonly n: number;
  readonly state: string;
  readonly openedAt: string;
  readonly due: string;
  readonly problem?: string;
  readonly tasks: { agency: string; kind: string; state: string }[];
  readonly counts: Record<string, number>;
  readonly findings: number;
  readonly analysis: { figures: Record<string, never> } | null;
}
export const cyclesOf = async (house: House, no: string): Promise<Cycle[]> =>
  (await house.call('organizer', 'GET', `/plans/${no}/cycles`)).body.items;

export const cycleShows = (
  house: House,
  no: string,
  n: number,
  what: Record<string, unknown>,
): Promise<Cycle> =>
  eventually(async () => {
    const cycle = (await cyclesOf(house, no)).find((one) => one.n === n);
    expect(cycle).toMatchObject(what);
    return cycle as Cycle;
  });

/** What a notice for 2027 could say, with a make-up Saturday on 30 January. */
export const CALENDAR_2027 = {
  year: 2027,
  off: [
    ...['2027-01-01', '2027-01-02', '2027-01-03', '2027-02-05', '2027-02-06', '2027-02-07', '2027-02-08'],
    ...['2027-02-09', '2027-02-10', '2027-02-11', '2027-04-05', '2027-05-01', '2027-05-02', '2027-05-03'],
    ...['2027-06-09', '2027-09-15', '2027-10-01', '2027-10-02', '2027-10-03'],
  ],
  work: ['2027-01-30'],
  source: '测试用的放假安排',
  version: '测试〔2026〕1号',
};

export const EVERYONE = ['anjian', 'maqiao', 'qifeng'] as const;

export const putItems = (house: House, no: string, items: unknown): Promise<Answered> =>
  house.call('organizer', 'PUT', `/plans/${no}`, { body: { items } });

/** Signs, answers and has it accepted. */
export async function carryOut(
  house: House,
  task: { readonly no: string; readonly link: string },
  fields: Record<string, string> = {},
): Promise<void> {
  await sign(task.link);
  await settle(house, { ...task, fields });
}
