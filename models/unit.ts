import type { IsoDate } from '../domain/calendar.ts';
import type { AgencyKind, Responsible, UnitOffice } from '../domain/roster.ts';
import { standingOn } from '../domain/supervisor.ts';
import { type UnitFlag, unitFlags } from '../domain/unit.ts';
import type { AgencyRecord, CertifiedRecord } from './agency.ts';
import type { Store } from './store.ts';

/** An agency's supervision unit as it stands on a day. */
export interface Unit {
  readonly agency: string;
  readonly name: string;
  readonly kind: AgencyKind;
  readonly unit?: UnitOffice | undefined;
  readonly responsible?: Responsible | undefined;
  readonly supervisors: { readonly registered: number; readonly fit: number };
  readonly officers: number;
  /** Names of those who supervise and enforce for it. */
  readonly both: readonly string[];
  readonly flags: readonly UnitFlag[];
}

type People = Pick<Store, 'agencies' | 'supervisors' | 'officers'>;
type Counted = Pick<
  CertifiedRecord,
  '_id' | 'name' | 'agency' | 'certificate' | 'bars' | 'leftOn' | 'identity'
>;

const FIELDS = { name: 1, agency: 1, certificate: 1, bars: 1, leftOn: 1, identity: 1 };
const serving = (today: IsoDate) => ({
  $or: [{ leftOn: { $exists: false } }, { leftOn: { $gt: today } }],
});

/** The units of these agencies; each reading is one of the database's, however many they are. */
export async function readUnits(
  store: People,
  filter: Readonly<Record<string, unknown>>,
  today: IsoDate,
): Promise<readonly Unit[]> {
  const agencies = await store.agencies
    .find(filter as never, { name: 1, kind: 1, unit: 1, responsible: 1 })
    .sort({ kind: -1, _id: 1 })
    .lean<AgencyRecord[]>();
  const ids = agencies.map((one) => one._id);
  const [supervisors, counts] = await Promise.all([
    store.supervisors
      .find({ agency: { $in: ids }, ...serving(today) } as never, FIELDS)
      .sort({ _id: 1 })
      .lean<Counted[]>(),
    store.officers.aggregate<{ _id: string; n: number }>([
      { $match: { agency: { $in: ids }, ...serving(today) } },
      { $group: { _id: '$agency', n: { $sum: 1 } } },
    ]),
  ]);
  const officers = new Map(counts.map(({ _id, n }) => [_id, n]));
  const both = await bothOf(store, supervisors, today);
  const teams = byAgency(supervisors);
  return agencies.map(({ _id, name, kind, unit, responsible }) => {
    const team = teams.get(_id) ?? [];
    const fit = team.filter((one) => standingOn(one, today).state === 'valid').length;
    const named = team.filter((one) => both.has(one._id)).map((one) => one.name);
    const stand = {
      office: unit?.name,
      responsible: responsible?.name,
      registered: team.length,
      fit,
      both: named,
    };
    return {
      agency: _id,
      name,
      kind,
      ...(unit ? { unit } : {}),
      ...(responsible ? { responsible } : {}),
      supervisors: { registered: team.length, fit },
      officers: officers.get(_id) ?? 0,
      both: named,
      flags: unitFlags(stand),
    };
  });
}

/** Supervisors who also enforce for their own agency: the same identity number, or the same name where one of the two has none. */
async function bothOf(
  { officers }: People,
  supervisors: readonly Counted[],
  today: IsoDate,
): Promise<ReadonlySet<string>> {
  if (supervisors.length === 0) return new Set();
  const hashes = supervisors.flatMap((one) => one.identity?.hash ?? []);
  const alike = await officers
    .find(
      {
        $and: [
          { agency: { $in: [...new Set(supervisors.map((one) => one.agency))] } },
          serving(today),
          {
            $or: [
              { name: { $in: supervisors.map((one) => one.name) } },
              { 'identity.hash': { $in: hashes } },
            ],
          },
        ],
      } as never,
      FIELDS,
    )
    .lean<Counted[]>();
  const near = byAgency(alike);
  const same = (a: Counted, b: Counted): boolean =>
    a.identity && b.identity ? a.identity.hash === b.identity.hash : a.name === b.name;
  return new Set(
    supervisors
      .filter((one) => near.get(one.agency ?? '')?.some((other) => same(one, other)))
      .map((one) => one._id),
  );
}

function byAgency(people: readonly Counted[]): ReadonlyMap<string, readonly Counted[]> {
  const groups = new Map<string, Counted[]>();
  for (const one of people) {
    const group = groups.get(one.agency ?? '');
    if (group) group.push(one);
    else groups.set(one.agency ?? '', [one]);
  }
  return groups;
}
