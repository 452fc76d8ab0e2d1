import type { Contact, ContactRole } from './agency.ts';

export type AgencyKind = 'town' | 'department';

/** Kinds of enforcement subjects (执法主体): 行政机关, 法律法规授权的组织, 受委托的组织. */
export const SUBJECT_KINDS = ['organ', 'authorised', 'entrusted'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** The office inside an agency that supervises (承担行政执法监督职责的机构). */
export interface UnitOffice {
  readonly name: string;
  /** The paper that named it. */
  readonly document?: string | undefined;
}

/** The first responsible person (第一责任人). */
export interface Responsible {
  readonly name: string;
  readonly post?: string | undefined;
  readonly since?: string | undefined;
}

/** What an agency is as an enforcement subject, and who supervises in it. */
export interface AgencyRegister {
  /** 统一社会信用代码 */
  readonly creditCode?: string | undefined;
  readonly subjectKind?: SubjectKind | undefined;
  readonly legalBasis?: string | undefined;
  readonly unit?: UnitOffice | undefined;
  readonly responsible?: Responsible | undefined;
}

/** A supervised agency as it is registered; `id` is its public id. */
export interface Agency extends AgencyRegister {
  readonly id: string;
  readonly name: string;
  readonly kind: AgencyKind;
  readonly parent?: string | undefined;
  readonly domains: readonly string[];
  /** Empty is allowed: the preview of a campaign lists it as `no-contact`. */
  readonly contacts: readonly Contact[];
}

export const ROSTER_COLUMNS = [
  'id',
  'name',
  'kind',
  'parent',
  'domains',
  'contactName',
  'email',
  'phone',
  'role',
  'creditCode',
  'subjectKind',
  'legalBasis',
  'unit',
  'responsible',
  'responsiblePost',
] as const;
export type RosterColumn = (typeof ROSTER_COLUMNS)[number];

export type RosterFaultCode =
  | 'agency-differs'
  | 'contact-name-invalid'
  | 'credit-code-invalid'
  | 'domain-invalid'
  | 'email-invalid'
  | 'email-missing'
  | 'email-twice'
  | 'id-invalid'
  | 'kind-invalid'
  | 'name-invalid'
  | 'parent-invalid'
  | 'phone-invalid'
  | 'primary-missing'
  | 'primary-twice'
  | 'role-invalid'
  | 'subject-kind-invalid'
  | 'text-invalid'
  | 'too-many';

export interface AgencyFault {
  /** JSON pointer into the body of a request. */
  readonly pointer: string;
  /** The column of an imported file. */
  readonly column: RosterColumn;
  /** Index in `contacts` where the fault is a contact's. */
  readonly contact?: number;
  readonly code: RosterFaultCode;
  readonly detail: string;
}

/** What a row or a body brings before it is judged: any text where a closed word belongs. */
export interface AgencyRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly parent?: string | undefined;
  readonly domains: readonly string[];
  readonly contacts: readonly {
    readonly name: string;
    readonly email: string;
    readonly phone?: string | undefined;
    readonly role: string;
  }[];
  readonly creditCode?: string | undefined;
  readonly subjectKind?: string | undefined;
  readonly legalBasis?: string | undefined;
  readonly unit?: UnitOffice | undefined;
  readonly responsible?: Responsible | undefined;
}

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;
const DOMAIN_WORD = /^[a-z][A-Za-z0-9]*(?:-[a-z0-9]+)*$/u;
const PHONE = /^[0-9+][0-9+()（）\s转-]{2,29}$/u;
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/u;
/** Attack: a line break in a name would end the header it is written into. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const LONGEST = {
  basis: 500,
  id: 64,
  name: 100,
  contactName: 50,
  email: 254,
  localPart: 64,
  domain: 64,
} as const;
const MOST_CONTACTS = 20;
const MOST_DOMAINS = 30;

/** Whether an address can be written into an envelope: RFC 5321 lengths, plain ASCII, a domain of two labels or more, exactly one recipient. */
export function isEmail(text: string): boolean {
  const cut = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(cut, 0)), text.slice(cut + 1)];
  const labels = domain.split('.');
  return (
    text.length <= LONGEST.email &&
    local.length <= LONGEST.localPart &&
    LOCAL_PART.test(local) &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label))
  );
}

/** Whether a text can be an agency's public id. */
export function isId(text: string): boolean {
  return ID.test(text) && text.length <= LONGEST.id;
}

/** Every fault of one agency, at most one a field; empty where it may be stored. */
export function agencyFaults(row: AgencyRow): readonly AgencyFault[] {
  const faults: AgencyFault[] = [];
  const add = (column: RosterColumn, code: RosterFaultCode, detail: string) =>
    faults.push({ pointer: `/${column}`, column, code, detail });
  if (!isId(row.id)) {
    add('id', 'id-invalid', `编号“${row.id}”应为小写字母、数字和连字符`);
  }
  if (!isName(row.name, LONGEST.name)) add('name', 'name-invalid', '机关名称应为1至100字，不含换行');
  if (row.kind !== 'town' && row.kind !== 'department') {
    add('kind', 'kind-invalid', `类别“${row.kind}”应为 镇街（town）或 部门（department）`);
  }
  if (row.parent !== undefined && (!isId(row.parent) || row.parent === row.id)) {
    add('parent', 'parent-invalid', `上级“${row.parent}”无效`);
  }
  if (row.domains.length > MOST_DOMAINS) add('domains', 'too-many', `领域不得超过${MOST_DOMAINS}个`);
  const strange = row.domains.findIndex((word) => !DOMAIN_WORD.test(word) || word.length > LONGEST.domain);
  if (strange >= 0) {
    faults.push({
      pointer: `/domains/${strange}`,
      column: 'domains',
      code: 'domain-invalid',
      detail: `领域“${row.domains[strange] ?? ''}”不能识别`,
    });
  }
  return [...faults, ...registerFaults(row), ...contactFaults(row.contacts)];
}

