import { CHANNELS, CLUE_STATES, RESULTS } from '../../domain/clue.ts';
import { dueOf } from '../../domain/clue-deadline.ts';
import type { ClueRecord } from '../../models/clue.ts';
import { ORGANIZERS, READERS, STAFF } from '../access.ts';
import { filesOf } from '../clue-identity.ts';
import { clueBrief, handlesClue, showClue } from '../clue-view.ts';
import { notFound } from '../problem.ts';
import { cluePeopleRoutes } from '../routes/clue-people.ts';
import { clueRoutes, findClue } from '../routes/clues.ts';
import { nextOfClue } from '../next-step.ts';
import { type Option, type Said, type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';
import { pageOf } from './console-rows.ts';
import { timelineFor } from './console-timeline.ts';

const A_PAGE = 50;
const CALLS = [...clueRoutes, ...cluePeopleRoutes];

export const clueConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/clues', rule: READERS, work: clues },
  { method: 'post', path: '/clues', rule: ORGANIZERS, work: register, again: clues },
  { method: 'get', path: '/clues/:no', rule: READERS, work: clue },
  { method: 'post', path: '/clues/:no', rule: ORGANIZERS, work: take, again: clue },
  {
    method: 'post',
    path: '/clues/:no/identity',
    rule: STAFF,
    work: identity,
    again: clue,
    shownOnce: true,
  },
  {
    method: 'post',
    path: '/clues/:no/files/:n',
    rule: STAFF,
    work: evidence,
    again: clue,
    shownOnce: true,
  },
];

const agenciesOf = async ({ deps: { store } }: Visit): Promise<Option[]> =>
  (await store.agencies.find({}, { name: 1 }).sort({ _id: 1 }).limit(2_000).lean()).map(({ _id, name }) => ({
    value: _id,
    label: name,
  }));

const named = ({ t }: Visit, field: string, values: readonly string[]): Option[] =>
  values.map((value) => ({ value, label: t(`console.stepOption.${field}.${value}`) }));

/** A clue as it was taken down by staff. */
async function registerForm(visit: Visit): Promise<StepForm> {
  return {
    id: 'register',
    at: 'post /clues',
    fields: [
      { name: 'channel', kind: 'choice', required: true, options: named(visit, 'channel', CHANNELS) },
      { name: 'summary', kind: 'area', required: true },
      { name: 'agency', kind: 'choice', options: await agenciesOf(visit) },
      { name: 'actType', kind: 'line' },
      { name: 'name', kind: 'line' },
      { name: 'contact', kind: 'line' },
    ],
    body: ({ name, contact, ...said }: Said) => ({
      ...said,
      ...(name === undefined && contact === undefined
        ? {}
        : { complainant: { name, contact, confidential: true } }),
    }),
  };
}

async function clues(visit: Visit): Promise<Page> {
  const { deps, t, query, actor } = visit;
  const page = pageOf(query['page']);
  const { state = '', channel = '' } = query;
  const filter = {
    ...(CLUE_STATES.includes(state as never) ? { state } : {}),
    ...(CHANNELS.includes(channel as never) ? { channel } : {}),
    ...(actor.agency === undefined ? {} : { agency: { $ne: actor.agency } }),
  } as Record<string, unknown>;
  const [rows, total, now] = await Promise.all([
    deps.store.clues
      .find(filter)
      .sort({ _id: -1 })
      .skip((page - 1) * A_PAGE)
      .limit(A_PAGE)
      .lean<ClueRecord[]>(),
    deps.store.clues.countDocuments(filter),
    deps.clock.now(),
  ]);
  return {
    page: 'clues',
    title: t('console.nav.clues'),
    view: {
      total,
      action: '/console/clues',
      seen: '',
      asked: { state, channel },
      filtered: state !== '' || channel !== '',
      states: CLUE_STATES,
      channels: CHANNELS,
      forms: actor.role === 'organizer' ? shownForms(visit, [await registerForm(visit)]) : [],
      rows: rows.map((row) => {
        const { no, summary, state: stands, channel: by, light } = clueBrief(row, now);
        const what = dueOf(row.state, row.repliedAt);
        return {
          no,
          summary,
          state: stands,
          channel: by,
          light,
          due: (what && row.deadlines[what]?.at) ?? '',
        };
      }),
    },
  };
}

async function register(visit: Visit) {
  const { no } = (await sendForm(visit, await registerForm(visit), CALLS)) as { no: string };
  return { to: `/console/clues/${no}`, said: visit.t('console.said.clueRegistered', { no }) };
}

