import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startMongod } from '../../embedded/engines.ts';
import { freePort } from '../../embedded/ports.ts';
import { seedReference } from '../../data/seed.ts';
import { openStore } from '../../models/store.ts';
import { launch, linkIn, plan, registerAgencies } from '../support/county.ts';
import {
  JSON_WANTED,
  type Script,
  expectProblem,
  key,
  openDoor,
  scriptFor,
  send,
} from '../support/contract.ts';
import { eventually, type House, openHouse, seconds } from '../support/house.ts';
import { addressOf, mailTo, numberOf, registerSupervisors, taskShows } from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00', realTime: true });
  await registerAgencies(house, ['jiahe', 'lihu']);
});
afterAll(() => house.close());

describe('while Temporal is away', () => {
  let owner: string;
  let link: string;
  const closers: (() => Promise<void>)[] = [];
  /** The API over an engine that refuses the connection, and over one that takes it and never answers. */
  const doors: { url: string; script: Script }[] = [];

  beforeAll(async () => {
    owner = await launch(house);
    link = linkIn((await mailTo(house, addressOf('jiahe'))).text);
    const mute: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    closers.push(async () => void mute.close());
    for (const port of [await freePort(0), (mute.address() as AddressInfo).port]) {
      const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
      const door = await openDoor(house, { client: new Client({ connection }) });
      closers.push(
        () => door.close(),
        () => connection.close().catch(() => undefined),
      );
      doors.push({ url: door.url, script: await scriptFor({ store: house.store, url: door.url }) });
    }
  });
  afterAll(async () => {
    for (const close of closers) await close();
  });

  it('What staff ask of it is 503 with Retry-After within seconds, nothing is half done, and reading goes on', async () => {
    const no = await numberOf(house, owner, 'jiahe');
    const inspectors = await registerSupervisors(house, 2);
    const drafted = await house.call('organizer', 'POST', '/campaigns', { body: plan() });
    const preview = await house.call('organizer', 'GET', `/campaigns/${drafted.body.no}/preview`);
    const before = await Promise.all([
      house.store.inspections.countDocuments(),
      house.store.findings.countDocuments(),
    ]);
    const readable = doors.map(async ({ url, script }) => {
      expect((await script('organizer', 'GET', `/campaigns/${owner}`)).status).toBe(200);
      expect((await script('auditor', 'GET', `/history/${owner}`)).status).toBe(200);
      const ready = await send(`${url}/readyz`, 'GET');
      expect(ready).toMatchObject({ status: 503, body: { mongodb: true, temporal: false } });
      expectProblem(await script('auditor', 'GET', `/history/${owner}/raw`), 503);
    });
    await Promise.all([
      ...readable,
      ...doors.flatMap(({ script }) =>
        (
          [
            [`/campaigns/${owner}/pause`, {}],
            [`/campaigns/${owner}/phases/selfInspection/close`, {}],
            [
              `/campaigns/${drafted.body.no}/launch`,
              { previewDigest: preview.body.digest, skipProblems: true },
            ],
            [
              `/campaigns/${owner}/inspections`,
              {
                agency: 'jiahe',
                inspectors,
                on: '2026-03-02',
                findings: [{ item: 'c1', severity: 'minor', description: '问题' }],
              },
            ],
            [`/tasks/${no}/withdrawal`, { reason: '不再需要' }],
          ] as const
        ).map(async ([where, body]) => {
          const began = Date.now();
          const answer = await script('organizer', 'POST', where, { body, headers: key() });
          expectProblem(answer, 503, 'engine-unavailable');
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(Date.now() - began, where).toBeLessThan(seconds(12));
        }),
      ),
    ]);
    expect(
      await Promise.all([house.store.inspections.countDocuments(), house.store.findings.countDocuments()]),
    ).toEqual(before);
    expect((await house.call('organizer', 'GET', `/campaigns/${drafted.body.no}`)).body.state).toBe('draft');
    expect((await house.call('organizer', 'GET', `/campaigns/${owner}`)).body.state).toBe('running');
    expect((await house.call('organizer', 'GET', `/tasks/${no}`)).body.state).toBe('unacknowledged');
  });

  it('An answer still has its receipt, and the task is told of it when the engine is back', async () => {
    const { url } = doors[0] as { url: string };
    const no = await numberOf(house, owner, 'jiahe');
    await house.stopWorker();
    const answered = await send(link.replace(house.url, url) + '/answers', 'POST', {
      body: { text: '引擎不在时的答复' },
      headers: JSON_WANTED,
    });
    expect(answered.status).toBe(201);
    expect((await house.call('organizer', 'GET', `/tasks/${no}`)).body).toMatchObject({
      state: 'unacknowledged',
      answers: [{ text: '引擎不在时的答复' }],
    });
    await house.startWorker();
    await eventually(() => taskShows(house, no, { state: 'inReview' }));
  });

  it('Without a worker a command is 503 too, and the same call again does it once', async () => {
    const script = await scriptFor(house);
    await house.stopWorker();
    const headers = key();
    const began = Date.now();
    const away = await script('organizer', 'POST', `/campaigns/${owner}/pause`, { headers });
    expectProblem(away, 503, 'engine-unavailable');
    expect(Date.now() - began).toBeLessThan(seconds(12));
    await house.startWorker();
    const done = await eventually(async () => {
      const again = await script('organizer', 'POST', `/campaigns/${owner}/pause`, { headers });
      expect(again.status).toBe(202);
      return again;
    });
    expect(done.body.state).toBe('paused');
  });
});

