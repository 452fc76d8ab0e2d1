import { localDate } from '../domain/calendar.ts';
import type { TaskStatus } from '../domain/task.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import type { TaskRecord } from '../models/task.ts';
import { lightOf } from '../domain/light.ts';
import type { Draft } from './outbox.ts';
import { type MailContext, type Recipient, viewFor } from './mail-context.ts';

const ANSWERABLE: readonly TaskStatus[] = ['unacknowledged', 'inProgress', 'returned'];

/** One mail a day for an agency with several tasks, instead of a reminder or an urge for each, and the tasks it links to; undefined where it has only this one. */
export async function digestDraft(
  context: MailContext,
  task: TaskRecord,
  to: Recipient,
): Promise<{ readonly draft: Draft; readonly tasks: readonly TaskRecord[] } | undefined> {
  // A formal document's dates are never among others (文书不并入汇总).
  if (task.own) return undefined;
  const { store, office } = context.deps;
  const rows = await store.tasks
    .find({ agency: task.agency, state: { $in: ANSWERABLE }, own: { $exists: false } })
    .sort({ dueAt: 1 })
    .lean();
  if (rows.length < 2) return undefined;
  const date = localDate(context.now);
  const draft: Draft = {
    subject: `${task.agency}/${date}`,
    kind: 'digest',
    sequence: 0,
    recipient: to.email.toLowerCase(),
    owner: task.owner,
    agency: task.agency,
    compose: async (identity) => {
      const shown = rows.map((row) => {
        const { no, title, link, due } = viewFor(context, row, to);
        return { no, title, link, due, light: lightOf(row, Date.parse(context.now)) };
      });
      const mail = renderMail('digest', {
        agency: task.agencyName,
        contact: to.name,
        date,
        rows: shown,
        late: shown.filter(({ light }) => light === 'red').length,
        office: { name: office.name, person: office.person, phone: office.phone },
      });
      return officeLetter(office, mail, {
        ...identity,
        date: context.now,
        to: { name: to.name, address: to.email },
        headers: { 'List-Id': `<digest.${office.mailDomain}>` },
      });
    },
  };
  return { draft, tasks: rows };
}
