import { expect } from 'vitest';
import { stamp } from '../../domain/clock.ts';
import type { MailboxMessage } from '../../embedded/mailbox.ts';
import { caseId, fileReviewId, rosterId } from '../../workflows/messages.ts';
import { linkIn } from './county.ts';
import { type Answered, eventually, type House } from './house.ts';

export const addressOf = (agency: string, who: 'jingban' | 'fushou' | 'fuze' = 'jingban'): string =>
  `${who}@${agency}.huantai.example`;

/** When a mail says that it was written: RFC 3339 in Shanghai. */
export const sentAt = (mail: MailboxMessage): string => stamp(Date.parse(mail.headers['Date'] ?? ''));

/** Days on which an address got mails whose subject has this word. */
export const daysOf = async (house: House, to: string, subject: string): Promise<string[]> =>
  (await house.mails(to, subject)).map((mail) => sentAt(mail).slice(0, 10));

/** Waits for the mail number `n` (from 1) with this word in its subject. */
export const mailTo = (house: House, to: string, subject = '', n = 1): Promise<MailboxMessage> =>
  eventually(async () => {
    const mail = (await house.mails(to, subject))[n - 1];
    if (!mail) throw new Error(`no mail ${n} “${subject}” to ${to}`);
    return mail;
  });

/** The page of an agency's task, out of its first mail. */
export const pageOf = async (house: House, to: string, subject = '【请办理】', n = 1): Promise<string> =>
  linkIn((await mailTo(house, to, subject, n)).text);

/** Posts to an agency's page as a program does. */
export async function post(
  link: string,
  what: string,
  fields: Record<string, string>,
): Promise<{ status: number; body: Answered['body'] }> {
  const response = await fetch(`${link}/${what}`, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, body: await response.json() };
}

export const sign = (link: string): Promise<{ status: number; body: Answered['body'] }> =>
  post(link, 'acknowledge', { name: '经办人甲', post: '科员' });

export const taskOf = (house: House, no: string): Promise<Answered> =>
  house.call('organizer', 'GET', `/tasks/${no}`);

/** Waits until the API shows this of a task. */
export const taskShows = (house: House, no: string, what: Record<string, unknown>): Promise<Answered> =>
  eventually(async () => {
    const got = await taskOf(house, no);
    expect(got.body).toMatchObject(what);
    return got;
  });

export const campaignShows = (house: House, no: string, what: Record<string, unknown>): Promise<Answered> =>
  eventually(async () => {
    const got = await house.call('organizer', 'GET', `/campaigns/${no}`);
    expect(got.body).toMatchObject(what);
    return got;
  });

/** The number of an agency's task of a kind. */
export async function numberOf(
  house: House,
  owner: string,
  agency: string,
  kind = 'selfInspection',
): Promise<string> {
  return eventually(async () => {
    const got = await house.call('organizer', 'GET', `/tasks?owner=${owner}&agency=${agency}&kind=${kind}`);
    const no = (got.body.items as { no: string }[])[0]?.no;
    if (no === undefined) throw new Error(`no ${kind} of ${agency} in ${owner}`);
    return no;
  });
}

/** Judges what an agency sent, as it stands now. */
export async function review(house: House, no: string, verdict: Record<string, unknown>): Promise<Answered> {
  const shown = await taskShows(house, no, { state: 'inReview' });
  return house.call('organizer', 'POST', `/tasks/${no}/reviews`, {
    headers: { 'If-Match': shown.headers.get('etag') ?? '' },
    body: verdict,
  });
}

/** Answers on the page and has it accepted. */
export async function settle(
  house: House,
  { link, no, fields = {} }: { link: string; no: string; fields?: Record<string, string> },
): Promise<void> {
  expect((await post(link, 'answers', { text: '已办理', ...fields })).status).toBe(201);
  expect((await review(house, no, { verdict: 'accept' })).body).toMatchObject({ state: 'closed' });
}

export async function registerSupervisors(house: House, n: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 1; i <= n; i += 1) {
    const certificate = { no: `SD-${i}`, issued: '2025-01-01', expires: '2099-12-31' };
    const made = await house.call('administrator', 'POST', '/supervisors', {
      body: { name: `监督员${i}`, certificate },
    });
    ids.push(made.body.id as string);
  }
  return ids;
}

/** Records a joint inspection with one finding. */
export async function inspect(
  house: House,
  no: string,
  {
    agency,
    inspectors,
    on,
    item = 'c3',
  }: { agency: string; inspectors: string[]; on: string; item?: string },
): Promise<string> {
  const { status, body } = await house.call('organizer', 'POST', `/campaigns/${no}/inspections`, {
    body: {
      agency,
      inspectors,
      on,
      findings: [{ item, severity: 'ordinary', description: `${agency}：重大执法决定未经法制审核` }],
    },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return numberOf(house, no, agency, 'rectification');
}

/** Drafts, approves and serves the circular. */
export async function circulate(house: House, no: string): Promise<void> {
  const drafted = await house.call('organizer', 'POST', `/campaigns/${no}/circulars`, {
    body: { title: '关于专项监督情况的通报' },
  });
  await house.call('approver', 'POST', `/documents/${drafted.body.id}/approval`, {
    body: { approved: true, signatory: '局长' },
  });
  await house.call('organizer', 'POST', `/documents/${drafted.body.id}/service`, {
    body: { channel: 'email' },
  });
}

/** No workflow of the house has ever failed a step by its own fault: what was refused was refused, what was late was recorded. (A step that something new overtook is done again by the engine.) */
export async function expectNoFailure(house: House): Promise<void> {
  const groups = await house.store.tasks.distinct('group');
  const campaigns = await house.store.campaigns.distinct('_id', { state: { $ne: 'draft' } });
  const plans = await house.store.plans.distinct('_id', { state: { $ne: 'draft' } });
  const cases = await house.store.cases.distinct('_id');
  const reviews = await house.store.fileReviews.distinct('_id', { publishedAt: { $exists: true } });
  const months = await house.store.rosterMonths.distinct('_id');
  const owners = [
    ...months.map(rosterId),
    ...reviews.map(fileReviewId),
    ...campaigns.map((no) => `campaign/${no}`),
    ...plans.map((no) => `plan/${no}`),
    ...cases.map(caseId),
  ];
  for (const id of [...owners, ...groups]) {
    const handle = house.env.client.workflow.getHandle(id);
    const found = await handle.fetchHistory().catch(() => undefined);
    const faults = (found?.events ?? []).flatMap((event) => {
      const step = event.workflowTaskFailedEventAttributes;
      const end = event.workflowExecutionFailedEventAttributes;
      return step?.failure?.message ?? end?.failure?.message ?? [];
    });
    expect(faults, id).toEqual([]);
  }
}
