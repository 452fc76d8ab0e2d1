import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROUTES } from '../../api/app.ts';
import { PAGE_FORMS } from '../../api/pages/task-forms.ts';
import type { RouteSpec } from '../../api/route.ts';
import { fileMatter, inCase, openMatter } from '../support/cases.ts';
import { launch, linkIn, plan, registerAgencies } from '../support/county.ts';
import { ROLES, type Script, expectProblem, key, scriptFor, send } from '../support/contract.ts';
import { HOSTILE, nearly } from '../support/far.ts';
import { eventually, type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, registerSupervisors } from '../support/people.ts';

const SEED = 20_261_123;

describe('anything at all, sent anywhere', () => {
  let house: House;
  let script: Script;
  let words: string[];
  const links: string[] = [];

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    script = await scriptFor(house);
    await registerAgencies(house, ['jiahe', 'lihu', 'xiyan']);
    const running = await launch(house, { agencies: { ids: ['jiahe', 'lihu'] } });
    const drafted = await house.call('organizer', 'POST', '/campaigns', { body: plan() });
    const preview = await house.call('organizer', 'GET', `/campaigns/${drafted.body.no}/preview`);
    const inspectors = await registerSupervisors(house, 2);
    for (const id of ['jiahe', 'lihu']) links.push(linkIn((await mailTo(house, addressOf(id))).text));
    const matter = await openMatter(house, 'xiyan');
    await fileMatter(house, matter);
    const paper = await inCase(house, matter, ['documents', { kind: 'notice', findings: [] }]);
    const year = await house.call('organizer', 'POST', '/plans', { body: { year: 2026 } });
    const act = {
      no: 'W-1',
      agency: 'lihu',
      type: 'penalty',
      on: '2026-02-27',
      target: '某店',
      officers: [],
    };
    await house.call('organizer', 'POST', '/acts', { body: { items: [act] } });
    const warned = await eventually(async () => {
      const { items } = (await house.call('auditor', 'GET', '/warnings')).body;
      expect(items.length).toBeGreaterThan(0);
      return items[0].id as string;
    });
    words = [
      ...[matter, `${matter}-001`, 'XS-2026-0001', paper.body.id, year.body.no, '2026', '1', 'W-1', warned],
      ...[running, `${running}-001`, `${running}-002`, drafted.body.no, preview.body.digest, ...inspectors],
      ...['jiahe', 'lihu', 'town', 'workSafety', 'CL-three-systems', 'c1', 'selfInspection', 'rectification'],
      ...['2026-03-02', '2030-12-31', 'a@b.example', '经办人甲', '请补充'],
    ];
  });
  afterAll(() => house.close());

  /** An answer that is no fault of ours, and in the contract's form where it is a refusal. */
  const sane = (said: string, answer: Awaited<ReturnType<Script>>): void => {
    expect(answer.status, `${said}\n${JSON.stringify(answer.body)}`).toBeLessThan(500);
    if (answer.status >= 400) expectProblem(answer, answer.status);
    if (answer.status === 422) expect(answer.body.errors.length, said).toBeGreaterThan(0);
  };

  const routes = ROUTES.filter((spec) => !spec.path.endsWith('/stream'));
  const callOf = (spec: RouteSpec) => {
    const names = [...spec.path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
    const part = () => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.constantFrom(...HOSTILE.filter((one) => one.trim() !== '' && one !== '\ud800')) }); // prettier-ignore
    const query = spec.query instanceof z.ZodObject ? Object.keys(spec.query.shape) : [];
    return fc.record({
      spec: fc.constant(spec),
      role: fc.constantFrom(...ROLES, ...spec.rule, ...spec.rule),
      params: fc.tuple(...names.map(part)),
      query: fc.dictionary(fc.constantFrom('limit', 'cursor', 'x[$ne]', ...query), fc.oneof(fc.constantFrom(...words, 'true', 'draft', 'red', '5'), fc.constantFrom(...HOSTILE)), { maxKeys: 2 }), // prettier-ignore
      body: spec.body ? nearly(spec.body, words) : fc.constant(undefined),
      bare: fc.integer({ min: 0, max: 9 }),
    });
  };

  it('Whatever comes to a route, from whichever role, is answered and never with a fault of ours', async () => {
    const call = fc.constantFrom(...routes).chain(callOf);
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(call, async ({ spec, role, params, query, body, bare }) => {
        let n = 0;
        const path = spec.path.replaceAll(/:\w+/g, () => encodeURIComponent(params[n++] ?? 'none'));
        const asked = new URLSearchParams(query).toString();
        const headers = bare === 0 ? {} : { ...key(), 'If-Match': '*' };
        const raw = body === undefined || spec.method === 'get' ? {} : { body: JSON.stringify(body) };
        const answer = await script(role, spec.method.toUpperCase(), `${path}?${asked}`, {
          ...raw,
          headers: { 'Content-Type': 'application/json', ...headers },
        });
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
        sane(`${role} ${spec.method} ${path}?${asked} ${JSON.stringify(body)}`, answer);
      }),
      { numRuns: 900, seed: SEED, endOnFailure: true },
    );
    for (const status of [200, 403, 404, 422]) expect(seen.get(status), String(status)).toBeGreaterThan(5);
  }, 120_000);

  it("Whatever comes to an agency's page, by whichever form, is answered and never with a fault of ours", async () => {
    const call = fc.constantFrom(...PAGE_FORMS).chain((form) =>
      fc.record({
        form: fc.constant(form.name),
        body: nearly(form.shape, words),
        as: fc.constantFrom('json', 'urlencoded', 'multipart'),
        accept: fc.constantFrom('application/json', 'text/html', '*/*'),
        lang: fc.constantFrom('zh', 'en'),
        n: fc.integer({ min: 0, max: 1 }),
      }),
    );
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(call, async ({ form, body, as, accept, lang, n }) => {
        const url = `${links[n]}/${form}?lang=${lang}`;
        const [type, bytes] = written(as, body);
        sent += 1;
        const answer = await send(url, 'POST', { body: bytes, headers: { Accept: accept, ...type } });
        expect([201, 413, 422, 429], `${form} ${as} ${JSON.stringify(body)}`).toContain(answer.status);
      }),
      { numRuns: 150, seed: SEED, endOnFailure: true },
    );
    expect(sent).toBe(150);
    for (const link of links) expect((await send(link, 'GET')).status).toBe(200);
  }, 120_000);
});

/** A value as a JSON body, or as a form with brackets in the names. */
function written(as: string, value: unknown): [Record<string, string>, unknown] {
  if (as === 'json') return [{ 'Content-Type': 'application/json' }, JSON.stringify(value)];
  const pairs: [string, string][] = [];
  const walk = (name: string, one: unknown): void => {
    if (typeof one !== 'object' || one === null) pairs.push([name, String(one)]);
    else
      for (const [part, inner] of Object.entries(one)) walk(name === '' ? part : `${name}[${part}]`, inner);
  };
  walk('', value);
  if (as === 'urlencoded') return [{}, new URLSearchParams(pairs)];
  const form = new FormData();
  for (const [name, one] of pairs) form.append(name, one);
  return [{}, form];
}
