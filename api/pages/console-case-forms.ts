import { CLOSING_REASONS } from '../../domain/case.ts';
import { CONCLUSIONS, type CaseStep, RECORD_KINDS, possibleSteps } from '../../domain/case-steps.ts';
import { MEASURES } from '../../domain/accountability.ts';
import { KIND_NAMES } from '../../domain/document.ts';
import { DECISION_OUTCOMES, FACTS, INSTRUMENT_KINDS } from '../../domain/instrument.ts';
import type { CaseRecord } from '../../models/case.ts';
import type { RouteSpec } from '../route.ts';
import { accountabilityRoutes } from '../routes/accountability.ts';
import { caseRoutes } from '../routes/cases.ts';
import { spreadRoutes } from '../routes/spread.ts';
import type { FormField, Option, StepForm } from './console-forms.ts';
import type { Visit } from './console-frame.ts';

/** The calls behind the forms of a case. */
export const CASE_CALLS: readonly RouteSpec[] = [...caseRoutes, ...accountabilityRoutes, ...spreadRoutes];

export interface CaseForm extends StepForm {
  /** The steps that it takes: it is shown while one of them is possible. */
  readonly steps: readonly CaseStep[];
}

export interface Register {
  readonly supervisors: readonly Option[];
  readonly officers: readonly Option[];
  readonly agencies: readonly Option[];
}

const of = (names: Readonly<Record<string, string>>): Option[] =>
  Object.entries(names).map(([value, label]) => ({ value, label }));
const reason: FormField = { name: 'reason', kind: 'area', required: true };
const note: FormField = { name: 'note', kind: 'area' };

