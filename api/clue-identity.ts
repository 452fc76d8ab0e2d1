import { randomUUID } from 'node:crypto';
import { stamp } from '../domain/clock.ts';
import type { ClueRecord } from '../models/clue.ts';
import { openComplainant } from '../models/complainant.ts';
import { appendEvents } from '../models/event.ts';
import type { Actor } from './access.ts';
import { handlesClue } from './clue-view.ts';
import type { ApiDeps } from './deps.ts';
import { Problem, notFound } from './problem.ts';
import type { StoredFile } from '../models/submission.ts';

/** Opens who complained, for somebody who handles the case and says why; the ledger has it before they do. */
export async function openIdentity(
  deps: ApiDeps,
  clue: ClueRecord,
  { actor, purpose }: { readonly actor: Actor; readonly purpose: string },
): Promise<{ openedAt: string; name: string | null; contact: string | null; said: string | null }> {
  await mayOpen(deps, clue, actor);
  if (!clue.complainant) throw notFound();
  const openedAt = stamp(await deps.clock.now());
  await appendEvents(deps.store.events, {
    owner: clue._id,
    key: `opened/${randomUUID()}`,
    entries: [
      { at: openedAt, source: 'person', what: 'complainant-opened', who: actor.name, detail: { purpose } },
    ],
  });
  const who = await openComplainant(deps, clue);
  if (!who) throw notFound();
  return { openedAt, name: who.name ?? null, contact: who.contact ?? null, said: who.said ?? null };
}

/** The n-th file that a complainant handed in, from 1, for somebody who handles the case and says why; the ledger has it before they do. */
export async function openEvidence(
  deps: ApiDeps,
  clue: ClueRecord,
  { actor, purpose, n }: { readonly actor: Actor; readonly purpose: string; readonly n: number },
): Promise<StoredFile> {
  await mayOpen(deps, clue, actor);
  const file = filesOf(clue)[n - 1];
  if (!file || file.file === '') throw notFound();
  await appendEvents(deps.store.events, {
    owner: clue._id,
    key: `file-opened/${randomUUID()}`,
    entries: [
      {
        at: stamp(await deps.clock.now()),
        source: 'person',
        what: 'complainant-file-opened',
        who: actor.name,
        detail: { purpose, n, sha256: file.sha256 },
      },
    ],
  });
  return file;
}

/** All that a complainant has sent, in its order. */
export const filesOf = ({ files, materials }: ClueRecord): readonly StoredFile[] => [
  ...files,
  ...materials.flatMap((one) => one.files),
];

/** The case's people only: not of the agency complained of, not recused; what is refused is an event, too. */
async function mayOpen({ store, clock }: ApiDeps, clue: ClueRecord, actor: Actor): Promise<void> {
  const why = await whyNot(store, clue, actor);
  if (why === undefined) return;
  await appendEvents(store.events, {
    owner: clue._id,
    key: `refused/${randomUUID()}`,
    entries: [
      {
        at: stamp(await clock.now()),
        source: 'person',
        what: 'complainant-refused',
        who: actor.name,
        detail: { why },
      },
    ],
  });
  throw new Problem(403, 'forbidden', { detail: why });
}

async function whyNot(store: ApiDeps['store'], clue: ClueRecord, actor: Actor): Promise<string | undefined> {
  if (!handlesClue(actor, clue)) return '投诉人身份只能由办案人员查看，被投诉机关的人员不得查看';
  if (clue.case === undefined) return undefined;
  const opened = await store.cases.findById(clue.case, { recused: 1 }).lean();
  const recused = opened?.recused ?? [];
  if (recused.length === 0) return undefined;
  const named = await store.supervisors.exists({ _id: { $in: recused }, name: actor.name });
  return named || recused.includes(actor.id) || recused.includes(actor.name)
    ? '您已回避本案，不得查看投诉人身份'
    : undefined;
}
