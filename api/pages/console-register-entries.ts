import { READERS } from '../access.ts';
import { notFound } from '../problem.ts';
import { type ConsoleRoute, type Page, type Visit, withQuery } from './console-frame.ts';
import { agencyOptions } from './console-ledger.ts';
import { listing } from './console-listing.ts';
import { kindOf } from './console-register-form.ts';
import { ENTRY_KEYS, MOST, addHref, amendHref } from './console-register-kinds.ts';

export const entryConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/register/:kind', rule: READERS, line: true, work: entries, again: entries },
];

export interface EntryShown extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly agency?: string;
  readonly endedOn?: string;
  readonly flags: readonly string[];
}

const SAID = [
  'to',
  'name',
  'scope',
  'post',
  'officerName',
  'leader',
  'subject',
  'problem',
  'decision',
  'legalBasis',
  'premises',
  'on',
  'from',
  'until',
  'year',
  'hours',
];

/** An entry in one line. */
export const saidOf = (entry: EntryShown): string =>
  SAID.map((name) => entry[name])
    .filter((value) => typeof value === 'number' || (typeof value === 'string' && value !== ''))
    .join(' · ');

/** The entries of one kind, of one agency or of all. */
async function entries(visit: Visit): Promise<Page> {
  const registered = kindOf(visit);
  if (!registered.entry) throw notFound();
  const { key } = registered;
  const path = `/console/register/${key}`;
  const shown = await listing<EntryShown>(visit, registered.specs, {
    at: `get /${key}`,
    path,
    filters: ['agency'],
  });
  const agencies = await agencyOptions(visit, MOST);
  const names = new Map(agencies.map((one) => [one.id, one.name]));
  return {
    page: 'register-entries',
    title: visit.t(`registerForm.name.${key}`),
    path,
    view: {
      ...shown,
      kind: key,
      tabs: ENTRY_KEYS.map((name) => ({
        name,
        here: name === key,
        href: withQuery(`/console/register/${name}`, {}, { agency: shown.asked['agency'] ?? '' }),
      })),
      agencies,
      add: addHref(visit, key, shown.asked['agency'] ?? ''),
      rows: shown.items.map((one) => ({
        id: one.id,
        href: amendHref(visit, key, one.id),
        agency: one.agency ?? '',
        agencyName: names.get(one.agency ?? '') ?? '',
        words: saidOf(one),
        flags: one.flags,
        endedOn: one.endedOn ?? '',
      })),
    },
  };
}
