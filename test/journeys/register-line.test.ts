import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../api/app.ts';
import { CONSOLE_ROUTES } from '../../api/pages/console.ts';
import { issueToken } from '../../data/seed.ts';
import { type Script, expectProblem, scriptFor, send } from '../support/contract.ts';
import { type House, openHouse } from '../support/house.ts';

const certificate = { issued: '2024-01-01', expires: '2028-12-31' };

describe('an account of a line', () => {
  let house: House;
  let script: Script;
  let line: (method: string, path: string, body?: unknown) => ReturnType<Script>;
  const add = async (noun: string, agency: string) =>
    script('administrator', 'POST', `/${noun}`, {
      body: { name: `${agency}的人`, agency, certificate: { ...certificate, no: `${noun}-${agency}` } },
    });

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-06-01T09:00:00+08:00' });
    script = await scriptFor(house);
    for (const [id, parent] of [
      ['jiaotong', undefined],
      ['jiaotong-yi', 'jiaotong'],
      ['jiaotong-yi-zhan', 'jiaotong-yi'],
      ['huanbao', undefined],
    ] as const) {
      const body = { id, name: `${id}局`, kind: 'department', ...(parent ? { parent } : {}) };
      await script('administrator', 'POST', '/agencies', { body });
      await add('officers', id);
      await add('supervisors', id);
      const item = {
        agency: id,
        name: '路政检查',
        type: 'inspection',
        legalBasis: '《公路法》',
        post: '路政',
      };
      await script('organizer', 'POST', '/enforcement-items', { body: item });
      const act = {
        no: `A-${id}`,
        agency: id,
        type: 'inspection',
        on: '2026-05-01',
        target: '某公司',
        officers: [],
      };
      await script('organizer', 'POST', '/acts', { body: { items: [act] } });
    }
    const asked = { id: 'line-clerk', name: '条线监督员', role: 'organizer', line: 'jiaotong' };
    expect((await script('administrator', 'POST', '/accounts', { body: asked })).body).toMatchObject({
      line: 'jiaotong',
    });
    const token = await issueToken(house.store, 'line-clerk');
    line = (method, path, body) =>
      send(`${house.url}/api/v1${path}`, method, { body, headers: { Authorization: `Bearer ${token}` } });
  });
  afterAll(() => house.close());

  it('Sees its agency and all below it, and nobody else’s, in every list that is there for it', async () => {
    const mine = ['jiaotong', 'jiaotong-yi', 'jiaotong-yi-zhan'];
    const lists = ROUTES.filter(({ method, line: rule }) => method === 'get' && rule && 'field' in rule);
    expect(lists.length).toBeGreaterThanOrEqual(13);
    for (const { path } of lists) {
      const { status, body } = await line('GET', `${path}?limit=200`);
      expect(status, path).toBe(200);
      expect(JSON.stringify(body), path).not.toContain('huanbao');
      for (const one of body.items) expect(mine, path).toContain(one.agency ?? one.id);
      expect(body.total, path).toBe(body.items.length);
    }
    for (const path of ['/agencies', '/officers', '/supervisors', '/units', '/acts', '/enforcement-items'])
      expect((await line('GET', path)).body.total, path).toBe(3);
    expect((await line('GET', '/officers?agency=huanbao')).body.total).toBe(0);
    expect((await line('GET', '/agencies?q=huanbao')).body.total).toBe(0);
  });

  it('Finds what is outside no more than what does not exist', async () => {
    const other = await house.store.officers.findOne({ agency: 'huanbao' }).lean();
    const item = await house.store.registerEntries.findOne({ agency: 'huanbao' }).lean();
    for (const path of [
      '/agencies/huanbao',
      '/agencies/huanbao/unit',
      '/agencies/huanbao/burden',
      '/agencies/huanbao/systems?year=2026',
      `/officers/${other?._id}`,
      `/enforcement-items/${item?._id}`,
      '/acts/A-huanbao',
    ])
      expectProblem(await line('GET', path), 404, 'not-found');
    expect((await line('GET', '/agencies/jiaotong-yi-zhan')).status).toBe(200);
    expect((await line('GET', '/acts/A-jiaotong-yi')).status).toBe(200);
  });

  it('Meets 404 at every call that is not held to a line, whatever its method', async () => {
    const closed = ROUTES.filter((one) => !one.line && one.rule.includes('organizer'));
    expect(closed.length).toBeGreaterThan(60);
    for (const { method, path } of closed) {
      const at = path.replaceAll(/:\w+/g, 'jiaotong');
      const { status } = await line(method.toUpperCase(), at, method === 'get' ? undefined : {});
      expect(status, `${method} ${path}`).toBe(404);
    }
  });

  it('Registers for its line, and for nobody else', async () => {
    const review = { on: '2026-05-20', leader: '局长', problem: '超期未结', decision: '限期办结' };
    const post = (body: unknown) => line('POST', '/leader-reviews', body);
    const made = await post({ ...review, agency: 'jiaotong-yi' });
    expect(made.status).toBe(201);
    expectProblem(await post({ ...review, agency: 'huanbao' }), 422, 'agency-unknown', '/agency');
    const at = `/leader-reviews/${made.body.id}`;
    expect((await line('PUT', at, { ...review, agency: 'jiaotong', decision: '已办结' })).body).toMatchObject(
      { agency: 'jiaotong' },
    );
    expectProblem(await line('PUT', at, { ...review, agency: 'huanbao' }), 422, 'agency-unknown', '/agency');
    const item = await house.store.registerEntries.findOne({ agency: 'huanbao' }).lean();
    expectProblem(await line('POST', `/enforcement-items/${item?._id}/end`, { on: '2026-06-01' }), 404);
    const outsider = await house.store.supervisors.findOne({ agency: 'huanbao' }).lean();
    const training = {
      agency: 'jiaotong',
      on: '2026-05-01',
      subject: '法律',
      hours: 8,
      register: 'supervisors',
      people: [outsider?._id],
    };
    expectProblem(await line('POST', '/trainings', training), 422, 'subject-unknown', '/people/0');
    expectProblem(
      await line('POST', '/trainings', { ...training, agency: undefined }),
      422,
      'agency-unknown',
      '/agency',
    );
  });

  it('Is an organizer’s or an auditor’s, of an agency that there is', async () => {
    const account = (body: unknown) => script('administrator', 'POST', '/accounts', { body });
    const base = { id: 'other-clerk', name: '某人' };
    for (const role of ['administrator', 'approver'])
      expectProblem(await account({ ...base, role, line: 'jiaotong' }), 422, 'line-role', '/line');
    expectProblem(
      await account({ ...base, role: 'auditor', line: 'nobody' }),
      422,
      'agency-unknown',
      '/line',
    );
    const patch = (body: unknown) => script('administrator', 'PATCH', '/accounts/line-clerk', { body });
    expectProblem(await patch({ role: 'approver' }), 422, 'line-role', '/line');
    expect((await patch({ line: null })).body.line).toBeUndefined();
    expect((await line('GET', '/agencies')).body.total).toBe(4);
    expect((await patch({ line: 'jiaotong-yi' })).status).toBe(200);
    expect((await line('GET', '/agencies')).body.total).toBe(2);
  });

  it('Has only those pages of the console that are made of calls held to its line', () => {
    expect(CONSOLE_ROUTES.filter((one) => one.line).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'get /agencies/:id',
      'get /units',
      'get /people',
      'get /register/:kind/new',
      'post /register/:kind/new',
      'get /register/:kind/:id',
      'post /register/:kind/:id',
      'post /register/:kind/:id/end',
      'get /register/:kind',
      'get /own-measures',
    ]);
  });
});
