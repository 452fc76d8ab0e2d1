import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryReport } from '../../embedded/mail-answers.ts';
import { caseShows, dateOf, fileMatter, inCase, issue, openMatter } from '../support/cases.ts';
import { screenClue } from '../support/complaints.ts';
import { scriptFor } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type Answered, type House, eventually, openHouse } from '../support/house.ts';
import { handIn } from '../support/letters.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  pageOf,
  post,
  registerSupervisors,
  sign,
  taskOf,
} from '../support/people.ts';
import { csv, upload } from '../support/tables.ts';

/** An agency with one contact: nobody to turn to. */
async function registerLonely(house: House, id: string): Promise<string> {
  const email = addressOf(id);
  const made = await house.call('administrator', 'POST', '/agencies', {
    body: {
      id,
      name: `${id}镇人民政府`,
      kind: 'town',
      domains: ['workSafety'],
      contacts: [{ name: '经办人甲', email, role: 'primary' }],
    },
  });
  expect(made.status).toBe(201);
  return email;
}

const askedWhy = (house: House, no: string, lang = 'zh'): Promise<Answered> =>
  house.call('organizer', 'GET', `/cases/${no}/blockers`, { headers: { 'Accept-Language': lang } });

/** Waits until a case says this of why it waits. */
const waits = (house: House, no: string, what: Record<string, unknown>, ms?: number): Promise<Answered> =>
  eventually(async () => {
    const got = await askedWhy(house, no);
    expect(got.body).toMatchObject(what);
    return got;
  }, ms);

