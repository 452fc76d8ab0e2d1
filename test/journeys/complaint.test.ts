import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTransport } from 'nodemailer';
import { issueToken } from '../../data/seed.ts';
import { verp } from '../../mail/addresses.ts';
import {
  clueOf as clueIn,
  complainByMail,
  followed,
  openForm,
  postForm,
  reading,
  registerClue,
  screenClue,
} from '../support/complaints.ts';
import { registerAgencies } from '../support/county.ts';
import { type Answered, OFFICE, eventually, openHouse, type House } from '../support/house.ts';
import { collections, leaks } from '../support/leaks.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ startsAt: '2026-11-24T10:00:00+08:00' });
  await registerAgencies(house, ['maqiao', 'xincheng', 'tianzhuang']);
}, 120_000);
afterAll(async () => house.close());

const screen = (no: string, body: Record<string, unknown>): Promise<Answered> => screenClue(house, no, body);
const clueOf = (no: string) => clueIn(house, no);

describe('The public form', () => {
  it('Gives a number and a code, and the code shows what a complainant may know', async () => {
    const { opened } = await openForm(house);
    await reading();
    const fields = {
      opened,
      summary: '2026年11月20日马桥镇执法人员未出示证件。我叫李四光，电话13911112222。',
      agency: 'maqiao',
      name: '李四光',
      contact: 'lisi@mail.example',
      confidential: 'yes',
    };
    const page = await postForm(house, fields, { files: [{ name: '李四光的照片.txt', content: '证据' }] });
    expect(page.status, page.body).toBe(201);
    const { no, code } = JSON.parse(page.body) as { no: string; code: string };
    expect(code).toMatch(/^[a-z2-9]{26}$/);
    const clue = await clueOf(no);
    expect(clue).toMatchObject({ state: 'received', door: 'form', agency: 'maqiao' });
    expect(JSON.stringify(clue)).not.toMatch(/李四|13911112222|lisi@/);
    expect(clue.files.map((file) => file.name)).toEqual(['某某的照片.txt']);
    const twice = await postForm(house, fields, { files: [{ name: '李四光的照片.txt', content: '证据' }] });
    expect(JSON.parse(twice.body)).toMatchObject({ no, code });
    expect(await screen(no, { result: 'accept' })).toMatchObject({
      status: 409,
      body: { code: 'clue-out-of-step' },
    });
    expect((await followed(house, code.toUpperCase())).text).toContain('正在登记');
    const done = await house.call('organizer', 'POST', `/clues/${no}/registration`, {
      body: { actType: 'inspection' },
    });
    expect(done).toMatchObject({ status: 201, body: { state: 'registered', actType: 'inspection' } });
    await screen(no, { result: 'accept' });
    const told = await followed(house, code.replaceAll(/(.{4})/g, '$1 '));
    expect(told.text).toContain('已经受理');
    expect(told.text).not.toContain('依职责研判');
    expect((await followed(house, 'a'.repeat(26))).status).toBe(404);
  });

  it('Comes back filled in where it cannot be taken', async () => {
    const { opened } = await openForm(house);
    await reading();
    const back = await postForm(
      house,
      { opened, summary: '', contact: '不是联系方式', name: '王五<b>' },
      { accept: 'text/html', from: '127.0.0.4' },
    );
    expect(back.status).toBe(422);
    expect(back.body).toContain('王五&lt;b&gt;');
    expect(back.body).toContain('联系方式应为电话号码或电子邮箱');
  });

  it('A form filled by a machine is slowed, then refused, and nobody else is', async () => {
    const machine = { summary: '垃圾', website: 'http://spam.example', opened: 'x' };
    const answers: { status: number; ms: number; retry: string | undefined }[] = [];
    for (let n = 0; n < 8 && answers.at(-1)?.status !== 429; n += 1) {
      const { status, ms, headers } = await postForm(house, machine, { from: '127.0.0.2' });
      answers.push({ status, ms, retry: headers['retry-after'] });
    }
    expect(answers[0]?.status).toBe(422);
    expect(answers.at(-1)).toMatchObject({ status: 429, retry: expect.stringMatching(/^\d+$/) });
    expect(Math.max(...answers.map((one) => one.ms))).toBeGreaterThan(900);
    const { opened } = await openForm(house);
    await reading();
    const person = await postForm(house, { opened, summary: '正常的投诉' }, { from: '127.0.0.3' });
    expect(person.status).toBe(201);
    expect(person.ms).toBeLessThan(5_000);
    expect(await house.store.clues.countDocuments({ summary: '垃圾' })).toBe(0);
  });
});

