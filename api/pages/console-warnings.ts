import { OUTCOME_WORDS } from '../../domain/act-table.ts';
import { WARNING_STATES, type Evidence } from '../../domain/warning.ts';
import type { WarningRecord } from '../../models/warning.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { notFound } from '../problem.ts';
import type { showAct } from '../routes/acts.ts';
import { warningRoutes } from '../routes/warnings.ts';
import { type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';
import { agencyOptions, findingHref } from './console-ledger.ts';
import { listing } from './console-listing.ts';
import { timelineFor } from './console-timeline.ts';

const PATH = '/console/warnings';
const SEVERITIES = ['minor', 'ordinary', 'major'];

export const warningConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/warnings', rule: READERS, work: warnings, again: warnings },
  { method: 'get', path: '/warnings/:id', rule: READERS, work: warning },
  { method: 'post', path: '/warnings/:id', rule: ORGANIZERS, work: decide, again: warning },
];

type Shown = Omit<WarningRecord, '_id' | 'unit'> & { readonly id: string };
interface Whole extends Omit<Shown, 'acts'> {
  readonly acts: readonly ReturnType<typeof showAct>[];
  readonly ruleNow: { readonly title: string; readonly basis: string; readonly version: number } | null;
}

const rulesOf = ({ deps }: Visit) =>
  deps.store.warningRules.find({}, { title: 1 }).sort({ _id: 1 }).lean<{ _id: string; title: string }[]>();

async function warnings(visit: Visit): Promise<Page> {
  const [shown, rules, agencies] = await Promise.all([
    listing<Shown>(visit, warningRoutes, {
      at: 'get /warnings',
      path: PATH,
      filters: ['rule', 'agency', 'state'],
    }),
    rulesOf(visit),
    agencyOptions(visit),
  ]);
  const titles = new Map(rules.map((one) => [one._id, one.title]));
  const names = new Map(agencies.map((one) => [one.id, one.name]));
  return {
    page: 'warnings',
    title: visit.t('console.nav.warnings'),
    path: PATH,
    view: {
      ...shown,
      agencies,
      rules: rules.map((one) => ({ id: one._id, name: one.title })),
      states: WARNING_STATES,
      rows: shown.items.map((one) => ({
        id: one.id,
        rule: titles.get(one.rule) ?? one.rule,
        agency: one.agency,
        agencyName: names.get(one.agency) ?? one.agency,
        on: one.on,
        foundAt: one.foundAt,
        state: one.state,
        detail: one.detail,
      })),
    },
  };
}

/** What a person may make of a warning that is open. */
const formsOf = ({ t }: Visit): readonly StepForm[] => [
  {
    id: 'dismissWarning',
    at: 'post /warnings/:id/dismissal',
    fields: [{ name: 'reason', kind: 'area', required: true }],
  },
  { id: 'warningClue', at: 'post /warnings/:id/clue', fields: [{ name: 'summary', kind: 'area' }] },
  {
    id: 'warningFinding',
    at: 'post /warnings/:id/finding',
    fields: [
      {
        name: 'severity',
        kind: 'choice',
        required: true,
        options: SEVERITIES.map((value) => ({ value, label: t(`console.severity.${value}`) })),
      },
      { name: 'description', kind: 'area' },
    ],
  },
];

async function warning(visit: Visit): Promise<Page> {
  const { actor, params } = visit;
  const whole = (await callRoute(visit, warningRoutes, { at: 'get /warnings/:id' })) as Whole;
  const agencies = await agencyOptions(visit);
  const names = new Map(agencies.map((one) => [one.id, one.name]));
  const { decision } = whole;
  return {
    page: 'warning',
    title: `${whole.id} ${whole.ruleNow?.title ?? whole.rule}`,
    path: `${PATH}/${params['id'] ?? ''}`,
    view: {
      id: whole.id,
      action: `${PATH}/${encodeURIComponent(whole.id)}`,
      timeline: await timelineFor(visit, whole.id, {
        path: `${PATH}/${encodeURIComponent(whole.id)}`,
        next: null,
      }),
      seen: '',
      rule: whole.ruleNow?.title ?? whole.rule,
      basis: whole.ruleNow?.basis ?? '',
      older: whole.ruleNow !== null && whole.ruleNow.version !== whole.ruleVersion,
      state: whole.state,
      detail: whole.detail,
      on: whole.on,
      foundAt: whole.foundAt,
      lapsedAt: whole.lapsedAt ?? '',
      agencies: whole.agencies.map((id) => ({ id, name: names.get(id) ?? id })),
      evidence: evidenceOf(visit, whole.evidence, names),
      acts: whole.acts.map((act) => ({
        no: act.no,
        type: act.type,
        on: act.on,
        target: act.target,
        agencyName: names.get(act.agency) ?? act.agency,
        amount: act.amount ?? '',
      })),
      decision: decision
        ? {
            by: decision.by,
            at: decision.at,
            reason: decision.reason ?? '',
            no: decision.no ?? '',
            href: decisionHref(decision.state, decision.no),
          }
        : null,
      forms: actor.role === 'organizer' && whole.state === 'open' ? shownForms(visit, formsOf(visit)) : [],
    },
  };
}

function decisionHref(state: string, no: string | undefined): string {
  if (no === undefined) return '';
  return state === 'clue' ? `/console/clues/${encodeURIComponent(no)}` : findingHref(no);
}

/** Evidence word for word; what the catalogue has a word for is said in it. */
function evidenceOf({ t, lang }: Visit, evidence: Evidence, names: ReadonlyMap<string, string>) {
  const said = (name: string, value: string): string => {
    if (name === 'agencies') return names.get(value) ?? value;
    if (name === 'outcomes' && lang === 'zh') return OUTCOME_WORDS[value] ?? value;
    return SAID_IN_WORDS.has(name) && value !== '' ? t(`console.evidenceValue.${value}`) : value;
  };
  return Object.entries(evidence).map(([name, value]) => ({
    name,
    value: (Array.isArray(value) ? value : [value]).map((one) => said(name, String(one))).join('、'),
  }));
}

const SAID_IN_WORDS: ReadonlySet<string> = new Set([
  'channel',
  'required',
  'recording',
  'occasion',
  'type',
  'provisional',
]);

async function decide(visit: Visit) {
  const form = formsOf(visit).find((one) => one.id === text(visit.body['form']));
  if (!form) throw notFound();
  const { no, finding } = (await sendForm(visit, form, warningRoutes)) as { no?: string; finding?: string };
  const said = visit.t(`console.said.${form.id}`, { no: no ?? finding ?? '' });
  const id = visit.params['id'] ?? '';
  return { to: no === undefined ? `${PATH}/${encodeURIComponent(id)}` : `/console/clues/${no}`, said };
}