/** March 2026 has no holiday; the house opens on Monday the 2nd. */
describe('Why a case waits, in one sentence', () => {
  let house: House;
  let no: string;
  let notice: { id: string; task: string; number: string };
  let title: string;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao']);
    await registerLonely(house, 'returning');
    await registerLonely(house, 'refusing');
    await registerSupervisors(house, 2);
    no = await openMatter(house, 'maqiao', { channel: 'media' });
  }, 120_000);
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('awaitingApproval: for the head of the unit, by a date', async () => {
    const got = await waits(house, no, {
      blocked: true,
      cause: 'awaitingApproval',
      since: '2026-03-02',
      owner: 'approver',
      sentence: '待负责人审批立案',
      next: { at: '2026-03-09T17:00:00+08:00', step: 'filing' },
      actions: ['filing'],
    });
    expect((await askedWhy(house, no, 'en')).body.sentence).toBe('The filing waits for its approver');
    expect(Object.keys(got.body).sort()).toEqual(
      ['actions', 'blocked', 'cause', 'next', 'owner', 'sentence', 'since'].sort(),
    );
  });

  it('Nothing in the way is said, too', async () => {
    await fileMatter(house, no);
    await waits(house, no, {
      blocked: false,
      cause: null,
      since: expect.stringMatching(/^2026-03-02T09:0/),
      sentence: '没有卡点：由本机关继续办理',
      next: { at: '2026-03-09T17:00:00+08:00', step: 'notice' },
      actions: ['documents'],
    });
  });

  it('notAcknowledged: served and not signed for, so that the term does not run', async () => {
    notice = await issue(house, no, { kind: 'notice', findings: [] });
    await mailTo(house, addressOf('maqiao'), '【监督通知书】');
    title = (await taskOf(house, notice.task)).body.title as string;
    await house.until('2026-03-04T12:00:00+08:00');
    await waits(house, no, {
      blocked: true,
      cause: 'notAcknowledged',
      since: expect.stringMatching(/^2026-03-02T09:0/),
      owner: 'agency',
      sentence: `“${title}”已送达2天，maqiao镇人民政府仍未签收，10个工作日期限未起算`,
      actions: ['resend', 'recordPaperService'],
    });
  });

  it('awaitingAgency: not stuck before its day, and nothing is guessed of why', async () => {
    await sign(await pageOf(house, addressOf('maqiao'), '【监督通知书】'));
    await caseShows(house, no, { state: 'statementDue' });
    await waits(house, no, {
      blocked: false,
      cause: 'awaitingAgency',
      since: expect.stringMatching(/^2026-03-04T12:0/),
      owner: 'agency',
      sentence: '等待maqiao镇人民政府办理，期限2026-03-18',
      actions: ['nudge'],
    });
  });

  it('extensionUndecided: more time was asked for, and the office has not said', async () => {
    const link = await pageOf(house, addressOf('maqiao'), '【监督通知书】');
    await house.until('2026-03-05T11:00:00+08:00');
    const asked = await post(link, 'extensions', { workdays: '3', reason: '案卷在档案馆' });
    expect(asked.status).toBe(201);
    await waits(house, no, {
      blocked: true,
      cause: 'extensionUndecided',
      since: expect.stringMatching(/^2026-03-05T11:0/),
      owner: 'office',
      sentence: 'maqiao镇人民政府申请延期：案卷在档案馆，待本机关决定',
      actions: ['extensionDecision'],
    });
  });

  it('awaitingReview: ours to judge, before anything the agency still asks', async () => {
    const link = await pageOf(house, addressOf('maqiao'), '【监督通知书】');
    await house.until('2026-03-06T10:00:00+08:00');
    expect((await post(link, 'answers', { text: '情况说明' })).status).toBe(201);
    await caseShows(house, no, { state: 'statementReceived' });
    await waits(house, no, {
      blocked: true,
      cause: 'awaitingReview',
      since: '2026-03-06',
      owner: 'office',
      sentence: '书面说明已收到，待本机关核查',
      next: { at: '2026-03-20T17:00:00+08:00', step: 'verification' },
    });
  });

  it('undeliverable: the mail came back, or was refused, and nobody is left to turn to', async () => {
    const cases: string[] = [];
    house.mailbox.behave(addressOf('refusing'), 'reject');
    for (const agency of ['returning', 'refusing']) {
      const one = await openMatter(house, agency, { channel: 'media' });
      await fileMatter(house, one);
      const served = await issue(house, one, { kind: 'notice', findings: [] });
      if (agency === 'returning') {
        const mail = await mailTo(house, addressOf(agency), '【监督通知书】');
        const raw = deliveryReport(mail, addressOf(agency));
        await handIn(house, { from: '', to: mail.envelopeFrom, raw });
      }
      const { title: of } = (await taskOf(house, served.task)).body as { title: string };
      await waits(house, one, {
        blocked: true,
        cause: 'undeliverable',
        owner: 'office',
        sentence: `发给${agency}镇人民政府的“${of}”无法送达（${addressOf(agency)}）`,
        actions: ['editContacts', 'resend', 'recordPaperService'],
      });
      await house.call('organizer', 'POST', `/documents/${served.id}/service`, {
        body: { channel: 'paper', receivedOn: '2026-03-06', receivedBy: '值班员' },
      });
      await waits(house, one, { blocked: false, cause: 'awaitingAgency' });
      cases.push(one);
    }
    await house.until('2026-03-23T12:00:00+08:00');
    const { body } = await askedWhy(house, cases[0] ?? '');
    expect(body).toMatchObject({
      blocked: true,
      cause: 'awaitingAgency',
      owner: 'agency',
      since: '2026-03-06T00:00:00+08:00',
      sentence: expect.stringMatching(/^returning镇人民政府逾期未反馈“.+”（期限2026-03-20）$/),
      actions: ['nudge', 'documents'],
    });
  });

  it('What waits for the approver waits since it was asked for, not since the last date of the case began', async () => {
    const calls = csv([
      ['工单编号', '诉求内容', '被反映单位', '来电日期'],
      ['GD-1', '重复检查', 'maqiao', '2026-03-20'],
    ]);
    const script = await scriptFor(house);
    const { body } = await script('organizer', 'POST', '/clues/import', { body: upload(calls, '工单.csv') });
    const clue = (body.items as { no: string }[])[0]?.no ?? '';
    const one = (await screenClue(house, clue, { result: 'accept' })).body.case as string;
    await waits(house, one, { cause: 'awaitingApproval', since: '2026-03-23' });
    await fileMatter(house, one);
    await house.until('2026-03-24T10:00:00+08:00');
    await inCase(house, one, ['documents', { kind: 'notice', findings: [] }]);
    await waits(house, one, {
      cause: 'awaitingApproval',
      since: expect.stringMatching(/^2026-03-24T10:0/),
      actions: ['documentApproval'],
    });
  });
});

