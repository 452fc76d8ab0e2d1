import { AxeBuilder } from '@axe-core/playwright';
import { Client, Connection } from '@temporalio/client';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineStand } from '../../api/engine-stand.ts';
import { certificateOf } from '../../api/certificate.ts';
import { closeStreams } from '../../api/routes/stream.ts';
import type { TaskRecord } from '../../models/task.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { openMatter } from '../support/cases.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse, seconds } from '../support/house.ts';

let house: House;
let windows: Windows;
let desk: ConsoleDesk;
let organizer: Page;
let no = '';
let matter = '';

beforeAll(async () => {
  [house, windows] = await Promise.all([
    openHouse({ startsAt: '2026-03-02T09:00:00+08:00', realTime: true }),
    openWindows(),
  ]);
  await registerAgencies(house, ['maqiao', 'qifeng', 'tianzhuang', 'jingjia', 'xincheng']);
  desk = await openConsole(house, windows);
  organizer = await desk.signedIn('organizer');
  no = await launch(house);
  matter = await openMatter(house, 'maqiao');
  await eventually(async () => {
    if ((await house.store.tasks.countDocuments({ owner: no, state: 'unacknowledged' })) < 5)
      throw new Error('sending');
  });
}, 180_000);

afterAll(async () => {
  closeStreams();
  await windows?.close();
  await house?.close();
});

/** Puts a fault into what the store shows of a task. */
const show = (n: number, set: Record<string, unknown>) =>
  house.store.tasks.updateOne({ _id: `${no}-00${n}` }, { $set: set }, { strict: false });

const signed = { by: '经办人甲', at: '2026-03-02T10:00:00+08:00' };

describe('Why a task waits', () => {
  test('is one sentence on its page, whatever the fault', async () => {
    await house.store.messages.updateOne(
      { subject: `${no}-001`, kind: 'task' },
      { $set: { state: 'bounced' } },
    );
    await show(3, { state: 'inReview', 'machine.acknowledged': signed });
    await show(4, {
      state: 'inProgress',
      'machine.acknowledged': signed,
      'machine.extension': { id: 'x', term: { days: 5 }, reason: '资料在档案馆', by: '经办人丙' },
    });
    await show(5, { state: 'inProgress', overdue: true, 'machine.acknowledged': signed });
    const sentences: readonly (readonly [number, RegExp, string])[] = [
      [
        1,
        /^■ 发给[a-z]+镇人民政府的“.+”无法送达（jingban@[a-z]+\.huantai\.example） 自2026年3月2日/,
        '待：本机关',
      ],
      [2, /^■ “.+”已送达0天，[a-z]+镇人民政府仍未签收（期限2026-03-1\d）/, '待：机关'],
      [3, /^■ [a-z]+镇人民政府已反馈“.+”，待本机关审核/, '待：本机关'],
      [4, /^■ [a-z]+镇人民政府申请延期：资料在档案馆，待本机关决定/, '待：本机关'],
      [5, /^■ [a-z]+镇人民政府逾期未反馈“.+”（期限2026-03-1\d）/, '待：机关'],
    ];
    for (const [n, sentence, owner] of sentences) {
      expect(await desk.go(organizer, `/tasks/${no}-00${n}`)).toBe(200);
      const said = await organizer.innerText('.blocker p');
      expect(said).toMatch(sentence);
      expect(said).toContain(owner);
    }
  });

  test('stands in operations by cause, out of how many, with the one that has waited longest', async () => {
    expect(await desk.go(organizer, '/ops')).toBe(200);
    const rows = await organizer.locator('section:has(#stuck) tbody tr').allInnerTexts();
    const counts = rows.map((row) => row.replaceAll(/\s+/g, ' ').split(' ').slice(0, 2).join(' '));
    expect(counts).toEqual([
      '邮件无法送达 1/5',
      '未签收 1/5',
      '待本机关审核 1/5',
      '延期未决定 1/5',
      '待机关办理 1/5',
    ]);
    expect(rows[0]).toContain(`${no}-001`);
    expect(await organizer.innerText('section:has(#stuck-cases)')).toContain(`${matter} maqiao镇人民政府`);
    expect(await organizer.innerText('section:has(#workers)')).not.toContain('没有进程在运行');
    expect(await organizer.innerText('section:has(#workers)')).toMatch(
      /jiandu[\s\S]*1个在运行[\s\S]*jiandu-mail[\s\S]*1个在运行/,
    );
    expect(await organizer.locator('[role=alert]').count()).toBe(0);
    expect(await organizer.innerText('section:has(#queue)')).toMatch(/被退回 1/);
    // Workflows are for those who inspect them.
    expect(await organizer.locator('#flows').count()).toBe(0);
  });

  test('workflows are listed for inspectors, by kind, state and whether they are stuck', async () => {
    const auditor = await desk.signedIn('auditor');
    await desk.go(auditor, '/ops?kind=tasks');
    const flows = auditor.locator('section:has(#flows)');
    expect(await flows.innerText()).toContain(`tasks/${no}/selfInspection/1`);
    expect(await flows.innerText()).not.toContain(`case/${matter}`);
    await desk.go(auditor, '/ops?kind=case&state=open');
    expect(await flows.innerText()).toContain(`case/${matter}`);
    await desk.go(auditor, '/ops?stuck=true&kind=plan');
    expect(await flows.innerText()).toContain('没有符合筛选的流程');
    expect(await desk.go(auditor, '/ops?kind=nonsense')).toBe(422);
  });

  test('an engine that is away leaves the last reading and its time', async () => {
    const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
    const never = await engineStand({ client });
    expect(never).toEqual({ away: true, readAt: '', queues: [] });
    const there = await engineStand({ client: house.env.client });
    expect(there.away).toBe(false);
    expect(Date.now() - Date.parse(there.readAt)).toBeLessThan(seconds(10));
  });
});

