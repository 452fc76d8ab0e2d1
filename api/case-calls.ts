import type { CaseCommand } from '../domain/case-steps.ts';
import { stamp } from '../domain/clock.ts';
import type { CaseRecord } from '../models/case.ts';
import type { CaseEntry, CaseEntryRecord } from '../models/case-entry.ts';
import { showCase } from './case-view.ts';
import { mayInCase, tellCase, updateIdOf } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { notFound } from './problem.ts';
import type { Call } from './route.ts';

export type CaseCall = Pick<Call<unknown, unknown, CaseRecord>, 'deps' | 'found' | 'key' | 'actor'>;

export const findCase = ({ store }: Pick<ApiDeps, 'store'>, params: Readonly<Record<string, string>>) =>
  store.cases.findById(params['no']).lean<CaseRecord>();

/** Tells the case, and answers with it as it then stands. */
export async function toldCase(call: CaseCall, command: CaseCommand) {
  const { deps, found, key } = call;
  await tellCase(deps, found._id, { key, command });
  return shownCase(call);
}

/** The case as it stands now. */
export async function shownCase({ deps, found }: Pick<CaseCall, 'deps' | 'found'>) {
  const after = await findCase(deps, { no: found._id });
  if (!after) throw notFound();
  return showCase(deps, after);
}

/** The id of what a call brings: the same call again brings the same. */
export const entryId = (prefix: string, key: string): string => `${prefix}-${updateIdOf(key).slice(0, 12)}`;

/** Stores what a person brought once it is known that the case can take it, then tells the case; the same call again finds what the first one stored. */
export async function bringToCase(
  call: CaseCall,
  { id, entry, command }: { readonly id: string; readonly entry: CaseEntry; readonly command: CaseCommand },
) {
  const { deps, found, actor } = call;
  if (!(await deps.store.caseEntries.exists({ _id: id }))) mayInCase(found.machine, command);
  const record = {
    _id: id,
    owner: found._id,
    by: actor.name,
    at: stamp(await deps.clock.now()),
    ...entry,
  } as CaseEntryRecord;
  await deps.store.caseEntries.updateOne({ _id: id }, { $setOnInsert: record }, { upsert: true });
  return { id, ...(await toldCase(call, command)) };
}
