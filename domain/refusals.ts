/** Every reason the product can refuse something for. api/errors.ts maps each to an HTTP status, so a new one does not compile without it. */
export type RefusalCode =
  | 'agency-exists'
  | 'agency-unknown'
  | 'already-decided'
  | 'calendar-invalid'
  | 'calendar-unpublished'
  | 'campaign-not-draft'
  | 'campaign-not-running'
  | 'certificate-invalid'
  | 'cycle-not-open'
  | 'date-invalid'
  | 'date-past'
  | 'date-printed'
  | 'document-not-draft'
  | 'draw-impossible'
  | 'extension-pending'
  | 'extension-unknown'
  | 'fact-missing'
  | 'file-refused'
  | 'findings-missing'
  | 'inspectors-too-few'
  | 'instrument-invalid'
  | 'instrument-not-served'
  | 'instrument-out-of-step'
  | 'instrument-unknown'
  | 'nothing-to-review'
  | 'outcome-not-allowed'
  | 'own-agency'
  | 'phase-not-open'
  | 'plan-empty'
  | 'plan-not-draft'
  | 'plan-not-running'
  | 'preview-stale'
  | 'problems-remain'
  | 'recall-over'
  | 'stale-version'
  | 'task-closed'
  | 'term-invalid'
  | 'term-not-allowed';

/** A step the rules do not allow; `detail` is a sentence for the person who asked, `pointer` the JSON pointer of the field at fault. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly pointer: string | undefined;
  constructor(code: RefusalCode, detail?: string, pointer?: string) {
    super(detail ?? code);
    this.name = 'Refusal';
    this.code = code;
    this.pointer = pointer;
  }
}
