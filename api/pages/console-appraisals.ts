import { localDate } from '../../domain/calendar.ts';
import type { AppraisalEvent, AppraisalPoint } from '../../domain/appraisal.ts';
import type { objectionsOf } from '../../models/objection.ts';
import { APPROVERS, ORGANIZERS, READERS } from '../access.ts';
import { appraisalRoutes } from '../routes/appraisals.ts';
import { notFound } from '../problem.ts';
import { type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, list, text } from './console-frame.ts';
import { findingHref } from './console-ledger.ts';

const PATH = '/console/appraisals';
const DECIDERS = [...ORGANIZERS, ...APPROVERS];

export const appraisalConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/appraisals', rule: READERS, work: appraisal },
  { method: 'get', path: '/appraisals/:year', rule: READERS, work: appraisal },
  { method: 'post', path: '/appraisals/:year', rule: DECIDERS, work: decide, again: appraisal },
  {
    method: 'post',
    path: '/appraisals/:year/objections/:id',
    rule: ORGANIZERS,
    work: answer,
    again: appraisal,
  },
];

interface Item {
  readonly agency: string;
  readonly name: string;
  readonly small: boolean;
  readonly total: number | null;
  readonly rank?: number | null;
  readonly points: readonly AppraisalPoint[];
}
interface Shown {
  readonly year: number;
  readonly state: 'computed' | 'preliminary' | 'final';
  readonly ranking: boolean;
  readonly publishedAt?: string;
  readonly objectUntil?: string;
  readonly objections?: Awaited<ReturnType<typeof objectionsOf>>;
  readonly struck?: readonly string[];
  readonly finalAt?: string;
  readonly finalBy?: string;
  readonly items: readonly Item[];
}

const thisYear = async ({ deps }: Visit): Promise<string> => localDate(await deps.clock.now()).slice(0, 4);

/** The year of the address; this one where it names none. */
export const yearIn = async (visit: Visit): Promise<string> =>
  visit.params['year'] ?? (await thisYear(visit));

/** Addresses of the year before and of the year after, where that has begun. */
export const yearsBeside = async (visit: Visit, path: string, year: string) => ({
  before: `${path}/${Number(year) - 1}`,
  after: year < (await thisYear(visit)) ? `${path}/${Number(year) + 1}` : '',
});

const PUBLICATION: StepForm = {
  id: 'publishAppraisal',
  at: 'post /appraisals/:year',
  fields: [{ name: 'term', kind: 'term' }],
};
const SIGNATURE: StepForm = { id: 'finalAppraisal', at: 'post /appraisals/:year/final', fields: [] };

function formsOf({ actor }: Visit, { state }: Shown): readonly StepForm[] {
  if (actor.role === 'organizer' && state === 'computed') return [PUBLICATION];
  return actor.role === 'approver' && state === 'preliminary' ? [SIGNATURE] : [];
}

async function appraisal(visit: Visit): Promise<Page> {
  const { t, actor } = visit;
  const year = await yearIn(visit);
  const shown = (await callRoute(visit, appraisalRoutes, {
    at: 'get /appraisals/:year',
    params: { year },
  })) as Shown;
  const items = shown.items.map((one) => shownItem(one));
  const open = (shown.objections ?? []).filter((one) => !one.answer).length;
  return {
    page: 'appraisal',
    title: t('console.appraisal.title', { year }),
    path: `${PATH}/${year}`,
    view: {
      year,
      ...(await yearsBeside(visit, PATH, year)),
      action: `${PATH}/${year}`,
      seen: '',
      state: shown.state,
      ranking: shown.ranking,
      publishedAt: shown.publishedAt ?? '',
      objectUntil: shown.objectUntil ?? '',
      finalAt: shown.finalAt ?? '',
      finalBy: shown.finalBy ?? '',
      struck: shown.struck ?? [],
      open,
      groups: [
        { small: false, items: items.filter((one) => !one.small) },
        { small: true, items: items.filter((one) => one.small) },
      ].filter((one) => one.items.length > 0),
      objections: (shown.objections ?? []).map((one) => ({
        id: one.id,
        by: one.by,
        at: one.at,
        reason: one.reason,
        agencyName: items.find((item) => item.agency === one.agency)?.name ?? one.agency,
        answer: one.answer ?? null,
        ...formOf(visit, one.id),
        events: one.answer ? [] : eventsOf(visit, one, shown.items),
        mayAnswer: actor.role === 'organizer' && shown.state === 'preliminary' && !one.answer,
      })),
      forms: shownForms(visit, formsOf(visit, shown)),
    },
  };
}

const shownItem = ({ points, rank = null, ...item }: Item) => ({
  ...item,
  total: item.total ?? '—',
  rank: rank ?? '',
  points: points.map(({ rule, value, max, events }) => ({
    rule,
    value: value ?? '—',
    counted: value !== null,
    max,
    events: events.map(shownEvent),
  })),
});

const ABOUT_TASKS: ReadonlySet<string> = new Set(['answered', 'answeredLate', 'silent', 'looked']);

const shownEvent = ({ id, at, what, severity, repeat }: AppraisalEvent) => ({
  id,
  at: at.slice(0, 10),
  what,
  severity: severity ?? '',
  repeat: repeat ?? false,
  href: ABOUT_TASKS.has(what) ? `/console/tasks/${encodeURIComponent(id)}` : findingHref(id),
});

/** What was typed into the form of this objection, where it came back. */
function formOf({ problem, params, body }: Visit, id: string) {
  const again = problem !== undefined && params['id'] === id;
  return {
    accepted: again ? text(body['accepted']) : '',
    typedReason: again ? text(body['reason']) : '',
  };
}

/** What may be struck out: whatever was counted for the agency that objects. */
function eventsOf(
  { problem, params, body }: Visit,
  { id, agency }: { readonly id: string; readonly agency: string },
  items: readonly Item[],
) {
  const chosen = problem !== undefined && params['id'] === id ? list(body['strike']) : [];
  const events = items.find((one) => one.agency === agency)?.points.flatMap((one) => one.events) ?? [];
  return [...new Map(events.map((one) => [one.id, one])).values()].map((one) => ({
    ...shownEvent(one),
    chosen: chosen.includes(one.id),
  }));
}

async function decide(visit: Visit) {
  const form = [PUBLICATION, SIGNATURE].find((one) => one.id === text(visit.body['form']));
  if (!form) throw notFound();
  await sendForm(visit, form, appraisalRoutes);
  return { to: `${PATH}/${await yearIn(visit)}`, said: visit.t(`console.said.${form.id}`) };
}

async function answer(visit: Visit) {
  const { body, t } = visit;
  const accepted = text(body['accepted']);
  await callRoute(visit, appraisalRoutes, {
    at: 'post /appraisals/:year/objections/:id/answer',
    body: {
      accepted: accepted === '' ? null : accepted === 'true',
      reason: text(body['reason']),
      strike: list(body['strike']),
    },
  });
  return { to: `${PATH}/${await yearIn(visit)}#objections`, said: t('console.said.objectionAnswered') };
}
