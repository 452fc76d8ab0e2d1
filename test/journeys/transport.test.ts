import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTransport } from '../../mail/transport.ts';
import { type ScriptedSink, startSink, type Step } from '../support/scripted-sink.ts';

const each = (behaviours: readonly string[]): string[] => behaviours.map((one) => `${one}@agency.example`);

let sink: ScriptedSink;
let onStep: (step: Step) => Promise<void> | void = () => {};

beforeEach(async () => {
  onStep = () => {};
  sink = await startSink((step) => onStep(step));
});
afterEach(() => sink.close());

describe('one attempt', () => {
  test('Its outcome says whether DATA began, and a reply is never taken for silence', async () => {
    const transport = createTransport({ url: sink.url, connections: 8, attemptMs: 800 });
    const kinds = [
      'ok',
      'n451',
      'n421',
      'n550',
      'n503',
      'n552',
      'd451',
      'd554',
      'dropbefore',
      'dropunstored',
      'dropstored',
      'silent',
    ];
    const raw = Buffer.from('Subject: x\r\n\r\n.x\r\n');
    const outcomes = await Promise.all(
      each(kinds).map((to) => transport.send({ raw, from: 'b@mail.example', to })),
    );
    expect(Object.fromEntries(outcomes.map((one, at) => [kinds[at], one.kind]))).toEqual({
      ok: 'accepted',
      n451: 'deferred',
      n421: 'deferred',
      n550: 'rejected',
      n503: 'deferred',
      n552: 'rejected',
      d451: 'deferred',
      d554: 'rejected',
      dropbefore: 'notStarted',
      dropunstored: 'inDoubt',
      dropstored: 'inDoubt',
      silent: 'inDoubt',
    });
    await transport.close();
  });

  test('No server, a server that is silent from the start, and an aborted call have not begun', async () => {
    const nobody = createTransport({ url: 'smtp://127.0.0.1:1', connections: 1, attemptMs: 500 });
    const raw = Buffer.from('Subject: x\r\n\r\nx\r\n');
    const mail = { raw, from: 'b@mail.example', to: 'ok@agency.example' };
    expect((await nobody.send(mail)).kind).toBe('notStarted');
    onStep = () => wait(1200);
    const slow = createTransport({ url: sink.url, connections: 1, attemptMs: 300 });
    const both = await Promise.all([slow.send(mail), slow.send(mail)]);
    expect(both.map((one) => one.kind)).toEqual(['notStarted', 'notStarted']);
    const patient = createTransport({ url: sink.url, connections: 1, attemptMs: 5000 });
    expect(await patient.send(mail, AbortSignal.timeout(100))).toEqual({
      kind: 'notStarted',
      reason: 'aborted',
    });
    expect(sink.stored).toEqual([]);
    await Promise.all([nobody.close(), slow.close(), patient.close()]);
  });

  test('A process that wakes after its deadline does not begin DATA, though its timers have not fired yet', async () => {
    const transport = createTransport({ url: sink.url, connections: 1, attemptMs: 2000 });
    const mail = {
      raw: Buffer.from('Subject: x\r\n\r\nx\r\n'),
      from: 'b@mail.example',
      to: 'ok@agency.example',
    };
    onStep = () => void vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5000);
    const outcome = await transport.send(mail);
    vi.restoreAllMocks();
    expect(outcome).toEqual({ kind: 'notStarted', reason: 'deadline of the attempt' });
    await transport.close();
    expect(sink.stored).toEqual([]);
  });

  test('Where TLS is required, nothing is said in plaintext to a server that has none or whose certificate is not good', async () => {
    const mail = {
      raw: Buffer.from('Subject: x\r\n\r\nx\r\n'),
      from: 'b@mail.example',
      to: 'ok@agency.example',
    };
    const selfSigned = await startSink(() => {}, { disabledCommands: ['AUTH'] });
    const urls = [
      `${sink.url}?requireTls=1`,
      sink.url.replace('smtp:', 'smtps:'),
      `${selfSigned.url}?requireTls=1`,
      selfSigned.url,
    ];
    for (const url of urls) {
      const transport = createTransport({ url, connections: 1, attemptMs: 1000 });
      expect(['notStarted', 'deferred']).toContain((await transport.send(mail)).kind);
      await transport.close();
    }
    expect([...sink.stored, ...selfSigned.stored]).toEqual([]);
    await selfSigned.close();
  });

  test('A connection that the server ended between two mails costs the second nothing', async () => {
    const transport = createTransport({ url: sink.url, connections: 1, attemptMs: 1000, idleMs: 5000 });
    const raw = Buffer.from('Subject: x\r\n\r\nx\r\n');
    let last: Step | undefined;
    onStep = (step) => void (last = step);
    expect((await transport.send({ raw, from: 'b@mail.example', to: 'ok-1@agency.example' })).kind).toBe(
      'accepted',
    );
    last?.drop();
    expect((await transport.send({ raw, from: 'b@mail.example', to: 'ok-2@agency.example' })).kind).toBe(
      'accepted',
    );
    expect(sink.stored).toHaveLength(2);
    await transport.close();
  });
});