/** Every step of a case that a person takes, as a form; which are shown depends on where it stands and on who looks. */
function formsOf(
  { t }: Visit,
  matter: CaseRecord,
  { supervisors, officers, agencies }: Register,
): readonly CaseForm[] {
  const words = (field: string, values: readonly string[]): Option[] =>
    values.map((value) => ({ value, label: t(`console.stepOption.${field}.${value}`) }));
  const pending = (rows: readonly { readonly id: string }[], label: (id: string) => string): FormField => ({
    name: 'about',
    kind: 'choice',
    required: true,
    options: rows.map(({ id }) => ({ value: id, label: label(id) })),
  });
  const person = (id: string): string => supervisors.find((one) => one.value === id)?.label ?? id;
  const { machine } = matter;
  const steps = possibleSteps(machine);
  const kinds = INSTRUMENT_KINDS.filter((kind) =>
    steps.includes(`draft${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as CaseStep),
  );
  return [
    {
      id: 'file',
      steps: ['file'],
      at: 'post /cases/:no/filing',
      fields: [
        { name: 'approved', kind: 'yesNo', required: true },
        { name: 'supervisors', kind: 'choices', options: supervisors },
        { name: 'reason', kind: 'area' },
      ],
      body: ({ approved, supervisors: people, reason: why }) =>
        approved === true ? { approved, supervisors: people } : { approved, reason: why },
    },
    {
      id: 'document',
      steps: kinds.map((kind) => `draft${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as CaseStep),
      at: 'post /cases/:no/documents',
      fields: [
        {
          name: 'kind',
          kind: 'choice',
          required: true,
          options: kinds.map((kind) => ({ value: kind, label: KIND_NAMES[kind] })),
        },
        { name: 'findings', kind: 'lines' },
        { name: 'facts', kind: 'choices', options: of(FACTS) },
        { name: 'term', kind: 'term' },
        { name: 'outcome', kind: 'choice', options: of(DECISION_OUTCOMES) },
        { name: 'reason', kind: 'area' },
      ],
    },
    {
      id: 'record',
      steps: ['recordInvestigation'],
      at: 'post /cases/:no/investigation-records',
      fields: [
        { name: 'kind', kind: 'choice', required: true, options: words('record', RECORD_KINDS) },
        { name: 'on', kind: 'date' },
        { name: 'place', kind: 'line' },
        { name: 'subject', kind: 'line' },
        { name: 'text', kind: 'area', required: true },
        { name: 'evidence', kind: 'lines' },
      ],
    },
    {
      id: 'review',
      steps: ['review'],
      at: 'post /cases/:no/review',
      fields: [
        {
          name: 'kind',
          kind: 'choice',
          required: true,
          options: words('review', ['legalReview', 'collectiveDiscussion']),
        },
        { name: 'opinion', kind: 'area', required: true },
        { name: 'conclusion', kind: 'choice', options: words('conclusion', CONCLUSIONS) },
      ],
    },
    {
      id: 'verify',
      steps: ['verify'],
      at: 'post /cases/:no/verification',
      fields: [
        { name: 'accepted', kind: 'yesNo', required: true },
        { name: 'note', kind: 'area', required: true },
        { name: 'term', kind: 'term' },
      ],
    },
    {
      id: 'answerObjection',
      steps: ['answerObjection'],
      at: 'post /cases/:no/objections/:id/answer',
      fields: [
        pending(
          machine.objections.filter((one) => one.answer === undefined),
          (id) => id,
        ),
        { name: 'upheld', kind: 'yesNo', required: true },
        { name: 'text', kind: 'area', required: true },
      ],
    },
    {
      id: 'submitToGovernment',
      steps: ['submitToGovernment'],
      at: 'post /cases/:no/government-submission',
      fields: [],
    },
    {
      id: 'decideByGovernment',
      steps: ['decideByGovernment'],
      at: 'post /cases/:no/government-approval',
      fields: [{ name: 'approved', kind: 'yesNo', required: true }, note],
    },
    {
      id: 'askRecusal',
      steps: ['askRecusal'],
      at: 'post /cases/:no/recusals',
      fields: [
        {
          name: 'person',
          kind: 'choice',
          required: true,
          options: matter.supervisors.map(({ id, name }) => ({ value: id, label: name })),
        },
        {
          name: 'side',
          kind: 'choice',
          required: true,
          options: words('side', ['self', 'agency', 'complainant', 'exOfficio']),
        },
        reason,
      ],
    },
    {
      id: 'decideRecusal',
      steps: ['decideRecusal'],
      at: 'post /cases/:no/recusals/:id/decision',
      fields: [
        pending(
          machine.recusals.filter((one) => one.decision === undefined),
          (id) => person(machine.recusals.find((one) => one.id === id)?.person ?? id),
        ),
        { name: 'granted', kind: 'yesNo', required: true },
      ],
    },
    {
      id: 'assign',
      steps: ['assign'],
      at: 'post /cases/:no/supervisors',
      fields: [{ name: 'supervisors', kind: 'choices', options: supervisors }],
    },
    {
      id: 'suspend',
      steps: ['suspend'],
      at: 'post /cases/:no/suspension',
      fields: [
        {
          name: 'remedy',
          kind: 'choice',
          required: true,
          options: words('remedy', ['reconsideration', 'litigation', 'supervisoryInvestigation']),
        },
      ],
    },
    { id: 'resume', steps: ['resume'], at: 'post /cases/:no/resumption', fields: [note] },
    { id: 'extend', steps: ['extend'], at: 'post /cases/:no/extension', fields: [reason] },
    {
      id: 'askTransfer',
      steps: ['askTransfer'],
      at: 'post /cases/:no/transfer',
      fields: [
        {
          name: 'to',
          kind: 'choice',
          required: true,
          options: words('target', ['supervisionCommission', 'police', 'procuratorate', 'competentAgency']),
        },
        reason,
      ],
    },
    {
      id: 'decideTransfer',
      steps: ['decideTransfer'],
      at: 'post /cases/:no/transfers/:id/decision',
      fields: [
        pending(
          machine.transfers.filter((one) => one.status === 'asked'),
          (id) => id,
        ),
        { name: 'approved', kind: 'yesNo', required: true },
        note,
      ],
    },
    {
      id: 'reportTransfer',
      steps: ['reportTransfer'],
      at: 'post /cases/:no/transfers/:id/outcome',
      fields: [
        pending(machine.transfers, (id) => id),
        {
          name: 'outcome',
          kind: 'choice',
          required: true,
          options: words('transferred', ['handedOver', 'taken', 'sentBack']),
        },
        note,
      ],
    },
    {
      id: 'withdrawComplaint',
      steps: ['withdrawComplaint'],
      at: 'post /cases/:no/withdrawal',
      fields: [reason],
    },
    {
      id: 'meeting',
      steps: ['note'],
      at: 'post /cases/:no/joint-meetings',
      fields: [
        { name: 'on', kind: 'date' },
        { name: 'bodies', kind: 'lines', required: true },
        { name: 'subject', kind: 'line', required: true },
        { name: 'minutes', kind: 'area', required: true },
        { name: 'resolution', kind: 'area' },
      ],
    },
    {
      id: 'accountability',
      steps: ['note'],
      at: 'post /cases/:no/accountability',
      fields: [
        { name: 'kind', kind: 'choice', required: true, options: of(MEASURES) },
        { name: 'subject', kind: 'choice', required: true, options: [...officers, ...supervisors] },
        { name: 'body', kind: 'choice', required: true, options: agencies },
        { name: 'reason', kind: 'area' },
      ],
    },
    { id: 'spread', steps: ['note'], at: 'post /cases/:no/spread', fields: [] },
    {
      id: 'close',
      steps: ['close'],
      at: 'post /cases/:no/closure',
      fields: [
        { name: 'reason', kind: 'choice', required: true, options: words('closing', CLOSING_REASONS) },
        note,
      ],
    },
    {
      id: 'reply',
      steps: ['reply'],
      at: 'post /cases/:no/reply',
      fields: [{ name: 'text', kind: 'area', required: true }],
    },
    { id: 'archive', steps: ['archive'], at: 'post /cases/:no/archive', fields: [] },
  ];
}

/** The forms of what this person may do in the case now. */
export function possibleForms(visit: Visit, matter: CaseRecord, register: Register): readonly CaseForm[] {
  const steps = possibleSteps(matter.machine);
  return formsOf(visit, matter, register).filter((form) => {
    const spec = CASE_CALLS.find((one) => `${one.method} ${one.path}` === form.at);
    return spec?.rule.includes(visit.actor.role) && form.steps.some((step) => steps.includes(step));
  });
}

/** A form by its name, possible now or not: the refusal says what is. */
export const caseForm = (visit: Visit, matter: CaseRecord, register: Register): StepForm | undefined =>
  formsOf(visit, matter, register).find((form) => form.id === visit.body['form']);
