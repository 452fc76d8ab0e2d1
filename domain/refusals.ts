/** Every reason the product can refuse something for. api/errors.ts maps each to an HTTP status, so a new one does not compile without it. */
export type RefusalCode =
  | 'agency-exists'
  | 'agency-missing'
  | 'agency-unknown'
  | 'already-decided'
  | 'already-screened'
  | 'calendar-invalid'
  | 'calendar-unpublished'
  | 'campaign-not-draft'
  | 'campaign-not-running'
  | 'certificate-invalid'
  | 'clue-out-of-step'
  | 'clue-unknown'
  | 'date-invalid'
  | 'document-not-draft'
  | 'draw-impossible'
  | 'duplicate-circular'
  | 'extension-pending'
  | 'extension-unknown'
  | 'file-refused'
  | 'identity-in-text'
  | 'inspectors-too-few'
  | 'nothing-to-review'
  | 'own-agency'
  | 'phase-not-open'
  | 'preview-stale'
  | 'problems-remain'
  | 'recall-over'
  | 'stale-version'
  | 'task-closed'
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