describe('while MongoDB is away', () => {
  let dir: string;
  let mongod: Engine & { uri: string };
  let port: number;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'jiandu-away-'));
    port = await freePort(0);
    mongod = await start();
  });
  afterAll(async () => {
    await mongod.kill();
    await rm(dir, { recursive: true, force: true });
  });
  const start = () =>
    startMongod({
      dataDir: path.join(dir, 'mongo'),
      port,
      logFile: path.join(dir, 'mongod.log'),
      cacheGb: 0.25,
    });

  it('Staff read a problem, an agency reads a page, and when it is back everything goes on by itself', async () => {
    const store = await openStore(mongod.uri, 'jiandu-away');
    await seedReference(store);
    for (const role of ['organizer', 'administrator', 'approver', 'auditor'] as const)
      await store.accounts.create({
        _id: role,
        name: role,
        role,
        passwordHash: '-',
        disabled: false,
      });
    const door = await openDoor(house, { store });
    const script = await scriptFor({ store, url: door.url });
    expect((await script('organizer', 'GET', '/campaigns')).status).toBe(200);
    process.kill(mongod.pid, 'SIGKILL');
    const asked = Date.now();
    const [list, page, post, ready] = await Promise.all([
      script('organizer', 'GET', '/campaigns'),
      send(`${door.url}/t/${'a'.repeat(26)}`, 'GET'),
      send(`${door.url}/t/${'a'.repeat(26)}/answers`, 'POST', { body: { text: '答' }, headers: JSON_WANTED }),
      send(`${door.url}/readyz`, 'GET'),
    ]);
    expectProblem(list, 503, 'engine-unavailable');
    expect(Number(list.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).not.toBeNull();
    expect(page.body).toContain('<html');
    expectProblem(post, 503, 'engine-unavailable');
    expect(ready).toMatchObject({ status: 503, body: { mongodb: false } });
    expect((await send(`${door.url}/healthz`, 'GET')).status).toBe(200);
    expect(Date.now() - asked).toBeLessThan(seconds(25));
    await mongod.kill();
    mongod = await start();
    await eventually(async () => expect((await script('organizer', 'GET', '/campaigns')).status).toBe(200));
    expect((await send(`${door.url}/readyz`, 'GET')).status).toBe(200);
    await door.close();
    await store.close();
  }, 120_000);
});
