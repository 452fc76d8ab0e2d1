import type { IsoDate } from './calendar.ts';
import { Refusal, type RefusalCode } from './refusals.ts';

/** What keeps the holder of a certificate from working under it. */
export type BarKind = 'suspended' | 'confiscated' | 'disqualified' | 'reassigned' | 'inTraining';

/** A time in which a person may not work under their certificate, as an accountability left it; kept after its end, since past days are judged too. */
export interface Bar {
  readonly state: BarKind;
  readonly from: IsoDate;
  /** Its last day; open where it ends by a person's act only. */
  readonly until?: IsoDate | undefined;
  /** The first day on which it no longer held. */
  readonly endedOn?: IsoDate | undefined;
  /** Number of the accountability. */
  readonly by: string;
}

/** A person with a certificate: a supervisor (监督人员) or an enforcement officer (行政执法人员). */
export interface CertifiedPerson {
  readonly id: string;
  readonly name: string;
  /** Absent for those of the supervising office and its judicial offices. */
  readonly agency?: string | undefined;
  readonly certificate: { readonly no: string; readonly issued: IsoDate; readonly expires: IsoDate };
  readonly bars?: readonly Bar[] | undefined;
  /** The first day on which they no longer work under it: transferred, retired, dismissed. */
  readonly leftOn?: IsoDate | undefined;
}

/** Where a person stands on a day, for the registers. */
export type Standing =
  | { readonly state: 'valid' | 'expired' | 'notYetValid' }
  | { readonly state: 'left'; readonly from: IsoDate }
  | {
      readonly state: BarKind;
      readonly from: IsoDate;
      readonly until?: IsoDate | undefined;
      readonly by: string;
    };

/** Members of a team, at the least (山东省行政执法监督条例 第二十二条). */
export const TEAM_MIN = 2;

/** The bar that holds on a day. */
export function barOn({ bars = [] }: Pick<CertifiedPerson, 'bars'>, day: IsoDate): Bar | undefined {
  return bars.find(
    ({ from, until, endedOn }) =>
      from <= day && (until === undefined || day <= until) && (endedOn === undefined || day < endedOn),
  );
}

export function standingOn(
  person: Pick<CertifiedPerson, 'certificate' | 'bars' | 'leftOn'>,
  day: IsoDate,
): Standing {
  const bar = barOn(person, day);
  if (bar) {
    const { state, from, until, by } = bar;
    return { state, from, ...(until === undefined ? {} : { until }), by };
  }
  if (person.leftOn !== undefined && person.leftOn <= day) return { state: 'left', from: person.leftOn };
  if (person.certificate.expires < day) return { state: 'expired' };
  return { state: person.certificate.issued > day ? 'notYetValid' : 'valid' };
}

const BARRED: Readonly<Record<BarKind, string>> = {
  suspended: '证件已被暂扣',
  confiscated: '证件已被收缴',
  disqualified: '已被取消资格',
  reassigned: '已调离岗位',
  inTraining: '正在离岗教育',
};

/** Why a person may not work under their certificate on a day: one code for the draw's exclusions and the refusals; undefined where nothing is against it. */
export function unfitOn(
  person: Pick<CertifiedPerson, 'name' | 'certificate' | 'bars' | 'leftOn'>,
  day: IsoDate,
): { readonly code: RefusalCode; readonly detail: string } | undefined {
  const standing = standingOn(person, day);
  const { name, certificate } = person;
  switch (standing.state) {
    case 'valid':
      return undefined;
    case 'expired':
      return { code: 'certificate-expired', detail: `${name} 的证件已于 ${certificate.expires} 到期` };
    case 'notYetValid':
      return { code: 'certificate-invalid', detail: `${name} 的证件自 ${certificate.issued} 起才有效` };
    case 'left':
      return { code: 'certificate-invalid', detail: `${name} 已于 ${standing.from} 离岗` };
    case 'suspended':
    case 'confiscated':
    case 'disqualified':
    case 'reassigned':
    case 'inTraining': {
      const until = standing.until === undefined ? '' : `，至 ${standing.until}`;
      const detail = `${name} ${BARRED[standing.state]}（${standing.by}，自 ${standing.from}${until}）`;
      return { code: 'certificate-suspended', detail };
    }
  }
}

/** Who is to form a team, and what they are judged by. */
export interface Team {
  /** Ids, or names that only one has. */
  readonly asked: readonly string[];
  readonly register: readonly CertifiedPerson[];
  /** The day on which they work. */
  readonly day: IsoDate;
  readonly recused?: readonly string[];
  /** The agency under supervision: none of its own supervises it (执法与监督相分离). */
  readonly agency: string;
  /** Whom a refusal speaks of, and where its pointer points. */
  readonly as: 'supervisors' | 'inspectors' | 'people';
}

const CODES = {
  supervisors: { few: 'supervisors-too-few', unknown: 'supervisor-unknown' },
  people: { few: 'supervisors-too-few', unknown: 'supervisor-unknown' },
  inspectors: { few: 'inspectors-too-few', unknown: 'inspector-unknown' },
} as const satisfies Record<Team['as'], Record<'few' | 'unknown', RefusalCode>>;

/** The people of a team: two at the least, each with a certificate valid on the day, none recused, barred or of the agency itself; throws the refusal that names the person and the reason. */
export function checkSupervisors(team: Team): readonly CertifiedPerson[] {
  enough(team, new Set(team.asked).size);
  const people = team.asked.map((said, n) => checkSupervisor(team, said, n));
  enough(team, new Set(people.map((one) => one.id)).size);
  return people;
}

/** Attack: one person named twice, by id and by name, is still one. */
function enough({ as }: Team, different: number): void {
  if (different < TEAM_MIN) throw new Refusal(CODES[as].few, `不得少于${TEAM_MIN}名不同的监督人员`, `/${as}`);
}

/** One member of a team, the `n`th named. */
export function checkSupervisor(team: Omit<Team, 'asked'>, said: string, n: number): CertifiedPerson {
  const pointer = `/${team.as}/${n}`;
  const named = team.register.filter((one) => one.name === said);
  const person = team.register.find((one) => one.id === said) ?? (named.length === 1 ? named[0] : undefined);
  if (!person) {
    const why = named.length > 1 ? `有${named.length}名监督人员叫${said}，请用编号` : `没有监督人员 ${said}`;
    throw new Refusal(CODES[team.as].unknown, why, pointer);
  }
  if (team.recused?.includes(person.id))
    throw new Refusal('supervisor-recused', `${person.name} 已回避`, pointer);
  const unfit = unfitOn(person, team.day);
  if (unfit) throw new Refusal(unfit.code, unfit.detail, pointer);
  if (person.agency === team.agency)
    throw new Refusal('supervisor-own-agency', `${person.name} 属于被监督机关`, pointer);
  return person;
}
