import type { Calendar } from '../domain/calendar.ts';
import { linkOf, taskView } from '../mail/task-view.ts';
import type { TaskMailView } from '../mail/views.ts';
import type { AgencyRecord } from '../models/agency.ts';
import type { SubmissionRecord } from '../models/submission.ts';
import type { TaskRecord } from '../models/task.ts';
import type { Deps } from './deps.ts';
import type { BroughtPaper } from './paper-mail.ts';

/** Whom a mail goes to. */
export interface Recipient {
  readonly name: string;
  readonly email: string;
}

/** What a batch of orders needs from the store, read at once. */
export interface MailContext {
  readonly deps: Deps;
  readonly now: string;
  readonly calendar: Calendar;
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly agencies: ReadonlyMap<string, AgencyRecord>;
  /** The formal documents that first mails bring. */
  readonly papers: ReadonlyMap<string, BroughtPaper>;
  readonly submissions: ReadonlyMap<string, SubmissionRecord>;
  /** Tasks with something in hand that the group was not told of yet: they are not reminded. */
  readonly unconsumed: ReadonlySet<string>;
}

/** What every mail about this task says to this recipient. */
export const viewFor = (
  { deps: { office }, now, calendar }: MailContext,
  task: TaskRecord,
  to: Recipient,
): TaskMailView =>
  taskView({ office, now, calendar }, task, { name: to.name, link: linkOf(office, task._id, to.email) });
