import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';

const CHANNELS = ['complaint', 'hotline12345', 'media', 'assignment', 'warning', 'fileReview', 'campaign'];

describe('clues, by the contract alone', () => {
  let house: House;
  let script: Script;
  const organizer = (method: string, path: string, body?: unknown) =>
    script('organizer', method, path, { headers: method === 'GET' ? {} : key(), body });
  const clue = async (over: Record<string, unknown> = {}): Promise<string> => {
    const made = await organizer('POST', '/clues', { channel: 'media', summary: '未公示执法结果', ...over });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return made.body.no as string;
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['maqiao']);
  });
  afterAll(() => house.close());

  it('Every channel takes a clue with no more than its summary', async () => {
    for (const [i, channel] of CHANNELS.entries())
      expect(await clue({ channel })).toBe(`XS-2026-${String(i + 1).padStart(4, '0')}`);
    const listed = await organizer('GET', '/clues?limit=2');
    expect(listed.body).toMatchObject({ total: CHANNELS.length, next: expect.any(String) });
    expect(listed.headers.get('link')).toMatch(/rel="?next"?/);
    const next = await organizer(
      'GET',
      `/clues?limit=2&cursor=${encodeURIComponent(listed.body.next as string)}`,
    );
    expect(next.body.items[0].no).not.toBe(listed.body.items[0].no);
    expectProblem(await organizer('GET', '/clues?limit=201'), 422, undefined, '/limit');
    expectProblem(await organizer('GET', '/clues?cursor=xx'), 422, undefined, '/cursor');
    expectProblem(await organizer('GET', '/clues?channel=rumour'), 422);
  });

  it('What is not a clue is refused by its place, and the checks come in their order', async () => {
    const good = { channel: 'media', summary: '未公示' };
    expectProblem(await script(undefined, 'POST', '/clues', { body: good }), 401);
    expectProblem(await script('auditor', 'POST', '/clues', { body: good }), 403);
    for (const headers of [{}, { 'Idempotency-Key': '' }])
      expectProblem(await script('organizer', 'POST', '/clues', { body: good, headers }), 428);
    for (const [over, pointer] of [
      [{ channel: 'rumour' }, '/channel'],
      [{ summary: '' }, '/summary'],
      [{ summary: undefined }, '/summary'],
      [{ summary: 5 }, '/summary'],
      [{ agency: 'nowhere' }, '/agency'],
      [{ complainant: '张三' }, '/complainant'],
      [{ complainant: { name: '张三', contact: '??' } }, '/complainant/contact'],
    ] as const)
      expectProblem(await organizer('POST', '/clues', { ...good, ...over }), 422, undefined, pointer);
    const headers = key();
    const first = await script('organizer', 'POST', '/clues', { body: good, headers });
    const again = await script('organizer', 'POST', '/clues', { body: good, headers });
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    const other = { body: { ...good, summary: '另一件' }, headers };
    expectProblem(await script('organizer', 'POST', '/clues', other), 422, 'key-reused');
  });

  it('A clue is screened to each of its five results, once', async () => {
    const screen = (no: string, body: Record<string, unknown>) =>
      organizer('POST', `/clues/${no}/screening`, { reason: '理由', ...body });
    const no = await clue({ agency: 'maqiao' });
    expectProblem(
      await organizer('POST', '/clues/XS-2026-9999/screening', { result: 'accept', reason: '是' }),
      404,
    );
    expectProblem(await screen(no, { result: 'maybe' }), 422, undefined, '/result');
    expectProblem(await screen(no, { result: 'accept', reason: '' }), 422, undefined, '/reason');
    expectProblem(await screen(no, { result: 'duplicate' }), 422, undefined, '/of');
    expectProblem(await screen(no, { result: 'duplicate', of: no }), 422, undefined, '/of');
    expectProblem(await screen(no, { result: 'duplicate', of: 'XS-2026-9999' }), 422, undefined, '/of');
    const accepted = await screen(no, { result: 'accept' });
    expect(accepted.status).toBe(201);
    expect(accepted.body.case).toMatch(/^GA-2026-\d{3}$/);
    const twice = await screen(no, { result: 'accept' });
    expectProblem(twice, 409);
    expect(twice.body.possible).toEqual([]);
    const twin = await screen(await clue({ agency: 'maqiao' }), { result: 'duplicate', of: no });
    expect(twin.status, JSON.stringify(twin.body)).toBe(201);
    for (const result of ['notCompetent', 'underReview', 'onSpotCorrected']) {
      const screened = await screen(await clue({ agency: 'maqiao' }), { result });
      expect(screened.status, `${result} ${JSON.stringify(screened.body)}`).toBe(201);
    }
    const nobody = await screen(await clue(), { result: 'accept' });
    expectProblem(nobody, 422, undefined, '/agency');
  });

  it('A confidential complainant asks no code of the agency and is in no clue that is read', async () => {
    const no = await clue({
      channel: 'complaint',
      agency: 'maqiao',
      complainant: { name: '李四四', contact: '13900000000', confidential: true },
    });
    for (const role of ['auditor', 'organizer'] as const)
      for (const path of [`/clues/${no}`, '/clues'])
        expect(JSON.stringify((await script(role, 'GET', path)).body)).not.toMatch(/李四四|13900000000/);
    const spoken = await send(`${house.url}/api/v1/clues/none`, 'GET', {
      headers: { 'Accept-Language': 'en' },
    });
    expectProblem(spoken, 401);
    expect(spoken.body.title).toMatch(/^[\x20-\x7e]+$/);
  });
});
