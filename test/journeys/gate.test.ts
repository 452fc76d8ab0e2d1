import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instrumentRules } from '../../data/reference.ts';
import { fileMatter, heardMatter, inCase, issue, openMatter } from '../support/cases.ts';
import { expectProblem } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { registerSupervisors } from '../support/people.ts';

describe('the instrument gate', () => {
  let house: House;
  let matter: string;
  const draft = (body: Record<string, unknown>, no = matter) =>
    house.call('organizer', 'POST', `/cases/${no}/documents`, { body });
  const problem = { severity: 'ordinary', description: '未经法制审核作出决定' };
  const opinion = { kind: 'opinion', findings: [problem] };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'xincheng'], 'town');
    await registerSupervisors(house, 2);
    matter = await openMatter(house, 'maqiao');
  });
  afterAll(() => house.close());

  it('No document before the case is filed, and none without its fact: the refusal names it', async () => {
    expectProblem(await draft({ kind: 'notice' }), 409);
    matter = await heardMatter(house, 'maqiao', '2026-03-02');
    const without = await draft({ kind: 'opinion', findings: [] });
    expectProblem(without, 409, 'fact-missing');
    expect(without.body.detail).toMatch(/查明行政执法行为违法（illegalAct）或者.*明显不当/);
    const letter = await draft({ kind: 'letter', findings: [] });
    expectProblem(letter, 409, 'fact-missing');
    expect(letter.body.detail).toContain('dutyNotPerformed');
    expectProblem(await draft({ ...opinion, facts: ['rumour'] }), 422, 'validation', '/facts/0');
    expectProblem(await draft({ ...opinion, kind: 'verdict' }), 422, 'validation', '/kind');
  });

  it('A term beyond the rule is refused, a shorter one without its reason too; with the reason it is on record', async () => {
    const reason = '供暖季将至';
    for (const over of [
      { term: { days: 31 } },
      { term: { days: 31 }, reason },
      { term: { days: 7 } },
      { term: { workdays: 20 } },
    ])
      // prettier-ignore
      expectProblem(await draft({ ...opinion, ...over }), 422, 'term-not-allowed', '/term');
    const outcome = await draft({ ...opinion, outcome: 'revoke' });
    expectProblem(outcome, 422, 'outcome-not-allowed', '/outcome');
    const drafted = await draft({ ...opinion, term: { days: 7 }, reason });
    expect(drafted.status, JSON.stringify(drafted.body)).toBe(201);
    expect(drafted.body).toMatchObject({ kind: 'opinion', state: 'draft', term: { days: 7 } });
    const plain = await draft(opinion, await heardMatter(house, 'xincheng', '2026-03-02'));
    expect(plain.body).toMatchObject({ term: { days: 30 } });
  });

  it('A longer term is taken only where the rule permits one, and with its reason on record', async () => {
    const no = await openMatter(house, 'xincheng');
    await fileMatter(house, no);
    const longer = { kind: 'notice', term: { workdays: 15 } };
    expectProblem(await draft(longer, no), 422, 'term-not-allowed', '/term');
    const reasoned = await draft({ ...longer, reason: '案卷分散在三个乡镇' }, no);
    expect(reasoned.status, JSON.stringify(reasoned.body)).toBe(201);
    expect(reasoned.body).toMatchObject({ kind: 'notice', term: { workdays: 15 } });
  });

  it('Another province is other rows: the same call is refused by one and taken by the other', async () => {
    const decision = {
      kind: 'decision',
      findings: [{ ...problem, severity: 'major' }],
      facts: ['noticeNotFollowed'],
      outcome: 'orderRemake',
    };
    const no = await heardMatter(house, 'maqiao', '2026-03-02');
    await inCase(house, no, [
      'review',
      { kind: 'collectiveDiscussion', conclusion: 'violation', opinion: '违法' },
    ]);
    expectProblem(await draft(decision, no), 422, 'outcome-not-allowed', '/outcome');
    const put = await house.call('administrator', 'PUT', '/instruments', {
      body: { version: 1, items: instrumentRules('sichuan') },
    });
    expect(put.body.version).toBe(2);
    const taken = await draft(decision, no);
    expect(taken.status, JSON.stringify(taken.body)).toBe(201);
    expect(taken.body).toMatchObject({ outcome: 'orderRemake', term: { days: 30 } });
  });

  it('The rules say how their documents are numbered, and no other row says otherwise', async () => {
    const shown = await house.call('organizer', 'GET', '/number-series');
    const codeOf = (kind: string): string =>
      (shown.body.items as { code: string; kinds: string[] }[]).find(({ kinds }) => kinds.includes(kind))
        ?.code ?? '';
    expect([codeOf('opinion'), codeOf('decision'), codeOf('reply')]).toEqual([
      '示司执监意',
      '示府执监决',
      '桓司执监告',
    ]);
    const no = await openMatter(house, 'xincheng');
    await fileMatter(house, no);
    const { number } = await issue(house, no, { kind: 'notice' });
    expect(number).toBe('示司执监立〔2026〕1号');
    const other = [{ code: '桓司执监意', issuer: 'office', kinds: ['opinion'] }];
    const refused = await house.call('administrator', 'PUT', '/number-series', { body: { items: other } });
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/items/0/code', code: 'series-of-instrument' }] },
    });
    const rows = instrumentRules('sichuan');
    const mixed = rows.map((row) => (row.kind === 'letter' ? { ...row, series: '示府执监决' } : row));
    const two = await house.call('administrator', 'PUT', '/instruments', {
      body: { version: 2, items: mixed },
    });
    expect(two.body.errors).toEqual([
      expect.objectContaining({ pointer: expect.stringMatching(/series$/), code: 'instrument-invalid' }),
    ]);
  });

  it('A case has two supervisors, valid, not of the agency: each refused by name and reason', async () => {
    const fresh = await openMatter(house, 'maqiao');
    const register = async (name: string, over: Record<string, unknown>) => {
      const certificate = { no: `证-${name}`, issued: '2025-01-01', expires: '2030-01-01' };
      const made = await house.call('administrator', 'POST', '/supervisors', {
        body: { name, certificate, ...over },
      });
      return made.body.id as string;
    };
    const good = await register('监督员甲', {});
    const expired = await register('监督员乙', {
      certificate: { no: '证-过期', issued: '2020-01-01', expires: '2026-03-01' },
    });
    const own = await register('监督员丙', { agency: 'maqiao' });
    for (const [supervisors, code, pointer, name] of [
      [[good], 'supervisors-too-few', '/supervisors', '2名'],
      [[good, '监督员甲'], 'supervisors-too-few', '/supervisors', '2名'],
      [[good, 'nobody'], 'supervisor-unknown', '/supervisors/1', 'nobody'],
      [[good, expired], 'certificate-expired', '/supervisors/1', '监督员乙'],
      [[own, good], 'supervisor-own-agency', '/supervisors/0', '监督员丙'],
    ] as const) {
      const refused = await house.call('approver', 'POST', `/cases/${fresh}/filing`, {
        body: { approved: true, supervisors },
      });
      expectProblem(refused, 422, code, pointer);
      expect(refused.body.detail).toContain(name);
    }
  });
});
