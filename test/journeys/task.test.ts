import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryReport, outOfOffice } from '../../embedded/mail-answers.ts';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { keepHistory } from '../support/histories.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { handIn } from '../support/letters.ts';
import {
  addressOf,
  daysOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  sentAt,
  settle,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

/** March 2026 has no holiday; the house opens on Monday the 2nd. Each story has agencies of its own, and time goes on from story to story. */
describe('One task', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  /** A campaign to these agencies of their own; their tasks' numbers and pages. */
  async function begin(...agencies: string[]) {
    await registerAgencies(house, agencies);
    const no = await launch(house, { agencies: { ids: agencies } });
    const tasks = [];
    for (const agency of agencies)
      tasks.push({ no: await numberOf(house, no, agency), link: await pageOf(house, addressOf(agency)) });
    return { no, tasks: tasks as [Started, ...Started[]] };
  }
  interface Started {
    readonly no: string;
    readonly link: string;
  }

  describe('Extension', () => {
    let granted: Started;
    let refused: Started;
    beforeAll(async () => {
      const begun = await begin('extended', 'strict');
      [granted, refused] = begun.tasks as [Started, Started];
      for (const one of [granted, refused]) await sign(one.link);
      await house.until('2026-03-12T10:00:00+08:00');
      for (const { link } of [granted, refused])
        expect((await post(link, 'extensions', { days: '7', reason: '案卷调取需要时间' })).status).toBe(201);
    });
    const asked = async (no: string): Promise<string> => {
      const shown = await taskShows(house, no, { extension: { term: { days: 7 } } });
      return shown.body.extension.id as string;
    };
    const decide = (no: string, id: string, body: Record<string, unknown>) =>
      house.call('organizer', 'POST', `/tasks/${no}/extensions/${id}/decision`, { body });

    it('Granted, it moves the date, tells the agency, and brings new reminders', async () => {
      const id = await asked(granted.no);
      const decided = await decide(granted.no, id, { granted: true });
      expect(decided.body.due).toMatchObject({ at: '2026-03-23T17:00:00+08:00', from: '2026-03-16' });
      const mail = await mailTo(house, addressOf('extended'), '【延期结果】');
      expect(mail.subject).toContain('3月23日17:00前');
      const again = await decide(granted.no, id, { granted: false });
      expect(again).toMatchObject({ status: 409, body: { code: 'already-decided' } });
    });

    it('Refused, it leaves the date, and says why', async () => {
      const decided = await decide(refused.no, await asked(refused.no), {
        granted: false,
        reason: '期限已经充足',
      });
      expect(decided.body.due.at).toBe('2026-03-16T17:00:00+08:00');
      expect((await mailTo(house, addressOf('strict'), '【延期结果】')).text).toContain('期限已经充足');
      await house.until('2026-03-24T12:00:00+08:00');
      expect(await daysOf(house, addressOf('extended'), '【提醒】')).toEqual([
        '2026-03-11',
        '2026-03-18',
        '2026-03-20',
      ]);
      expect(await daysOf(house, addressOf('extended'), '【今日到期】')).toEqual(['2026-03-23']);
      expect(await daysOf(house, addressOf('extended'), '【催办')).toEqual(['2026-03-24']);
      expect(await daysOf(house, addressOf('strict'), '【提醒】')).toEqual(['2026-03-11', '2026-03-13']);
      expect(await daysOf(house, addressOf('strict'), '【今日到期】')).toEqual(['2026-03-16']);
    });
  });

  it('Passed on to a colleague, both links are alive and both may answer', async () => {
    const { tasks } = await begin('passing');
    const [{ no, link }] = tasks;
    await post(link, 'delegations', { name: '丁同事', email: 'ding@passing.huantai.example' });
    const theirs = await pageOf(house, 'ding@passing.huantai.example');
    expect(theirs).not.toBe(link);
    expect((await mailTo(house, addressOf('passing'), '【已转办】')).text).toContain('丁同事');
    for (const page of [link, theirs]) expect((await fetch(page)).status).toBe(200);
    await post(theirs, 'answers', { text: '同事的反馈' });
    await post(link, 'answers', { text: '原联系人的反馈' });
    await house.reply(await mailTo(house, 'ding@passing.huantai.example', '【请办理】'), {
      text: '同事邮件补充。',
    });
    const shown = await eventually(async () => {
      const got = await taskShows(house, no, { state: 'inReview' });
      expect(got.body.answers).toHaveLength(3);
      return got;
    });
    expect(shown.body.answers.map((one: { channel: string }) => one.channel)).toEqual([
      'link',
      'link',
      'email',
    ]);
  });

  it('A nudge goes out, but not to whom a mail was sent within a day, nor to whom an answer is in review', async () => {
    const { no, tasks } = await begin('nudged', 'answered');
    const nudge = () => house.call('organizer', 'POST', `/campaigns/${no}/nudges`, { body: { where: {} } });
    const [first, second] = tasks as [Started, Started];
    for (const one of [first, second]) await sign(one.link);
    await post(second.link, 'answers', { text: '已自查' });
    await taskShows(house, second.no, { state: 'inReview' });
    expect((await nudge()).body).toMatchObject({
      wouldSend: 0,
      skipped: [
        { task: second.no, why: 'answer-in-review' },
        { task: first.no, why: 'mailed-within-24h' },
      ].sort((a, b) => a.task.localeCompare(b.task)),
    });
    await house.store.messages.updateMany({ subject: first.no }, { $set: { createdAt: new Date(0) } });
    expect((await nudge()).body).toMatchObject({ wouldSend: 1, sent: 1 });
    expect((await mailTo(house, addressOf('nudged'), '【催办】')).subject).toContain(first.no);
    await house.settled();
    expect(await house.mails(addressOf('answered'), '【催办】')).toEqual([]);
  });

  it('Withdrawn, it tells the agency why, and asks no more', async () => {
    const { tasks } = await begin('spared');
    const [{ no }] = tasks;
    const { body } = await house.call('organizer', 'POST', `/tasks/${no}/withdrawal`, {
      body: { reason: '机构已撤并' },
    });
    expect(body.state).toBe('withdrawn');
    expect((await mailTo(house, addressOf('spared'), '【中止】')).text).toContain('机构已撤并');
    await house.pass(4);
    expect(await daysOf(house, addressOf('spared', 'fushou'), '')).toEqual([]);
  });

  it('A late answer is late on the receipt, on the task and in the mail', async () => {
    const { tasks } = await begin('late');
    const [{ no, link }] = tasks;
    await sign(link);
    const { body } = await taskOf(house, no);
    await house.until(body.due.at);
    await house.pass(0.2);
    const answered = await post(link, 'answers', { text: '迟到的反馈' });
    expect(answered.body.late).toBe(true);
    const shown = await taskShows(house, no, { state: 'inReview', late: true, light: 'red', overdue: false });
    expect(shown.body.answers[0].late).toBe(true);
    const receipt = await mailTo(house, addressOf('late'), '【已收到】');
    expect(receipt.text).toMatch(/逾期|超过期限|晚于|迟/);
    const { body: ledger } = await house.call('administrator', 'GET', `/history/${no}`);
    expect((ledger as { code: string }[]).some((one) => one.code === 'answered-late')).toBe(true);
  });

  it('Until it is reviewed an answer may be followed by another, and the older judgement is 412', async () => {
    const { no: owner, tasks } = await begin('eager');
    const [{ no, link }] = tasks;
    const first = await post(link, 'answers', { text: '第一稿' });
    const twice = await post(link, 'answers', { text: '第一稿' });
    expect(twice.body.receipt).toBe(first.body.receipt);
    const seen = await taskShows(house, no, { state: 'inReview' });
    expect(seen.body.answers).toHaveLength(1);
    await post(link, 'answers', { text: '第二稿' });
    const judge = (etag: string | null) =>
      house.call('organizer', 'POST', `/tasks/${no}/reviews`, {
        headers: { 'If-Match': etag ?? '' },
        body: { verdict: 'accept' },
      });
    expect((await judge(seen.headers.get('etag'))).status).toBe(412);
    await keepHistory(house, `tasks/${owner}/selfInspection/1`, 'tasks-inReview');
    const now = await taskOf(house, no);
    expect(now.body.answers).toHaveLength(2);
    expect((await judge(now.headers.get('etag'))).body.state).toBe('closed');
    expect(await house.mails(addressOf('eager'), first.body.receipt as string)).toHaveLength(1);
  });

  it('A refused address turns to the deputy at once, a returned mail when the report comes in', async () => {
    house.mailbox.behave(addressOf('refusing'), 'reject');
    await registerAgencies(house, ['refusing', 'returning']);
    const no = await launch(house, { agencies: { ids: ['refusing', 'returning'] } });
    const refused = await numberOf(house, no, 'refusing');
    const deputy = await mailTo(house, addressOf('refusing', 'fushou'), '【请办理】');
    expect(deputy.subject).toContain(refused);
    expect(await house.mails(addressOf('refusing'))).toEqual([]);
    const mail = await mailTo(house, addressOf('returning'), '【请办理】');
    expect(mail.envelopeFrom).toMatch(/^b-/);
    const raw = deliveryReport(mail, addressOf('returning'));
    await handIn(house, { from: '', to: mail.envelopeFrom, raw });
    const second = await mailTo(house, addressOf('returning', 'fushou'), '【请办理】');
    await post(linkIn(second.text), 'answers', { text: '副手的反馈' });
    const shown = await taskShows(house, await numberOf(house, no, 'returning'), { state: 'inReview' });
    expect(shown.body.deliveries.map((one: { rung: string }) => one.rung)).toContain('bounced');
    await keepHistory(house, `tasks/${no}/selfInspection/1`, 'tasks-bounced');
  });

  it('A colleague whose address does not work is a matter for a person, and the contact stays', async () => {
    const { tasks } = await begin('wrongcolleague');
    const [{ no, link }] = tasks;
    await sign(link);
    house.mailbox.behave('nobody@wrongcolleague.huantai.example', 'reject');
    await post(link, 'delegations', { name: '查无此人', email: 'nobody@wrongcolleague.huantai.example' });
    await taskShows(house, no, { handedOver: true, state: 'inProgress' });
    expect(await house.mails(addressOf('wrongcolleague', 'fushou'))).toEqual([]);
  });

  it('An agency with tasks of two campaigns is reminded of both in one mail, with working links', async () => {
    const one = await begin('busy');
    const two = await launch(house, { agencies: { ids: ['busy'] }, title: '另一项专项监督' });
    const other = await numberOf(house, two, 'busy');
    await sign(one.tasks[0].link);
    const page = await pageOf(house, addressOf('busy'), other);
    await sign(page);
    const { body } = await taskOf(house, other);
    await house.until(body.due.at);
    expect(await house.mails(addressOf('busy'), '【提醒】')).toEqual([]);
    const digests = (await house.mails(addressOf('busy'))).filter(
      (mail) => mail.text.includes(other) && mail.text.includes(one.tasks[0].no),
    );
    expect(digests).toHaveLength(3);
    expect(new Set(digests.map((mail) => sentAt(mail).slice(0, 10))).size).toBe(3);
    const links = digests[0]?.text.match(/http\S+\/t\/[a-z0-9]+/g) ?? [];
    expect(links).toHaveLength(2);
    for (const link of links) expect((await fetch(link)).status).toBe(200);
    await settle(house, { link: one.tasks[0].link, no: one.tasks[0].no });
    await settle(house, { link: page, no: other });
  });

  it('A reply that begins with 签收, 延期 or 转办 is that, and nothing else', async () => {
    const { tasks } = await begin('replying');
    const [{ no }] = tasks;
    const mail = await mailTo(house, addressOf('replying'), '【请办理】');
    await house.reply(mail, { text: '签收 王五 科长' });
    await taskShows(house, no, {
      state: 'inProgress',
      acknowledged: { by: '王五', post: '科长' },
      answers: [],
    });
    await house.reply(mail, { text: '延期3天：人员外出培训' });
    const asked = await taskShows(house, no, { extension: { term: { days: 3 }, reason: '人员外出培训' } });
    expect(asked.body.state).toBe('inProgress');
    await house.reply(mail, { text: '转办 li@replying.huantai.example 李四' });
    expect(await pageOf(house, 'li@replying.huantai.example')).toContain('/t/');
    expect((await taskOf(house, no)).body.answers).toEqual([]);
  });

  it('An out-of-office note counts for nothing, a stranger’s reply is held with its reason', async () => {
    const { tasks } = await begin('away');
    const [{ no }] = tasks;
    const mail = await mailTo(house, addressOf('away'), '【请办理】');
    const to = /<([^>]+)>/.exec(mail.headers['Reply-To'] ?? '')?.[1] ?? '';
    await handIn(house, {
      from: addressOf('away'),
      to,
      raw: outOfOffice(addressOf('away'), to, mail.subject),
    });
    await house.reply(mail, { from: 'stranger@elsewhere.example', text: '我来代为答复。' });
    const held = await eventually(async () => {
      const got = await house.call('organizer', 'GET', '/held-mails');
      expect(got.body.total).toBe(1);
      return got.body.items[0];
    });
    expect(held).toMatchObject({ from: 'stranger@elsewhere.example', reason: 'unknown-sender' });
    expect(held.sentence).toContain('联系人');
    await house.settled();
    await taskShows(house, no, { state: 'unacknowledged', answers: [] });
    expect(await house.store.incoming.countDocuments({ disposition: 'autoReply', task: no })).toBe(1);
  });

  it('What comes for a closed task is received, recorded as after the end, and changes nothing', async () => {
    const { no: owner, tasks } = await begin('done');
    const [{ no, link }] = tasks;
    await settle(house, { link, no });
    await mailTo(house, addressOf('done'), '【已办结】');
    await house.pass(1);
    const { status } = await house.env.client.workflow
      .getHandle(`tasks/${owner}/selfInspection/1`)
      .describe();
    expect(status.name).toBe('COMPLETED');
    const after = await post(link, 'answers', { text: '补充一份材料' });
    expect(after.status).toBe(201);
    await house.settled();
    const { body } = await taskOf(house, no);
    expect(body).toMatchObject({ state: 'closed', round: 1 });
    expect(body.answers).toHaveLength(2);
    const { body: ledger } = await house.call('administrator', 'GET', `/history/${no}`);
    expect((ledger as { code: string }[]).filter((one) => one.code === 'received-after-end')).toHaveLength(1);
  });
});
