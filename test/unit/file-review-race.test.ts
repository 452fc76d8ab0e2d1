import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuseLateObjection } from '../../api/objections.ts';
import { issueToken, seedReference } from '../../data/seed.ts';
import { storeSubmission } from '../../models/intake.ts';
import { key } from '../support/contract.ts';
import { type Desk, openDesk } from '../support/desk.ts';

const PAIRS = 40;
const AT = '2026-09-16T10:00:00+08:00';

let desk: Desk;
let as: Record<'administrator' | 'approver' | 'organizer', string>;
beforeAll(async () => {
  desk = await openDesk();
  await desk.fresh();
  await seedReference(desk.store);
  const token = (role: string) => issueToken(desk.store, role);
  as = {
    administrator: await token('administrator'),
    approver: await token('approver'),
    organizer: await token('organizer'),
  };
});
afterAll(() => desk.close());

const call = (role: keyof typeof as, where: string, body: object = {}) =>
  request(desk.app)
    .post(`/api/v1${where}`)
    .set({ Authorization: `Bearer ${as[role]}`, ...key() })
    .send(body);

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A review of one file that both reviewers have signed, or neither; its term for disputes is over. */
async function plant(no: string, state: 'scoring' | 'preliminary' | 'final', signed: boolean) {
  await desk.store.fileReviews.create({
    _id: no,
    year: 2026,
    state,
    agencies: [{ id: 'maqiao' }],
    perAgency: 1,
    supervisors: [],
    sheet: 1,
    seed: 's',
    commitment: 'c',
    createdBy: 'organizer',
    createdAt: AT,
    ...(state === 'scoring' ? {} : { publishedAt: AT, publishedBy: 'organizer', disputeUntil: AT }),
    answers: [],
  });
  const marks = [{ item: 'S1', points: 8, reason: '证据未编号' }];
  await desk.store.reviewedFiles.create({
    _id: `${no}-F001`,
    review: no,
    file: `马罚〔2026〕${no}`,
    agency: 'maqiao',
    reviewers: ['first', 'second'],
    scores: signed ? ['first', 'second'].map((reviewer) => ({ reviewer, marks, opinion: '', at: AT })) : [],
    struck: [],
    recusals: [],
  });
  return `/file-reviews/${no}`;
}

/** What an agency disputes, through the door of every submission. */
async function dispute(owner: string, text: string): Promise<number> {
  const task = { _id: `${owner}-J001`, kind: 'appraisal', owner, agency: 'maqiao', round: 1 } as const;
  const { record } = await storeSubmission(
    desk.store,
    { ...task, group: `${owner}/fileReview/1`, dueAt: null },
    { kind: 'objection', channel: 'link', by: { name: '经办人甲' }, receivedAt: AT, text },
  );
  try {
    refuseLateObjection(record);
    return 201;
  } catch (error) {
    expect(error).toMatchObject({ code: 'file-review-out-of-step' });
    return 409;
  }
}
const plantTask = (owner: string) =>
  desk.store.tasks.collection.insertOne({ _id: `${owner}-J001` as never, kind: 'appraisal', owner });

