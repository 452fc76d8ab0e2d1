import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approveDocument } from '../../api/documents.ts';
import { SAME_CLOCK } from '../../domain/clock.ts';
import { openStore } from '../../models/store.ts';
import { mongoUri } from '../support/engines.ts';
import { OFFICE } from '../support/house.ts';
import { type PaperDesk, aDraft, aStoredDraft, openPaperDesk } from '../support/papers.ts';

let desk: PaperDesk;
beforeAll(async () => {
  desk = await openPaperDesk();
});
afterAll(async () => desk.close());

const clock = { now: async () => Date.parse('2027-03-01T02:00:00Z'), mapping: async () => SAME_CLOCK };
const office = { ...OFFICE, publicUrl: 'http://office.example' };
const signed = { by: 'approver', signatory: '局长' };
const approval = { body: { approved: true, signatory: '局长' } };
const serials = (numbers: readonly string[]): number[] =>
  numbers.map((one) => Number(/〕(\d+)号$/.exec(one)?.[1])).sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_none, i) => i + 1);

describe('Document numbers', () => {
  it('500 papers approved at once by 20 clients get 1 to 500: no gap, none twice', async () => {
    const drafts = Array.from({ length: 500 }, () => aDraft());
    await desk.store.documents.insertMany(drafts);
    const waiting = drafts.map(({ _id }) => _id);
    const numbers: string[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
          const { status, body } = await desk.as.approver('POST', `/documents/${id}/approval`, approval);
          expect(status).toBe(201);
          numbers.push(body.number as string);
        }
      }),
    );
    expect(serials(numbers)).toEqual(upTo(500));
    const year = numbers[0]?.slice(6, 10);
    expect(numbers.every((one) => one.startsWith(`桓司执监督〔${year}〕`))).toBe(true);
    expect(await desk.store.documents.countDocuments({ state: 'approved', sha256: /^[0-9a-f]{64}$/ })).toBe(
      500,
    );
  }, 120_000);

  it('Two servers that sign in one series at once leave no gap and give no number twice', async () => {
    const { name } = desk.store.connection;
    const other = await openStore(mongoUri(), name);
    try {
      const drafts = Array.from({ length: 60 }, () => aDraft({ kind: 'opinion' }));
      await desk.store.documents.insertMany(drafts);
      const papers = await Promise.all(
        drafts.map((draft, i) =>
          approveDocument({ store: i % 2 === 0 ? desk.store : other, clock, office }, draft, signed),
        ),
      );
      expect(serials(papers.map(({ number }) => number ?? ''))).toEqual(upTo(60));
      expect(papers[0]?.number).toMatch(/^桓司执监意〔2027〕\d+号$/);
    } finally {
      await other.close();
    }
  });

  it('A crash at any step of a signature leaves no gap: the number and the frozen paper are one write', async () => {
    const { store } = desk;
    const deps = { store, clock, office };
    const [first, second] = [aDraft({ kind: 'decision' }), aDraft({ kind: 'decision' })];
    await store.documents.insertMany([first, second]);
    const before = vi.spyOn(store.documents, 'findOneAndUpdate').mockImplementationOnce(() => {
      throw new Error('the process ended before the write');
    });
    await expect(approveDocument(deps, first, signed)).rejects.toThrow(/before the write/);
    before.mockRestore();
    const after = vi.spyOn(store.events.collection, 'insertOne').mockImplementationOnce(() => {
      throw new Error('the process ended after the write');
    });
    await expect(approveDocument(deps, first, signed)).rejects.toThrow(/after the write/);
    after.mockRestore();
    const frozen = await store.documents.findById(first._id).lean();
    expect(frozen).toMatchObject({ state: 'approved', number: '桓政执监决〔2027〕1号' });
    await expect(approveDocument(deps, frozen as never, signed)).rejects.toMatchObject({
      code: 'document-not-draft',
    });
    expect(await store.events.countDocuments({ key: `approved/${first._id}` })).toBe(1);
    expect(await approveDocument(deps, second, signed)).toMatchObject({ number: '桓政执监决〔2027〕2号' });
  });

  it('A withdrawn number stays void, a new year begins at 1, and kinds of one 机关代字 share its count', async () => {
    const { store } = desk;
    const at = (instant: string) => ({
      store,
      office,
      clock: { ...clock, now: async () => Date.parse(instant) },
    });
    const made = async (kind: 'notice' | 'circular' | 'proposal', instant: string) =>
      approveDocument(at(instant), await aStoredDraft(store, { kind }), signed);
    const first = await made('notice', '2027-12-31T15:00:00Z');
    const { status } = await desk.as.approver('POST', `/documents/${first._id}/withdrawal`, {
      body: { reason: '事实有误' },
    });
    expect(status).toBe(201);
    expect((await made('circular', '2027-12-31T15:59:59Z')).number).toBe('桓司执监通〔2027〕2号');
    expect((await made('notice', '2027-12-31T16:00:00Z')).number).toBe('桓司执监通〔2028〕1号');
    expect(await store.documents.findById(first._id).lean()).toMatchObject({
      number: '桓司执监通〔2027〕1号',
      state: 'withdrawn',
    });
  });

  it('Numbers given before papers carried their serial are not given again', async () => {
    const { store } = desk;
    await store.sequences.create({ _id: '桓司执监建〔2027〕', last: 7 });
    const paper = await approveDocument(
      { store, clock, office },
      await aStoredDraft(store, { kind: 'proposal' }),
      signed,
    );
    expect(paper.number).toBe('桓司执监建〔2027〕8号');
  });

  it('The series are the office’s own rows, and one kind belongs to one of them', async () => {
    const { administrator, organizer, approver } = desk.as;
    const { body } = await organizer('GET', '/number-series');
    expect(body.items.find((one: { kinds: string[] }) => one.kinds.includes('decision'))).toEqual({
      code: '桓政执监决',
      issuer: 'government',
      kinds: ['decision'],
    });
    const twice = [...body.items, { code: '桓执', issuer: 'office', kinds: ['letter'] }];
    expect(await administrator('PUT', '/number-series', { body: { items: twice } })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'kind-twice' }] },
    });
    const again = [...body.items, { code: '桓司执监督', issuer: 'office', kinds: ['interviewRecord'] }];
    expect(
      (await administrator('PUT', '/number-series', { body: { items: again } })).body.errors[0].code,
    ).toBe('code-twice');
    const bad = [{ code: '桓〔〕', issuer: 'office', kinds: ['letter'] }];
    expect((await administrator('PUT', '/number-series', { body: { items: bad } })).status).toBe(422);
    const own = [...body.items, { code: '桓执监录', issuer: 'office', kinds: ['interviewRecord'] }];
    expect((await administrator('PUT', '/number-series', { body: { items: own } })).status).toBe(200);
    const { _id } = await aStoredDraft(desk.store, { kind: 'interviewRecord' });
    const signedOff = await approver('POST', `/documents/${_id}/approval`, approval);
    expect(signedOff.body.number).toMatch(/^桓执监录〔\d{4}〕1号$/);
  });

  it('A working paper has no number, and is frozen and hashed all the same', async () => {
    const { _id } = await aStoredDraft(desk.store, { kind: 'onSiteRecord', title: '现场检查笔录' });
    const { body } = await desk.as.approver('POST', `/documents/${_id}/approval`, approval);
    expect(body.number).toBeUndefined();
    const pages = await desk.as.auditor('GET', `/documents/${_id}.html`);
    expect(createHash('sha256').update(pages.bytes).digest('hex')).toBe(body.sha256);
  });
});