describe('The big screen', () => {
  test('shows lights out of all open tasks and what has happened; nothing of a case but that', async () => {
    expect(await desk.go(organizer, '/screen')).toBe(200);
    const said = await organizer.innerText('body');
    const lights = await organizer.locator('.walllights li').allInnerTexts();
    expect(lights.map((one) => one.replaceAll(/\s+/g, ''))).toEqual([
      expect.stringMatching(/^■超期\d\/5$/),
      expect.stringMatching(/^▲临期\d\/5$/),
      expect.stringMatching(/^●正常\d\/5$/),
      expect.stringMatching(/^○未起算\d\/5$/),
    ]);
    expect(said).toContain('个案有新的办理记录');
    // A wall is no place for what servers say to one another.
    expect(said).toContain('对方邮件服务器已接收');
    expect(said).not.toMatch(/\b250\b|queued|\bok\b/i);
    expect(said).not.toContain(matter);
    expect(said).not.toMatch(/XS-\d{4}|GA-\d{4}|线索|投诉/);
    expect(await organizer.locator('form, button').count()).toBe(0);
    expect(await organizer.getAttribute('#screen', 'data-refresh')).toBe('20000');
  });
});

describe('When a mail went', () => {
  const onThatDay = /2026年3月2日/;

  test('is told by the clock of the product, with the machine’s beside it on the certificate', async () => {
    await desk.go(organizer, `/tasks/${no}-002/certificate`);
    const moments = await organizer.locator('main dd:has-text("服务器时间")').allInnerTexts();
    expect(moments).toHaveLength(3);
    for (const one of moments) {
      expect(one).toMatch(/^2026年3月2日/);
      expect(one.split('服务器时间')[1]).not.toMatch(onThatDay);
    }
    await house.store.messages.updateOne(
      { subject: `${no}-002`, kind: 'task' },
      { $set: { state: 'inDoubt' } },
    );
    await desk.go(organizer, '/doubts');
    expect(await organizer.innerText('main')).toMatch(onThatDay);
  });

  test('stays what it was when the clock of a demo is put forward', async () => {
    const task = await house.store.tasks.findById(`${no}-003`).lean<TaskRecord>();
    const mapping = { engine: Date.now(), product: Date.parse('2026-05-01T09:00:00+08:00'), rate: 1 };
    const clock = { mapping: async () => mapping, now: async () => mapping.product };
    const { messages } = await certificateOf({ store: house.store, clock }, task as TaskRecord);
    const rungs = messages[0]?.rungs.filter((one) => one.rung !== 'acknowledged') ?? [];
    expect(rungs.map((one) => one.rung)).toEqual(['created', 'submitted', 'accepted']);
    for (const { at } of rungs) expect(at).toMatch(/^2026-03-02T/);
  });
});