describe('What comes to a file review at one moment', () => {
  test('a result that is made final and a dispute: one stands, the other is told so, and nothing is half done', async () => {
    const { store } = desk;
    const codes: string[] = [];
    // A machine that is busy is slow: the dispute comes at every part of the time that a result took before.
    let took = 20;
    for (let n = 0; n < PAIRS; n += 1) {
      const no = `AJ-2026-${100 + n}`;
      const where = await plant(no, 'preliminary', true);
      await plantTask(no);
      const began = performance.now();
      const [final, disputed] = await Promise.all([
        call('approver', `${where}/final`).then((answer) => {
          took = performance.now() - began;
          return answer;
        }),
        later((took * (n % 10)) / 8).then(() => dispute(no, '证据在副卷')),
      ]);
      const [review, file, said, problems, events] = await Promise.all([
        store.fileReviews.findById(no).lean(),
        store.reviewedFiles.findById(`${no}-F001`).lean(),
        store.submissions.findOne({ owner: no }).lean(),
        store.findings.countDocuments({ owner: no }),
        store.events.countDocuments({ owner: no }),
      ]);
      const won = final.status === 201;
      codes.push(won ? 'final' : (final.body as { code: string }).code);
      expect([final.status, disputed]).toEqual(won ? [201, 409] : [409, 201]);
      expect(review?.state).toBe(won ? 'final' : 'preliminary');
      expect([file?.finalOn !== undefined, said?.late, problems, events > 0]).toEqual(
        won ? [true, true, 1, true] : [false, false, 0, false],
      );
    }
    for (const code of codes) expect(['final', 'file-review-out-of-step', 'objection-open']).toContain(code);
  });

  test('a dispute between the look at the disputes and the result: the result is refused, and made once it is answered', async () => {
    const { store } = desk;
    const where = await plant('AJ-2026-200', 'preliminary', true);
    await plantTask('AJ-2026-200');
    const begin = store.connection.transaction.bind(store.connection);
    store.connection.transaction = (async (...given: Parameters<typeof begin>) => {
      store.connection.transaction = begin;
      expect(await dispute('AJ-2026-200', '证据在副卷')).toBe(201);
      return begin(...given);
    }) as typeof begin;
    const overtaken = await call('approver', `${where}/final`);
    expect(overtaken.body).toMatchObject({ status: 409, code: 'file-review-out-of-step' });
    expect((await call('approver', `${where}/final`)).body).toMatchObject({ code: 'objection-open' });
    const said = await store.submissions.findOne({ owner: 'AJ-2026-200' }).lean();
    await store.fileReviews.updateOne(
      { _id: 'AJ-2026-200' },
      { $push: { answers: { objection: said?._id, accepted: false, reason: '不采纳', strike: [] } } },
    );
    expect((await call('approver', `${where}/final`)).status).toBe(201);
    expect((await call('approver', `${where}/final`)).body).toMatchObject({
      code: 'file-review-out-of-step',
    });
    expect(await dispute('AJ-2026-200', '又一件异议'), 'after the result').toBe(409);
    expect(await store.submissions.findOne({ text: '又一件异议' }).lean()).toMatchObject({ late: true });
  });

  test('two who make it final: it is final once, and said once', async () => {
    for (let n = 300; n < 310; n += 1) {
      const where = await plant(`AJ-2026-${n}`, 'preliminary', true);
      const both = await Promise.all([1, 2].map(() => call('approver', `${where}/final`)));
      expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      expect(both.find((one) => one.status === 409)?.body).toMatchObject({ code: 'file-review-out-of-step' });
      expect(await desk.store.events.countDocuments({ owner: `AJ-2026-${n}` })).toBe(1);
    }
  });

  test('two reviewers who are replaced by one and the same: one is, and the file keeps two who sign', async () => {
    const made = await call('administrator', '/supervisors', {
      name: '接替人',
      certificate: { no: 'SD-9', issued: '2025-01-01', expires: '2099-12-31' },
    });
    const { id } = made.body as { id: string };
    for (let n = 400; n < 420; n += 1) {
      const where = await plant(`AJ-2026-${n}`, 'scoring', false);
      const both = await Promise.all(
        ['first', 'second'].map((recused) =>
          call('organizer', `${where}/files/AJ-2026-${n}-F001/recusals`, {
            recused,
            reason: '亲属',
            supervisor: id,
          }),
        ),
      );
      expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([201, 409]);
      const file = await desk.store.reviewedFiles.findById(`AJ-2026-${n}-F001`).lean();
      expect(new Set(file?.reviewers).size).toBe(2);
      expect(file?.recusals).toHaveLength(1);
    }
  });

  test('two looks back that differ leave the problems as the look that stands', async () => {
    const { store } = desk;
    for (let n = 500; n < 520; n += 1) {
      const no = `AJ-2026-${n}`;
      const where = await plant(no, 'final', true);
      await store.findings.collection.insertOne({
        _id: `${no}-F001-S1` as never,
        owner: no,
        agency: 'maqiao',
        state: 'found',
      });
      const both = await Promise.all(
        [true, false].map((corrected) =>
          call('organizer', `${where}/files/${no}-F001/look-back`, { corrected, note: '现场复查' }),
        ),
      );
      expect(both[0]?.status).toBe(201);
      const file = await store.reviewedFiles.findById(`${no}-F001`).lean();
      expect(file?.lookBack?.corrected).toBe(true);
      expect((await store.findings.findById(`${no}-F001-S1`).lean())?.state).toBe('writtenOff');
    }
  });
});
