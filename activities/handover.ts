import { handedOn, sameAddress } from '../domain/agency.ts';
import type { Contact } from '../domain/agency.ts';
import { stamp } from '../domain/clock.ts';
import { lightOf } from '../domain/light.ts';
import { OPEN_STATUSES } from '../domain/task.ts';
import { renderMail } from '../mail/render.ts';
import { linkOf, taskView } from '../mail/task-view.ts';
import type { AgencyRecord, Handover } from '../models/agency.ts';
import { readCalendar } from '../models/calendar.ts';
import { appendEvents } from '../models/event.ts';
import { markLost } from '../models/message.ts';
import type { TaskRecord } from '../models/task.ts';
import type { Deps } from './deps.ts';
import { letterDraft } from './roster-mail.ts';
import { insertLinks, linkFor } from './task-link.ts';

const BATCH = 50;

/** One contact who went, who takes over, and what they had open. */
interface Turn {
  readonly from: Contact;
  readonly to: Contact | undefined;
  readonly tasks: readonly TaskRecord[];
}

/** Hands on the open tasks of contacts who are contacts no more: links, one mail to whoever takes over, the ledger; returns how many agencies that were. May run twice, and in several workers: links, mail and events have names. */
export async function handOver(deps: Deps): Promise<number> {
  const agencies = await deps.store.agencies
    .find({
      'handover.at': { $exists: true },
      $or: [{ 'handover.waits': { $ne: true } }, { 'contacts.0': { $exists: true } }],
    })
    .sort({ 'handover.at': 1 })
    .limit(BATCH)
    .lean<AgencyRecord[]>();
  for (const agency of agencies) if (agency.handover) await handOn(deps, agency, agency.handover);
  return agencies.length;
}

async function handOn(deps: Deps, agency: AgencyRecord, handover: Handover): Promise<void> {
  const { store } = deps;
  const { _id, version, contacts } = agency;
  const turns = await turnsOf(deps, agency, handover);
  // Whoever is a contact again has their links back.
  const back = contacts.map((one) => one.email.toLowerCase());
  await store.links.updateMany({ agency: _id, email: { $in: back } }, { $unset: { handedOn: 1 } });
  for (const turn of turns) await turnOver(deps, agency, { turn, handover });
  const told = await tellSuccessors(deps, agency, { turns, handover });
  if (!told) return;
  const waits = contacts.length === 0;
  await store.agencies.updateOne(
    { _id, version },
    waits ? { $set: { 'handover.waits': true } } : { $unset: { handover: 1 } },
  );
}

async function turnsOf(
  { store }: Deps,
  agency: AgencyRecord,
  { before }: Handover,
): Promise<readonly Turn[]> {
  const pairs = handedOn(before, agency.contacts);
  return Promise.all(
    pairs.map(async ({ from, to }) => {
      const links = await store.links
        .find({ agency: agency._id, email: from.email.toLowerCase() }, { task: 1 })
        .lean();
      const tasks = await store.tasks
        .find({ _id: { $in: links.map((one) => one.task) }, state: { $in: OPEN_STATUSES } })
        .sort({ dueAt: 1 })
        .lean<TaskRecord[]>();
      return { from, to, tasks };
    }),
  );
}

/** The successor's links work before their mail arrives; the old ones say whom the task went to. */
async function turnOver(
  { store, office }: Deps,
  agency: AgencyRecord,
  { turn: { from, to, tasks }, handover }: { readonly turn: Turn; readonly handover: Handover },
): Promise<void> {
  const { by, at } = handover;
  if (to)
    await insertLinks(
      store,
      tasks.map((task) => linkFor(office, task, to).row),
    );
  await store.links.updateMany(
    { agency: agency._id, email: from.email.toLowerCase(), task: { $in: tasks.map((one) => one._id) } },
    { $set: { handedOn: { to: to?.name ?? '', at } } },
  );
  for (const owner of new Set(tasks.map((one) => one.owner)))
    await appendEvents(store.events, {
      owner,
      key: `handover/${agency._id}@${agency.version}/${from.role}/${at}`,
      entries: tasks
        .filter((one) => one.owner === owner)
        .map(({ _id: task }) => ({
          at,
          source: 'person' as const,
          what: to ? 'contact-changed' : 'contact-gone',
          task,
          who: by,
          detail: { from: from.name, ...(to ? { to: to.name } : {}) },
        })),
    });
}

/** One mail to each who takes over, with all that they take over; true when all have gone, or cannot go. */
async function tellSuccessors(
  deps: Deps,
  agency: AgencyRecord,
  { turns, handover }: { readonly turns: readonly Turn[]; readonly handover: Handover },
): Promise<boolean> {
  const { store, office, clock } = deps;
  const now = await clock.now();
  const calendar = await readCalendar(store.calendars);
  const { name: who, person, phone } = office;
  const drafts = agency.contacts.flatMap((to) => {
    const mine = turns.filter((one) => one.to && sameAddress(one.to.email, to.email) && one.tasks.length > 0);
    const tasks = [
      ...new Map(mine.flatMap((one) => one.tasks.map((task) => [task._id, task] as const))).values(),
    ];
    if (tasks.length === 0) return [];
    const rows = tasks.map((task) => {
      const at = { office, now: stamp(now), calendar };
      const { no, title, link, due } = taskView(at, task, {
        name: to.name,
        link: linkOf(office, task._id, to.email),
      });
      return { no, title, link, due, light: lightOf(task, now) };
    });
    const from = mine.map((one) => one.from.name).join('、');
    const view = { agency: agency.name, contact: to.name, from, rows, office: { name: who, person, phone } };
    return letterDraft(deps, {
      subject: `handover/${agency._id}/${handover.at}`,
      kind: 'taskHandover',
      agency: agency._id,
      to,
      now: stamp(now),
      mail: () => renderMail('taskHandover', view),
    });
  });
  const posted = await deps.outbox.post(drafts);
  const refused = posted.flatMap((one) => (one.outcome === 'rejected' ? one.messageId : []));
  await markLost(store.messages, refused, stamp(now));
  return posted.every((one) => one.outcome !== 'deferred');
}