describe('Mail that did not arrive', () => {
  test('has its reason in words of the reader, and the words of the server under the technical detail', async () => {
    const set = (n: number, change: Record<string, unknown>) =>
      house.store.messages.updateOne({ subject: `${no}-00${n}`, kind: 'task' }, { $set: change });
    await set(1, { state: 'bounced', bounce: { code: '5.2.2', text: '邮箱已满。' } });
    await set(2, { state: 'rejected', smtp: { code: 550, response: '550 5.1.1 No such mailbox' } });
    await set(3, { state: 'rejected', smtp: { code: 599, response: '599 Nonsense' } });
    const list = organizer.locator('#bounced li');
    const rows = async () =>
      (await list.allInnerTexts()).map((one) => one.replaceAll(/\s+/g, ' ')).join('\n');
    await desk.go(organizer, '/inbox');
    for (const words of ['邮箱已满', '该邮箱地址不存在', '其他原因']) expect(await rows()).toContain(words);
    expect(await rows()).not.toMatch(/5\.2\.2|550|599/);
    expect((await list.allInnerTexts()).filter((one) => !one.includes('2026年3月2日'))).toEqual([]);
    await desk.go(organizer, '/inbox?lang=en');
    for (const words of ['The mailbox is full', 'The address does not exist', 'Another reason'])
      expect(await rows()).toContain(words);
    await organizer.locator('#bounced summary').evaluateAll((all) => {
      for (const one of all) one.click();
    });
    for (const words of ['5.2.2', '550 5.1.1 No such mailbox', '599 Nonsense'])
      expect(await rows()).toContain(words);
    await desk.go(organizer, `/tasks/${no}-002?lang=zh`);
    const mails = (await organizer.innerText('section:has(> .heading a[href$="/certificate"])')).trim();
    expect(mails).toContain('该邮箱地址不存在');
    expect(mails).not.toMatch(/550|5\.1\.1/);
  });

  test('and is not gone yet has its reason in words in operations, whoever gave it', async () => {
    const put = (n: number, response: string) =>
      house.store.messages.updateOne(
        { subject: `${no}-00${n}`, kind: 'task' },
        { $set: { state: 'deferred', nextAttemptAt: new Date(Date.now() + 3_600_000), smtp: { response } } },
      );
    await put(4, 'lease over');
    await put(5, '450 4.2.2 Over quota');
    const queue = () => organizer.innerText('section:has(#queue)');
    await desk.go(organizer, '/ops');
    for (const words of ['发送进程停顿过久，本次未连接邮件服务器', '邮箱已满'])
      expect(await queue()).toContain(words);
    expect(await queue()).not.toMatch(/lease over|4\.2\.2/);
    await desk.go(organizer, '/ops?lang=en');
    for (const words of ['The sending process stood still for too long', 'The mailbox is full'])
      expect(await queue()).toContain(words);
    await desk.go(organizer, '/ops?lang=zh');
  });
});

test('Operations, the inbox, screen and help read well in both languages, light and dark, at 320 pixels', async () => {
  await desk.readsWell(organizer, ['/ops', '/inbox', '/screen', '/help'], (page) => new AxeBuilder({ page }));
}, 120_000);
