import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/contract.ts';
import { linkIn, registerAgencies } from '../support/county.ts';
import { type Mark, type Shown, minus, registerReviewers } from '../support/file-review.ts';
import { type Answered, type House, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, mailTo, post, sign } from '../support/people.ts';

/** One file of each of two agencies. The first by hand: 86 and 70 are sixteen apart, a third gives 82; the nearer pair is 86 and 82, so 84, good. The dispute takes twelve of the third's eighteen points away: 86 and 94, so 90, excellent. */
describe('Two reviewers who differ, a third, a dispute', () => {
  let house: House;
  let team: string[];
  let no = '';
  let as: Awaited<ReturnType<typeof registerReviewers>>['as'];
  const organizer = (method: string, where: string, body?: unknown): Promise<Answered> =>
    house.call('organizer', method, where, { body });
  const fileOf = async (agency: string): Promise<Shown> => {
    const { body } = await organizer('GET', `/file-reviews/${no}`);
    const file = (body.files as Shown[]).find((one) => one.agency === agency);
    if (!file) throw new Error(`no file of ${agency}`);
    return file;
  };
  const signs = async (agency: string, place: number, sheet: { marks: Mark[]; opinion?: string }) => {
    const file = await fileOf(agency);
    const where = `/file-reviews/${no}/files/${file.id}/scores`;
    const signed = await as(file.reviewers[place]?.name ?? '', 'POST', where, sheet);
    expect(signed.status, JSON.stringify(signed.body)).toBe(201);
  };
  const objects = async (agency: string, text: string): Promise<void> => {
    const link = linkIn((await mailTo(house, addressOf(agency), '【请办理】')).text);
    await sign(link);
    expect((await post(link, 'objections', { text })).status).toBe(201);
  };
  const disputeOf = async (agency: string): Promise<string> => {
    const { body } = await organizer('GET', `/file-reviews/${no}`);
    return (body.disputes as { id: string; agency: string }[]).find((one) => one.agency === agency)?.id ?? '';
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-09-01T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'qifeng']);
    ({ team, as } = await registerReviewers(house, 'maqiao'));
    const made = await organizer('POST', '/file-reviews', {
      year: 2026,
      agencies: [
        { id: 'maqiao', files: ['马罚〔2026〕7号'] },
        { id: 'qifeng', files: ['齐罚〔2026〕9号'] },
      ],
      perAgency: 1,
      supervisors: team.slice(0, 4),
    });
    no = made.body.no as string;
    expect((await organizer('POST', `/file-reviews/${no}/draw`)).status).toBe(201);
  });
  afterAll(async () => {
    await expectNoFailure(house);
    await house.close();
  });

  it('Who only bears a reviewer’s name signs and sees nothing; an account without a tie is told what to do', async () => {
    const files = [await fileOf('maqiao'), await fileOf('qifeng')];
    for (const file of files) {
      const where = `/file-reviews/${no}/files/${file.id}/scores`;
      expectProblem(await as('namesake', 'POST', where, { marks: [] }), 403, 'reviewer-unassigned');
      const untied = await as('untied', 'POST', where, { marks: [] });
      expectProblem(untied, 403, 'reviewer-untied');
      expect(untied.body.title).toContain('请系统管理员在“账号”页面为您选定登记的监督人员');
    }
    expect(await house.store.reviewedFiles.countDocuments({ 'scores.0': { $exists: true } })).toBe(0);
  });

  it('Sixteen points apart call for a third, who sees neither sheet; the nearer pair gives 84, good', async () => {
    // 100 − 8 (S1) − 6 (S3) = 86.
    await signs('maqiao', 0, { marks: [minus('S1', 8), minus('S3', 6)], opinion: '证据应当逐页编号' });
    // 100 − 20 (S3) − 10 (S4) = 70.
    await signs('maqiao', 1, { marks: [minus('S3', 20), minus('S4', 10)], opinion: '告知书应当附送达回证' });
    const apart = await fileOf('maqiao');
    expect(apart).toMatchObject({ state: 'thirdNeeded', scores: [] });
    const third = team.slice(0, 4).find((id) => apart.reviewers.every((one) => one.id !== id)) ?? '';
    const where = `/file-reviews/${no}/files/${apart.id}`;
    expect((await organizer('POST', `${where}/third`, { supervisor: third })).status).toBe(201);
    const name = (await fileOf('maqiao')).reviewers[2]?.name ?? '';
    for (const who of [name, 'namesake', 'untied']) {
      const seen = await as(who, 'GET', `/file-reviews/${no}`);
      expect(JSON.stringify(seen.body)).not.toContain('证据应当逐页编号');
    }
    // 100 − 12 (S3) − 6 (S7) = 82: four from 86, twelve from 70.
    await signs('maqiao', 2, { marks: [minus('S3', 12), minus('S7', 6)], opinion: '送达日期应当写明' });
    expect(await fileOf('maqiao')).toMatchObject({
      state: 'settled',
      result: { points: 84, grade: 'good', counted: [apart.reviewers[0]?.id, third] },
    });
    // Qifeng's: 88 and 80, eight apart, so 84.
    await signs('qifeng', 0, { marks: [minus('S1', 12)] });
    await signs('qifeng', 1, { marks: [minus('S1', 12), minus('S2', 8)] });
    expect(await fileOf('qifeng')).toMatchObject({ result: { points: 84, grade: 'good' } });
  });

  it('The agency reads its grade, each fault and the opinions that count in the mail’s page, and disputes one', async () => {
    expect((await organizer('POST', `/file-reviews/${no}/preliminary`)).status).toBe(202);
    const page = await (
      await fetch(linkIn((await mailTo(house, addressOf('maqiao'), '【请办理】')).text))
    ).text();
    for (const said of [
      '良好（84分）',
      '〔1-1〕扣8分',
      '〔3-1〕扣12分',
      '证据应当逐页编号',
      '送达日期应当写明',
    ])
      expect(page).toContain(said);
    // The sheet that does not count is held against nobody.
    expect(page).not.toContain('告知书应当附送达回证');
    expect(page).not.toContain('扣20分');
    await objects('maqiao', '〔3-1〕所指证据在副卷第12页');
    await objects('qifeng', '对扣分有异议');
  });

  it('Of two answers at once to one dispute only the first stands, and only its faults are struck out', async () => {
    const file = await fileOf('qifeng');
    const where = `/file-reviews/${no}/disputes/${await disputeOf('qifeng')}/answer`;
    const answers = await Promise.all(
      ['1-1', '2-1', '2-2'].map(
        (fault, n) =>
        as(`监督员${n + 1}`, 'POST', where, { accepted: true, reason: `采纳${fault}`, strike: [`${file.id}/${fault}`] }), // prettier-ignore
      ),
    );
    expect(answers.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    for (const one of answers.filter(({ status }) => status === 409))
      expectProblem(one, 409, 'already-decided');
    const stored = await house.store.fileReviews.findById(no).lean();
    expect(stored?.answers).toHaveLength(1);
    const struck = stored?.answers[0]?.strike.map((one) => one.split('/')[1]);
    expect((await house.store.reviewedFiles.findById(file.id).lean())?.struck).toEqual(struck);
    // 84 and half of what was struck out: twelve, twelve or eight points.
    expect((await fileOf('qifeng')).result?.points).toBe(struck?.[0] === '2-2' ? 88 : 90);
  });

  it('What the dispute struck out makes it 90, excellent; the agency hears why by mail', async () => {
    const file = await fileOf('maqiao');
    const answered = await organizer(
      'POST',
      `/file-reviews/${no}/disputes/${await disputeOf('maqiao')}/answer`,
      {
        accepted: true,
        reason: '经查副卷，证据齐全',
        strike: [`${file.id}/3-1`],
      },
    );
    expect(answered.status, JSON.stringify(answered.body)).toBe(201);
    expect(await fileOf('maqiao')).toMatchObject({
      result: { points: 90, grade: 'excellent', gradeName: '优秀' },
    });
    expect((await mailTo(house, addressOf('maqiao'), '【中止】')).text).toContain(
      '异议答复：经查副卷，证据齐全',
    );
  });
});
