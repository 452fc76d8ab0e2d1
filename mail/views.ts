import type { Deadline } from '../domain/deadline.ts';
import type { TaskKind } from '../domain/task.ts';

/** A date that a person is shown, with everything needed to explain it. */
export interface DueView {
  /** The deadline itself; `at` is printed as 12月11日（周五）17:00. */
  readonly deadline: Deadline;
  /** Working days left at the moment of writing; negative when overdue. */
  readonly workdaysLeft: number;
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
  readonly due: DueView;
  readonly items: readonly { readonly id: string; readonly text: string }[];
  readonly legalBasis: string;
  readonly office: OfficeView;
}

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
  readonly due: DueView;
}

/** Each mail kind with exactly what its templates may name. A view is data for one recipient: nothing in it is a secret of another. */
export interface MailViews {
  /** 【请办理】 the first mail of a task; `because` says why a deputy or leader gets it. */
  task: TaskMailView & {
    readonly because: 'assigned' | 'bounced' | 'unacknowledged' | 'delegated' | 'added';
  };
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
  /** 【催办】 by a person's hand. */
  nudge: TaskMailView;
  /** 【今日待办N件】 replaces reminders for an agency with several tasks. */
  digest: {
    readonly agency: string;
    readonly contact: string;
    readonly date: string;
    readonly rows: readonly DigestRow[];
    readonly office: OfficeView;
  };
  /** 【日报】 to organizers. */
  organizerDigest: {
    readonly date: string;
    readonly console: string;
    readonly inReview: number;
    readonly overdue: number;
    readonly bounced: number;
    readonly held: number;
    readonly handedOver: number;
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
  /** 【未能识别】 answer to a mail from a known contact that could not be placed; quotes nothing of it. */
  unmatched: {
    readonly contact: string;
    readonly receivedAt: string;
    readonly subject: string;
    readonly office: OfficeView;
  };
}

export type MailKind = keyof MailViews;
