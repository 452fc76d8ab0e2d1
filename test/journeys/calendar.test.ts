import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { stamp } from '../../domain/clock.ts';
import { type Windows, openWindows } from '../support/browser.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { expectKept, keepHistory } from '../support/histories.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  addressOf,
  expectNoFailure,
  mailTo,
  numberOf,
  pageOf,
  post,
  review,
  sign,
  taskOf,
  taskShows,
} from '../support/people.ts';

/** Invented days: the notice of 2027 is not in the repository. */
const YEAR_2027 = {
  year: 2027,
  off: ['2027-01-01', '2027-01-02', '2027-01-03'],
  work: [],
  source: '测试用，非正式通知',
  version: '测试〔2026〕1号',
};
const BEFORE = '2027-01-01T17:00:00+08:00';
const AFTER = '2027-01-04T17:00:00+08:00';
const PASSWORD = 'a long password';

describe('A calendar that is published after dates were given', () => {
  let house: House;
  let windows: Windows;
  let no: string;
  const task = (agency: string) => numberOf(house, no, agency);
  const waiting = async () =>
    ((await house.call('auditor', 'GET', '/calendars/2027/moves')).body.items as { task: string }[]).map(
      (one) => one.task,
    );
  const confirm = (
    tasks: unknown,
    key?: string,
    role: 'administrator' | 'organizer' | 'auditor' = 'organizer',
  ) =>
    house.call(role, 'POST', '/calendars/2027/moves', {
      body: { tasks },
      ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
    });

  beforeAll(async () => {
    [house, windows] = await Promise.all([
      openHouse({ startsAt: '2026-12-24T09:00:00+08:00' }),
      openWindows(),
    ]);
    await house.store.accounts.updateMany({}, { $set: { passwordHash: await hash(PASSWORD) } });
    const agencies = ['chosen', 'moved', 'judged', 'printed', 'seen'];
    await registerAgencies(house, agencies);
    no = await launch(house, {
      agencies: { ids: agencies },
      phases: {
        selfInspection: { days: 8 },
        jointInspection: { days: 5 },
        rectification: { days: 9 },
        lookBack: { days: 9 },
      },
    });
    for (const agency of agencies) await sign(await pageOf(house, addressOf(agency)));
    await post(await pageOf(house, addressOf('judged')), 'answers', { text: '已办理' });
    await taskShows(house, await task('judged'), { state: 'inReview' });
  });
  afterAll(async () => {
    closeStreams();
    await windows?.close();
    await expectNoFailure(house);
    await house?.close();
  });

  it('Moves nothing by itself: it lists each date before and after, for an officer to confirm', async () => {
    expect((await house.call('auditor', 'GET', '/calendars/2027/moves')).status).toBe(404);
    expect((await confirm('all')).status).toBe(404);
    const imported = await house.call('administrator', 'POST', '/calendars', { body: YEAR_2027 });
    expect(imported.body.moves).toHaveLength(5);
    const { body } = await house.call('auditor', 'GET', '/calendars/2027/moves');
    expect(body).toMatchObject({ year: 2027, version: '测试〔2026〕1号' });
    expect(body.items[0]).toEqual({
      task: await task('chosen'),
      agency: 'chosen',
      before: BEFORE,
      after: AFTER,
      days: 3,
    });
    expect((await taskOf(house, await task('chosen'))).body.due).toMatchObject({
      at: BEFORE,
      provisional: true,
    });
    expect((await house.call('auditor', 'GET', '/calendars/2026/moves')).body.items).toHaveLength(0);
  });

  it('An officer confirms some: their dates, reminders and certificate move, the ledger says who, and the agency is mailed', async () => {
    const chosen = await task('chosen');
    expect((await confirm([chosen], undefined, 'auditor')).status).toBe(403);
    const done = await confirm([chosen], 'once');
    expect(done).toMatchObject({
      status: 202,
      body: { confirmed: [{ task: chosen, after: AFTER }], skipped: [] },
    });
    const { body } = await taskOf(house, chosen);
    expect(body.due).toMatchObject({ at: AFTER, from: '2026-12-24', provisional: false });
    expect(body.due.calendar).toContain('2027@测试〔2026〕1号');
    expect([body.next.what, stamp(body.next.at).slice(0, 10)]).toEqual(['remind', '2026-12-29']);
    const kept = await house.store.deadlines.find({ task: chosen }).lean();
    expect(kept.map((one) => one.deadline.at)).toContain(AFTER);
    const mail = await mailTo(house, addressOf('chosen'), '【期限调整】');
    expect(mail.subject).toContain('1月4日17:00前');
    expect(mail.text).toContain('2027年节假日安排（测试〔2026〕1号）公布');
    const history = await house.call('administrator', 'GET', `/history/${chosen}`);
    expect(history.body).toContainEqual(expect.objectContaining({ code: 'rescheduled', who: 'organizer' }));
    expect(await waiting()).not.toContain(chosen);
    expect(await waiting()).toHaveLength(4);
  });

  it('Sent again, a confirmation changes nothing, and a group that is told twice mails once', async () => {
    const chosen = await task('chosen');
    const version = (await taskOf(house, chosen)).body.version as number;
    expect((await confirm([chosen], 'once')).status).toBe(202);
    expect((await confirm([chosen])).body.errors[0]).toMatchObject({
      pointer: '/tasks/0',
      code: 'not-moved',
    });
    expect((await confirm([])).status).toBe(422);
    const group = (await house.store.tasks.findById(chosen).lean())?.group ?? '';
    const { events } = await house.env.client.workflow.getHandle(group).fetchHistory();
    expect(events?.length).toBeGreaterThan(10);
    await house.env.client.workflow
      .getHandle(group)
      .signal('order', { id: 'again', by: 'x', kind: 'recalculate', tasks: [chosen], reason: 'x' });
    await house.settled();
    expect((await taskOf(house, chosen)).body.version).toBe(version);
    expect(await house.mails(addressOf('chosen'), '【期限调整】')).toHaveLength(1);
  });

  it('A date that stands on a served document is moved by a new document only', async () => {
    const printed = await task('printed');
    await house.store.documents.create({
      _id: 'wd-0123456789abcdef',
      owner: no,
      kind: 'opinion',
      state: 'served',
      title: '行政执法监督意见书',
      body: [],
      createdBy: '组织员',
      createdAt: '2026-12-24T09:00:00+08:00',
      number: '桓司执监意〔2026〕1号',
    } as never);
    const refused = await confirm([printed]);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'date-printed', errors: [{ pointer: '/tasks/0' }] },
    });
    expect(refused.body.detail).toContain('桓司执监意〔2026〕1号');
    const all = await confirm('all');
    expect(all.body.confirmed).toEqual([]);
    expect(all.body.skipped).toContainEqual({ task: printed, why: 'date-printed' });
    expect((await taskOf(house, printed)).body.due.at).toBe(BEFORE);
    await house.store.documents.deleteMany({ owner: no });
  });

  it('In the console all are confirmed with one button; what is under review moves without a mail', async () => {
    const page = await windows.open({ scripts: false });
    await page.goto(`${house.url}/console`);
    await page.fill('#account', 'organizer');
    await page.fill('#password', PASSWORD);
    await Promise.all([page.waitForEvent('load'), page.click('main button[type=submit]')]);
    await Promise.all([page.waitForEvent('load'), page.click('a.chip:has-text("期限变动待确认")')]);
    expect(new URL(page.url()).pathname).toBe('/console/calendar');
    await Promise.all([page.waitForEvent('load'), page.click('main button:text-is("确认全部4件")')]);
    expect(await page.innerText('main')).toContain('已确认4件期限变动');
    await taskShows(house, await task('moved'), { due: { at: AFTER } });
    await taskShows(house, await task('judged'), { due: { at: AFTER }, state: 'inReview' });
    await mailTo(house, addressOf('moved'), '【期限调整】');
    expect(await house.mails(addressOf('judged'), '【期限调整】')).toEqual([]);
    expect(await waiting()).toEqual([]);
    expect((await review(house, await task('judged'), { verdict: 'accept' })).body.state).toBe('closed');
  });

  it('A new date that has passed already is not given', async () => {
    await house.until('2027-01-01T12:00:00+08:00');
    const shorter = { ...YEAR_2027, off: ['2027-05-01', '2027-05-02'], version: '测试〔2026〕2号' };
    expect((await house.call('administrator', 'POST', '/calendars', { body: shorter })).status).toBe(201);
    await house.until('2027-01-02T09:00:00+08:00');
    const moved = await task('moved');
    const { body } = await house.call('auditor', 'GET', '/calendars/2027/moves');
    expect(body.items).toContainEqual(
      expect.objectContaining({ task: moved, after: BEFORE, barred: 'date-past' }),
    );
    expect(await confirm([moved])).toMatchObject({ status: 409, body: { code: 'date-past' } });
    expect((await taskOf(house, moved)).body.due.at).toBe(AFTER);
    const chain = await house.call('administrator', 'GET', `/history/${no}/verify`);
    expect(chain.body.intact).toBe(true);
    const [id] = await house.store.events.distinct('key', { owner: 'calendars', key: /^calendar\// });
    await keepHistory(house, String(id), 'calendar-confirmed');
    await expectKept(house, String(id), 'calendar');
  });
});