/** GB 32100: seventeen characters without I, O, S, V, Z, and one that checks them. */
const CREDIT = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
export function isCreditCode(text: string): boolean {
  const values = Array.from(text, (one) => CREDIT.indexOf(one));
  if (values.length !== 18 || values.includes(-1)) return false;
  const sum = CREDIT_WEIGHTS.reduce((total, weight, n) => total + weight * (values[n] ?? 0), 0);
  return values[17] === (31 - (sum % 31)) % 31;
}

function registerFaults({
  creditCode,
  subjectKind,
  legalBasis,
  unit,
  responsible,
}: AgencyRow): AgencyFault[] {
  const faults: AgencyFault[] = [];
  if (creditCode !== undefined && !isCreditCode(creditCode))
    faults.push({
      pointer: '/creditCode',
      column: 'creditCode',
      code: 'credit-code-invalid',
      detail: `统一社会信用代码“${creditCode}”有误`,
    });
  if (subjectKind !== undefined && !(SUBJECT_KINDS as readonly string[]).includes(subjectKind))
    faults.push({
      pointer: '/subjectKind',
      column: 'subjectKind',
      code: 'subject-kind-invalid',
      detail: `主体类型“${subjectKind}”应为 行政机关、授权组织 或 受委托组织`,
    });
  const texts: readonly (readonly [RosterColumn, string, string | undefined, number])[] = [
    ['legalBasis', '/legalBasis', legalBasis, LONGEST.basis],
    ['unit', '/unit/name', unit?.name, LONGEST.name],
    ['responsible', '/responsible/name', responsible?.name, LONGEST.contactName],
    ['responsiblePost', '/responsible/post', responsible?.post, LONGEST.name],
  ];
  for (const [column, pointer, text, longest] of texts)
    if (text !== undefined && !isName(text, longest))
      faults.push({ pointer, column, code: 'text-invalid', detail: `应为1至${longest}字，不含换行` });
  return faults;
}

function contactFaults(contacts: AgencyRow['contacts']): readonly AgencyFault[] {
  const faults: AgencyFault[] = [];
  const seen = new Set<string>();
  const add = (n: number, column: RosterColumn, fault: { code: RosterFaultCode; detail: string }) =>
    faults.push({
      pointer: `/contacts/${n}/${column === 'contactName' ? 'name' : column}`,
      column,
      contact: n,
      ...fault,
    });
  let primaries = 0;
  for (const [n, one] of contacts.entries()) {
    if (!isName(one.name, LONGEST.contactName)) {
      add(n, 'contactName', { code: 'contact-name-invalid', detail: '联系人姓名应为1至50字，不含换行' });
    }
    const address = one.email.toLowerCase();
    if (one.email === '') add(n, 'email', { code: 'email-missing', detail: '联系人没有邮箱' });
    else if (!isEmail(one.email))
      add(n, 'email', { code: 'email-invalid', detail: `邮箱“${one.email}”格式不正确` });
    else if (seen.has(address))
      add(n, 'email', { code: 'email-twice', detail: `邮箱“${one.email}”在本机关重复` });
    seen.add(address);
    if (one.phone !== undefined && !PHONE.test(one.phone)) {
      add(n, 'phone', { code: 'phone-invalid', detail: `电话“${one.phone}”格式不正确` });
    }
    if (one.role === 'primary') primaries += 1;
    if (!isRole(one.role)) {
      add(n, 'role', { code: 'role-invalid', detail: `角色“${one.role}”应为 主办、B角 或 负责人` });
    } else if (one.role === 'primary' && primaries > 1) {
      add(n, 'role', { code: 'primary-twice', detail: '每个机关只能有一名主办' });
    }
  }
  if (contacts.length > MOST_CONTACTS) {
    add(MOST_CONTACTS, 'contactName', { code: 'too-many', detail: `联系人不得超过${MOST_CONTACTS}名` });
  }
  if (contacts.length > 0 && contacts.every((one) => isRole(one.role) && one.role !== 'primary')) {
    add(0, 'role', { code: 'primary-missing', detail: '须有一名主办' });
  }
  return faults;
}

function isRole(text: string): text is ContactRole {
  return text === 'primary' || text === 'deputy' || text === 'leader';
}

function isName(text: string, longest: number): boolean {
  return text.trim() !== '' && text.length <= longest && !CONTROL.test(text);
}

/** Addresses that more than one agency gave, in lower case with the agencies: allowed, but listed before a launch since a sender then tells less. */
export function sharedAddresses(agencies: readonly Agency[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, Set<string>>();
  for (const agency of agencies) {
    for (const { email } of agency.contacts) {
      const address = email.toLowerCase();
      owners.set(address, (owners.get(address) ?? new Set()).add(agency.id));
    }
  }
  return new Map([...owners].filter(([, ids]) => ids.size > 1).map(([address, ids]) => [address, [...ids]]));
}
