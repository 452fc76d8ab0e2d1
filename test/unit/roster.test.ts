import { describe, expect, it } from 'vitest';
import { type AgencyRow, agencyFaults, isEmail, sharedAddresses } from '../../domain/roster.ts';
import { type RosterRow, importRoster } from '../../domain/roster-import.ts';

function agency(over: Partial<AgencyRow> = {}): AgencyRow {
  return {
    id: 'shuili',
    name: '县水利局',
    kind: 'department',
    parent: 'huantai',
    domains: ['environment', 'workSafety'],
    contacts: [{ name: '经办人甲', email: 'jia@shuili.huantai.example', role: 'primary' }],
    ...over,
  };
}

const contact = (over: Partial<AgencyRow['contacts'][number]> = {}) => ({
  name: '经办人甲',
  email: 'jia@shuili.huantai.example',
  role: 'primary',
  ...over,
});

const codes = (row: AgencyRow) => agencyFaults(row).map((fault) => [fault.pointer, fault.code]);

describe('An agency', () => {
  it('without a fault is accepted, and so is one without a contact', () => {
    expect(agencyFaults(agency())).toEqual([]);
    expect(agencyFaults(agency({ contacts: [], domains: [] }))).toEqual([]);
  });

  it('has every fault named by its pointer', () => {
    const faulty = agency({
      id: 'Shui Li',
      name: '水利\r\nBcc: x@y.example',
      kind: 'bureau',
      parent: '../x',
      domains: ['environment', 'Work Safety'],
      contacts: [
        contact({ name: ' ', email: 'jia', phone: 'call me' }),
        contact({ email: '', role: 'boss' }),
        contact({ email: 'yi@shuili.huantai.example' }),
        contact({ email: 'YI@shuili.huantai.example', role: 'deputy' }),
      ],
    });
    expect(codes(faulty)).toEqual([
      ['/id', 'id-invalid'],
      ['/name', 'name-invalid'],
      ['/kind', 'kind-invalid'],
      ['/parent', 'parent-invalid'],
      ['/domains/1', 'domain-invalid'],
      ['/contacts/0/name', 'contact-name-invalid'],
      ['/contacts/0/email', 'email-invalid'],
      ['/contacts/0/phone', 'phone-invalid'],
      ['/contacts/1/email', 'email-missing'],
      ['/contacts/1/role', 'role-invalid'],
      ['/contacts/2/role', 'primary-twice'],
      ['/contacts/3/email', 'email-twice'],
    ]);
  });

  it('with contacts needs a primary one, and not a crowd', () => {
    expect(codes(agency({ contacts: [contact({ role: 'deputy' })] }))).toEqual([
      ['/contacts/0/role', 'primary-missing'],
    ]);
    const crowd = Array.from({ length: 21 }, (_, n) =>
      contact({ email: `c${n}@shuili.huantai.example`, role: n === 0 ? 'primary' : 'deputy' }),
    );
    expect(codes(agency({ contacts: crowd }))).toEqual([['/contacts/20/name', 'too-many']]);
    expect(codes(agency({ domains: Array.from({ length: 31 }, () => 'environment') }))).toEqual([
      ['/domains', 'too-many'],
    ]);
  });

  it.each([
    ['jia@shuili.huantai.example', true],
    ['o.brien+tag@a-b.co', true],
    [`${'a'.repeat(64)}@x.example`, true],
    [`${'a'.repeat(65)}@x.example`, false],
    [`a@${'b'.repeat(64)}.example`, false],
    [`a@${'bbbbbbb.'.repeat(32)}example`, false],
    ['a@localhost', false],
    ['a.@x.example', false],
    ['a..b@x.example', false],
    ['a@b@x.example', false],
    ['a@x.example,b@y.example', false],
    ['a@x.example\r\nBcc: b@y.example', false],
    ['<a@x.example>', false],
    ['经办@x.example', false],
    ['@x.example', false],
    ['a@-x.example', false],
    ['', false],
  ])('An address %s is sendable: %s', (text, sendable) => {
    expect(isEmail(text)).toBe(sendable);
  });

  it('may share an address with another, which is listed', () => {
    const one = { ...agency(), kind: 'department', contacts: [contact({ role: 'primary' })] } as never;
    const two = {
      ...agency({ id: 'other' }),
      contacts: [contact({ email: 'JIA@shuili.huantai.example' })],
    } as never;
    expect([...sharedAddresses([one, two])]).toEqual([['jia@shuili.huantai.example', ['shuili', 'other']]]);
    expect(sharedAddresses([one])).toEqual(new Map());
  });
});

