/** Every reason the product can refuse something for. api/errors.ts maps each to an HTTP status, so a new one does not compile without it. */
export type RefusalCode =
  | 'accountability-out-of-step'
  | 'agency-exists'
  | 'agency-missing'
  | 'agency-unknown'
  | 'already-decided'
  | 'already-screened'
  | 'body-not-competent'
  | 'calendar-invalid'
  | 'calendar-unpublished'
  | 'campaign-not-draft'
  | 'campaign-not-running'
  | 'case-out-of-step'
  | 'case-suspended'
  | 'certificate-expired'
  | 'certificate-invalid'
  | 'certificate-suspended'
  | 'closing-reason-wrong'
  | 'clue-out-of-step'
  | 'clue-unknown'
  | 'date-invalid'
  | 'date-past'
  | 'date-printed'
  | 'decision-exists'
  | 'document-incomplete'
  | 'document-not-approved'
  | 'document-not-draft'
  | 'document-not-served'
  | 'document-received'
  | 'document-served'
  | 'document-withdrawn'
  | 'draw-impossible'
  | 'duplicate-circular'
  | 'extension-pending'
  | 'extension-unknown'
  | 'fact-missing'
  | 'file-refused'
  | 'findings-missing'
  | 'identity-in-text'
  | 'inspector-unknown'
  | 'inspectors-too-few'
  | 'instrument-invalid'
  | 'instrument-not-served'
  | 'instrument-out-of-step'
  | 'instrument-unknown'
  | 'measure-not-applicable'
  | 'nothing-to-review'
  | 'objection-unknown'
  | 'outcome-not-allowed'
  | 'own-agency'
  | 'phase-not-open'
  | 'preview-stale'
  | 'problems-remain'
  | 'recall-over'
  | 'recusal-unknown'
  | 'stale-version'
  | 'supervisor-own-agency'
  | 'supervisor-recused'
  | 'supervisor-unknown'
  | 'supervisors-too-few'
  | 'task-closed'
  | 'term-invalid'
  | 'term-not-allowed'
  | 'transfer-unknown'
  | 'verified-elsewhere';
  | 'template-invalid'
  | 'term-invalid';

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
