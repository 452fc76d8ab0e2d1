import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { type House, openHouse } from '../support/house.ts';
import { citizenNumber } from '../support/register.ts';

/** The county's register kept in the console, scripts off: what is added, amended, refused, ended. */
describe('The register’s forms', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let admin: Page;

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-06-01T09:00:00+08:00' }),
      openWindows(),
    ]);
    for (const [id, name] of [
      ['maqiao', '马桥镇'],
      ['jiaotong', '县交通局'],
    ])
      await house.call('administrator', 'POST', '/agencies', { body: { id, name, kind: 'town' } });
    desk = await openConsole(house, windows);
    [organizer, admin] = [await desk.signedIn('organizer'), await desk.signedIn('administrator')];
  }, 120_000);
  afterAll(async () => {
    await windows?.close();
    await house?.close();
  });

  const main = (page: Page): Promise<string> => page.innerText('main');
  const follow = (page: Page, link: string) =>
    Promise.all([page.waitForEvent('load'), page.click(`main a:text-is("${link}") >> nth=0`)]);

  /** Fills a form in by the names of its fields, as somebody without scripts, and keeps it. */
  async function keep(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      const field = page.locator(`form.card [name="${name}"]`).first();
      const kind = await field.evaluate((node: { tagName: string }) => node.tagName);
      if (kind === 'SELECT') await field.selectOption(value);
      else if ((await field.getAttribute('type')) === 'checkbox') await field.check();
      else await field.fill(value);
    }
    await page.evaluate('for (const one of document.forms) one.noValidate = true');
    await desk.press(page, '保存');
  }

  it('An officer is added with certificate, training and exam, and what is wrong stands beside its field', async () => {
    await desk.go(organizer, '/agencies/maqiao');
    await follow(organizer, '登记执法人员');
    await keep(organizer, {
      name: '执法甲',
      'certificate-issued': '2026-03-01',
      'certificate-expires': '2026-02-01',
      identity: '370321199001011235',
      year1: '2026',
      hours1: '-1',
    });
    const text = await main(organizer);
    expect(text).toContain('请填写“证件编号”');
    expect(await organizer.locator('#errors a').allInnerTexts()).toEqual(
      expect.arrayContaining(['请填写“证件编号”', '有效期不得早于发证日期', '身份证号有误']),
    );
    for (const name of ['certificate-no', 'certificate-expires', 'identity', 'hours1'])
      expect(await organizer.locator(`[name="${name}"]`).getAttribute('aria-invalid'), name).toBe('true');
    expect(await organizer.inputValue('[name=name]')).toBe('执法甲');
    expect(await organizer.inputValue('[name=year1]')).toBe('2026');
    await keep(organizer, {
      'certificate-no': 'ZF-1',
      'certificate-expires': '2029-02-28',
      identity: citizenNumber(7),
      hours1: '40',
      on0: '2026-04-01',
      subject0: '公共法律知识',
      passed0: 'true',
      score0: '88',
    });
    expect(await main(organizer)).toMatch(/已登记：执法甲[\s\S]*ZF-1[\s\S]*40\/60[\s\S]*2026-04-01 合格/);
    const record = await house.store.officers.findOne({ 'certificate.no': 'ZF-1' }).lean();
    expect(record).toMatchObject({
      agency: 'maqiao',
      training: [{ year: 2026, hours: 40 }],
      exams: [{ on: '2026-04-01', subject: '公共法律知识', passed: true, score: 88 }],
    });
  });

  it('Amended, what was not touched stays, what was emptied goes, and a page that is out of date is refused with what was typed', async () => {
    await desk.go(organizer, '/people');
    await follow(organizer, '执法甲');
    expect(await main(organizer)).toMatch(/已登记：\d{3}\*+/);
    const stale = await windows.open({ scripts: false });
    await stale.context().addCookies(await organizer.context().cookies());
    await stale.goto(organizer.url());
    await keep(organizer, { post: '城管岗', on0: '', subject0: '', passed0: '', score0: '' });
    const record = await house.store.officers.findOne({ 'certificate.no': 'ZF-1' }).lean();
    expect(record).toMatchObject({ post: '城管岗', exams: [], training: [{ year: 2026, hours: 40 }] });
    expect(record?.identity).toBeDefined();
    await keep(stale, { post: '交通岗' });
    expect(await stale.locator('#errors').count()).toBe(1);
    expect(await stale.inputValue('[name=post]')).toBe('交通岗');
    expect((await house.store.officers.findOne({ 'certificate.no': 'ZF-1' }).lean())?.post).toBe('城管岗');
    await stale.close();
  });

  it('A unit gets its office, its first responsible person and two supervisors, and is flagged until then', async () => {
    await desk.go(organizer, '/agencies/maqiao');
    await follow(organizer, '登记监督机构');
    await keep(organizer, {
      'unit-name': '',
      'unit-document': '马政发〔2026〕3号',
      'responsible-name': '镇长甲',
    });
    expect(await organizer.locator('#errors a').allInnerTexts()).toEqual(['请填写“监督机构名称”']);
    await keep(organizer, { 'unit-name': '司法所', 'responsible-post': '镇长' });
    expect(await main(organizer)).toMatch(/不足2人[\s\S]*司法所 马政发〔2026〕3号[\s\S]*镇长甲 镇长/);
    for (const n of [1, 2]) {
      await follow(organizer, '登记监督人员');
      await keep(organizer, {
        name: `监督${n}`,
        'certificate-no': `JD-${n}`,
        'certificate-issued': '2026-01-01',
        'certificate-expires': '2028-12-31',
      });
      await desk.go(organizer, '/agencies/maqiao');
    }
    expect(await main(organizer)).not.toContain('不足2人');
    expect((await house.call('auditor', 'GET', '/agencies/maqiao/unit')).body).toMatchObject({ flags: [] });
  });

  it('Every kind of entry is added, amended and ended by its own form', async () => {
    const added = async (link: string, fields: Readonly<Record<string, string>>): Promise<string> => {
      await desk.go(organizer, '/agencies/maqiao');
      await follow(organizer, link);
      await keep(organizer, fields);
      return main(organizer);
    };
    const who = (await house.store.officers.findOne({ 'certificate.no': 'ZF-1' }).lean())?._id ?? '';
    expect(
      await added('登记委托执法', {
        to: '综合执法队',
        scope: '市容秩序',
        legalBasis: '《行政处罚法》第二十条',
        from: '2026-01-01',
      }),
    ).toMatch(/WT-2026-0001[\s\S]*未公布/);
    const item = { name: '占道经营', type: 'penalty', legalBasis: '《条例》第十四条', post: '城管岗' };
    expect(await added('登记执法事项', { ...item, officer: who })).toMatch(/占道经营 · 城管岗 · 执法甲/);
    expect(
      await added('登记组织保障', { year: '2026', authorised: '3', actual: '2', yuan: '50000.5' }),
    ).toContain('人员未配齐');
    expect(
      await added('登记研究重大问题', {
        on: '2026-03-01',
        leader: '镇长甲',
        problem: '案卷质量',
        decision: '限期整改',
        due: '2026-04-01',
      }),
    ).toContain('逾期未解决');
    await follow(organizer, 'YJ-2026-0001');
    await keep(organizer, { due: '2026-02-01' });
    expect(await organizer.locator('[name=due]').getAttribute('aria-invalid')).toBe('true');
    await keep(organizer, { due: '2026-04-01', settledOn: '2026-04-20' });
    expect(await main(organizer)).not.toContain('逾期未解决');
    await desk.go(organizer, '/register/entrustments');
    await follow(organizer, 'WT-2026-0001');
    await organizer.click('details summary');
    await organizer.fill('#e-on', '2026-06-01');
    await desk.press(organizer, '终止');
    expect(await main(organizer)).toMatch(/已终止[\s\S]*2026-06-01起不再有效/);
    await added('登记培训', {});
    await organizer.goto(`${house.url}/console/register/trainings/new?agency=maqiao&register=supervisors`);
    await keep(organizer, { on: '2026-05-10', subject: '监督条例', hours: '16' });
    expect(await main(organizer)).toContain('请填写“参加人员”');
    await organizer.check('[name=people] >> nth=0');
    await keep(organizer, {});
    expect(await main(organizer)).toMatch(/PX-2026-\d+[\s\S]*监督条例/);
  });

  it('A social supervisor is amended, dismissed, and an address given up may be another’s', async () => {
    const { body } = await house.call('organizer', 'POST', '/social-supervisors', {
      body: {
        name: '王监督',
        email: 'wang@qiye.example',
        duties: '反映问题',
        from: '2026-01-01',
        until: '2027-12-31',
      },
    });
    await desk.go(organizer, '/social-supervisors');
    await follow(organizer, '王监督');
    await keep(organizer, { email: '', phone: '0533-0000000', endedOn: '2026-05-31' });
    expect(await main(organizer)).toMatch(/0533-0000000[\s\S]*已解聘/);
    expect(
      await house.store.socialSupervisors.findById((body as { id: string }).id).lean(),
    ).not.toHaveProperty('email');
  });

  it('A town gets an account of its own line, which keeps its own entries and sees no other’s', async () => {
    await desk.go(admin, '/agencies/maqiao');
    await follow(admin, '为本单位开设条线账号');
    expect(await admin.inputValue('#a-line')).toBe('maqiao');
    await admin.fill('#a-id', 'maqiao-desk');
    await admin.fill('#a-name', '马桥镇经办');
    await admin.selectOption('#a-role', 'approver');
    await Promise.all([admin.waitForEvent('load'), admin.click('form[action="/console/accounts"] button')]);
    expect(await admin.locator('#a-line').getAttribute('aria-invalid')).toBe('true');
    expect(await admin.inputValue('#a-line')).toBe('maqiao');
    await admin.selectOption('#a-role', 'organizer');
    await Promise.all([admin.waitForEvent('load'), admin.click('form[action="/console/accounts"] button')]);
    expect(await main(admin)).toContain('仅限 马桥镇 条线');
    await house.store.accounts.updateOne(
      { _id: 'maqiao-desk' },
      {
        $set: { passwordHash: (await house.store.accounts.findById('organizer').lean())?.passwordHash ?? '' },
      },
    );
    const town = await desk.signedIn('maqiao-desk');
    await follow(town, '马桥镇');
    await follow(town, '登记执法事项');
    await keep(town, { name: '户外广告', type: 'licence', legalBasis: '《条例》第十一条', post: '许可岗' });
    expect(await main(town)).toContain('户外广告');
    await house.call('organizer', 'POST', '/enforcement-items', {
      body: {
        agency: 'jiaotong',
        name: '超限运输',
        type: 'penalty',
        legalBasis: '《公路法》',
        post: '路政岗',
      },
    });
    await desk.go(town, '/register/enforcement-items');
    expect(await main(town)).not.toContain('超限运输');
    const other = await house.store.registerEntries.findOne({ agency: 'jiaotong' }).lean();
    for (const path of [
      `/register/enforcement-items/${other?._id}`,
      '/register/officers/new',
      '/register/units/jiaotong',
      '/register/social-supervisors',
      '/register/nothing/new',
    ])
      expect(await desk.go(town, path), path).toBe(404);
    expect(await desk.go(town, '/register/units/maqiao')).toBe(200);
    await town.goto(`${house.url}/console/register/enforcement-items/new?agency=jiaotong`);
    await keep(town, { name: '越线', type: 'penalty', legalBasis: '无', post: '无' });
    expect(await house.store.registerEntries.countDocuments({ 'body.name': '越线' })).toBe(0);
    await desk.go(admin, '/accounts/maqiao-desk');
    await admin.selectOption('#a-line', '');
    await Promise.all([admin.waitForEvent('load'), admin.click('form:has(#a-line) button')]);
    expect(await house.store.accounts.findById('maqiao-desk').lean()).not.toHaveProperty('line');
  });

  it('Reads well on a telephone, in both languages, light and dark', async () => {
    const officer = (await house.store.officers.findOne({ 'certificate.no': 'ZF-1' }).lean())?._id ?? '';
    await desk.readsWell(
      organizer,
      [
        `/register/officers/${officer}`,
        '/register/units/maqiao',
        '/register/enforcement-items',
        '/register/leader-reviews/YJ-2026-0001',
        '/register/trainings/new',
        '/agencies/maqiao',
      ],
      (page) => new AxeBuilder({ page }),
    );
  }, 240_000);
});
