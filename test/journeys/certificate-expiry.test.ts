import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, daysOf, expectNoFailure, mailTo } from '../support/people.ts';

const EXPIRY = '【证件到期】';
const ORGANIZER = 'zuzhi@sifaju.huantai.example';

/** The house opens on Wednesday, 29 April 2026; 1 to 5 May are off, and Saturday 9 May is worked. */
describe('Certificates that end are told before they do', () => {
  let house: House;
  const register = async (
    noun: 'officers' | 'supervisors',
    person: { name: string; agency?: string; expires: string },
  ): Promise<string> => {
    const { name, agency, expires } = person;
    const { status, body } = await house.call('administrator', 'POST', `/${noun}`, {
      body: {
        name,
        ...(agency === undefined ? {} : { agency }),
        certificate: { no: `证-${name}`, issued: '2021-01-01', expires },
      },
    });
    expect(status).toBe(201);
    return body.id;
  };
  const bucket = async (which: string): Promise<string[]> =>
    (await house.call('auditor', 'GET', `/certificates/expiring?bucket=${which}`)).body.items.map(
      (one: { name: string }) => one.name,
    );

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-04-29T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng']);
    await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { email: ORGANIZER } });
    await register('officers', { name: '今日甲', agency: 'maqiao', expires: '2026-05-06' });
    await register('officers', { name: '到期乙', agency: 'maqiao', expires: '2026-05-05' });
    await register('officers', { name: '两月丙', agency: 'maqiao', expires: '2026-07-05' });
    await register('officers', { name: '以后丁', agency: 'maqiao', expires: '2026-07-06' });
    await register('officers', { name: '早年戊', agency: 'maqiao', expires: '2024-01-01' });
    await register('officers', { name: '邻镇己', agency: 'qifeng', expires: '2026-05-20' });
    await register('supervisors', { name: '监督庚', expires: '2026-06-05' });
    await register('supervisors', { name: '监督辛', agency: 'maqiao', expires: '2026-06-06' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Each month, on its first working morning, an agency gets one mail with its own people and nobody else’s', async () => {
    await house.until('2026-05-06T09:30:00+08:00');
    const mail = await mailTo(house, addressOf('maqiao'), EXPIRY);
    expect(mail.subject).toBe('【证件到期】maqiao镇人民政府：4人的证件已到期或将到期');
    for (const name of ['今日甲', '到期乙', '两月丙', '监督辛']) expect(mail.text).toContain(name);
    for (const name of ['以后丁', '早年戊', '邻镇己', '监督庚']) expect(mail.text).not.toContain(name);
    const other = await mailTo(house, addressOf('qifeng'), EXPIRY);
    expect(other.text).toContain('邻镇己');
    expect(other.text).not.toContain('甲（');
    await house.until('2026-05-20T09:30:00+08:00');
    expect(await daysOf(house, addressOf('maqiao'), EXPIRY)).toEqual(['2026-05-06']);
    await house.until('2026-06-01T09:30:00+08:00');
    await mailTo(house, addressOf('maqiao'), EXPIRY, 2);
    expect(await daysOf(house, addressOf('maqiao'), EXPIRY)).toEqual(['2026-05-06', '2026-06-01']);
  });

  it('A certificate is good on its last day; sixty and thirty days before it are said apart', async () => {
    expect(await bucket('expired')).toEqual(['到期乙', '今日甲', '邻镇己']);
    expect(await bucket('days30')).toEqual(['监督庚', '监督辛']);
    expect(await bucket('days60')).toEqual(['两月丙', '以后丁']);
  });

  it('The organizer reads the same figures in the daily mail', async () => {
    await house.until('2026-06-02T08:40:00+08:00');
    const daily = await eventually(async () => {
      const last = (await house.mails(ORGANIZER, '【日报】')).find((one) => one.subject.includes('6月2日'));
      if (!last) throw new Error('no daily mail of the 2nd');
      return last;
    });
    expect(daily.text).toContain('证件已到期 3，三十日内 2，六十日内 2');
  });
});
