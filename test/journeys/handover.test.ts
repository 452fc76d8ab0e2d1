import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  sign,
  taskShows,
} from '../support/people.ts';

const HANDED = '【工作交接】';
const NEW = 'xinren@maqiao.huantai.example';

describe('When people change, what they had open follows', () => {
  let house: House;
  let first: string;
  let second: string;
  let old: string;
  const contacts = async (agency: string) =>
    (await house.call('auditor', 'GET', `/agencies/${agency}`)).body.contacts as {
      name: string;
      email: string;
      role: string;
    }[];
  const replace = async (agency: string, gone: string, come: { name: string; email: string }) =>
    house.call('administrator', 'PATCH', `/agencies/${agency}`, {
      body: {
        contacts: (await contacts(agency)).map((one) => (one.email === gone ? { ...one, ...come } : one)),
      },
    });
  const historyOf = async (no: string): Promise<{ what: string; code: string; who: string }[]> =>
    (await house.call('administrator', 'GET', `/history/${no}`)).body;

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng']);
    first = await numberOf(house, await launch(house), 'maqiao');
    second = await numberOf(house, await launch(house, { title: '行政检查专项监督' }), 'maqiao');
    old = await pageOf(house, addressOf('maqiao'));
    await mailTo(house, addressOf('maqiao'), '【请办理】', 2);
    await sign(old);
    await house.settled();
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('A contact is replaced: the successor gets one mail with all that is open, each with a link of their own', async () => {
    expect((await replace('maqiao', addressOf('maqiao'), { name: '新人', email: NEW })).status).toBe(200);
    const mail = await mailTo(house, NEW, HANDED);
    expect(mail.subject).toBe('【工作交接】maqiao镇人民政府：2件未办结事项转由您办理');
    for (const no of [first, second]) expect(mail.text).toContain(no);
    expect(mail.text).toContain('经办人甲');
    const links = [...mail.text.matchAll(/^\s*(http\S+\/t\/[a-z0-9]+)\s*$/gm)].map(([, one = '']) => one);
    expect(links).toHaveLength(2);
    expect(links).not.toContain(old);
    for (const link of links) expect(await (await fetch(link)).text()).toContain('提交');
    await house.settled();
    await eventually(async () =>
      expect(await house.store.agencies.countDocuments({ 'handover.at': { $exists: true } })).toBe(0),
    );
    expect(await house.mails(NEW, HANDED)).toHaveLength(1);
    expect(await house.mails(addressOf('qifeng'), HANDED)).toEqual([]);
  });

  it('The event stands in each task’s history, with who changed it', async () => {
    for (const no of [first, second]) {
      const said = (await historyOf(no)).filter((one) => one.code === 'contact-changed');
      expect(said).toMatchObject([{ what: '联络员由经办人甲改为新人，事项转交', who: 'administrator' }]);
    }
  });

  it('The old link says whom the task went to; what it brings is kept for a person and counts for nothing by itself', async () => {
    const page = await (await fetch(old)).text();
    expect(page).toContain('新人');
    expect(page).not.toContain('<form');
    const sent = await post(old, 'answers', { text: '我走之前已经办完' });
    expect(sent).toMatchObject({ status: 201, body: { held: true, receipt: expect.stringMatching(/^HZ/) } });
    expect((await post(old, 'answers', { text: '我走之前已经办完' })).body.receipt).toBe(sent.body.receipt);
    await house.settled();
    await taskShows(house, first, { answers: [] });
    const { body } = await house.call('auditor', 'GET', '/held-answers?state=waiting');
    expect(body.items).toMatchObject([
      { id: sent.body.receipt, task: first, handedTo: '新人', text: '我走之前已经办完' },
    ]);
  });

  it('A reply of the former contact is held like a stranger’s', async () => {
    await house.reply(await mailTo(house, addressOf('maqiao'), '【请办理】'), { text: '补充一份材料' });
    await eventually(async () =>
      expect(await house.store.incoming.countDocuments({ disposition: 'held' })).toBe(1),
    );
  });

  it('An organizer counts it, once, and it is the task’s answer with the moment at which it came', async () => {
    const [held] = (await house.call('auditor', 'GET', '/held-answers')).body.items;
    await house.pass(1);
    const decide = () =>
      house.call('organizer', 'POST', `/held-answers/${held.id}/decision`, { body: { counts: true } });
    expect((await decide()).status).toBe(201);
    expect(await decide()).toMatchObject({ status: 409, body: { code: 'already-decided' } });
    const shown = await taskShows(house, first, { state: 'inReview' });
    expect(shown.body.answers).toMatchObject([{ id: held.id, receivedAt: held.receivedAt, late: false }]);
    expect((await historyOf(first)).map((one) => one.code)).toContain('held-answer-counted');
  });

  it('The successor’s own answer needs nobody’s word', async () => {
    const mail = await mailTo(house, NEW, HANDED);
    const at = mail.text.slice(mail.text.indexOf(second));
    expect((await post(linkIn(at), 'answers', { text: '新人办理' })).body).not.toHaveProperty('held');
    await taskShows(house, second, { state: 'inReview' });
  });

  it('Removed without anybody in their place, a contact’s tasks wait and go to whoever comes', async () => {
    const gone = await house.call('administrator', 'PATCH', '/agencies/qifeng', { body: { contacts: [] } });
    expect(gone.status).toBe(200);
    const link = await pageOf(house, addressOf('qifeng'));
    await eventually(async () => expect(await (await fetch(link)).text()).toContain('暂无人承接'));
    const come = { name: '接手', email: 'jieshou@qifeng.huantai.example', role: 'primary' };
    await house.call('administrator', 'PATCH', '/agencies/qifeng', { body: { contacts: [come] } });
    expect((await mailTo(house, come.email, HANDED)).text).toContain('经办人甲、副手乙');
  });

  it('Who comes back has their links back', async () => {
    await replace('maqiao', NEW, { name: '经办人甲', email: addressOf('maqiao') });
    await eventually(async () => expect(await (await fetch(old)).text()).not.toContain('事项已转交'));
  });

  it('An import that names other contacts hands on like a person’s change', async () => {
    const rows = [
      '编号,名称,类别,联系人,邮箱,角色',
      'maqiao,maqiao镇人民政府,镇街,导入人,daoru@maqiao.huantai.example,主办',
    ];
    const body = new FormData();
    body.set('file', new Blob([rows.join('\n')], { type: 'text/csv' }), '名录.csv');
    const token = await house.call('administrator', 'POST', '/accounts/administrator/tokens', {
      body: { name: '导入' },
    });
    const sent = await fetch(`${house.url}/api/v1/agencies/import`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token.body.secret}` },
      body,
    });
    expect([sent.status, await sent.json()]).toEqual([200, expect.objectContaining({ updated: 1 })]);
    expect((await mailTo(house, 'daoru@maqiao.huantai.example', HANDED)).subject).toContain('件未办结事项');
  });
});
