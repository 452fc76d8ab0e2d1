import { expect } from 'vitest';
import { registerClue, screenClue } from './complaints.ts';
import { type Answered, type House, eventually } from './house.ts';
import { registerSupervisors, sentAt } from './people.ts';

/** Registers a clue about an agency and accepts it: the case's number. */
export async function openMatter(
  house: House,
  agency: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const clue = await registerClue(house, { agency, ...more });
  const screened = await screenClue(house, clue.body.no as string, {
    result: 'accept',
    reason: '属于本机关职责',
  });
  expect(screened.status, JSON.stringify(screened.body)).toBe(201);
  return screened.body.case as string;
}

export const caseOf = (house: House, no: string): Promise<Answered> =>
  house.call('organizer', 'GET', `/cases/${no}`);

/** Waits until the API shows this of a case. */
export const caseShows = (house: House, no: string, what: Record<string, unknown>): Promise<Answered> =>
  eventually(async () => {
    const got = await caseOf(house, no);
    expect(got.body).toMatchObject(what);
    return got;
  });

/** Posts to a case; a status other than 201 fails with what was said. */
export async function inCase(
  house: House,
  no: string,
  [what, body, role = 'organizer']: readonly [string, unknown?, ('organizer' | 'approver')?],
): Promise<Answered> {
  const got = await house.call(role, 'POST', `/cases/${no}/${what}`, { body: body ?? {} });
  expect(got.status, `${what}: ${JSON.stringify(got.body)}`).toBe(201);
  return got;
}

/** Files a case with two supervisors of the register. */
export async function fileMatter(house: House, no: string): Promise<string[]> {
  const register = await house.call('organizer', 'GET', '/supervisors');
  const there = (register.body.items as { id: string }[]).map((one) => one.id);
  const people = there.length >= 2 ? there.slice(0, 2) : await registerSupervisors(house, 2);
  await inCase(house, no, ['filing', { approved: true, supervisors: people }, 'approver']);
  return people;
}

/** Drafts, signs and serves a document: its id and its task. */
export async function issue(
  house: House,
  no: string,
  draft: Record<string, unknown>,
  service: Record<string, unknown> = { channel: 'email' },
): Promise<{ id: string; task: string; number: string }> {
  const drafted = await inCase(house, no, ['documents', draft]);
  const id = drafted.body.id as string;
  const signed = await house.call('approver', 'POST', `/documents/${id}/approval`, {
    body: { approved: true, signatory: '李某' },
  });
  expect(signed.status, JSON.stringify(signed.body)).toBe(201);
  const served = await house.call('organizer', 'POST', `/documents/${id}/service`, { body: service });
  expect(served.status, JSON.stringify(served.body)).toBe(201);
  return { id, task: served.body.task as string, number: signed.body.number as string };
}

/** A case whose agency has said its piece: letters and opinions may be drafted. `on` is today. */
export async function heardMatter(house: House, agency: string, on: string): Promise<string> {
  const no = await openMatter(house, agency);
  await fileMatter(house, no);
  const receipt = { channel: 'paper', receivedOn: on, receivedBy: '王某' };
  const { task } = await issue(house, no, { kind: 'notice' }, receipt);
  const said = { text: '情况说明如下。', by: { name: '王某' } };
  await house.call('organizer', 'POST', `/tasks/${task}/answers`, { body: said });
  await caseShows(house, no, { state: 'statementReceived' });
  return no;
}

/** A date of the case by its name, once it is worked out. */
export async function dateOf(house: House, no: string, name: string): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const { body } = await caseOf(house, no);
    const date = (body.deadlines as Record<string, unknown>[]).findLast(
      (one) => one['name'] === name && one['state'] !== 'ended',
    );
    if (!date) throw new Error(`${no} has no date ${name}`);
    return date;
  });
}

interface Told {
  readonly at: string;
  readonly source: string;
  readonly code: string;
}

/** Day by day, a line each, in an order that nothing races for. */
const byDay = (rows: readonly (readonly [at: string, what: string])[]): string[] => {
  const days = new Map<string, string[]>();
  for (const [at, what] of rows) days.set(at.slice(0, 10), [...(days.get(at.slice(0, 10)) ?? []), what]);
  return [...days].sort().map(([day, all]) => `${day} ${all.sort().join(' ')}`);
};

/** What the ledger of a case and its tasks tells of each day; the mails, which stand in `lettersTo`, aside. */
export async function daysTold(house: House, no: string): Promise<string[]> {
  const { body } = await house.call('administrator', 'GET', `/history/${no}`);
  return byDay((body as Told[]).filter((one) => one.source !== 'mail').map(({ at, code }) => [at, code]));
}

/** The mails to an address on each day, but for the question that every contact is asked each quarter: by their subjects' heads, papers' numbers and a complaint's step. */
export async function lettersTo(house: House, to: string): Promise<string[]> {
  const mails = (await house.mails(to)).filter((mail) => !mail.subject.startsWith('【联络员确认'));
  return byDay(mails.map((mail) => [sentAt(mail), headOf(mail.subject)]));
}

function headOf(subject: string): string {
  const [, head = '', rest = ''] = /^(【[^】]*】)(.*)$/.exec(subject) ?? [];
  if (head === '【投诉举报】') return `${head}${rest.replace(/^\S+ /, '')}`;
  return `${head}${/^[^〔\s]+〔\d{4}〕\d+号/.exec(rest)?.[0] ?? ''}`;
}

interface Due {
  readonly name: string;
  readonly from?: string;
  readonly at: string | null;
}

/** Every date that the case has had, the office's and the agency's: from which day, until when. */
export async function datesHad(house: House, no: string): Promise<string[]> {
  const { body } = await caseOf(house, no);
  return (body.deadlines as Due[])
    .map(({ name, from = '—', at }) => `${name} ${from} → ${at?.slice(0, 16).replace('T', ' ') ?? '—'}`)
    .sort();
}
