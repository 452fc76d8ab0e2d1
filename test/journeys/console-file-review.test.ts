import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { type ConsoleDesk, openConsole } from '../support/console.ts';
import { linkIn, registerAgencies } from '../support/county.ts';
import { penalties, registerReviewers } from '../support/file-review.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, post, sign } from '../support/people.ts';

/** A review is carried in the console by people without scripts, from its order to the look-back. */
describe('A review of case files in the console', () => {
  let house: House;
  let windows: Windows;
  let desk: ConsoleDesk;
  let organizer: Page;
  let approver: Page;
  const PLACE = '/file-reviews/AJ-2026-001';
  const reviewers = new Map<string, Page>();
  const main = (page: Page): Promise<string> => page.innerText('main');
  const fileOf = async (agency: string) => {
    const file = await house.store.reviewedFiles.findOne({ agency }).lean();
    if (!file) throw new Error(`no file of ${agency}`);
    return file;
  };
  /** A reviewer with an account who has no place in a file. */
  const freeFor = async (agency: string): Promise<string> => {
    const { reviewers: taken } = await fileOf(agency);
    const rows = await house.store.accounts
      .find({ _id: /^reviewer[1-4]$/ })
      .sort({ _id: 1 })
      .lean();
    return rows.flatMap((one) => one.supervisor ?? []).find((id) => !taken.includes(id)) ?? '';
  };
  /** The window of the reviewer in this place of a file. */
  const reviewerOf = async (agency: string, place: number): Promise<Page> => {
    const id = (await fileOf(agency)).reviewers[place];
    const account = (await house.store.accounts.findOne({ supervisor: id ?? '-' }).lean())?._id ?? '';
    const known = reviewers.get(account) ?? (await desk.signedIn(account));
    reviewers.set(account, known);
    return known;
  };
  const signs = async (agency: string, place: number, fields: Record<string, string>): Promise<Page> => {
    const page = await reviewerOf(agency, place);
    await desk.go(page, `${PLACE}/files/${(await fileOf(agency))._id}`);
    for (const [name, value] of Object.entries(fields)) await page.fill(`[name="${name}"]`, value);
    await desk.press(page, '签署评分');
    expect(await main(page)).toContain('已签署评分');
    return page;
  };

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-09-01T09:00:00+08:00' }),
      openWindows(),
    ]);
    await registerAgencies(house, ['maqiao', 'qifeng']);
    await registerReviewers(house, 'maqiao');
    await house.call('organizer', 'POST', '/acts', { body: { items: penalties('maqiao', 3) } });
    desk = await openConsole(house, windows);
    organizer = await desk.signedIn('organizer');
    approver = await desk.signedIn('approver');
  }, 180_000);
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await house?.close();
  });

  it('Is ordered by choosing agencies, listed files and people; what cannot stand comes back as typed', async () => {
    await desk.go(organizer, '/file-reviews');
    expect(await organizer.getAttribute('nav.rail a[aria-current]', 'href')).toBe('/console/file-reviews');
    expect(await main(organizer)).toContain('还没有组织过案卷评查');
    await organizer.click('#new > summary');
    await organizer.fill('#f-perAgency', '1');
    await organizer.check('[name=agencies][value=maqiao]');
    await organizer.fill('#f-files', '没有的机关 一号卷');
    for (const label of ['监督员2', '监督员3', '监督员4'])
      await organizer.check(`label:has-text("${label}") input`);
    await organizer.check('label:has-text("监督员1（SD-1）") input');
    await desk.press(organizer, '组织案卷评查');
    expect(await organizer.innerText('#f-agencies .error')).toContain('没有编号为 没有的机关 的机关');
    expect(await organizer.isChecked('[name=agencies][value=maqiao]')).toBe(true);
    expect(await organizer.inputValue('#f-files')).toBe('没有的机关 一号卷');
    expect(await organizer.locator('[name=supervisors]:checked').count()).toBe(4);
    const qifeng = (await house.store.agencies.findById('qifeng').lean())?.name ?? '';
    await organizer.fill('#f-files', `${qifeng} 齐罚〔2026〕1号\nqifeng\t齐罚〔2026〕2号\n`);
    await desk.press(organizer, '组织案卷评查');
    expect(new URL(organizer.url()).pathname).toBe(`/console${PLACE}`);
    expect(await main(organizer)).toContain('种子在抽取后公布');
    const review = await house.store.fileReviews.findById('AJ-2026-001').lean();
    expect(review?.agencies).toEqual([
      { id: 'maqiao' },
      { id: 'qifeng', files: ['齐罚〔2026〕1号', '齐罚〔2026〕2号'] },
    ]);
    expect(await main(organizer)).toContain(review?.commitment);
    expect(await organizer.content()).not.toContain(review?.seed);
  });

  it('The draw shows its seed beside the hash that was published, and who is to sign', async () => {
    expect(await desk.go(approver, PLACE)).toBe(200);
    expect(await approver.locator('#step-drawFiles').count()).toBe(0);
    await desk.take(organizer, 'drawFiles', {});
    const review = await house.store.fileReviews.findById('AJ-2026-001').lean();
    expect(await organizer.textContent('main')).toContain(review?.seed);
    expect(await main(organizer)).toContain('3个案卷中抽取1个');
    expect(await main(organizer)).toContain('未签署');
    expect(await main(organizer)).toContain('您的账号没有关联监督人员');
    expect(await organizer.locator('#step-publishFiles').count()).toBe(0);
  });

  it('A sheet that cannot be taken keeps what was typed, with each fault beside its field', async () => {
    const page = await reviewerOf('maqiao', 0);
    await desk.go(page, PLACE);
    await Promise.all([page.waitForEvent('load'), page.click('section.ask a >> nth=0')]);
    const { _id } = await fileOf('maqiao');
    await desk.go(page, `${PLACE}/files/${_id}`);
    await page.fill('[name="reason-V9"]', '只有一名执法人员签名');
    await page.fill('[name="points-S1-0"]', '4.3');
    await page.fill('[name="reason-S1-0"]', '没有目录');
    await page.fill('[name=opinion]', '卷内目录应当补齐');
    await desk.press(page, '签署评分');
    expect(await page.innerText('#reason-V9-error')).toContain('没有勾选');
    await page.fill('[name="reason-V9"]', '');
    await desk.press(page, '签署评分');
    expect(await page.innerText('#reason-S1-0-error')).toContain('精确到0.5分');
    expect(await page.inputValue('[name="points-S1-0"]')).toBe('4.3');
    expect(await page.inputValue('[name=opinion]')).toBe('卷内目录应当补齐');
    // A second deduction of one item needs its reason.
    await page.fill('[name="points-S1-0"]', '4');
    await page.click('fieldset:has([name="points-S1-1"]) summary');
    await page.fill('[name="points-S1-1"]', '4');
    await desk.press(page, '签署评分');
    expect(await page.locator('#reason-S1-1-error').count()).toBe(1);
    expect(await page.isVisible('[name="points-S1-1"]')).toBe(true);
    await page.fill('[name="reason-S1-1"]', '页码重复');
    await desk.press(page, '签署评分');
    expect(await main(page)).toContain('已签署评分');
    expect(await main(page)).toContain('卷内目录应当补齐');
    expect(await page.locator('[name=opinion]').count()).toBe(0);
    expect((await fileOf('maqiao')).scores[0]?.marks).toEqual([
      { item: 'S1', points: 4, reason: '没有目录' },
      { item: 'S1', points: 4, reason: '页码重复' },
    ]);
  });

  it('Nobody sees a sheet of another before all have signed; more than ten points apart ask for a third', async () => {
    const where = `${PLACE}/files/${(await fileOf('maqiao'))._id}`;
    for (const page of [organizer, approver, await reviewerOf('maqiao', 1)]) {
      await desk.go(page, where);
      expect(await page.content()).not.toContain('卷内目录应当补齐');
      expect(await page.content()).not.toContain('页码重复');
    }
    // 92 and 70.
    const second = await signs('maqiao', 1, {
      'points-S3-0': '20',
      'reason-S3-0': '证据未经质证',
      'points-S4-0': '10',
      'reason-S4-0': '没有告知听证',
    });
    expect(await second.content()).not.toContain('页码重复');
    await desk.go(organizer, where);
    expect(await main(organizer)).toContain('请指定第三名评查人员');
    expect(await organizer.content()).not.toContain('证据未经质证');
    await organizer.click('#step-thirdReviewer > summary');
    await organizer.selectOption('#step-thirdReviewer select', await freeFor('maqiao'));
    await desk.press(organizer, '指定第三名评查人员');
    // 88: nearer to 92; together 90.
    await signs('maqiao', 2, { 'points-S7-0': '10', 'reason-S7-0': '没有送达回证', 'points-S8-0': '2', 'reason-S8-0': '归档超期' }); // prettier-ignore
    await desk.go(organizer, where);
    expect(await main(organizer)).toContain('优秀 90分');
    expect(await main(organizer)).toContain('证据未经质证');
    expect(await main(organizer)).toContain('不计分');
  });

  it('A reviewer is replaced, the others sign, and the results stand by agency, grade and item', async () => {
    const file = await fileOf('qifeng');
    await desk.go(organizer, `${PLACE}/files/${file._id}`);
    const recused = file.reviewers[0] ?? '';
    await organizer.click('#step-recuseReviewer > summary');
    await organizer.selectOption('#step-recuseReviewer [name=recused]', recused);
    await organizer.fill('#step-recuseReviewer [name=reason]', '与当事人有亲属关系');
    await organizer.selectOption('#step-recuseReviewer [name=supervisor]', await freeFor('qifeng'));
    await desk.press(organizer, '评查人员回避，由他人接替');
    expect(await main(organizer)).toContain('与当事人有亲属关系');
    await signs('qifeng', 0, { 'points-S3-0': '8', 'reason-S3-0': '笔录没有签名' });
    const page = await reviewerOf('qifeng', 1);
    await desk.go(page, `${PLACE}/files/${file._id}`);
    await page.check('[name="veto-V9"]');
    await page.fill('[name="reason-V9"]', '只有一名执法人员签名');
    await desk.press(page, '签署评分');
    expect(await main(page)).toContain('已签署评分');
    await desk.go(organizer, `${PLACE}/results`);
    const said = await main(organizer);
    for (const one of ['已评定2个，共2个案卷', '优秀 90分', '不合格 96分', '1/2'])
      expect(said).toContain(one);
  });

  it('Told, disputed, answered, final: each by who may, the faults in the ledger and looked back on', async () => {
    await desk.go(organizer, PLACE);
    await desk.take(organizer, 'publishFiles', {});
    expect(await main(organizer)).toContain('异议截止');
    const link = linkIn((await mailTo(house, addressOf('qifeng'), '【请办理】')).text);
    await sign(link);
    await post(link, 'objections', { text: '两名执法人员均在场，有视频' });
    await desk.go(organizer, PLACE);
    expect(await main(organizer)).toContain('两名执法人员均在场，有视频');
    const { _id } = await fileOf('qifeng');
    await organizer.selectOption('#disputes select', 'false');
    await organizer.fill('#disputes textarea', '经核实，不采纳');
    await organizer.check(`[name=strike][value="${_id}/2-1"]`);
    await desk.press(organizer, '答复异议');
    expect(await organizer.locator('#errors').count()).toBe(1);
    expect(await organizer.inputValue('#disputes textarea')).toBe('经核实，不采纳');
    expect(await organizer.isChecked(`[name=strike][value="${_id}/2-1"]`)).toBe(true);
    await organizer.selectOption('#disputes select', 'true');
    await organizer.fill('#disputes textarea', '经查看视频，采纳');
    await desk.press(organizer, '答复异议');
    expect(await main(organizer)).toContain('优秀 96分');
    await desk.go(approver, PLACE);
    await desk.take(approver, 'finalFiles', {});
    expect(await main(approver)).toContain('期限尚未届满');
    await house.until('2026-09-16T10:00:00+08:00');
    await desk.go(approver, PLACE);
    await desk.take(approver, 'finalFiles', {});
    expect(await main(approver)).toContain('结果已确定');
    await desk.go(organizer, `${PLACE}/files/${_id}`);
    expect(await organizer.innerText('tr.struck')).toContain('异议采纳，不计');
    await desk.take(organizer, 'lookBackFile', { corrected: 'true', note: '笔录已补签' });
    expect(await main(organizer)).toContain('笔录已补签');
    await desk.go(organizer, '/ledger?owner=AJ-2026-001');
    expect(await main(organizer)).toContain('笔录没有签名');
    expect(await organizer.getAttribute('tbody a:text-is("AJ-2026-001") >> nth=0', 'href')).toBe(
      `/console${PLACE}`,
    );
  });

  it('The score sheet is changed by an administrator only, a wrong sum keeps what was typed, and older versions stay', async () => {
    const administrator = await desk.signedIn('administrator');
    await desk.go(organizer, '/file-reviews/sheet');
    expect(await organizer.locator('#step-scoreSheet').count()).toBe(0);
    await desk.go(administrator, '/file-reviews/sheet');
    await administrator.click('#step-scoreSheet > summary');
    await administrator.fill('[name=groups-0-points]', '15');
    await administrator.fill('[name=groups-8-id]', 'S9');
    await administrator.fill('[name=groups-8-text]', '电子卷宗同步制作');
    await administrator.fill('[name=groups-8-points]', '4');
    await administrator.selectOption('[name=groups-8-category]', 'fileQuality');
    await desk.press(administrator, '保存为新版本');
    expect(await administrator.innerText('#step-scoreSheet .error')).toContain('各项合计99分，应为100分');
    expect(await administrator.inputValue('[name=groups-8-text]')).toBe('电子卷宗同步制作');
    await administrator.fill('[name=groups-8-points]', '5');
    await administrator.selectOption('[name=groups-8-category]', '');
    await desk.press(administrator, '保存为新版本');
    expect(await administrator.locator('#groups-8-error').count()).toBe(1);
    await administrator.selectOption('[name=groups-8-category]', 'fileQuality');
    await desk.press(administrator, '保存为新版本');
    expect(await main(administrator)).toContain('评查标准已成为第2版');
    expect(await main(administrator)).toContain('电子卷宗同步制作');
    await desk.go(administrator, '/file-reviews/sheet?version=1');
    expect(await main(administrator)).not.toContain('电子卷宗同步制作');
    expect(await desk.go(administrator, '/file-reviews/sheet?version=9')).toBe(404);
  });

  it('Reads well to everyone: no violation, light and dark, nothing wider than 320 px', async () => {
    const { body } = await house.call('organizer', 'POST', '/file-reviews', {
      body: {
        year: 2026,
        agencies: [{ id: 'qifeng', files: ['齐罚〔2026〕3号'] }],
        perAgency: 1,
        supervisors: (await house.store.fileReviews.findById('AJ-2026-001').lean())?.supervisors.slice(0, 2),
      },
    });
    await house.call('organizer', 'POST', `/file-reviews/${body.no}/draw`);
    const drawn = await house.store.reviewedFiles.findOne({ review: body.no }).lean();
    const account = (await house.store.accounts.findOne({ supervisor: drawn?.reviewers[0] ?? '' }).lean())
      ?._id;
    const reviewer = reviewers.get(account ?? '') ?? (await desk.signedIn(account ?? ''));
    const axe = (page: Page) => new AxeBuilder({ page });
    await desk.readsWell(reviewer, [`/file-reviews/${body.no}/files/${drawn?._id}`], axe);
    const { _id } = await fileOf('maqiao');
    await desk.readsWell(
      organizer,
      ['/file-reviews', PLACE, `${PLACE}/files/${_id}`, `${PLACE}/results`],
      axe,
    );
    await desk.readsWell(await desk.signedIn('administrator'), ['/file-reviews/sheet'], axe);
  }, 180_000);
});
