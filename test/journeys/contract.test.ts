import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plan, registerAgencies } from '../support/county.ts';
import { ROLES, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';

describe('the conventions of the contract', () => {
  let house: House;
  let script: Script;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['jiahe', 'lihu', 'shaojing', 'xiyan', 'yanqiao']);
  });
  afterAll(() => house.close());

  it('Without a token everything is 401, whatever else is wrong', async () => {
    for (const [method, path] of [
      ['GET', '/agencies'],
      ['POST', '/campaigns'],
      ['POST', '/tasks/none/reviews'],
      ['GET', '/history/none'],
      ['GET', '/nowhere'],
    ] as const) {
      const answer = await script(undefined, method, path, { body: method === 'POST' ? '{' : undefined });
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const wrong = { headers: { Authorization: 'Bearer nonsense' } };
    expectProblem(await script(undefined, 'GET', '/agencies', wrong), 401);
    expectProblem(await script('auditor', 'GET', '/nowhere'), 404, 'not-found');
  });

  it('The order of checks is 401, 403, 428, 404, 422, then 409 or 412', async () => {
    const broken = { body: '{', headers: { 'Content-Type': 'application/json' } };
    expectProblem(await script('auditor', 'POST', '/campaigns/ZX-1-1/launch', broken), 403, 'forbidden');
    expectProblem(await script('organizer', 'POST', '/campaigns/ZX-1-1/launch', broken), 428);
    const keyed = { ...broken, headers: { ...broken.headers, ...key() } };
    expectProblem(await script('organizer', 'POST', '/campaigns/ZX-1-1/launch', keyed), 404);
    const drafted = await script('organizer', 'POST', '/campaigns', { body: plan(), headers: key() });
    const where = `/campaigns/${drafted.body.no}`;
    expectProblem(await script('organizer', 'POST', `${where}/launch`, keyed), 422, 'malformed', '');
    const stale = { body: { previewDigest: 'sha256:no' }, headers: key() };
    expectProblem(await script('organizer', 'POST', `${where}/launch`, stale), 409, 'preview-stale');
    const old = { body: { title: '另一个标题' }, headers: { 'If-Match': '"v9"' } };
    expectProblem(await script('organizer', 'PATCH', where, old), 412, 'stale-version');
    const reviewed = { body: { verdict: 'accept' } };
    expectProblem(await script('organizer', 'POST', '/tasks/none/reviews', reviewed), 428);
    const unmatched = { ...reviewed, headers: key() };
    expectProblem(await script('organizer', 'POST', '/tasks/none/reviews', unmatched), 428);
    const both = { ...reviewed, headers: { ...key(), 'If-Match': '"x"' } };
    expectProblem(await script('organizer', 'POST', '/tasks/none/reviews', both), 404);
    const few = { agency: 'jiahe', inspectors: ['one'], on: '2026-03-02', findings: [] };
    const alone = await script('organizer', 'POST', `${where}/inspections`, { body: few, headers: key() });
    expectProblem(alone, 422, 'inspectors-too-few', '/inspectors');
  });

  it('What sends mail needs an Idempotency-Key, and an empty one is none', async () => {
    for (const path of ['launch', 'cancel', 'nudges', 'inspections', 'extensions', 'agencies'])
      for (const headers of [{}, { 'Idempotency-Key': '' }, { 'Idempotency-Key': '  ' }])
        expectProblem(await script('organizer', 'POST', `/campaigns/none/${path}`, { headers }), 428);
    for (const path of ['answers', 'reviews', 'extensions', 'delegations', 'extensions/x/decision'])
      expectProblem(await script('organizer', 'POST', `/tasks/none/${path}`), 428);
    expectProblem(await script('organizer', 'POST', '/campaigns', { body: plan() }), 428);
    const tried = { body: { where: {}, dryRun: true } };
    expectProblem(await script('organizer', 'POST', '/campaigns/none/nudges', tried), 404);
  });

  it('The same key and body returns the first answer, another body is refused, and five at once have one effect', async () => {
    const headers = key();
    const before = (await script('organizer', 'GET', '/campaigns')).body.total as number;
    const all = await Promise.all(
      [1, 2, 3, 4, 5].map(() => script('organizer', 'POST', '/campaigns', { body: plan(), headers })),
    );
    const again = await script('organizer', 'POST', '/campaigns', { body: plan(), headers });
    for (const one of [...all, again]) {
      expect(one.status).toBe(201);
      expect(one.body).toEqual(all[0]?.body);
      expect(one.headers.get('location')).toBe(`/api/v1/campaigns/${all[0]?.body.no}`);
      expect(one.headers.get('etag')).toBe('"v1"');
    }
    expect((await script('organizer', 'GET', '/campaigns')).body.total).toBe(before + 1);
    const other = { body: plan({ title: '另一项' }), headers };
    expectProblem(await script('organizer', 'POST', '/campaigns', other), 422, 'key-reused');
    const failed = key();
    const wrong = { body: plan({ checklist: 'CL-none' }), headers: failed };
    expectProblem(await script('organizer', 'POST', '/campaigns', wrong), 422, 'checklist-unknown');
    const right = { body: plan(), headers: failed };
    expect((await script('organizer', 'POST', '/campaigns', right)).status).toBe(201);
  });

  it('A list goes on at its cursor until all have been seen, and says how many there are', async () => {
    const seen: string[] = [];
    let path = '/api/v1/agencies?limit=2&kind=town&domain=workSafety&q=';
    for (;;) {
      const { body, headers, status } = await script('auditor', 'GET', path.replace('/api/v1', ''));
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(['items', 'next', 'total']);
      expect(body.total).toBe(5);
      seen.push(...body.items.map((one: { id: string }) => one.id));
      const link = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
      expect(link === undefined).toBe(body.next === null);
      if (link === undefined) break;
      path = link;
    }
    expect(seen).toEqual(['jiahe', 'lihu', 'shaojing', 'xiyan', 'yanqiao']);
    for (const [name, value] of [
      ['limit', '0'],
      ['limit', '201'],
      ['limit', '-5'],
      ['limit', 'all'],
      ['cursor', '!!'],
      ['cursor', 'Zg=='],
    ])
      expectProblem(await script('auditor', 'GET', `/agencies?${name}=${value}`), 422, undefined, `/${name}`);
    expectProblem(await script('auditor', 'GET', '/workflows?cursor=eA'), 422, 'cursor-invalid', '/cursor');
  });

  it('A problem speaks Chinese, or English where that is asked for', async () => {
    const body = { ...plan(), title: '', phases: { ...plan().phases, lookBack: { days: 0 } }, domain: 'a b' };
    for (const [language, chinese] of [
      ['zh-CN', true],
      ['en-GB,en;q=0.9', false],
    ] as const) {
      const headers = { ...key(), 'Accept-Language': language };
      const answer = await script('organizer', 'POST', '/campaigns', { body, headers });
      for (const pointer of ['/title', '/domain', '/phases/lookBack/days']) expectProblem(answer, 422, undefined, pointer); // prettier-ignore
      const words = [
        answer.body.title,
        answer.body.detail,
        ...answer.body.errors.map((one: { detail: string }) => one.detail),
      ];
      for (const one of words) expect(/\p{Script=Han}/u.test(one as string), one as string).toBe(chinese);
      expect(answer.headers.get('content-language')).toBe(chinese ? 'zh-CN' : 'en');
    }
    const gone = await script('organizer', 'GET', '/campaigns/none', {
      headers: { 'Accept-Language': 'en' },
    });
    expect(gone.body).toMatchObject({ title: 'Not found', status: 404 });
    expect(gone.headers.get('x-request-id')).toBe(gone.body.traceId);
    const page = await send(`${house.url}${(gone.body.type as string).split('#')[0]}`, 'GET');
    expect(page.body).toContain('id="not-found"');
  });

  it('At the origin stand health, readiness, the OpenAPI document and its pages', async () => {
    expect((await send(`${house.url}/healthz`, 'GET')).status).toBe(200);
    const ready = await send(`${house.url}/readyz`, 'GET');
    expect(ready.status).toBe(200);
    expect(ready.body).toEqual({ mongodb: true, temporal: true });
    const { body, status } = await send(`${house.url}/openapi.json`, 'GET');
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(body.servers[0].url).toBe(`${house.url}/api/v1`);
    expect((await send(`${house.url}/docs/`, 'GET')).body).toContain('swagger-ui');
    expect((await send(`${house.url}/metrics`, 'GET')).status).toBe(404);
  });

  it('Each role may do what is its own, and an auditor changes nothing', async () => {
    const { paths } = (await send(`${house.url}/openapi.json`, 'GET')).body as {
      paths: Record<string, Record<string, { description?: string }>>;
    };
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { description }] of Object.entries(methods)) {
        const allowed = /^角色：(.+)$/.exec(description ?? '')?.[1]?.split('、');
        if (!allowed || path.endsWith('/stream')) continue;
        if (method !== 'get') expect(allowed, `${method} ${path}`).not.toContain('auditor');
        else expect(allowed, path).toContain('auditor');
        const tries = ROLES.map(async (role) => {
          const answer = await script(role, method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'));
          const said = `${role} ${method} ${path}`;
          if (allowed.includes(role)) expect(answer.status, said).not.toBe(403);
          else expectProblem(answer, 403, 'forbidden');
          expect([401, 500, 503], said).not.toContain(answer.status);
        });
        await Promise.all(tries);
      }
    for (const role of ['organizer', 'approver'] as const)
      expectProblem(await script(role, 'GET', '/history/ZX-2026-001'), 403);
  });
});
