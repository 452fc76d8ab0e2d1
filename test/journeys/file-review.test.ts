import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcile } from '../../activities/reconcile.ts';
import { expectProblem } from '../support/contract.ts';
import { linkIn, registerAgencies } from '../support/county.ts';
import { type Mark, type Shown, minus, penalties, registerReviewers } from '../support/file-review.ts';
import { keepHistory } from '../support/histories.ts';
import { type Answered, type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, mailTo, post, sign } from '../support/people.ts';

const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'verify-draw.mjs');
const AGENCIES = ['maqiao', 'qifeng'];

describe('A review of case files', () => {
  let house: House;
  let team: string[];
  let no = '';
  let as: Awaited<ReturnType<typeof registerReviewers>>['as'];
  const organizer = (method: string, where: string, body?: unknown) =>
    house.call('organizer', method, where, { body });
  const review = (): Promise<Answered> => organizer('GET', `/file-reviews/${no}`);
  const filesOf = async (agency: string): Promise<Shown[]> =>
    ((await review()).body.files as Shown[]).filter((one) => one.agency === agency);
  const fileAt = async (agency: string, n: number): Promise<Shown> => {
    const file = (await filesOf(agency))[n];
    if (!file) throw new Error(`no file ${n} of ${agency}`);
    return file;
  };
  const score = (name: string, file: Shown, marks: readonly Mark[], opinion = '') =>
    as(name, 'POST', `/file-reviews/${no}/files/${file.id}/scores`, { marks, opinion });
  const nameOf = (file: Shown, place: number): string => file.reviewers[place]?.name ?? '';
  const bothSign = async (file: Shown, a: readonly Mark[], b: readonly Mark[]): Promise<void> => {
    expect((await score(nameOf(file, 0), file, a)).status).toBe(201);
    expect((await score(nameOf(file, 1), file, b)).status).toBe(201);
  };
  const order = (over: Record<string, unknown> = {}) => ({
    year: 2026,
    agencies: [{ id: 'maqiao' }, { id: 'qifeng', files: ['齐罚〔2026〕1号', '齐罚〔2026〕2号'] }],
    perAgency: 2,
    supervisors: team,
    ...over,
  });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-09-01T09:00:00+08:00' });
    await registerAgencies(house, AGENCIES);
    ({ team, as } = await registerReviewers(house, 'maqiao'));
    const items = penalties('maqiao', 6);
    expect((await organizer('POST', '/acts', { items })).status).toBe(201);
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Bad orders are refused at their place', async () => {
    for (const [over, code, pointer] of [
      [{ agencies: [{ id: 'nowhere' }] }, 'agency-unknown', '/agencies/0/id'],
      [{ agencies: [{ id: 'maqiao' }, { id: 'maqiao' }] }, 'draw-impossible', '/agencies/1/id'],
      [{ agencies: [{ id: 'maqiao', files: ['1', '1'] }] }, 'draw-impossible', '/agencies/0/files/1'],
      [{ perAgency: 0 }, 'too-small', '/perAgency'],
      [{ supervisors: ['nobody', team[0]] }, 'supervisor-unknown', '/supervisors/0'],
      [{ supervisors: ['监督员2', team[0]] }, 'supervisor-unknown', '/supervisors/0'],
      [{ supervisors: [team[0], team[0]] }, 'supervisors-too-few', '/supervisors'],
    ] as const) {
      const refused = await organizer('POST', '/file-reviews', order(over));
      expect([refused.status, refused.body.errors?.[0]?.code, refused.body.errors?.[0]?.pointer]).toEqual([
        422,
        code,
        pointer,
      ]);
    }
    const read = await house.call('auditor', 'POST', '/file-reviews', { body: order() });
    expectProblem(read, 403);
    expectProblem(await organizer('GET', '/file-reviews/AJ-2026-999'), 404);
    expectProblem(await organizer('GET', '/file-score-sheet?version=9'), 404);
  });

  it('The draw is committed before it is made, and anyone repeats it; none reviews their own agency', async () => {
    const made = await organizer('POST', '/file-reviews', order());
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    no = made.body.no as string;
    expect(no).toBe('AJ-2026-001');
    expect(made.body).toMatchObject({ state: 'committed', files: [], sheet: 1 });
    const record = await house.store.fileReviews.findById(no).lean();
    expect(JSON.stringify(made.body)).not.toContain(record?.seed);
    const drawn = await organizer('POST', `/file-reviews/${no}/draw`);
    expect(drawn.status, JSON.stringify(drawn.body)).toBe(201);
    expectProblem(await organizer('POST', `/file-reviews/${no}/draw`), 409, 'file-review-out-of-step');
    expect(drawn.body.draws).toHaveLength(2);
    for (const one of drawn.body.draws) {
      expect(one.commitment).toBe(made.body.commitment);
      const again = spawnSync(process.execPath, [script], { input: JSON.stringify(one), encoding: 'utf8' });
      expect(again.status, again.stdout + again.stderr).toBe(0);
    }
    expect(drawn.body.draws[0].passedOver).toEqual([{ inspector: team[4], reason: 'own-agency' }]);
    const files = drawn.body.files as Shown[];
    expect(files.map((one) => one.agency)).toEqual(['maqiao', 'maqiao', 'qifeng', 'qifeng']);
    for (const file of files) expect(new Set(file.reviewers.map((one) => one.id)).size).toBe(2);
    for (const file of await filesOf('maqiao'))
      expect(file.reviewers.map((one) => one.id)).not.toContain(team[4]);
  });

  it('Neither reviewer sees the other before both have signed; a sheet is signed once, by its own reviewer', async () => {
    const file = await fileAt('maqiao', 0);
    const [first, second] = [nameOf(file, 0), nameOf(file, 1)];
    const stranger =
      [1, 2, 3, 4].map((n) => `监督员${n}`).find((one) => one !== first && one !== second) ?? '';
    expectProblem(await score(stranger, file, []), 403, 'reviewer-unassigned');
    expectProblem(await score('监督员5', file, []), 422, 'supervisor-own-agency');
    const where = `/file-reviews/${no}/files/${file.id}/scores`;
    expectProblem(await organizer('POST', where, { marks: [] }), 403, 'reviewer-untied');
    const wrong = await score(first, file, [{ item: 'S99', points: 1, reason: '无此项' }]);
    expectProblem(wrong, 422, 'score-invalid', '/marks/0/item');
    // 100 − 4 (S2) − 4 (S4) = 92.
    const own = await score(first, file, [minus('S2', 4), minus('S4', 4)], '立案审批应当写明日期');
    expect(own.status, JSON.stringify(own.body)).toBe(201);
    const seen = (answer: Answered): Shown | undefined =>
      (answer.body.files as Shown[]).find((one) => one.id === file.id);
    expect(seen(own)?.scores).toHaveLength(1);
    for (const other of [await as(second, 'GET', `/file-reviews/${no}`), await review()]) {
      expect(seen(other)).toMatchObject({ state: 'scoring', scores: [] });
      expect(JSON.stringify(other.body)).not.toContain('立案审批应当写明日期');
    }
    expect(JSON.stringify((await house.call('auditor', 'GET', `/history/${no}`)).body)).not.toContain('S2');
    expectProblem(await score(first, file, []), 409, 'already-decided');
    // 100 − 20 (S3) − 10 (S6) = 70: twenty-two apart.
    expect((await score(second, file, [minus('S3', 25), minus('S6', 10)])).status).toBe(201);
    expect(seen(await review())).toMatchObject({ state: 'thirdNeeded', scores: [] });
  });

  it('A third is called only where two differ by more than ten; the nearer pair is averaged', async () => {
    const file = await fileAt('maqiao', 0);
    const next = await fileAt('maqiao', 1);
    const third = (of: Shown, supervisor: string) =>
      organizer('POST', `/file-reviews/${no}/files/${of.id}/third`, { supervisor });
    expectProblem(await third(next, team[0] ?? ''), 409, 'third-not-needed');
    expectProblem(await third(file, team[4] ?? ''), 422, 'supervisor-own-agency', '/supervisor');
    expectProblem(await third(file, file.reviewers[0]?.id ?? ''), 409, 'already-decided');
    const free = team.slice(0, 4).find((id) => file.reviewers.every((one) => one.id !== id)) ?? '';
    expect((await third(file, free)).status).toBe(201);
    const now = await fileAt('maqiao', 0);
    expect(now).toMatchObject({ state: 'scoring', scores: [] });
    // 100 − 12 (S1) = 88: nearer to 92 than to 70; (92 + 88) / 2 = 90.
    expect((await score(nameOf(now, 2), now, [minus('S1', 12)])).status).toBe(201);
    expect(await fileAt('maqiao', 0)).toMatchObject({
      state: 'settled',
      result: { points: 90, grade: 'excellent', gradeName: '优秀', counted: [file.reviewers[0]?.id, free] },
    });
  });

  it('Who is recused is replaced, and does not sign any more', async () => {
    const file = await fileAt('maqiao', 1);
    const [recused, other] = file.reviewers;
    const free = team.slice(0, 4).find((id) => id !== recused?.id && id !== other?.id) ?? '';
    const where = `/file-reviews/${no}/files/${file.id}/recusals`;
    const asked = { recused: recused?.id, reason: '与当事人有亲属关系', supervisor: free };
    expectProblem(
      await organizer('POST', where, { ...asked, supervisor: other?.id }),
      409,
      'already-decided',
    );
    expect((await organizer('POST', where, asked)).status).toBe(201);
    expectProblem(await score(recused?.name ?? '', file, []), 422, 'supervisor-recused');
    expectProblem(await organizer('POST', `/file-reviews/${no}/preliminary`), 409, 'scores-missing');
    // A veto fails a file of full points.
    await bothSign(await fileAt('maqiao', 1), [{ item: 'V9', reason: '仅一人签名' }], []);
    expect(await fileAt('maqiao', 1)).toMatchObject({ result: { points: 100, grade: 'fail' } });
    // 80 and 75 average to 77.5; 55 and 60 to 57.5.
    await bothSign(await fileAt('qifeng', 0), [minus('S3', 20)], [minus('S3', 20), minus('S8', 5)]);
    const many = [minus('S1', 20), minus('S3', 20)];
    await bothSign(await fileAt('qifeng', 1), [...many, minus('S8', 5)], many);
    expect((await filesOf('qifeng')).map((one) => [one.result?.points, one.result?.grade])).toEqual([
      [77.5, 'good'],
      [57.5, 'fail'],
    ]);
  });

  it('Each agency is told its own files by mail and may dispute them for ten working days', async () => {
    const published = await organizer('POST', `/file-reviews/${no}/preliminary`);
    expect(published.status, JSON.stringify(published.body)).toBe(202);
    // From Tuesday 1 September, ten working days.
    expect(published.body).toMatchObject({ state: 'preliminary', disputeUntil: '2026-09-15T17:00:00+08:00' });
    expectProblem(await organizer('POST', `/file-reviews/${no}/preliminary`), 409, 'file-review-out-of-step');
    const mail = await mailTo(house, addressOf('maqiao'), '【请办理】');
    expect(mail.subject).toContain('案卷评查初步结果');
    const link = linkIn(mail.text);
    const page = await (await fetch(link)).text();
    expect(page).toContain('优秀（90分）');
    expect(page).toContain('仅一人签名');
    expect(page).toContain('立案审批应当写明日期');
    expect(page).not.toContain('齐罚');
    expect(page).not.toContain('监督员');
    await sign(link);
    expect((await post(link, 'objections', { text: '两名执法人员均在场，有执法记录仪视频' })).status).toBe(
      201,
    );
    const final = () => house.call('approver', 'POST', `/file-reviews/${no}/final`);
    expectProblem(await final(), 409, 'term-running');
    await keepHistory(house, `fileReview/${no}`, 'fileReview-told');

    // A workflow that is gone before the term is over is taken up again: nobody is told twice, the term stays.
    await house.until('2026-09-02T10:00:00+08:00');
    await house.env.client.workflow.getHandle(`fileReview/${no}`).terminate();
    expect(await reconcile(house.deps)).toContain(`fileReview/${no}`);
    expect(await reconcile(house.deps)).not.toContain(`fileReview/${no}`);
    await house.until('2026-09-16T10:00:00+08:00');
    await eventually(async () =>
      expect((await house.store.tasks.findOne({ owner: no, agency: 'qifeng' }))?.state).toBe('withdrawn'),
    );
    await keepHistory(house, `fileReview/${no}`, 'fileReview-over');
    expect(await house.mails(addressOf('maqiao'), '【请办理】')).toHaveLength(1);
    expect((await review()).body.disputeUntil).toBe('2026-09-15T17:00:00+08:00');
    expect(await reconcile(house.deps)).not.toContain(`fileReview/${no}`);
    expectProblem(await final(), 409, 'objection-open');
  });

  it('A dispute that is accepted strikes the fault out, and the agency hears of it', async () => {
    const file = await fileAt('maqiao', 1);
    const [dispute] = (await review()).body.disputes as { id: string; answerBy: string; agency: string }[];
    expect(dispute).toMatchObject({ agency: 'maqiao', answerBy: '2026-09-15T17:00:00+08:00' });
    const answer = (body: unknown) =>
      organizer('POST', `/file-reviews/${no}/disputes/${dispute?.id}/answer`, body);
    const theirs = `${(await fileAt('qifeng', 1)).id}/1-1`;
    const foreign = await answer({ accepted: true, reason: '采纳', strike: [theirs] });
    expect([foreign.status, foreign.body.errors[0].pointer]).toEqual([422, '/strike/0']);
    const refused = { accepted: false, reason: '不采纳', strike: [`${file.id}/1-1`] };
    expect((await answer(refused)).body.errors[0].code).toBe('strike-not-accepted');
    const taken = await answer({ ...refused, accepted: true, reason: '经查看视频，采纳' });
    expect(taken.status, JSON.stringify(taken.body)).toBe(201);
    expectProblem(await answer(refused), 409, 'already-decided');
    expect(await fileAt('maqiao', 1)).toMatchObject({
      result: { points: 100, grade: 'excellent', faults: [] },
    });
    // Answered on the sixteenth, a day after its term: the answer counts, and the review says that it is late.
    expect((await review()).body.disputes[0]).toMatchObject({ late: true, answer: { accepted: true } });
    const told = await mailTo(house, addressOf('maqiao'), '【中止】');
    expect(told.text).toContain('异议答复：经查看视频，采纳');
  });

  it('Final, the faults stand in the ledger and the files in the appraisal; a look-back writes them off', async () => {
    expectProblem(await organizer('POST', `/file-reviews/${no}/final`), 403);
    const done = await house.call('approver', 'POST', `/file-reviews/${no}/final`);
    expect(done.body).toMatchObject({ state: 'final', finalBy: 'approver' });
    const again = await house.call('approver', 'POST', `/file-reviews/${no}/final`);
    expectProblem(again, 409, 'file-review-out-of-step');
    const rows = (await organizer('GET', `/ledger?owner=${no}&limit=100`)).body.items as {
      agency: string;
      category: string;
      severity: string;
      mode: string;
    }[];
    expect(rows.map((one) => [one.agency, one.mode, one.category, one.severity])).toEqual([
      ['maqiao', 'daily', 'fileQuality', 'minor'],
      ['maqiao', 'daily', 'procedure', 'minor'],
      ['maqiao', 'daily', 'procedure', 'minor'],
      ['qifeng', 'daily', 'evidence', 'minor'],
      ['qifeng', 'daily', 'fileQuality', 'minor'],
      ['qifeng', 'daily', 'fileQuality', 'ordinary'],
      ['qifeng', 'daily', 'evidence', 'ordinary'],
      ['qifeng', 'daily', 'fileQuality', 'ordinary'],
    ]);
    const quality = async () =>
      (
        (await organizer('GET', '/appraisals/2026')).body.items as {
          agency: string;
          points: { rule: string; value: number | null }[];
        }[]
      ).map((one) => [one.agency, one.points.find((point) => point.rule === 'fileQuality')?.value]);
    // Both of Maqiao's are sound: 15. One of Qifeng's two has failed: 7.5.
    expect(Object.fromEntries(await quality())).toMatchObject({ maqiao: 15, qifeng: 7.5 });

    const failed = await fileAt('qifeng', 1);
    const lookBack = (corrected: boolean) =>
      organizer('POST', `/file-reviews/${no}/files/${failed.id}/look-back`, { corrected, note: '现场复查' });
    const states = async () =>
      (await organizer('GET', `/ledger?owner=${no}&limit=100`)).body.items
        .filter((one: { id: string }) => one.id.startsWith(failed.id))
        .map((one: { state: string }) => one.state);
    expect((await lookBack(false)).status).toBe(201);
    expect(await states()).toEqual(['reopened', 'reopened', 'reopened']);
    expect((await lookBack(true)).status).toBe(201);
    expect(await states()).toEqual(['lookedBack', 'lookedBack', 'lookedBack']);
    expectProblem(await lookBack(true), 409, 'already-decided');
    const verified = await house.call('auditor', 'GET', `/history/${no}/verify`);
    expect(verified.body).toMatchObject({ intact: true });
  });

  it('A file that was reviewed is not drawn again, and a new score sheet leaves an old review its own', async () => {
    const { body: sheet } = await organizer('GET', '/file-score-sheet');
    const groups = sheet.groups.map((one: { id: string; points: number }) =>
      one.id === 'S1' ? { ...one, points: 15 } : one,
    );
    const put = (body: unknown) => house.call('administrator', 'PUT', '/file-score-sheet', { body });
    const short = await put({ version: 1, vetoes: sheet.vetoes, groups });
    expect([short.status, short.body.errors[0].code]).toEqual([422, 'points-wrong']);
    const whole = groups.map((one: { id: string }) => (one.id === 'S8' ? { ...one, points: 10 } : one));
    expect((await put({ version: 1, vetoes: sheet.vetoes, groups: whole })).body).toMatchObject({
      version: 2,
    });
    expectProblem(await put({ version: 1, vetoes: sheet.vetoes, groups: whole }), 412, 'stale-version');
    const second = await organizer(
      'POST',
      '/file-reviews',
      order({ perAgency: 2, agencies: [{ id: 'maqiao' }] }),
    );
    expect(second.body).toMatchObject({ no: 'AJ-2026-002', sheet: 2 });
    const drawn = await organizer('POST', '/file-reviews/AJ-2026-002/draw');
    const before = new Set((await filesOf('maqiao')).map((one) => one.file));
    for (const one of drawn.body.files as Shown[]) expect(before).not.toContain(one.file);
    const excluded = drawn.body.draws[0].candidates.filter((one: { excluded?: string }) => one.excluded);
    expect(excluded.map((one: { id: string }) => one.id).sort()).toEqual([...before].sort());
    expect((await review()).body.sheet).toBe(1);
    expect((await organizer('GET', '/file-reviews?year=2026')).body).toMatchObject({ total: 2 });
    const gone = order({ agencies: [{ id: 'qifeng', files: ['齐罚〔2026〕1号'] }] });
    const { body: none } = await organizer('POST', '/file-reviews', gone);
    expectProblem(await organizer('POST', `/file-reviews/${none.no}/draw`), 422, 'draw-impossible');
  });
});
