import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, linkIn, plan, registerAgencies } from '../support/county.ts';
import { JSON_WANTED, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo } from '../support/people.ts';

const MB = 1_048_576;

describe('bad input to the API', () => {
  let house: House;
  let script: Script;
  let owner: string;
  let link: string;
  const draft = (body: unknown, headers: Record<string, string> = {}) =>
    script('organizer', 'POST', '/campaigns', { body, headers: { ...key(), ...headers } });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['jiahe', 'lihu']);
    owner = await launch(house);
    link = linkIn((await mailTo(house, addressOf('jiahe'))).text);
  });
  afterAll(() => house.close());

  it('A body that is no JSON is refused as such, and one that is too large before it is read', async () => {
    const json = { 'Content-Type': 'application/json' };
    for (const body of ['{', '{"title":', 'null', '"text"', '17', '[', '{"a":1}{"b":2}', '\u0000', "{'a':1}"])
      expectProblem(await draft(body, json), 422, 'malformed', '');
    expectProblem(await draft('[]', json), 422, undefined, '');
    expectProblem(await draft('{}', { 'Content-Type': 'text/plain' }), 422, undefined, '/title');
    expectProblem(await draft('{}', { ...json, 'Content-Encoding': 'nonsense' }), 422, 'malformed', '');
    const bad = await draft('{}', { 'Content-Type': 'application/json; charset=klingon' });
    expectProblem(bad, 422, 'malformed', '');
    expectProblem(await draft(JSON.stringify(plan({ title: 'x'.repeat(10 * MB) })), json), 413, 'too-large');
    expectProblem(await draft(plan({ legalBasis: 'x'.repeat(3 * MB) })), 422, undefined, '/legalBasis');
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expectProblem(await draft(`{"title":${deep}}`, json), 422, undefined, '/title');
  });

  it('Wrong types are refused at their place, each of them', async () => {
    const junk = [
      null,
      17,
      true,
      [],
      {},
      [[]],
      { $gt: '' },
      { $ne: null },
      { length: 1 },
      '\u0000',
      '题\u0007',
    ];
    for (const name of ['title', 'domain', 'legalBasis', 'checklist', 'agencies', 'phases', 'remind'])
      await Promise.all(
        junk.map(async (value) => {
          if (name === 'remind' && JSON.stringify(value) === '[]') return;
          const answer = await draft(plan({ [name]: value }));
          expectProblem(answer, 422);
          const pointers = answer.body.errors.map((one: { pointer: string }) => one.pointer) as string[];
          const said = `${name} ${JSON.stringify(value)} ${pointers.join()}`;
          expect(
            pointers.every((one) => one.startsWith(`/${name}`)),
            said,
          ).toBe(true);
        }),
      );
  });

  it('Terms are 1 to 1,000 whole days of one kind', async () => {
    const { phases } = plan();
    for (const term of [
      ...[0, -3, 10_000, 2.5, '5', null, 1e300].map((workdays) => ({ workdays })),
      ...[{}, { days: 1, workdays: 1 }, 'P5D', 5, { hours: 3 }],
    ]) {
      const answer = await draft(plan({ phases: { ...phases, rectification: term } }));
      expectProblem(answer, 422);
      expect(answer.body.errors[0].pointer).toMatch(/^\/phases\/rectification/);
    }
  });

  it('A plan needs a checklist with items and at least one agency', async () => {
    await house.store.checklists.collection.insertOne({ _id: 'CL-empty' as never, title: '空', items: [] });
    expectProblem(await draft(plan({ checklist: 'CL-empty' })), 422, 'checklist-empty', '/checklist');
    expectProblem(await draft(plan({ checklist: 'none' })), 422, 'checklist-unknown', '/checklist');
    for (const [agencies, pointer] of [
      [{ ids: ['nobody'] }, '/agencies'],
      [{ ids: [] }, '/agencies/ids'],
      [{ any: [] }, '/agencies/any'],
      [{ any: [{}] }, '/agencies/any/0'],
      [{ any: [{ kind: 'village' }] }, '/agencies/any/0/kind'],
      [{ any: [{ domain: { $ne: '' } }] }, '/agencies/any/0/domain'],
      [{ ids: [{ $gt: '' }] }, '/agencies/ids/0'],
      [{ ids: ['jiahe'], any: [{ kind: 'town' }] }, '/agencies'],
      [{ any: [{ kind: 'department' }] }, '/agencies'],
    ] as const)
      expectProblem(await draft(plan({ agencies })), 422, undefined, pointer);
  });

  it('Names out of JavaScript and operators out of MongoDB are names like others', async () => {
    const body = JSON.stringify(plan()).replace(
      '{',
      '{"__proto__":{"role":"administrator"},"constructor":{"prototype":{"x":1}},',
    );
    const drafted = await draft(body, { 'Content-Type': 'application/json' });
    expect(drafted.status).toBe(201);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
    for (const [path, pointer] of [
      ['/agencies?kind[$ne]=town', '/kind[$ne]'],
      ['/agencies?q[$regex]=.*', '/q[$regex]'],
      ['/supervisors?agency[$gt]=', undefined],
      ['/supervisors?agency[$gt]=a', '/agency[$gt]'],
      ['/tasks?$where=sleep(9)', '/$where'],
      ['/campaigns?state[]=draft', '/state[]'],
      ['/history/none?owner[$ne]=x', undefined],
    ] as const) {
      const answer = await script('auditor', 'GET', path);
      if (pointer) expectProblem(answer, 422, 'operator-refused', pointer);
      else expect([200, 403, 404]).toContain(answer.status);
    }
    for (const id of [
      '__proto__',
      'constructor',
      '%00',
      '%7B%22$gt%22%3A%22%22%7D',
      '%F0%9F%92%A3',
      'a'.repeat(3_000),
      '..%2F..',
    ])
      for (const path of [
        '/agencies/',
        '/campaigns/',
        '/tasks/',
        '/documents/',
        '/history/',
        '/supervisors/',
      ])
        expectProblem(await script('administrator', 'GET', `${path}${id}`), 404, 'not-found');
    expectProblem(await script('administrator', 'GET', '/agencies/%zz'), 422, 'malformed');
    const stolen = { headers: { Authorization: 'Bearer [object Object]' } };
    expectProblem(await script(undefined, 'GET', '/agencies', stolen), 401);
  });

  it("An answer's items are kept under harmless names only", async () => {
    const answer = (body: unknown, headers: Record<string, string> = {}) =>
      send(`${link}/answers`, 'POST', { body, headers: { ...JSON_WANTED, ...headers } });
    for (const id of ['$gt', 'a.b', 'c1\u0000', '', '../c1', 'x'.repeat(81), 'c 1'])
      expectProblem(await answer({ text: '答', items: { [id]: { result: 'met' } } }), 422, 'item-unknown');
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`c${i}`, {}]));
    expectProblem(await answer({ text: '答', items: many }), 422, 'too-many', '/items');
    for (const items of [
      17,
      true,
      [],
      ['met'],
      { c1: 'met' },
      { c1: { note: 17 } },
      { c1: { note: { $gt: '' } } },
      '{',
      '17',
    ])
      expectProblem(await answer({ text: '答', items }), 422);
    const proto = '{"text":"答","items":{"__proto__":{"result":"met"},"constructor":{"note":"x"}}}';
    expect((await answer(proto, { 'Content-Type': 'application/json' })).status).toBe(201);
    for (const form of [
      'text=a&text=b',
      'text[$gt]=',
      'text=a&by=x&by=y',
      'text=a&items[c1][result][$ne]=met',
      'text=a&items=%7B',
      `text=a&${'items[c1]'.repeat(40)}=x`,
      'text=%00',
    ])
      for (const headers of [JSON_WANTED, {}]) {
        const got = await send(`${link}/answers`, 'POST', { body: form, headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers } }); // prettier-ignore
        expect(got.status, form).toBe(422);
      }
    expectProblem(await answer({ text: '零\u0000字节' }), 422, 'control-characters', '/text');
    expect((await answer({ text: `竖排\u000b换页\u000c${'长'.repeat(50_000)}` })).status).toBe(201);
    expectProblem(await answer({ text: '长'.repeat(100_001) }), 422, undefined, '/text');
    expectProblem(await answer({ text: 'x'.repeat(10 * MB) }), 413, 'too-large');
    expect((await send(link, 'GET')).status).toBe(200);
  });

  it('Unknown things are 404 in a path and 422 in a body', async () => {
    const organizer = (path: string, body: unknown) =>
      script('organizer', 'POST', path, { body, headers: { ...key(), 'If-Match': '*' } });
    for (const path of [
      'launch',
      'recall',
      'cancel',
      'nudges',
      'inspections',
      'circulars',
      'phases/lookBack/close',
    ])
      expectProblem(await organizer(`/campaigns/ZX-2026-999/${path}`, {}), 404);
    for (const path of ['answers', 'reviews', 'extensions', 'delegations', 'withdrawal', 'dates'])
      expectProblem(await organizer(`/tasks/${owner}-999/${path}`, {}), 404);
    expectProblem(await organizer(`/campaigns/${owner}/agencies`, { agency: 'nobody' }), 422, 'agency-unknown', '/agency'); // prettier-ignore
    expectProblem(await organizer(`/campaigns/${owner}/phases/none/close`, {}), 404);
    for (const body of [
      { previewDigest: '', recallMinutes: 0 },
      { previewDigest: 'x', recallMinutes: -1 },
      { previewDigest: 'x', recallMinutes: 1e9 },
      { previewDigest: 'x', skipProblems: 'yes' },
    ])
      expectProblem(await organizer(`/campaigns/${owner}/launch`, body), 422);
  });
});
