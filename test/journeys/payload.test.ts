import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { PayloadCodec } from '@temporalio/common';
import { encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow/codec-helpers.js';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/data-converter-helpers.js';
import { Worker } from '@temporalio/worker';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveFinished } from '../../activities/archive.ts';
import { reconcile } from '../../activities/reconcile.ts';
import { FAILURE_CONVERTER, type PayloadKey, dataConverterOf, payloadCodec } from '../../payload-codec.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { workflowBundle } from '../support/engines.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import {
  addressOf,
  mailTo,
  numberOf,
  pageOf,
  post,
  review,
  settle,
  sign,
  taskShows,
} from '../support/people.ts';

const key = (id: string): PayloadKey => ({ id, key: randomBytes(32) });
const REASON = '第三项佐证与现场记录不符';

/** Every payload of a history, wherever it hides. */
function payloadsIn(value: unknown): { metadata: { encoding: string }; data?: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('metadata' in value && typeof value.metadata === 'object' && value.metadata !== null)
    if ('encoding' in value.metadata) return [value as { metadata: { encoding: string }; data?: string }];
  return Object.values(value).flatMap(payloadsIn);
}

const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString('utf8');

describe('What the engine keeps, with PAYLOAD_KEYS', () => {
  const [old, fresh] = [key('2026'), key('2027')];
  let codec: PayloadCodec = payloadCodec([old]);
  /** One converter over whichever keys are in force, as each process has after its restart. */
  const dataConverter = {
    failureConverterPath: FAILURE_CONVERTER,
    payloadCodecs: [
      {
        encode: (...given: Parameters<PayloadCodec['encode']>) => codec.encode(...given),
        decode: (...given: Parameters<PayloadCodec['decode']>) => codec.decode(...given),
      },
    ],
  };
  let house: House;
  let owner: string;
  let group: string;
  let no: string;
  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00', realTime: true, dataConverter });
    await registerAgencies(house, ['maqiao', 'tangshan']);
    owner = await launch(house, { agencies: { ids: ['maqiao', 'tangshan'] } });
    group = `tasks/${owner}/selfInspection/1`;
    no = await numberOf(house, owner, 'maqiao');
  });
  afterAll(async () => {
    await house?.close();
  });
  const historyOf = async (): Promise<string> =>
    JSON.stringify((await house.call('administrator', 'GET', `/history/${no}/raw`)).body.events);
  const replayed = async (events: unknown, keys: readonly PayloadKey[]): Promise<unknown> => {
    try {
      await Worker.runReplayHistory(
        { workflowBundle: workflowBundle(), ...dataConverterOf(keys) },
        { events },
        group,
      );
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('Is no plain text: neither names nor reasons nor what was refused', async () => {
    const link = await pageOf(house, addressOf('maqiao'));
    await sign(link);
    await post(link, 'answers', { text: '已自查' });
    const verdict = { verdict: 'return', items: [{ id: 'c1', reason: REASON }], term: { workdays: 3 } };
    expect((await review(house, no, verdict)).body).toMatchObject({ state: 'returned' });
    await mailTo(house, addressOf('maqiao'), '【请补正】');
    const history = await historyOf();
    const payloads = payloadsIn(JSON.parse(history));
    expect(payloads.length).toBeGreaterThan(10);
    for (const one of payloads) expect(text(one.metadata.encoding)).toBe('binary/encrypted');
    for (const kept of [history, ...payloads.map((one) => text(one.data))])
      for (const word of [REASON, '镇人民政府', 'huantai.example', 'json/plain'])
        expect(kept).not.toContain(word);
    const failed = await encodeErrorToFailure(loadDataConverter(dataConverter), new Error(REASON));
    expect(JSON.stringify(failed)).not.toContain(REASON);
    expect(failed.stackTrace).toBeFalsy();
  });

  it('Replays with its key, and with no other', async () => {
    const events = JSON.parse(await historyOf()) as unknown;
    expect(await replayed(events, [old])).toBeUndefined();
    expect(await replayed(events, [fresh, old])).toBeUndefined();
    expect(await replayed(events, [fresh])).toBeInstanceOf(Error);
    expect(await replayed(events, [])).toBeInstanceOf(Error);
  });

  it('Is written under the new key once that stands first, while what the old one wrote still opens', async () => {
    codec = payloadCodec([old, fresh]);
    await house.stopWorker();
    codec = payloadCodec([fresh, old]);
    await house.startWorker();
    const link = await pageOf(house, addressOf('maqiao'), '【请补正】');
    await settle(house, { link, no });
    const other = await numberOf(house, owner, 'tangshan');
    await settle(house, { link: await pageOf(house, addressOf('tangshan')), no: other });
    const keys = payloadsIn(JSON.parse(await historyOf())).map((one) =>
      text((one.metadata as Record<string, string>)['encryption-key-id']),
    );
    expect([...new Set(keys)]).toEqual(['2026', '2027']);
    expect(await reconcile(house.deps)).toEqual([]);
    await taskShows(house, no, { state: 'closed' });
  });

  it('Is archived as it was, and replays out of the archive', async () => {
    await eventually(async () => {
      await archiveFinished(house.deps);
      expect(await house.store.archives.countDocuments({ workflow: group })).toBe(1);
    });
    const kept = await house.store.archives.findOne({ workflow: group }).lean();
    const chunks: Buffer[] = [];
    const file = new mongoose.mongo.ObjectId(kept?.file);
    for await (const chunk of house.store.files().openDownloadStream(file)) chunks.push(chunk as Buffer);
    const { events } = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString('utf8')) as { events: unknown };
    expect(payloadsIn(events).every((one) => text(one.metadata.encoding) === 'binary/encrypted')).toBe(true);
    expect(await replayed(events, [fresh, old])).toBeUndefined();
    expect(await replayed(events, [fresh])).toBeInstanceOf(Error);
  });

  it('Was plain before there were keys, and is read all the same; a changed byte is not', async () => {
    const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"签收"') };
    const both = payloadCodec([fresh, old]);
    expect(await both.decode([plain])).toEqual([plain]);
    const [sealed] = await both.encode([plain]);
    const [opened] = await both.decode(sealed ? [sealed] : []);
    expect(Buffer.from(opened?.data ?? []).toString()).toBe('"签收"');
    const bent = Buffer.from(sealed?.data ?? []);
    bent[20] = (bent[20] ?? 0) ^ 1;
    await expect(both.decode([{ ...sealed, data: bent }])).rejects.toThrow(/authenticate/);
    const swapped = { ...sealed?.metadata, 'encryption-key-id': Buffer.from('2026') };
    await expect(both.decode([{ ...sealed, metadata: swapped }])).rejects.toThrow(/authenticate/);
    expect(dataConverterOf([])).toEqual({});
  });
});
