import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { type Desk, openDesk } from '../support/desk.ts';

describe('An account and the supervisor that it signs for', () => {
  let desk: Desk;
  let app: Express;
  let token: string;
  const call = (method: 'get' | 'post' | 'patch', path: string) =>
    request(app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${token}`);
  const tie = (account: string, supervisor: string | null) =>
    call('patch', `/accounts/${account}`).send({ supervisor });

  beforeAll(async () => {
    desk = await openDesk();
    app = desk.app;
    await desk.fresh();
    token = await issueToken(desk.store, 'administrator');
    for (const n of [1, 2])
      await desk.store.supervisors.create({
        _id: `sup-${n}`,
        name: '李监督',
        certificate: { no: `SD-${n}`, issued: '2025-01-01', expires: '2099-12-31' },
      });
  });
  afterAll(() => desk?.close());

  it('Are tied by the id in the register: a name, which two may have, is no tie', async () => {
    for (const nobody of ['李监督', 'sup-9']) {
      const { status, body } = await tie('organizer', nobody);
      expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([
        422,
        '/supervisor',
        'supervisor-unknown',
      ]);
    }
    expect((await tie('organizer', 'sup-1')).body).toMatchObject({ supervisor: 'sup-1' });
    const made = await call('post', '/accounts').send({
      ...{ id: 'wang', name: '王', role: 'approver', supervisor: 'sup-2' },
    });
    expect(made.body).toMatchObject({ id: 'wang', supervisor: 'sup-2' });
    expect((await tie('wang', null)).body.supervisor).toBeUndefined();
  });

  it('No supervisor has two accounts, also where two are tied at once', async () => {
    const refused = await tie('approver', 'sup-1');
    expect(refused.body).toMatchObject({ status: 409, code: 'supervisor-tied' });
    const born = await call('post', '/accounts').send({
      ...{ id: 'zhao', name: '赵', role: 'organizer', supervisor: 'sup-1' },
    });
    expect(born.body).toMatchObject({ status: 409, code: 'supervisor-tied' });
    expect((await call('get', '/accounts/zhao')).status).toBe(404);
    const both = await Promise.all([tie('approver', 'sup-2'), tie('auditor', 'sup-2')]);
    expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });

  it('Are tied in the console, where namesakes are told apart and a refused form keeps what was typed', async () => {
    const agent = await desk.signedIn('administrator');
    const send = (account: string, fields: Record<string, string>) =>
      desk.sendForm(agent, `/console/accounts/${account}`, { to: `/console/accounts/${account}`, fields });
    const page = (await agent.get('/console/accounts/organizer')).text;
    expect(page).toContain('李监督（SD-1）');
    expect(page).toContain('李监督（SD-2）');
    expect(page).toContain('<option value="sup-1" lang="zh-CN" selected>');
    const fields = { name: '王组织', role: 'approver', agency: '', email: '' };
    const again = await send('wang', { ...fields, supervisor: 'sup-1' });
    expect(again.status).toBe(409);
    expect(again.text).toContain('该监督人员已关联其他账号');
    expect(again.text).toContain('value="王组织"');
    expect(again.text).toContain('<option value="sup-1" lang="zh-CN" selected>');
    const done = await send('organizer', { ...fields, name: '组织员', role: 'organizer', supervisor: '' });
    expect(done.status).toBe(303);
    expect((await call('get', '/accounts/organizer')).body.supervisor).toBeUndefined();
    const tied = await send('wang', { ...fields, supervisor: 'sup-1' });
    expect(tied.status).toBe(303);
    expect((await agent.get('/console/accounts/wang')).text).toContain('关联的监督人员为sup-1');
    expect((await agent.get('/console/accounts')).text).toContain('监督人员：李监督（SD-1）');
  });
});
