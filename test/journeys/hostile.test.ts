import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replyToken } from '../../mail/addresses.ts';
import { launch, linkIn, plan, registerAgencies } from '../support/county.ts';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { type House, OFFICE, openHouse } from '../support/house.ts';
import { addressOf, mailTo, numberOf, settle, taskShows } from '../support/people.ts';

const FORM_NAMES = ['acknowledge', 'answers', 'extensions', 'delegations', 'objections'];

describe("hostile hands on an agency's page", () => {
  let house: House;
  let script: Script;
  let owner: string;
  let link: string;
  const token = () => link.split('/').at(-1) ?? '';

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['jiahe', 'lihu', 'xiyan']);
    owner = await launch(house);
    link = linkIn((await mailTo(house, addressOf('jiahe'))).text);
    await taskShows(house, await numberOf(house, owner, 'jiahe'), { state: 'unacknowledged' });
  });
  afterAll(() => house.close());

  it('A token that is forged, cut, of another kind or of nothing opens nothing, and all of them see the same', async () => {
    const no = await numberOf(house, owner, 'jiahe');
    const swapped = `${token().slice(1)}${token()[0]}`;
    const wrong = [
      token().slice(0, -1),
      `${token()}a`,
      swapped,
      'a'.repeat(26),
      replyToken(OFFICE.linkKey, [no, addressOf('jiahe')]),
      no,
      '__proto__',
      'x'.repeat(4_000),
      '%00',
      '..%2f..%2fetc',
      '%7B%22$gt%22:%22%22%7D',
    ];
    const bodies = new Set<string>();
    for (const one of wrong) {
      const got = await send(`${house.url}/t/${one}`, 'GET');
      expect(got.status, one).toBe(404);
      bodies.add(got.body as string);
      const posted = await send(`${house.url}/t/${one}/answers`, 'POST', { body: { text: '答复' } });
      expect(posted.status, one).toBe(404);
      bodies.add(posted.body as string);
    }
    expect((await send(`${house.url}/t/${token()}/reviews`, 'POST')).status).toBe(404);
    expect(bodies.size).toBe(1);
    for (const secret of ['jiahe', owner, no, token()]) expect([...bodies][0]).not.toContain(secret);
    const asJson = await send(`${house.url}/t/${swapped}`, 'GET', { headers: JSON_WANTED });
    expectProblem(asJson, 404, 'not-found');
  });

  it('Opening a page changes nothing, whoever opens it and however', async () => {
    const before = await everything(house);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET'])
      for (const headers of [{}, { 'User-Agent': 'SafeLinks', Purpose: 'prefetch' }]) {
        expect((await send(link, method, { headers })).status).toBe(200);
        expect((await send(`${link}?lang=en`, method, { headers })).status).toBe(200);
        for (const name of FORM_NAMES)
          expect([200, 404]).toContain((await send(`${link}/${name}`, method, { headers })).status);
      }
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect((await send(link, method)).status).toBeGreaterThanOrEqual(400);
    expect(await everything(house)).toEqual(before);
    const page = await fetch(link);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('set-cookie')).toBeNull();
  });

  it('Names and answers stand on the page as text, never as markup, and in no header', async () => {
    const attack = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{constructor}}';
    const body = new URLSearchParams({ text: attack, by: attack.slice(0, 90), 'items[c1][result]': 'met', 'items[c1][note]': attack }); // prettier-ignore
    const receipt = await send(`${link}/answers`, 'POST', { body });
    const page = await send(link, 'GET');
    const wrong = { 'items[c1][note]': attack, 'items[c2]': attack, 'items[c1][result]': attack, by: attack };
    const back = await send(`${link}/answers`, 'POST', { body: new URLSearchParams({ ...wrong, text: '' }) });
    expect([receipt.status, page.status, back.status]).toEqual([201, 200, 422]);
    for (const { body: html } of [receipt, page, back]) {
      expect(html).not.toMatch(/<script>alert|<img src=x/);
      expect(html).toContain('&lt;script&gt;alert');
    }
    const named = plan({ title: `${attack}标题`, agencies: { ids: ['xiyan'] } });
    const drafted = await script('organizer', 'POST', '/campaigns', { body: named, headers: key() });
    const shown = await script('organizer', 'GET', `/campaigns/${drafted.body.no}/preview`);
    expect(shown.body.html).not.toMatch(/<script>alert|<img src=x/);
    for (const title of ['题\r\nBcc: a@b.example', '题\nX', '题\u2028X', '题\u0000']) {
      const split = { body: plan({ title }), headers: key() };
      expectProblem(
        await script('organizer', 'POST', '/campaigns', split),
        422,
        'control-characters',
        '/title',
      );
    }
  });

  it('A closed task shows what was saved, when, and whom to ring; what still comes is kept', async () => {
    const lihu = linkIn((await mailTo(house, addressOf('lihu'))).text);
    const no = await numberOf(house, owner, 'lihu');
    await settle(house, { link: lihu, no, fields: { text: '已按要求自查完毕' } });
    const page = await send(lihu, 'GET');
    expect(page.status).toBe(200);
    for (const word of ['已按要求自查完毕', '2026', OFFICE.phone, OFFICE.name])
      expect(page.body).toContain(word);
    expect(page.body).not.toContain('<textarea');
    const late = await send(`${lihu}/answers`, 'POST', {
      body: { text: '迟到的材料' },
      headers: JSON_WANTED,
    });
    expect(late.status).toBe(201);
    expect((await send(lihu, 'GET')).body).toContain('迟到的材料');
    const shown = await script('organizer', 'GET', `/tasks/${no}`);
    expect(shown.body).toMatchObject({ state: 'closed' });
    expect(shown.body.answers).toHaveLength(2);
  });

  it('One token is limited by itself, one address by the tokens it guesses, and nobody else is', async () => {
    const xiyan = linkIn((await mailTo(house, addressOf('xiyan'))).text);
    const statuses = new Set<number>();
    let slow: Response | undefined;
    for (let n = 0; n < 125 && !slow; n += 1) {
      const got = await fetch(`${link}/answers`, { method: 'POST', headers: JSON_WANTED });
      statuses.add(got.status);
      if (got.status === 429) slow = got;
      await got.arrayBuffer();
    }
    expect([...statuses]).toEqual([422, 429]);
    expect(Number(slow?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send(link, 'GET')).status).toBe(200);
    const other = await send(`${xiyan}/answers`, 'POST', { body: { text: '照常' }, headers: JSON_WANTED });
    expect(other.status).toBe(201);
    const guesses = new Set<number>();
    for (let n = 0; n < 105; n += 1)
      guesses.add((await send(`${house.url}/t/${'b'.repeat(26)}`, 'GET')).status);
    expect([...guesses]).toEqual([404, 429]);
    expect((await send(xiyan, 'GET')).status).toBe(200);
    expect((await script('organizer', 'GET', `/tasks?owner=${owner}`)).status).toBe(200);
  });
});

/** All that is in the database, without what the office's own processes note in passing. */
async function everything({ store }: House): Promise<Record<string, string>> {
  const collections = (await store.connection.db?.collections()) ?? [];
  const all: [string, string][] = [];
  for (const one of collections)
    all.push([one.collectionName, JSON.stringify(await one.find().sort({ _id: 1 }).toArray())]);
  return Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b)));
}
