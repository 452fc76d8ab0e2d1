import { type Calendar, localDate, workdaysBetween } from '../domain/calendar.ts';
import type { Deadline, Term } from '../domain/deadline.ts';
import type { TaskKind } from '../domain/task.ts';
import { linkToken } from './addresses.ts';
import type { Office } from './office.ts';
import type { TaskMailView } from './views.ts';

/** What of a task its mails and pages speak of. */
export interface MailedTask {
  readonly _id: string;
  readonly title: string;
  readonly kind: TaskKind;
  readonly agencyName: string;
  readonly due: Deadline | null;
  readonly own?: { readonly term: Term };
  readonly items: readonly { readonly id: string; readonly text: string }[];
  readonly legalBasis: string;
}

/** The address of a task's page for one recipient. */
export const linkOf = (office: Office, task: string, email: string): string =>
  `${office.publicUrl}/t/${linkToken(office.linkKey, [task, email.toLowerCase()])}`;

/** What every mail about a task says; `at.now` is RFC 3339. */
export function taskView(
  at: { readonly office: Office; readonly now: string; readonly calendar: Calendar },
  task: MailedTask,
  to: { readonly name: string; readonly link: string },
): TaskMailView {
  const { office } = at;
  return {
    no: task._id,
    title: task.title,
    taskKind: task.kind,
    agency: task.agencyName,
    contact: to.name,
    link: to.link,
    due: task.due
      ? {
          deadline: task.due,
          workdaysLeft: workdaysBetween(at.calendar, localDate(at.now), localDate(task.due.at)),
        }
      : { term: task.own?.term ?? { days: 0 } },
    items: task.items.map(({ id, text }) => ({ id, text })),
    legalBasis: task.legalBasis,
    office: { name: office.name, person: office.person, phone: office.phone },
  };
}
