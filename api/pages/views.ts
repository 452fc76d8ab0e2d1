import type { TaskKind } from '../../domain/task.ts';
import type { Lang } from '../../mail/translator.ts';
import type { ComplaintStep, DueView, OfficeView } from '../../mail/views.ts';

export type Light = 'green' | 'yellow' | 'red' | 'grey';
export type ItemResult = 'met' | 'partly' | 'notMet' | 'notApplicable';

/** The forms of the task page, named as the last part of the URL they post to: `${path}/${form}`. */
export type PageForm =
  | 'acknowledge'
  | 'answers'
  | 'extensions'
  | 'delegations'
  | 'objections'
  | 'complaint'
  | 'follow'
  | 'confirmation'
  | 'successor';

export interface ItemAnswer {
  readonly result: ItemResult | '';
  readonly note: string;
}

export interface PageItem {
  readonly id: string;
  readonly text: string;
  /** What may be attached for it, never demanded. */
  readonly evidence?: string;
  /** From an earlier task on the same item: filled in, so that nothing is typed twice. */
  readonly previous?: ItemAnswer;
  /** Why the reviewer returned it. */
  readonly reason?: string;
  /** What this task's last answer said. */
  readonly answer?: ItemAnswer;
}

/** An answer that was stored, as its sender may see it. */
export interface SavedAnswer {
  readonly receipt: string;
  readonly at: string;
  readonly late: boolean;
  readonly channel: 'link' | 'email' | 'operator';
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
}

/** GET /t/{token} while the task is open, and again (422) with `errors` and `values` after a form that cannot be taken. */
export interface TaskPageView {
  readonly lang: Lang;
  /** /t/{token}, without a query: forms post below it. */
  readonly path: string;
  readonly no: string;
  readonly title: string;
  readonly taskKind: TaskKind;
  readonly agency: string;
  /** The owner's title: a campaign, a plan or a case. */
  readonly campaign: string;
  readonly state: 'unacknowledged' | 'inProgress' | 'inReview' | 'returned' | 'closed' | 'withdrawn';
  readonly light: Light;
  /** Null while the statutory term has not started: it runs from receipt. */
  readonly due: DueView | null;
  /** One sentence. */
  readonly whatToDo: string;
  readonly items: readonly PageItem[];
  readonly findings?: readonly {
    readonly item: string;
    readonly severity: string;
    readonly description: string;
  }[];
  readonly legalBasis: string;
  readonly office: OfficeView;
  readonly acknowledged?: { readonly name: string; readonly post: string; readonly at: string };
  readonly extension?: { readonly state: 'asked' | 'granted' | 'refused'; readonly text: string };
  readonly delegations: readonly { readonly name: string; readonly email: string }[];
  /** Newest first. */
  readonly answers: readonly SavedAnswer[];
  /** Only an opinion or a decision can be objected to. */
  readonly mayObject: boolean;
  /** Megabytes a file. */
  readonly limits: { readonly fileMb: number };
  /** `field` is the form's field name: text, files, name, post, email, days, workdays, reason. */
  readonly errors?: readonly { readonly form: PageForm; readonly field: string; readonly sentence: string }[];
  /** What was typed into the form that failed. */
  readonly values?: {
    readonly form: PageForm;
    readonly fields: Readonly<Record<string, string>>;
    readonly items: Readonly<Record<string, ItemAnswer>>;
  };
}

/** What any of the page's forms answers: 201 and this page, bookmarkable and printable. */
export interface ReceiptPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly no: string;
  readonly title: string;
  readonly agency: string;
  readonly what: 'answer' | 'acknowledgement' | 'extension' | 'delegation' | 'objection';
  readonly receipt: string;
  readonly receivedAt: string;
  readonly late: boolean;
  readonly afterEnd: boolean;
  /** It came by the link of somebody who is a contact no more, and waits for a person. */
  readonly held: boolean;
  readonly text: string;
  /** `sha256` in hex, whole: the page shows its first 16 digits. */
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
  readonly office: OfficeView;
}

/** GET /t/{token} after the end: what was saved, when, and whom to ring. */
export interface TaskClosedPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly no: string;
  readonly title: string;
  readonly agency: string;
  readonly state: 'closed' | 'withdrawn';
  readonly at: string;
  readonly reason?: string;
  readonly answers: readonly SavedAnswer[];
  readonly office: OfficeView;
}

/** GET /complaints: the form of a complaint, and again (422) with `errors` and `values`. */
export interface ComplaintsPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly agencies: readonly { readonly id: string; readonly name: string }[];
  readonly actTypes: readonly string[];
  /** When the form was opened, signed. */
  readonly opened: string;
  readonly limits: { readonly fileMb: number };
  readonly office: OfficeView;
  readonly errors?: TaskPageView['errors'];
  readonly values?: TaskPageView['values'];
}

/** The receipt of a complaint: the only time that its code is shown. */
export interface ComplaintReceiptPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly no: string;
  readonly receivedAt: string;
  readonly by: string;
  /** In groups of four. */
  readonly code: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly office: OfficeView;
}

/** GET and POST /complaints/follow; `clue` where a code was right. */
export interface ComplaintFollowPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly clue?: {
    readonly no: string;
    readonly receivedAt: string;
    readonly steps: readonly {
      readonly step: ComplaintStep;
      readonly at: string;
      readonly by: string;
      readonly to: string;
      readonly closing: string;
      readonly guidance: string;
      readonly documentNumber: string;
      readonly body: readonly string[];
    }[];
  };
  readonly office: OfficeView;
  readonly errors?: TaskPageView['errors'];
  readonly values?: TaskPageView['values'];
}

/** GET /t/{token} by the link of somebody who is a contact no more. */
export interface TaskHandedPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly no: string;
  readonly title: string;
  readonly agency: string;
  /** Who has the task now; empty where nobody has taken over. */
  readonly to: string;
  readonly at: string;
  readonly office: OfficeView;
}

/** GET /contacts/{token}, and what its forms answer: `answer` is empty while nothing was said, `done` right after something was. */
export interface ContactPageView {
  readonly lang: Lang;
  readonly path: string;
  readonly agency: string;
  readonly contact: string;
  readonly email: string;
  readonly role: 'primary' | 'deputy' | 'leader';
  readonly year: string;
  readonly quarter: string;
  readonly answer: '' | 'confirmed' | 'replaced' | 'gone';
  readonly at: string;
  readonly successor: string;
  readonly done: boolean;
  readonly office: OfficeView;
  readonly errors?: TaskPageView['errors'];
  readonly values?: TaskPageView['values'];
}

/** 404, and a token that was never issued: says nothing about what exists. */
export interface NotFoundPageView {
  readonly lang: Lang;
}

/** 413, 429, 503 and the like. */
export interface OfficeErrorPageView {
  readonly lang: Lang;
  readonly title: string;
  readonly sentence: string;
  readonly traceId: string;
  /** What a form brought that could not be taken. */
  readonly keptWords: readonly string[];
}

export interface PageViews {
  task: TaskPageView;
  receipt: ReceiptPageView;
  'task-closed': TaskClosedPageView;
  complaints: ComplaintsPageView;
  'complaint-receipt': ComplaintReceiptPageView;
  'complaint-follow': ComplaintFollowPageView;
  'task-handed': TaskHandedPageView;
  contact: ContactPageView;
  'not-found': NotFoundPageView;
  'office-error': OfficeErrorPageView;
}

export type PageName = keyof PageViews;
