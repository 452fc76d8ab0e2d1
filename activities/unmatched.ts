import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import { officeLetter } from '../mail/letter.ts';
import type { Judgement } from '../mail/inbound.ts';
import { renderMail } from '../mail/render.ts';
import type { IncomingMailRecord } from '../models/incoming-mail.ts';
import type { Deps } from './deps.ts';

/** Tells a known contact that their mail could not be placed: at most once a day, quoting nothing of it. */
export async function postUnmatched(
  deps: Deps,
  mail: IncomingMailRecord,
  held: Extract<Judgement, { disposition: 'held' }>,
): Promise<void> {
  const { office } = deps;
  const receivedAt = stamp(mail.receivedAt.getTime());
  const to = held.from.address.toLowerCase();
  await deps.outbox.post([
    {
      subject: `unmatched/${to}/${localDate(receivedAt)}`,
      kind: 'unmatched',
      sequence: 0,
      recipient: to,
      owner: 'mail',
      compose: async (identity) => {
        const text = renderMail('unmatched', {
          contact: held.from.name || to,
          receivedAt,
          subject: held.subject,
          office: { name: office.name, person: office.person, phone: office.phone },
        });
        return officeLetter(office, text, {
          ...identity,
          date: receivedAt,
          to,
          headers: { 'Auto-Submitted': 'auto-replied' },
        });
      },
    },
  ]);
}
