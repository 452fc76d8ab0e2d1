import { UNIT_FLAGS } from '../../domain/unit.ts';
import type { Unit } from '../../models/unit.ts';
import { ADMINISTRATORS, READERS, STAFF } from '../access.ts';
import { HOLDER_STANDINGS, type PersonShown, peopleAll } from '../routes/people.ts';
import { type SocialSupervisorShown, socialSupervisorRoutes } from '../routes/social-supervisors.ts';
import { unitRoutes } from '../routes/units.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, text, withQuery } from './console-frame.ts';
import { listing } from './console-listing.ts';
import { addHref, amendHref } from './console-register-kinds.ts';

export const registerConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/units', rule: READERS, line: true, work: units, again: units },
  { method: 'get', path: '/people', rule: READERS, line: true, work: people, again: people },
  { method: 'get', path: '/social-supervisors', rule: READERS, work: (visit) => social(visit) },
  {
    method: 'post',
    path: '/social-supervisors',
    rule: STAFF,
    work: appoint,
    again: (visit) => social(visit),
    shownOnce: true,
  },
  {
    method: 'post',
    path: '/social-supervisors/:id/code',
    rule: STAFF,
    work: renew,
    shownOnce: true,
  },
];

/** Each agency's supervision unit, and what it lacks. */
async function units(visit: Visit): Promise<Page> {
  const path = '/console/units';
  const shown = await listing<Unit>(visit, unitRoutes, { at: 'get /units', path, filters: ['kind', 'flag'] });
  return {
    page: 'units',
    title: visit.t('console.nav.units'),
    path,
    view: {
      ...shown,
      flags: ['any', ...UNIT_FLAGS],
      rows: shown.items.map((one) => ({
        id: one.agency,
        name: one.name,
        kind: one.kind,
        office: one.unit?.name ?? '',
        responsible: one.responsible?.name ?? '',
        post: one.responsible?.post ?? '',
        fit: one.supervisors.fit,
        registered: one.supervisors.registered,
        officers: one.officers,
        both: one.both.join('、'),
        href: amendHref(visit, 'units', one.agency),
        flags: one.flags,
      })),
    },
  };
}

const FILTERS = ['agency', 'q', 'standing'];

/** Supervisors, or officers, with what their certificates and their training say. */
async function people(visit: Visit): Promise<Page> {
  const { deps, query, actor, t } = visit;
  const register = query['register'] === 'supervisors' ? 'supervisors' : 'officers';
  const path = '/console/people';
  const shown = await listing<PersonShown>(visit, peopleAll, {
    at: `get /${register}`,
    path,
    filters: FILTERS,
  });
  const ids = shown.items.flatMap((one) => one.agency ?? []);
  const named = await deps.store.agencies.find({ _id: { $in: ids } }, { name: 1 }).lean();
  const names = new Map(named.map((one) => [one._id, one.name]));
  return {
    page: 'people',
    title: t('console.nav.people'),
    path,
    view: {
      ...shown,
      register,
      first: shown.first === '' ? '' : withQuery(path, shown.asked, { register }),
      next: shown.next === '' ? '' : `${shown.next}&register=${register}`,
      tabs: (['officers', 'supervisors'] as const).map((name) => ({
        name,
        href: withQuery(path, {}, { register: name }),
        here: name === register,
      })),
      standings: HOLDER_STANDINGS,
      mayImport: ADMINISTRATORS.includes(actor.role),
      add: addHref(visit, register, shown.asked['agency'] ?? ''),
      rows: shown.items.map((one) => ({
        href: amendHref(visit, register, one.id),
        name: one.name,
        agency: one.agency ?? '',
        agencyName: names.get(one.agency ?? '') ?? '',
        post: one.post ?? '',
        no: one.certificate.no,
        kind: one.certificate.kind ?? '',
        issued: one.certificate.issued,
        expires: one.certificate.expires,
        state: one.status.state,
        barred: one.status.state !== 'valid',
        hours: one.trainingThisYear.hours,
        required: one.trainingThisYear.required,
        short: one.trainingThisYear.short,
        exam: one.exams.at(-1)?.on ?? '',
        passed: one.exams.at(-1)?.passed ?? false,
      })),
    },
  };
}

interface Coded {
  readonly name: string;
  readonly code: string;
}

async function social(visit: Visit, coded?: Coded): Promise<Page> {
  const { actor, t } = visit;
  const path = '/console/social-supervisors';
  const asked = { ...visit, query: visit.req.method === 'GET' ? visit.query : {} };
  const shown = await listing<SocialSupervisorShown>(asked, socialSupervisorRoutes, {
    at: 'get /social-supervisors',
    path,
    filters: ['serving'],
  });
  return {
    page: 'social-supervisors',
    title: t('console.register.social'),
    path,
    view: {
      ...shown,
      mayAppoint: STAFF.includes(actor.role),
      coded: coded ?? null,
      ...(coded ? { body: {} } : {}),
      rows: shown.items.map((one) => ({
        id: one.id,
        href: amendHref(asked, 'social-supervisors', one.id),
        name: one.name,
        employer: one.employer ?? '',
        reach: [one.phone, one.email].filter(Boolean).join(' · '),
        duties: one.duties,
        document: one.document ?? '',
        from: one.from,
        until: one.until,
        state: one.state,
        over: one.state === 'over' || one.state === 'ended',
        clues: one.clues,
      })),
    },
  };
}

async function appoint(visit: Visit): Promise<Page> {
  const said = (name: string): string | undefined => text(visit.body[name]).trim() || undefined;
  const names = ['name', 'employer', 'phone', 'email', 'duties', 'document', 'from', 'until'];
  const made = (await callRoute(visit, socialSupervisorRoutes, {
    at: 'post /social-supervisors',
    body: Object.fromEntries(names.map((name) => [name, said(name)])),
  })) as Coded;
  return social({ ...visit, body: {} }, made);
}

async function renew(visit: Visit): Promise<Page> {
  const made = (await callRoute(visit, socialSupervisorRoutes, {
    at: 'post /social-supervisors/:id/code',
  })) as Coded;
  return social({ ...visit, body: {} }, made);
}
