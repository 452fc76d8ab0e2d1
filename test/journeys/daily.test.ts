import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDaily } from '../../activities/daily.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  sentAt,
  taskShows,
} from '../support/people.ts';

const ADDRESS = 'zuzhi@sifaju.huantai.example';
const DAILY = '【日报】';

/** The house opens on Friday, 6 March 2026, before the office does. */
describe('The daily mail to organizers', () => {
  let house: House;
  const days = async () => (await house.mails(ADDRESS, DAILY)).map((mail) => sentAt(mail).slice(0, 10));
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-06T07:00:00+08:00' });
    const { status } = await house.call('administrator', 'PATCH', '/accounts/organizer', {
      body: { email: ADDRESS, name: '李组织' },
    });
    expect(status).toBe(200);
    await registerAgencies(house, ['silent', 'diligent']);
    const no = await launch(house, {
      agencies: { ids: ['silent', 'diligent'] },
      phases: {
        selfInspection: { workdays: 1 },
        jointInspection: { workdays: 5 },
        rectification: { days: 30 },
        lookBack: { days: 10 },
      },
    });
    await post(await pageOf(house, addressOf('diligent')), 'answers', { text: '已办理' });
    await taskShows(house, await numberOf(house, no, 'diligent'), { state: 'inReview' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house?.close();
  });

  it('Goes at half past eight and not before, once, with what waits for a person', async () => {
    expect(await days()).toEqual([]);
    await house.until('2026-03-06T08:31:00+08:00');
    const mail = await mailTo(house, ADDRESS, DAILY);
    expect(mail.subject).toBe('【日报】2026年3月6日：待审1，新超期0，退信0');
    expect(mail.text).toContain('待审核 1');
    expect(mail.text).toContain('送达存疑 0');
    expect(mail.text).toContain(`${house.url}/console`);
    await house.until('2026-03-06T12:00:00+08:00');
    expect(await createDaily(house.deps)(), 'another worker').toBe(0);
    await house.until('2026-03-06T14:00:00+08:00');
    await post(await pageOf(house, addressOf('diligent')), 'answers', { text: '补充说明' });
    await house.settled();
    expect(await days()).toEqual(['2026-03-06']);
    expect(await house.store.messages.countDocuments({ kind: 'organizerDigest' })).toBe(1);
  });

  it('Is not sent on a rest day, nor in the evening for a morning that was missed', async () => {
    const at = (instant: string) =>
      createDaily({
        ...house.deps,
        clock: { ...house.deps.clock, now: async () => Date.parse(`${instant}:00+08:00`) },
      })();
    for (const none of ['2026-03-14T09:00', '2026-03-15T09:00', '2026-04-06T09:00', '2026-03-13T18:30'])
      expect(await at(none), none).toBe(0);
    const sent = await house.store.messages.distinct('subject', { kind: 'organizerDigest' });
    expect(sent).toEqual(['organizer/2026-03-06']);
  });

  it('Tells what has become overdue since the last working day, and goes to nobody who has no address', async () => {
    await house.until('2026-03-10T08:31:00+08:00');
    const mail = await eventually(async () => {
      const last = (await house.mails(ADDRESS, DAILY)).find((one) => one.subject.includes('3月10日'));
      if (!last) throw new Error('no mail of the 10th');
      return last;
    });
    expect(mail.text).toContain('超期 1（其中新超期 1）');
    await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { email: null } });
    expect(
      await createDaily({
        ...house.deps,
        clock: { ...house.deps.clock, now: async () => Date.parse('2026-03-12T09:00:00+08:00') },
      })(),
    ).toBe(0);
    expect(await house.store.messages.distinct('recipient', { kind: 'organizerDigest' })).toEqual([ADDRESS]);
  });
});