describe('The complaint mailbox', () => {
  it('Makes a clue of a mail, answers with number and code, and adds what the same sender writes again', async () => {
    const from = '王翠花 <cuihua@mail.example>';
    await complainByMail(house, {
      from,
      subject: '投诉新城镇乱收费',
      text: '新城镇收取清运费没有依据。\n联系人：王翠花 电话：13700001111',
    });
    const receipt = await eventually(async () => {
      const [mail] = await house.mails('cuihua@mail.example', '已收到');
      if (!mail) throw new Error('no receipt');
      return mail;
    });
    const no = /XS-\d{4}-\d{4}/.exec(receipt.subject)?.[0] ?? '';
    const clue = await clueOf(no);
    expect(clue.summary).toContain('没有依据');
    expect(JSON.stringify(clue)).not.toMatch(/翠花|13700001111|cuihua/);
    const code = /[a-km-np-z2-9]{26}/.exec(receipt.text)?.[0] ?? '';
    expect((await followed(house, code)).text).toContain(no);
    await complainByMail(house, { from, subject: `回复：${receipt.subject}`, text: '补充：收据见附件。' });
    await eventually(async () =>
      expect((await clueOf(no)).materials).toMatchObject([{ text: '补充：收据见附件。' }]),
    );
    await complainByMail(house, { from: 'other@mail.example', subject: `Re: ${no}`, text: '我也要投诉' });
    await eventually(async () => expect(await house.store.clues.countDocuments({ door: 'mail' })).toBe(2));
    const stored = await eventually(async () => {
      const all = await house.store.incoming.find().lean();
      expect(all.map((one) => [one.sealed, one.disposition])).toEqual(
        Array.from({ length: 3 }, () => [true, 'clue']),
      );
      return all;
    });
    const dump = JSON.stringify(stored, (_key, value: unknown) =>
      value && typeof value === 'object' && 'buffer' in value
        ? Buffer.from(value.buffer as never).toString('latin1')
        : value,
    );
    expect(dump).not.toMatch(/cuihua|other@mail|13700001111/);
  });

  it('Of one who sends too many at once the rest waits its turn: nothing is lost, and nobody else waits', async () => {
    const clues = (word: string) =>
      house.store.clues.find({ door: 'mail', summary: new RegExp(word) }).lean();
    const arrived = await house.now();
    for (let n = 1; n <= 7; n += 1)
      await complainByMail(house, { from: 'many@mail.example', subject: `刷屏第${n}封`, text: '反复发送。' });
    await complainByMail(house, { from: 'other@mail.example', subject: '旁人一封', text: '只发一封。' });
    await eventually(async () => expect(await clues('旁人一封')).toHaveLength(1));
    await house.settled();
    expect(await clues('刷屏')).toHaveLength(4);
    expect(await house.store.incoming.countDocuments({ disposition: 'waiting' })).toBe(3);
    await house.pass(0.02);
    await eventually(async () => expect(await clues('刷屏')).toHaveLength(7));
    for (const one of await clues('刷屏'))
      expect(Math.abs(Date.parse(one.receivedAt) - arrived)).toBeLessThan(300_000);
    await eventually(async () =>
      expect(await house.store.incoming.countDocuments({ disposition: 'waiting' })).toBe(0),
    );
  });

  it('A mail that comes back from a complainant is sealed like the mail itself, and becomes a job for a person', async () => {
    const address = 'gone.away@mail.example';
    const { no } = (await registerClue(house, { complainant: { name: '孙小圣', contact: address } }))
      .body as {
      no: string;
    };
    const sent = await eventually(async () => {
      const [message] = await house.store.messages.find({ owner: no, state: 'sent' }).lean();
      if (!message) throw new Error('not sent yet');
      return message;
    });
    const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
    await client.sendMail({
      envelope: { from: '', to: [verp(OFFICE.mailDomain, sent._id.split('@')[0] ?? '')] },
      from: 'MAILER-DAEMON@mail.example',
      to: OFFICE.fromAddress,
      subject: 'Undelivered Mail Returned to Sender',
      text: `<${address}>: user unknown (550 5.1.1)`,
    });
    client.close();
    await eventually(async () => {
      const shown = await house.call('organizer', 'GET', `/clues/${no}`);
      expect(shown.body.notices).toMatchObject([{ step: 'registered', state: 'byPerson', why: 'bounced' }]);
    });
    const dump = await eventually(async () => {
      const places = await collections(house);
      expect(await house.store.incoming.countDocuments({ disposition: 'bounce', sealed: true })).toBe(1);
      return places;
    });
    expect(leaks(dump, [address, '孙小圣'])).toEqual([]);
  });

  it('Files an automatic answer and makes no clue of it', async () => {
    const before = await house.store.clues.countDocuments();
    await complainByMail(house, {
      from: 'cuihua@mail.example',
      subject: '自动回复：外出',
      text: '我在休假',
      headers: { 'Auto-Submitted': 'auto-replied' },
    });
    await eventually(async () =>
      expect(await house.store.incoming.countDocuments({ disposition: 'autoReply' })).toBe(1),
    );
    expect(await house.store.clues.countDocuments()).toBe(before);
  });
});