/** The development server: a worker stops, and a step fails, in real time. */
describe('Why a case waits, where the system is at fault', () => {
  let house: House;
  let no: string;
  const CALM = { blocked: false, cause: null };
  beforeAll(async () => {
    house = await openHouse({ realTime: true });
    await registerAgencies(house, ['maqiao']);
    await registerSupervisors(house, 2);
    no = await openMatter(house, 'maqiao', { channel: 'media' });
    await dateOf(house, no, 'filing');
  }, 120_000);
  afterAll(async () => house.close());

  it('retrying: a step fails again and again; mended, it goes on by itself, and was done once', async () => {
    const settings = house.store.settings;
    const row = await settings.findById('step-terms').lean();
    const { caseNotice: _lost, ...rest } = (row?.value ?? {}) as Record<string, unknown>;
    await settings.updateOne({ _id: 'step-terms' }, { $set: { value: rest } });
    const supervisors = await house.store.supervisors.distinct('_id');
    const headers = { 'Idempotency-Key': 'filing of a case whose term is lost' };
    const filing = { headers, body: { approved: true, supervisors } };
    const ordered = Date.now();
    const away = await house.call('approver', 'POST', `/cases/${no}/filing`, filing);
    expect(away).toMatchObject({ status: 503, body: { code: 'engine-unavailable' } });
    const { body: stuck } = await waits(
      house,
      no,
      {
        blocked: true,
        cause: 'retrying',
        owner: 'system',
        sentence: expect.stringMatching(/^系统故障，已重试\d+次，稍后再试；数据未受影响$/),
        actions: ['ops'],
      },
      30_000,
    );
    expect(Math.abs(Date.parse(stuck.since as string) - ordered)).toBeLessThan(45_000);
    await settings.updateOne({ _id: 'step-terms' }, { $set: { value: row?.value } });
    await eventually(async () => expect((await askedWhy(house, no)).body).toMatchObject(CALM), 60_000);
    await caseShows(house, no, { state: 'filed' });
    expect((await house.call('approver', 'POST', `/cases/${no}/filing`, filing)).status).toBe(201);
    const { body } = await house.call('administrator', 'GET', `/history/${no}`);
    expect((body as { code: string }[]).filter((one) => one.code === 'case-filed')).toHaveLength(1);
  }, 120_000);

  it('noWorker: said once nobody has asked for work for two minutes; what came meanwhile is taken in, and nothing goes twice', async () => {
    const { task } = await issue(house, no, { kind: 'notice', findings: [] });
    const link = await pageOf(house, addressOf('maqiao'), '【监督通知书】');
    await waits(house, no, { cause: 'notAcknowledged' });
    const stopped = Date.now();
    await house.stopWorker();
    expect((await post(link, 'answers', { text: '后台停止时提交的说明' })).status).toBe(201);
    const { body } = await waits(
      house,
      no,
      {
        blocked: true,
        cause: 'noWorker',
        owner: 'system',
        sentence: '后台未运行：恢复后自动继续，不会重复发送',
        next: null,
        actions: ['ops'],
      },
      200_000,
    );
    expect(Math.abs(Date.parse(body.since as string) - stopped)).toBeLessThan(75_000);
    const english = await askedWhy(house, no, 'en');
    expect(english.body.sentence).toMatch(/^No worker is running/);
    const staff = await house.call('organizer', 'POST', `/cases/${no}/suspension`, { body: {} });
    expect(staff.status).toBe(503);
    await house.startWorker();
    await caseShows(house, no, { state: 'statementReceived' });
    await waits(house, no, { cause: 'awaitingReview', sentence: '书面说明已收到，待本机关核查' }, 60_000);
    expect(await house.mails(addressOf('maqiao'), '【监督通知书】')).toHaveLength(1);
    expect((await taskOf(house, task)).body.answers).toHaveLength(1);
    await inCase(house, no, ['verification', { accepted: true, note: '已收到' }]);
  }, 300_000);
});
