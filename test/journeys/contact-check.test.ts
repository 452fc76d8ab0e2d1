import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAgencies } from '../support/county.ts';
import { expectKept, keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, daysOf, expectNoFailure, mailTo, sentAt } from '../support/people.ts';

const ASKED = '【联络员确认】';
const REMINDED = '【联络员确认·提醒】';
const ORGANIZER = 'zuzhi@sifaju.huantai.example';

const contactLink = (text: string): string => /^\s*(http\S+\/contacts\/[a-z0-9]+)\s*$/m.exec(text)?.[1] ?? '';

const send = (link: string, form: string, body: Record<string, string> = {}): Promise<Response> =>
  fetch(`${link}/${form}`, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: new URLSearchParams(body),
  });

/** The house opens on Monday, 30 March 2026; 4 to 6 April are off. */
describe('Once a quarter each contact is asked whether it is still them', () => {
  let house: House;
  const checks = async (query = ''): Promise<Record<string, string>[]> =>
    (await house.call('auditor', 'GET', `/contact-checks?limit=200${query}`)).body.items;
  const stateOf = async (email: string): Promise<string | undefined> =>
    (await checks()).find((one) => one['email'] === email)?.['state'];
  const shows = (email: string, state: string) =>
    eventually(async () => expect(await stateOf(email), email).toBe(state));
  const asked = async () =>
    (await house.mailbox.messages()).filter((one) => one.subject.startsWith('【联络员确认'));
  const contactsOf = async (agency: string): Promise<{ name: string; email: string; role: string }[]> =>
    (await house.call('auditor', 'GET', `/agencies/${agency}`)).body.contacts;

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-30T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng', 'silent']);
    await house.call('administrator', 'PATCH', '/accounts/organizer', {
      body: { email: ORGANIZER, name: '李组织' },
    });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('On the first working morning of the quarter, and not before, everybody gets one mail with a link of their own', async () => {
    await house.until('2026-04-01T08:50:00+08:00');
    expect(await asked()).toEqual([]);
    await house.until('2026-04-01T09:10:00+08:00');
    const mail = await mailTo(house, addressOf('maqiao'), ASKED);
    expect(sentAt(mail)).toMatch(/^2026-04-01T09:/);
    expect(mail.subject).toBe('【联络员确认】2026年第2季度：您是否仍是maqiao镇人民政府的联络员');
    expect(mail.text).toContain('2026年4月16日前');
    expect(mail.text).toContain('（主办）');
    await keepHistory(house, 'roster/2026-04', 'roster-asked');
    const links = (await asked()).map((one) => contactLink(one.text));
    expect(links).toHaveLength(9);
    expect(new Set(links).size).toBe(9);
  });

  it('Whoever opens the page changes nothing; a press of the button confirms', async () => {
    const link = contactLink((await mailTo(house, addressOf('maqiao'), ASKED)).text);
    const page = await fetch(link);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('确认仍是联络员')]);
    expect((await fetch(link, { method: 'HEAD' })).status).toBe(200);
    expect(await stateOf(addressOf('maqiao'))).toBe('asked');
    const done = await send(link, 'confirmation');
    expect([done.status, await done.json()]).toEqual([201, expect.objectContaining({ state: 'confirmed' })]);
    expect((await send(link, 'confirmation')).status).toBe(201);
    await shows(addressOf('maqiao'), 'confirmed');
    expect((await fetch(`${house.url}/contacts/${'a'.repeat(26)}`)).status).toBe(404);
    const history = await house.call('administrator', 'GET', '/history/maqiao');
    expect(history.body.map((one: { what: string }) => one.what)).toEqual(['经办人甲确认仍是联络员（网页）']);
  });

  it('A reply confirms, names a successor, or is kept for a person where it is not plain', async () => {
    await house.reply(await mailTo(house, addressOf('maqiao', 'fushou'), ASKED), { text: '确认' });
    await shows(addressOf('maqiao', 'fushou'), 'confirmed');
    await house.reply(await mailTo(house, addressOf('maqiao', 'fuze'), ASKED), {
      text: '改为 王新 wangxin@maqiao.huantai.example\n\n马桥镇 负责人丙',
    });
    await shows(addressOf('maqiao', 'fuze'), 'replaced');
    expect(await contactsOf('maqiao')).toContainEqual({
      name: '王新',
      email: 'wangxin@maqiao.huantai.example',
      role: 'leader',
    });
    await house.reply(await mailTo(house, addressOf('qifeng', 'fuze'), ASKED), {
      text: '我下月退休，接任的同志还没有定。',
    });
    await shows(addressOf('qifeng', 'fuze'), 'unclear');
    const unclear = (await checks('&state=unclear'))[0] as unknown as { said: { text: string }[] };
    expect(unclear.said[0]?.text).toContain('还没有定');
    // What a mail brought is kept before the mail is marked as read.
    await eventually(async () =>
      expect(await house.store.incoming.countDocuments({ disposition: 'contact' })).toBe(3),
    );
  });

  it('What somebody else answers in a contact’s place is held, and an address that is none is refused with its field', async () => {
    await house.reply(await mailTo(house, addressOf('qifeng'), ASKED), {
      text: '改为 张三 zhangsan@evil.example',
      from: 'zhangsan@evil.example',
    });
    await eventually(async () =>
      expect(await house.store.incoming.countDocuments({ disposition: 'held' })).toBe(1),
    );
    const link = contactLink((await mailTo(house, addressOf('qifeng'), ASKED)).text);
    const refused = await send(link, 'successor', { name: '张三', email: 'nowhere' });
    expect([refused.status, ((await refused.json()) as { errors: unknown[] }).errors[0]]).toEqual([
      422,
      expect.objectContaining({ pointer: '/email', code: 'email-invalid' }),
    ]);
    const form = await fetch(`${link}/successor`, {
      method: 'POST',
      body: new URLSearchParams({ name: '张三', email: 'nowhere' }),
    });
    expect([form.status, await form.text()]).toEqual([422, expect.stringContaining('value="nowhere"')]);
    expect(await stateOf(addressOf('qifeng'))).toBe('asked');
  });

  it('Silence is reminded once, on a working day, and those who have answered are left in peace', async () => {
    await house.until('2026-04-09T10:00:00+08:00');
    await mailTo(house, addressOf('silent'), REMINDED);
    expect(await daysOf(house, addressOf('silent'), REMINDED)).toEqual(['2026-04-09']);
    expect(await house.mails(addressOf('maqiao'), REMINDED)).toEqual([]);
    expect(await house.mails(addressOf('qifeng', 'fuze'), REMINDED)).toEqual([]);
    await keepHistory(house, 'roster/2026-04', 'roster-reminded');
  });

  it('Then silence is shown to the organizer: among the needs, in the list and in the daily mail', async () => {
    await house.until('2026-04-17T08:40:00+08:00');
    await shows(addressOf('silent'), 'silent');
    expect(await daysOf(house, addressOf('silent'), '【联络员确认')).toHaveLength(2);
    const listed = (await checks('&state=silent,unclear')).map((one) => one['agency']);
    expect(new Set(listed)).toEqual(new Set(['qifeng', 'silent']));
    expect(listed).toHaveLength(6);
    const daily = await eventually(async () => {
      const last = (await house.mails(ORGANIZER, '【日报】')).find((one) => one.subject.includes('4月17日'));
      if (!last) throw new Error('no daily mail of the 17th');
      return last;
    });
    expect(daily.text).toContain('联络员未确认 6');
    await keepHistory(house, 'roster/2026-04', 'roster-closed');
  });

  it('A person of the office writes down what came by telephone; a late word by link still counts', async () => {
    const [first] = await checks('&state=silent&agency=silent');
    const said = await house.call('organizer', 'POST', `/contact-checks/${first?.['id']}/answer`, {
      body: { result: 'confirmed', note: '电话确认' },
    });
    expect([said.status, said.body.state]).toEqual([201, 'confirmed']);
    const auditor = await house.call('auditor', 'POST', `/contact-checks/${first?.['id']}/answer`, {
      body: { result: 'confirmed' },
    });
    expect(auditor.status).toBe(403);
    const link = contactLink((await mailTo(house, addressOf('qifeng'), ASKED)).text);
    const done = await send(link, 'successor', { name: '赵接', email: 'zhao@qifeng.huantai.example' });
    expect(((await done.json()) as { state: string }).state).toBe('replaced');
    expect(await contactsOf('qifeng')).toContainEqual({
      name: '赵接',
      email: 'zhao@qifeng.huantai.example',
      role: 'primary',
    });
    const again = await send(link, 'successor', { name: '钱又', email: 'qian@qifeng.huantai.example' });
    expect([again.status, ((await again.json()) as { state: string }).state]).toEqual([201, 'replaced']);
    expect((await contactsOf('qifeng')).map((one) => one.name)).not.toContain('钱又');
    const kept = (await checks('&agency=qifeng')) as unknown as { email: string; said: unknown[] }[];
    expect(kept.find((one) => one.email === addressOf('qifeng'))?.said).toHaveLength(2);
  });

  it('The next quarter asks whoever is there then, and the month between asks nobody', async () => {
    await house.until('2026-07-01T09:30:00+08:00');
    await mailTo(house, 'zhao@qifeng.huantai.example', ASKED);
    expect(await daysOf(house, addressOf('silent'), ASKED)).toEqual(['2026-04-01', '2026-07-01']);
    expect(await daysOf(house, addressOf('qifeng'), ASKED)).toEqual(['2026-04-01']);
    expect((await checks('&quarter=2026-Q2')).length).toBe(9);
    expect((await checks()).every((one) => one['quarter'] === '2026-Q3')).toBe(true);
    for (const month of ['2026-04', '2026-05', '2026-06'])
      await expectKept(house, `roster/${month}`, 'roster');
    const open = await house.call('administrator', 'GET', '/workflows?kind=roster&state=open');
    expect(open.body.items).toMatchObject([{ id: 'roster/2026-07', phase: '2026-07', stuck: [] }]);
  });
});
