import {
  type AccountabilityState,
  MEASURES,
  type Outcome,
  type Subject,
  possibleMeasures,
} from '../../domain/accountability.ts';
import { localDate } from '../../domain/calendar.ts';
import { standingOn } from '../../domain/supervisor.ts';
import { READERS, STAFF } from '../access.ts';
import { notFound } from '../problem.ts';
import { accountabilityRoutes } from '../routes/accountability.ts';
import { type Option, type Said, type StepForm, sendForm, shownForms } from './console-forms.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text } from './console-frame.ts';
import { listing } from './console-listing.ts';
import { taskRows } from './console-rows.ts';
import { timelineFor } from './console-timeline.ts';

const PATH = '/console/accountabilities';
const STATES = [
  'recommended',
  'sent',
  'declined',
  'withdrawn',
  'outcomeReceived',
  'inEffect',
  'ended',
] as const satisfies AccountabilityState['status'][];

export const accountabilityConsoleRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/accountabilities',
    rule: READERS,
    work: accountabilities,
    again: accountabilities,
  },
  { method: 'get', path: '/accountabilities/:no', rule: READERS, work: accountability },
  { method: 'post', path: '/accountabilities/:no', rule: STAFF, work: take, again: accountability },
];

interface Row {
  readonly no: string;
  readonly case: string;
  readonly kind: keyof typeof MEASURES;
  readonly subject: Subject;
  readonly bodyName: string;
  readonly recommendedAt: string;
  readonly state: AccountabilityState['status'];
  readonly outcome?: Outcome;
  readonly endedOn?: string;
}
interface Whole extends Row {
  readonly body: string;
  readonly reason: string;
  readonly basis: string;
  readonly recommendedBy: string;
  readonly notifyBy?: string;
  readonly because?: string;
}

async function accountabilities(visit: Visit): Promise<Page> {
  const shown = await listing<Row>(visit, accountabilityRoutes, {
    at: 'get /accountabilities',
    path: PATH,
    filters: ['state', 'case', 'subject'],
  });
  return {
    page: 'accountabilities',
    title: visit.t('console.nav.accountabilities'),
    path: PATH,
    view: {
      ...shown,
      states: STATES,
      rows: shown.items.map((row) => ({
        no: row.no,
        case: row.case,
        subjectName: row.subject.name,
        measure: MEASURES[row.outcome?.measure ?? row.kind],
        bodyName: row.bodyName,
        recommendedAt: row.recommendedAt,
        state: row.state,
        until: row.state === 'inEffect' ? (row.outcome?.until ?? '') : '',
      })),
    },
  };
}

type Step = ReturnType<typeof possibleMeasures>[number];

/** Every step of a recommendation that a person takes. */
const FORMS: readonly (StepForm & { readonly step: Step })[] = [
  {
    id: 'measureOutcome',
    step: 'recordOutcome',
    at: 'post /accountabilities/:no/outcome',
    fields: [
      {
        name: 'measure',
        kind: 'choice',
        options: Object.entries(MEASURES).map(([value, label]): Option => ({ value, label })),
      },
      { name: 'on', kind: 'date', required: true },
      { name: 'from', kind: 'date' },
      { name: 'until', kind: 'date' },
      { name: 'document', kind: 'line' },
      { name: 'note', kind: 'area' },
    ],
    body: (said: Said) => ({ imposed: true, ...said }),
  },
  {
    id: 'measureDecline',
    step: 'decline',
    at: 'post /accountabilities/:no/outcome',
    fields: [{ name: 'reason', kind: 'area', required: true }],
    body: (said: Said) => ({ imposed: false, ...said }),
  },
  {
    id: 'measureRestore',
    step: 'restore',
    at: 'post /accountabilities/:no/restoration',
    fields: [{ name: 'reason', kind: 'area', required: true }],
  },
  {
    id: 'measureWithdraw',
    step: 'withdraw',
    at: 'post /accountabilities/:no/withdrawal',
    fields: [{ name: 'reason', kind: 'area', required: true }],
  },
];

/** The forms of what this person may do now. */
const possible = ({ actor }: Visit, state: Row['state']): readonly StepForm[] =>
  FORMS.filter(({ at, step }) => {
    const spec = accountabilityRoutes.find((one) => `${one.method} ${one.path}` === at);
    return spec?.rule.includes(actor.role) && possibleMeasures({ status: state }).includes(step);
  });

async function accountability(visit: Visit): Promise<Page> {
  const { deps } = visit;
  const whole = (await callRoute(visit, accountabilityRoutes, { at: 'get /accountabilities/:no' })) as Whole;
  const { no, subject, outcome } = whole;
  const [tasks, timeline, holder] = await Promise.all([
    taskRows(deps, { owner: no }),
    timelineFor(visit, no, { path: `${PATH}/${no}` }),
    holderOf(visit, subject),
  ]);
  return {
    page: 'accountability',
    title: `${no} ${subject.name}`,
    path: `${PATH}/${no}`,
    view: {
      no,
      action: `${PATH}/${no}`,
      seen: '',
      case: whole.case,
      state: whole.state,
      subject: { ...subject, agency: subject.agency ?? '' },
      measure: MEASURES[whole.kind],
      bodyId: whole.body,
      bodyName: whole.bodyName,
      reason: whole.reason,
      basis: whole.basis,
      recommendedBy: whole.recommendedBy,
      recommendedAt: whole.recommendedAt,
      outcome: outcome
        ? {
            ...outcome,
            measure: MEASURES[outcome.measure],
            until: outcome.until ?? '',
            document: outcome.document ?? '',
          }
        : null,
      notifyBy: whole.notifyBy ?? '',
      endedOn: whole.endedOn ?? '',
      because: whole.because ?? '',
      holder,
      forms: shownForms(visit, possible(visit, whole.state)),
      tasks,
      timeline,
    },
  };
}

/** How the holder of a certificate stands today, and until when; none for an agency. */
async function holderOf({ deps: { store, clock } }: Visit, { type, id }: Subject) {
  if (type === 'agency') return null;
  const person = await (type === 'officer' ? store.officers : store.supervisors).findById(id).lean();
  if (!person) return null;
  const standing = standingOn(person, localDate(await clock.now()));
  return {
    certificate: person.certificate.no,
    standing: standing.state,
    barred: standing.state !== 'valid',
    from: 'from' in standing ? standing.from : '',
    until: 'until' in standing ? (standing.until ?? '') : '',
  };
}

async function take(visit: Visit) {
  const form = FORMS.find((one) => one.id === text(visit.body['form']));
  if (!form) throw notFound();
  await sendForm(visit, form, accountabilityRoutes);
  const said = visit.t('console.said.stepTaken', { step: visit.t(`console.stepName.${form.id}`) });
  return { to: `${PATH}/${visit.params['no'] ?? ''}`, said };
}
