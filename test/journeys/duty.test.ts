import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileMatter, openMatter } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { registerSupervisors } from '../support/people.ts';

describe('When an account is closed, what its holder had open is listed and given to another', () => {
  let house: House;
  let no: string;
  let gone: string;
  let next: string;
  const duties = async () => (await house.call('auditor', 'GET', '/accounts/organizer/duties')).body.items;

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao']);
    const register = await registerSupervisors(house, 3);
    no = await openMatter(house, 'maqiao');
    const team = await fileMatter(house, no);
    [gone = ''] = team;
    next = register.find((one) => !team.includes(one)) ?? '';
    await house.store.reviewedFiles.create({
      _id: 'AJ-2026-009-F001',
      review: 'AJ-2026-009',
      file: 'M-1',
      agency: 'maqiao',
      reviewers: team,
    } as never);
    await house.store.fileReviews.create({
      _id: 'AJ-2026-009',
      year: 2026,
      sheet: 1,
      state: 'scoring',
    } as never);
  });
  afterAll(async () => {
    await house.close();
  });

  it('Nobody’s account, nobody’s duties; tied to a supervisor it has theirs', async () => {
    expect(await duties()).toEqual([]);
    await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { supervisor: gone } });
    expect(await duties()).toEqual([
      { kind: 'case', no, agency: 'maqiao' },
      { kind: 'fileSheet', no: 'AJ-2026-009', file: 'M-1', agency: 'maqiao' },
    ]);
  });

  it('An approver gives them on, each by its own rules: what cannot go is said, and stays', async () => {
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $set: { disabled: true } });
    const give = (to: string) =>
      house.call('approver', 'POST', '/accounts/organizer/handover', { body: { to } });
    expect(await give('sup-nobody')).toMatchObject({ status: 422, body: { code: 'supervisor-unknown' } });
    const done = await give(next);
    expect(done.status).toBe(201);
    expect(done.body.handed.map((one: { kind: string }) => one.kind)).toEqual(['case', 'fileSheet']);
    expect(done.body.left).toEqual([]);
    expect(await duties()).toEqual([]);
    const matter = await house.call('auditor', 'GET', `/cases/${no}`);
    expect(matter.body.supervisors.map((one: { id: string }) => one.id)).toContain(next);
    expect(matter.body.supervisors.map((one: { id: string }) => one.id)).not.toContain(gone);
  });
});
