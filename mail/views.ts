import type { MeasureKind } from '../domain/accountability.ts';
import type { Deadline, Term } from '../domain/deadline.ts';
import type { MilestoneName } from '../domain/plan.ts';
import type { TaskKind } from '../domain/task.ts';

/** A date that a person is shown, with everything needed to explain it. */
export interface DueView {
  /** The deadline itself; `at` is printed as 12月11日（周五）17:00. */
  readonly deadline: Deadline;
  /** Working days left at the moment of writing; negative when overdue. */
  readonly workdaysLeft: number;
}

/** A term that runs from receipt and has not begun: there is no date to show. */
export interface UnstartedView {
  readonly term: Term;
}

/** The supervising office, as every mail and page signs itself. */
export interface OfficeView {
  readonly name: string;
  readonly person: string;
  readonly phone: string;
}

/** What every mail about one task says. `link` is absolute and stands alone on its line in the text part. */
export interface TaskMailView {
  readonly no: string;
  readonly title: string;
  readonly taskKind: TaskKind;
  readonly agency: string;
  readonly contact: string;
  readonly link: string;
  readonly due: DueView | UnstartedView;
  readonly items: readonly { readonly id: string; readonly text: string }[];
  readonly legalBasis: string;
  readonly office: OfficeView;
}

/** The steps that concern a complainant. */
export type ComplaintStep =
  | 'received'
  | 'registered'
  | 'accepted'
  | 'declined'
  | 'notCompetent'
  | 'transferred'
  | 'merged'
  | 'corrected'
  | 'filed'
  | 'extended'
  | 'suspended'
  | 'resumed'
  | 'concluded'
  | 'replied';

export interface FileView {
  readonly name: string;
  /** bytes */
  readonly size: number;
}

/** One row of an agency's daily digest. */
export interface DigestRow {
  readonly no: string;
  readonly title: string;
  readonly link: string;
  readonly light: 'green' | 'yellow' | 'red' | 'grey';
  readonly due: DueView | UnstartedView;
}

/** The mail that serves a formal document, which is attached; its term waits for 签收. */
export interface PaperMailView extends TaskMailView {
  readonly because: 'assigned' | 'bounced' | 'unacknowledged' | 'delegated' | 'added';
  readonly documentNumber: string;
  readonly documentTitle: string;
  readonly due: UnstartedView;
}

