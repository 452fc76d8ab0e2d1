import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, scoresOf, stoppedAt } from '../../bench/act-trial.ts';
import { findWarnings } from '../../activities/warning.ts';
import { seedReference } from '../../data/seed.ts';
import { type Store, openStore } from '../../models/store.ts';
import { databaseName, mongoUri } from '../support/engines.ts';

describe('faults planted among acts that break no rule', () => {
  let store: Store;
  const clock = stoppedAt('2026-11-24');
  beforeAll(async () => {
    store = await openStore(mongoUri(), databaseName());
    await seedReference(store);
  });
  afterAll(async () => {
    await store.connection.dropDatabase();
    await store.close();
  });

  it('Every one is found, nothing is imagined, and a second look changes nothing', async () => {
    const options = { seed: 11, today: '2026-11-24', agencies: 32, faults: 8, perAgency: 120 };
    const { planted, acts } = await fill(store, options);
    expect(acts).toBeGreaterThan(4_000);
    const rules = await store.warningRules.distinct('_id');
    expect([...planted.keys()].sort()).toEqual(rules.sort());
    await findWarnings({ store, clock });
    const { scores, strange } = await scoresOf(store, planted);
    expect(strange).toEqual([]);
    expect(scores.map(({ planted: n, found }) => [n, found])).toEqual(rules.map(() => [8, 8]));
    expect(await findWarnings({ store, clock })).toBe(0);
    await store.settings.deleteOne({ _id: 'warnings' });
    expect(await findWarnings({ store, clock })).toBe(0);
  });

  it('A run over everything that was cut off goes on where it was', async () => {
    await store.warnings.deleteMany({});
    const kept = await store.settings.findById('warnings').lean();
    const whole = { stage: 'fines', after: '' };
    await store.settings.updateOne(
      { _id: 'warnings' },
      { $set: { value: { ...(kept?.value as object), whole } } },
    );
    await findWarnings({ store, clock });
    expect(await store.warnings.distinct('rule')).toEqual(['fineGrowth', 'penaltyUnlike', 'silence']);
    expect((await store.settings.findById('warnings').lean())?.value).not.toHaveProperty('whole');
  });

  it('Workers take turns: what one is at, another leaves alone, and a dead one is not waited for', async () => {
    await store.settings.deleteOne({ _id: 'warnings' });
    const held = (until: number) =>
      store.settings.updateOne({ _id: 'warnings-turn' }, { $set: { value: { holder: 'another', until } } });
    await held(Date.now() + 60_000);
    expect(await findWarnings({ store, clock })).toBe(0);
    expect(await store.settings.findById('warnings').lean()).toBeNull();
    await held(Date.now() - 1);
    await findWarnings({ store, clock });
    expect(await store.settings.findById('warnings').lean()).not.toBeNull();
    expect((await store.settings.findById('warnings-turn').lean())?.value).toMatchObject({ until: 0 });
  });
});