describe('The hotline’s file', () => {
  const upload = async (csv: string, dryRun = false): Promise<Answered> => {
    const form = new FormData();
    form.append('file', new Blob([csv]), '工单.csv');
    const got = await fetch(`${house.url}/api/v1/clues/import?dryRun=${dryRun}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await issueToken(house.store, 'organizer')}` },
      body: form,
    });
    return { status: got.status, body: await got.json(), headers: got.headers };
  };
  const HEAD = '工单编号,诉求内容,被反映单位,诉求人,联系电话,是否保密,来电日期';
  const GOOD = `${HEAD}\nGD-1,赵六反映城管乱收费,maqiao镇人民政府,赵六六,13611112222,是,2026-11-23\nGD-2,重复检查,,,,,\n`;

  it('With broken rows imports nothing, and says each row and column', async () => {
    const bad = `${GOOD}GD-1,,没有的单位,x,微信号abc,是,2026-13-01\n`;
    const before = await house.store.clues.countDocuments();
    const answer = await upload(bad);
    expect(answer.status).toBe(422);
    expect(
      answer.body.rejected.map((one: { row: number; column: string; code: string }) => [
        one.row,
        one.column,
        one.code,
      ]),
    ).toEqual([
      [4, 'agency', 'agency-unknown'],
      [4, 'contact', 'contact-invalid'],
      [4, 'externalNo', 'duplicate-number'],
      [4, 'receivedOn', 'date-invalid'],
      [4, 'summary', 'column-missing'],
    ]);
    expect(await house.store.clues.countDocuments()).toBe(before);
  });

  it('Is tried out first, then imported whole, and a second time changes nothing', async () => {
    expect(await upload(GOOD, true)).toMatchObject({
      status: 200,
      body: { created: 2, existing: 0, rejected: [] },
    });
    const done = await upload(GOOD);
    expect(done).toMatchObject({ status: 201, body: { created: 2, existing: 0 } });
    expect(await upload(GOOD)).toMatchObject({ status: 200, body: { created: 0, existing: 2 } });
    const clue = await clueOf(done.body.items[0].no as string);
    expect(clue).toMatchObject({ externalNo: 'GD-1', agency: 'maqiao', state: 'registered' });
    expect(clue.deadlines.reply).toMatchObject({ from: '2026-11-23', term: { workdays: 5 } });
    expect(JSON.stringify(clue)).not.toMatch(/赵六六|13611112222/);
  });
});