/** Each mail kind with exactly what its templates may name. A view is data for one recipient: nothing in it is a secret of another. */
export interface MailViews {
  /** 【请办理】 the first mail of a task; `because` says why a deputy or leader gets it. */
  task: TaskMailView & {
    readonly because: 'assigned' | 'bounced' | 'unacknowledged' | 'delegated' | 'added';
  };
  /** 【请签收】 a formal document's task, while its term has not begun: it runs from receipt. */
  service: TaskMailView & {
    readonly because: 'assigned' | 'bounced' | 'unacknowledged' | 'delegated' | 'added';
  };
  /** 【监督通知书】文号 with the paper itself: asks for a written statement. */
  notice: PaperMailView;
  /** 【督办函】文号 */
  letter: PaperMailView;
  /** 【意见书】文号 */
  opinion: PaperMailView;
  /** 【决定书】文号, the county government's. */
  decision: PaperMailView;
  /** 【提醒】 before the due date. */
  reminder: TaskMailView;
  /** 【今日到期】 */
  dueToday: TaskMailView;
  /** 【催办1】【催办2】 */
  urge: TaskMailView & { readonly n: 1 | 2; readonly workdaysLate: number };
  /** 【请补正】 returned with items and reasons; `due` is the new date. */
  returned: TaskMailView & {
    readonly returnedItems: readonly {
      readonly id: string;
      readonly text: string;
      readonly reason: string;
    }[];
  };
  /** 【已收到】 receipt of an answer; the number is the one the page shows. `understood` echoes a command read from a reply's first line. */
  receipt: TaskMailView & {
    readonly receipt: string;
    readonly receivedAt: string;
    readonly late: boolean;
    readonly afterEnd: boolean;
    readonly characters: number;
    readonly files: readonly FileView[];
    readonly understood: 'answer' | 'acknowledgement' | 'extension' | 'delegation' | 'objection';
  };
  /** 【已办结】 */
  accepted: TaskMailView;
  /** 【延期结果】 */
  extension: TaskMailView & { readonly granted: boolean; readonly reason: string };
  /** 【期限调整】 the organizer moved the date. */
  rescheduled: TaskMailView & { readonly reason: string };
  /** 【已转办】 to the one who delegated; the colleague gets `task` with because = delegated. */
  delegated: TaskMailView & { readonly to: string };
  /** 【中止】 the task needs no answer any more. */
  withdrawn: TaskMailView & { readonly reason: string };
  /** 【异议答复】 the issuer's answer; upheld, the document is withdrawn. */
  objectionAnswer: TaskMailView & { readonly upheld: boolean; readonly answer: string };
  /** 【催办】 by a person's hand. */
  nudge: TaskMailView;
  /** 【今日待办N件】 replaces reminders for an agency with several tasks. */
  digest: {
    readonly agency: string;
    readonly contact: string;
    readonly date: string;
    readonly rows: readonly DigestRow[];
    /** How many of them are past their date. */
    readonly late: number;
    readonly office: OfficeView;
  };
  /** 【日报】 to organizers. */
  organizerDigest: {
    readonly date: string;
    readonly console: string;
    readonly inReview: number;
    readonly overdue: number;
    /** Overdue since the mail of the working day before. */
    readonly fresh: number;
    readonly bounced: number;
    readonly held: number;
    readonly inDoubt: number;
    readonly handedOver: number;
    /** Contacts who have not said, or not plainly, whether it is still them. */
    readonly contacts: number;
    /** Outages that propose an extension. */
    readonly outages: number;
    /** Certificates that have ended, end within thirty days, within sixty. */
    readonly expired: number;
    readonly days30: number;
    readonly days60: number;
    /** Jobs of the year, analyses and countermeasures that are near or past their day; `workdaysLeft` is negative past it. */
    readonly milestones: readonly {
      readonly plan: string;
      readonly what: MilestoneName | 'analysis' | 'countermeasure';
      readonly due: string;
      /** Of an analysis and its countermeasures; 0 elsewhere. */
      readonly month: number;
      /** The countermeasure; empty elsewhere. */
      readonly text: string;
      readonly workdaysLeft: number;
    }[];
  };
  /** 【联络员确认】 once a quarter: is it still you? `again` is the one reminder. */
  stillYou: {
    readonly agency: string;
    readonly contact: string;
    readonly role: 'primary' | 'deputy' | 'leader';
    readonly year: string;
    readonly quarter: string;
    readonly again: boolean;
    /** The day on which silence is shown to the office. */
    readonly by: string;
    readonly link: string;
    readonly office: OfficeView;
  };
  /** 【工作交接】 to whoever takes over: what their predecessors have open, each with a link of their own. */
  taskHandover: {
    readonly agency: string;
    readonly contact: string;
    readonly from: string;
    readonly rows: readonly DigestRow[];
    readonly office: OfficeView;
  };
  /** 【证件到期】 once a month to an agency, of its own people only. */
  certificateExpiry: {
    readonly agency: string;
    readonly contact: string;
    readonly rows: readonly {
      readonly name: string;
      readonly register: 'officers' | 'supervisors';
      readonly certificate: string;
      readonly expires: string;
      readonly bucket: 'expired' | 'days30' | 'days60';
    }[];
    readonly office: OfficeView;
  };
  /** 【通报】 文号 */
  circular: {
    readonly documentNumber: string;
    readonly title: string;
    readonly agency: string;
    readonly contact: string;
    readonly body: readonly string[];
    readonly office: OfficeView;
  };
  /** 【投诉举报】 what a complainant may be told at a step; addressed to nobody by name, since a mail is read over shoulders. */
  complaint: {
    readonly no: string;
    readonly step: ComplaintStep;
    /** Date (RFC 3339) by which the next step is due, '' where none is. */
    readonly by: string;
    /** The body a matter was handed to, or a document's number; '' where there is none. */
    readonly to: string;
    readonly documentNumber: string;
    readonly closing:
      | ''
      | 'rectified'
      | 'noViolation'
      | 'decisionExecuted'
      | 'transferred'
      | 'remedyStarted'
      | 'withdrawn';
    readonly guidance: '' | 'reconsideration' | 'litigation' | 'supervisoryInvestigation';
    /** Paragraphs of an approved reply. */
    readonly body: readonly string[];
    readonly code: string;
    readonly follow: string;
    readonly office: OfficeView;
  };
  /** 【证件通知】 to the unit of a certificate's holder: what bars them, or that nothing does any more. Empty text where there is none. */
  holderNotice: {
    readonly what: 'barred' | 'restored';
    readonly agency: string;
    readonly contact: string;
    readonly holder: string;
    readonly certificate: string;
    readonly measure: MeasureKind;
    readonly decidedBy: string;
    readonly document: string;
    readonly from: string;
    readonly until: string;
    readonly endedOn: string;
    readonly office: OfficeView;
  };
  /** 【未能识别】 answer to a mail from a known contact that could not be placed; quotes nothing of it. */
  unmatched: {
    readonly contact: string;
    readonly receivedAt: string;
    readonly subject: string;
    readonly office: OfficeView;
  };
}

export type MailKind = keyof MailViews;
