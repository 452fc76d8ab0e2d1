import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { call } from '../../embedded/call.ts';
import { seedFileReview } from '../../embedded/demo-file-review.ts';
import type { Ask, House as Demo } from '../../embedded/demo-modes.ts';
import { seedCounty } from '../../embedded/demo.ts';
import type { Role } from '../../models/account.ts';
import { type House, openHouse } from '../support/house.ts';

const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];

describe('The demo’s review of case files', () => {
  let house: House;
  let demo: Demo;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-09-01T09:00:00+08:00' });
    await seedCounty({ store: house.store, mailbox: { behave: () => undefined } as never });
    const tokens = Object.fromEntries(
      await Promise.all(ROLES.map(async (role) => [role, await issueToken(house.store, role)] as const)),
    ) as Record<Role, string>;
    demo = { url: house.url, store: house.store, secrets: { tokens } as Demo['secrets'] };
  });
  afterAll(() => house.close());

  it('Stands in the middle of its way: a third wanted, a grade, a sheet that waits for the newcomer', async () => {
    let n = 0;
    const ask: Ask = async <T>(role: Role, path: string, body: unknown = {}) => {
      n += 1;
      const headers = { 'Idempotency-Key': `demo/${n}` };
      return (await call<T>(demo, role, { method: 'POST', path, body, headers })).body;
    };
    await seedFileReview(demo, ask, 2026);
    const { body } = await house.call('organizer', 'GET', '/file-reviews/AJ-2026-001');
    const files = body.files as { state: string; result?: { points: number; grade: string } }[];
    expect(files.map((one) => [one.state, one.result?.points, one.result?.grade])).toEqual([
      ['thirdNeeded', undefined, undefined],
      ['settled', 93, 'excellent'],
      ['scoring', undefined, undefined],
    ]);
    const waits = await house.call(
      'organizer',
      'POST',
      '/file-reviews/AJ-2026-001/files/AJ-2026-001-F003/scores',
      { body: { marks: [], opinion: '' } },
    );
    expect(waits.status).toBe(201);
    expect((await house.store.accounts.findById('pingcha').lean())?.supervisor).toBe('sup-demo-003');
  });
});