async function theClue({ deps, params, actor }: Visit): Promise<ClueRecord> {
  const found = await findClue(deps, params);
  if (!found || (actor.agency !== undefined && actor.agency === found.agency)) throw notFound();
  return found;
}

/** What may be done with a clue: its registration, its screening, its letter, a remedy that begins. */
async function formsOf(visit: Visit, found: ClueRecord): Promise<readonly StepForm[]> {
  const agencies = await agenciesOf(visit);
  const possible: readonly string[] = (await showClue(visit.deps, found, visit.actor)).possible;
  const all: readonly (StepForm & { readonly step: string })[] = [
    {
      id: 'registration',
      step: 'registration',
      at: 'post /clues/:no/registration',
      fields: [
        { name: 'agency', kind: 'choice', options: agencies },
        { name: 'actType', kind: 'line' },
        { name: 'summary', kind: 'area' },
      ],
    },
    {
      id: 'screen',
      step: 'screening',
      at: 'post /clues/:no/screening',
      fields: [
        { name: 'result', kind: 'choice', required: true, options: named(visit, 'result', RESULTS) },
        { name: 'reason', kind: 'area', required: true },
        { name: 'agency', kind: 'choice', options: agencies },
        { name: 'of', kind: 'line' },
        { name: 'to', kind: 'line' },
      ],
      body: ({ result, agency, of, to, ...said }: Said) => ({
        result,
        ...said,
        ...(result === 'accept' && agency !== undefined ? { agency } : {}),
        ...(result === 'duplicate' ? { of } : {}),
        ...(result === 'notCompetent' ? { to } : {}),
      }),
    },
    {
      id: 'transferred',
      step: 'transfer',
      at: 'post /clues/:no/transfer',
      fields: [
        { name: 'to', kind: 'line', required: true },
        { name: 'on', kind: 'date', required: true },
      ],
    },
  ];
  return all.filter(({ step }) => possible.includes(step));
}

async function clue(visit: Visit): Promise<Page> {
  const { deps, actor, t } = visit;
  const found = await theClue(visit);
  const no = found._id;
  const shown = await showClue(deps, found, actor);
  return {
    page: 'clue',
    title: no,
    path: `/console/clues/${no}`,
    view: {
      ...shown,
      no,
      action: `/console/clues/${no}`,
      seen: '',
      caseNo: found.case ?? '',
      agencyName: found.agency ?? t('console.clue.noAgency'),
      forms: actor.role === 'organizer' ? shownForms(visit, await formsOf(visit, found)) : [],
      mayOpen: shown.complainant !== null && 'reach' in shown.complainant,
      complainant: shown.complainant ?? null,
      identity: null,
      files: filesOf(found).map(({ name, size, file }, i) => ({
        n: i + 1,
        name,
        size,
        kept: file !== '',
        fieldId: `f-purpose-${i + 1}`,
      })),
      mayDownload: handlesClue(actor, found),
      dates: Object.entries(shown.deadlines).flatMap(([name, due]) => (due ? [{ name, at: due.at }] : [])),
      timeline: await timelineFor(visit, no, { path: `/console/clues/${no}`, next: nextOfClue(found) }),
    },
  };
}

async function take(visit: Visit) {
  const found = await theClue(visit);
  const form = (await formsOf(visit, found)).find((one) => one.id === visit.body['form']);
  if (!form) throw notFound();
  const answer = (await sendForm(visit, form, CALLS)) as { case?: string };
  const said = visit.t('console.said.stepTaken', { step: visit.t(`console.stepName.${form.id}`) });
  return {
    to: answer.case === undefined ? `/console/clues/${found._id}` : `/console/cases/${answer.case}`,
    said,
  };
}

/** A file that a complainant handed in, for the purpose that was given. */
async function evidence(visit: Visit): Promise<undefined> {
  await callRoute(visit, cluePeopleRoutes, {
    at: 'post /clues/:no/files/:n/openings',
    body: { purpose: text(visit.body['purpose']) },
  });
  return undefined;
}

/** Who complained, once, for the purpose that was given; the opening stands in the ledger. */
async function identity(visit: Visit): Promise<Page> {
  const opened = await callRoute(visit, cluePeopleRoutes, {
    at: 'post /clues/:no/complainant/openings',
    body: { purpose: text(visit.body['purpose']) },
  });
  const page = await clue(visit);
  return { ...page, view: { ...page.view, identity: { name: '', contact: '', ...(opened as object) } } };
}
