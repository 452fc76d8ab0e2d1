import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '../../api/access.ts';
import { storeIncoming } from '../../models/incoming-mail.ts';
import { type Desk, hidden, openDesk } from '../support/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());
beforeEach(() => desk.fresh());

describe('Held mail', () => {
  const raw = Buffer.from(
    'From: li@elsewhere.example\r\nTo: r-x@jiandu.example\r\nSubject: hello\r\nMessage-ID: <a@b>\r\n\r\nsee above\r\n',
  );
  let id = '';
  beforeEach(async () => {
    await Promise.all([
      desk.store.incoming.deleteMany({}),
      desk.store.tasks.deleteMany({}),
      desk.store.tokens.deleteMany({}),
    ]);
    ({ id } = await storeIncoming(desk.store.connection, raw, {
      source: 'smtp',
      uid: '1',
      envelope: { from: 'li@elsewhere.example', to: ['r-x@jiandu.example'] },
      receivedAt: new Date(),
    }));
    await desk.store.incoming.updateOne(
      { _id: id },
      { $set: { disposition: 'held', reason: 'unknown-sender', subject: 'hello', guesses: [] } },
    );
    await desk.store.tasks.collection.insertOne({
      _id: 'ZX-2026-001-001' as never,
      owner: 'ZX-2026-001',
      agency: 'maqiao',
      state: 'inProgress',
      phase: 'selfInspection',
      origin: 'x',
    });
    for (const role of ['organizer', 'auditor'])
      await desk.store.tokens.create({ _id: hashSecret(role), account: role, createdAt: new Date() });
  });
  const api = (method: 'get' | 'post', path: string, role = 'organizer') =>
    request(desk.app)[method](`/api/v1${path}`).set('Authorization', `Bearer ${role}`);

  test('the list says why each mail is held', async () => {
    const { body } = await api('get', '/held-mails', 'auditor');
    expect(body.total).toBe(1);
    expect(body.items[0]).toMatchObject({
      id,
      reason: 'unknown-sender',
      sentence: '发件人不是任何单位登记的联系人。',
      from: 'li@elsewhere.example',
    });
  });

  test('its bytes come back as they came, to be saved and never shown', async () => {
    const answer = await api('get', `/held-mails/${id}/raw`)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => done(null, Buffer.concat(chunks)));
      });
    expect((answer.body as Buffer).equals(raw)).toBe(true);
    expect(answer.headers['content-type']).toContain('message/rfc822');
    expect(answer.headers['content-disposition']).toContain('attachment');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test('it is attached once; a second decision is refused', async () => {
    expect((await api('post', `/held-mails/${id}/attachment`).send({ task: 'ZX-2026-001-009' })).status).toBe(
      422,
    );
    expect((await api('post', `/held-mails/${id}/attachment`).send({ task: 'ZX-2026-001-001' })).status).toBe(
      201,
    );
    expect(await desk.store.incoming.findById(id).lean()).toMatchObject({
      disposition: 'attached',
      task: 'ZX-2026-001-001',
      agency: 'maqiao',
      handledBy: 'organizer',
    });
    const again = await api('post', `/held-mails/${id}/dismissal`).send({ reason: 'ignored' });
    expect([again.status, again.body.code]).toEqual([409, 'already-decided']);
  });

  test('an auditor reads it and decides nothing', async () => {
    expect(
      (await api('post', `/held-mails/${id}/dismissal`, 'auditor').send({ reason: 'ignored' })).status,
    ).toBe(403);
    const agent = await desk.signedIn('auditor');
    const page = await agent.get(`/console/inbox/${id}`);
    expect(page.text).toContain('see above');
    expect(page.text).not.toContain('/dismissal');
  });

  test('the console attaches it, and a form that is sent twice does so once', async () => {
    const agent = await desk.signedIn('organizer');
    const { text } = await agent.get(`/console/inbox/${id}`);
    const form = { _csrf: hidden(text, '_csrf'), _key: hidden(text, '_key'), task: 'ZX-2026-001-001' };
    const first = await agent.post(`/console/inbox/${id}/attachment`).type('form').send(form);
    const second = await agent.post(`/console/inbox/${id}/attachment`).type('form').send(form);
    expect([first.status, second.status]).toEqual([303, 303]);
    expect((await agent.get('/console/inbox')).text).toContain('已认领');
  });
});
