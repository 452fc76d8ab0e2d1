import { stamp } from '../../domain/clock.ts';
import type { TaskRecord } from '../../models/task.ts';
import { certificateOf } from '../certificate.ts';
import type { Page, Visit } from './console-frame.ts';

const A_MINUTE_MS = 60_000;

/** 送达凭证, to be printed. */
export async function certificatePage({ deps, t }: Visit, task: TaskRecord): Promise<Page> {
  const shown = await certificateOf(deps, task);
  return {
    page: 'certificate',
    title: t('console.certificate.title'),
    view: {
      no: shown.no,
      agencyName: shown.agency,
      taskTitle: shown.title,
      ...(shown.acknowledged
        ? {
            acknowledged: {
              by: shown.acknowledged.by,
              post: shown.acknowledged.post ?? '',
              at: shown.acknowledged.at,
            },
          }
        : {}),
      messages: shown.messages.map((one) => ({
        ...one,
        smtp: one.smtp ?? '',
        moments: one.rungs.map((reached) => ({ ...reached, machine: machineTime(reached, one.times) })),
        href: `/console/messages/${encodeURIComponent(one.messageId)}/raw`,
      })),
    },
  };
}

/** The machine's time, where it is another than the product's: the logs of other servers have that one. */
function machineTime(
  { rung, at }: { readonly rung: string; readonly at: string },
  times: Readonly<Record<string, string | null>>,
): string {
  const machine = Date.parse(times[rung] ?? at);
  return Math.abs(machine - Date.parse(at)) < A_MINUTE_MS ? '' : stamp(machine);
}