const row = (n: number, cells: RosterRow['cells']): RosterRow => ({ row: n, cells });

describe('Rows', () => {
  it('of one agency become one agency, whose own columns may stand once', () => {
    const rows = [
      row(2, {
        id: 'shuili',
        name: '县水利局',
        kind: '部门',
        domains: '安全生产、环境保护，water',
        contactName: '甲',
        email: 'a@s.example',
        role: '主办',
      }),
      row(3, { id: 'maqiao', name: '马桥镇人民政府', kind: '镇街' }),
      row(4, { id: 'shuili', contactName: '乙', email: 'b@s.example', phone: '0533-0000001', role: 'B角' }),
      row(5, { id: 'shuili', name: '县水利局', contactName: '丙', email: 'c@s.example', role: 'Leader' }),
    ];
    const { create, update, rejected } = importRoster(rows, new Set(['maqiao']));
    expect(rejected).toEqual([]);
    expect(update).toEqual([
      { id: 'maqiao', name: '马桥镇人民政府', kind: 'town', domains: [], contacts: [] },
    ]);
    expect(create).toEqual([
      {
        id: 'shuili',
        name: '县水利局',
        kind: 'department',
        domains: ['workSafety', 'environment', 'water'],
        contacts: [
          { name: '甲', email: 'a@s.example', role: 'primary' },
          { name: '乙', email: 'b@s.example', phone: '0533-0000001', role: 'deputy' },
          { name: '丙', email: 'c@s.example', role: 'leader' },
        ],
      },
    ]);
  });

  it('that contradict each other are asked about, and nothing of that agency is stored', () => {
    const rows = [
      row(2, {
        id: 'shuili',
        name: '县水利局',
        kind: '部门',
        contactName: '甲',
        email: 'a@s.example',
        role: '主办',
      }),
      row(3, { id: 'shuili', name: '县水务局', contactName: '乙', email: 'b@s.example', role: 'B角' }),
      row(4, { id: 'maqiao', name: '马桥镇人民政府', kind: 'town' }),
    ];
    const { create, rejected } = importRoster(rows, new Set());
    expect(create.map((one) => one.id)).toEqual(['maqiao']);
    expect(rejected).toEqual([
      { row: 3, column: 'name', code: 'agency-differs', detail: '与第2行同编号的“县水利局”不一致' },
    ]);
  });

  it('with an impossible id are told so each, once', () => {
    const rows = [
      row(2, {
        id: 'Shui Li',
        name: '县水利局',
        kind: '部门',
        contactName: '甲',
        email: 'a@s.example',
        role: '主办',
      }),
      row(3, { id: 'Shui Li', contactName: '乙', email: 'b@s.example', role: 'B角' }),
      row(4, {
        id: 'Shui Li',
        name: '县水文局',
        kind: '部门',
        contactName: '丙',
        email: 'c@s.example',
        role: '主办',
      }),
    ];
    expect(importRoster(rows, new Set()).rejected.map((one) => [one.row, one.column, one.code])).toEqual([
      [2, 'id', 'id-invalid'],
      [3, 'id', 'id-invalid'],
      [4, 'id', 'id-invalid'],
    ]);
  });

  it('without an id are each their own fault', () => {
    const { rejected } = importRoster(
      [row(2, { name: '甲', kind: '镇' }), row(3, { name: '乙', kind: '镇' })],
      new Set(),
    );
    expect(rejected.map((one) => [one.row, one.column, one.code])).toEqual([
      [2, 'id', 'id-invalid'],
      [3, 'id', 'id-invalid'],
    ]);
  });

  it('named like the insides of an object are no words of ours', () => {
    const rows = [
      row(2, {
        id: 'a',
        name: '甲',
        kind: 'constructor',
        domains: '__proto__',
        contactName: '甲',
        email: 'a@a.example',
        role: 'toString',
      }),
    ];
    expect(importRoster(rows, new Set()).rejected.map((one) => [one.column, one.code])).toEqual([
      ['kind', 'kind-invalid'],
      ['domains', 'domain-invalid'],
      ['role', 'role-invalid'],
    ]);
  });
});
