import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePress } from '../../documents/pdf.ts';
import { TO_FILL } from '../../documents/template.ts';
import { verifyChain } from '../../models/event.ts';
import { type PaperDesk, aStoredDraft, openPaperDesk } from '../support/papers.ts';
import { entriesOf } from '../support/zip.ts';

let desk: PaperDesk;
beforeAll(async () => {
  desk = await openPaperDesk();
});
afterAll(async () => {
  await closePress();
  await desk.close();
});

const yes = { body: { approved: true, signatory: '局长' } };
const approved = async (over: Parameters<typeof aStoredDraft>[1] = {}): Promise<string> => {
  const { _id } = await aStoredDraft(desk.store, over);
  expect((await desk.as.approver('POST', `/documents/${_id}/approval`, yes)).status).toBe(201);
  return _id;
};
const day = (shift: number): string =>
  new Date(Date.now() + 8 * 3_600_000 + shift * 86_400_000).toISOString().slice(0, 10);

describe('A formal document', () => {
  it('Is drafted, edited, sent back with a reason, and signed as it was read', async () => {
    const { organizer, approver, auditor } = desk.as;
    const { _id } = await aStoredDraft(desk.store, { owner: 'XS-2026-0009', kind: 'opinion' });
    const read = await approver('GET', `/documents/${_id}`);
    expect(read.body).toMatchObject({ id: _id, state: 'draft', kind: 'opinion', addressee: '县水利局' });
    const back = await approver('POST', `/documents/${_id}/approval`, {
      body: { approved: false, reason: '请补充法律依据' },
    });
    expect(back).toMatchObject({
      status: 201,
      body: { state: 'draft', returned: { by: 'approver', reason: '请补充法律依据' } },
    });
    const edited = await organizer('PATCH', `/documents/${_id}`, {
      body: { body: ['依据《行政执法监督条例》第二十八条，请自行纠正。'], copies: ['县人民政府办公室'] },
    });
    expect(edited).toMatchObject({ status: 200, body: { copies: ['县人民政府办公室'] } });
    const stale = { ...yes, headers: { 'If-Match': read.headers.get('etag') ?? '' } };
    expect(await approver('POST', `/documents/${_id}/approval`, stale)).toMatchObject({
      status: 412,
      body: { code: 'stale-version' },
    });
    const fresh = { ...yes, headers: { 'If-Match': edited.headers.get('etag') ?? '' } };
    const signed = await approver('POST', `/documents/${_id}/approval`, fresh);
    expect(signed.body).toMatchObject({
      state: 'approved',
      signatory: '局长',
      letterhead: { issuer: 'office', name: '桓台县司法局' },
    });
    expect(signed.body).not.toHaveProperty('returned');
    expect(signed.body).not.toHaveProperty('html');
    const listed = await auditor('GET', '/documents?owner=XS-2026-0009&kind=opinion,decision&state=approved');
    expect(listed.body).toMatchObject({ total: 1, items: [{ id: _id, number: signed.body.number }] });
    expect((await auditor('GET', '/documents?owner=XS-2026-0009&kind=letter')).body.total).toBe(0);
    expect((await auditor('GET', '/documents?kind=novel')).status).toBe(422);
    const chain = await verifyChain(desk.store.events, 'XS-2026-0009');
    expect(chain).toMatchObject({ intact: true, entries: 2 });
  });

  it('Is not signed while a place is left to fill in, by nobody without the right, and once', async () => {
    const { organizer, approver, auditor } = desk.as;
    const { _id } = await aStoredDraft(desk.store, { body: [`请自收到之日起${TO_FILL}内办理。`] });
    const where = `/documents/${_id}/approval`;
    expect(await approver('POST', where, yes)).toMatchObject({
      status: 409,
      body: { code: 'document-incomplete' },
    });
    await organizer('PATCH', `/documents/${_id}`, { body: { body: ['请自收到之日起15日内办理。'] } });
    expect((await organizer('POST', where, yes)).status).toBe(403);
    expect((await auditor('POST', where, yes)).status).toBe(403);
    expect((await approver('POST', where, { body: { approved: true } })).body.errors[0].pointer).toBe(
      '/signatory',
    );
    expect((await approver('POST', where, { body: { approved: false } })).body.errors[0].pointer).toBe(
      '/reason',
    );
    expect((await approver('POST', where, yes)).status).toBe(201);
    expect((await approver('POST', where, yes)).body.code).toBe('document-not-draft');
    const late = await organizer('PATCH', `/documents/${_id}`, { body: { title: '改' } });
    expect(late).toMatchObject({ status: 409, body: { code: 'document-not-draft' } });
    expect((await approver('POST', '/documents/wd-none/approval', yes)).status).toBe(404);
  });

  it('A decision is the county government’s, everything else the office’s', async () => {
    const id = await approved({ kind: 'decision', title: '关于某某的行政执法监督决定书' });
    const { body } = await desk.as.organizer('GET', `/documents/${id}.html`);
    expect(body).toMatch(/<p class="mark"[^>]*>桓台县人民政府<\/p>/);
    expect(body).toMatch(/<p class="number">桓政执监决〔\d{4}〕1号<\/p>/);
    const other = await desk.as.organizer('GET', `/documents/${await approved({ kind: 'opinion' })}.html`);
    expect(other.body).toMatch(/<p class="mark"[^>]*>桓台县司法局<\/p>/);
  });
});

describe('Service', () => {
  it('By mail it is served and not received until it is signed for; on paper the 送达回证 says when it was', async () => {
    const { organizer } = desk.as;
    const { _id } = await aStoredDraft(desk.store);
    const early = await organizer('POST', `/documents/${_id}/service`, { body: { channel: 'email' } });
    expect(early).toMatchObject({ status: 409, body: { code: 'document-not-approved' } });
    const early2 = await organizer('POST', `/documents/${_id}/receipt`, {
      body: { receivedOn: day(0), receivedBy: '经办人乙' },
    });
    expect(early2).toMatchObject({ status: 409, body: { code: 'document-not-served' } });
    await desk.as.approver('POST', `/documents/${_id}/approval`, yes);
    const claimed = await organizer('POST', `/documents/${_id}/service`, {
      body: { channel: 'email', receivedOn: day(0) },
    });
    expect(claimed.body.errors[0]).toMatchObject({ pointer: '/receivedOn', code: 'receipt-refused' });
    const served = await organizer('POST', `/documents/${_id}/service`, { body: { channel: 'email' } });
    expect(served).toMatchObject({ status: 201, body: { state: 'served', service: { channel: 'email' } } });
    expect(served.body.service).not.toHaveProperty('receivedOn');
    const again = await organizer('POST', `/documents/${_id}/service`, { body: { channel: 'paper' } });
    expect(again).toMatchObject({ status: 409, body: { code: 'document-served' } });
    for (const receivedOn of [day(-1), day(1)]) {
      const wrong = { body: { receivedOn, receivedBy: '经办人乙' } };
      const refused = await organizer('POST', `/documents/${_id}/receipt`, wrong);
      expect(refused).toMatchObject({ status: 422, body: { code: 'date-invalid' } });
      expect(refused.body.errors[0].pointer).toBe('/receivedOn');
    }
    const receipt = { body: { receivedOn: day(0), receivedBy: '经办人乙' } };
    const received = await organizer('POST', `/documents/${_id}/receipt`, receipt);
    expect(received.body).toMatchObject({
      state: 'received',
      service: { channel: 'email', receivedOn: day(0), receivedBy: '经办人乙' },
    });
    expect((await organizer('POST', `/documents/${_id}/receipt`, receipt)).body.code).toBe(
      'document-received',
    );
  });

  it('On paper with its receipt a document is received at once; a withdrawn one is not served any more', async () => {
    const { organizer, approver } = desk.as;
    const first = await approved();
    const paper = { body: { channel: 'paper', receivedOn: day(0), receivedBy: '经办人乙' } };
    expect((await organizer('POST', `/documents/${first}/service`, paper)).body).toMatchObject({
      state: 'received',
      service: { channel: 'paper', receivedOn: day(0) },
    });
    const second = await approved();
    const withdrawal = { body: { reason: '异议成立' } };
    expect((await organizer('POST', `/documents/${second}/withdrawal`, withdrawal)).status).toBe(403);
    const withdrawn = await approver('POST', `/documents/${second}/withdrawal`, withdrawal);
    expect(withdrawn.body).toMatchObject({
      state: 'withdrawn',
      withdrawal: { reason: '异议成立', by: 'approver' },
    });
    for (const [what, body] of [
      ['service', { channel: 'email' }],
      ['receipt', { receivedOn: day(0), receivedBy: '乙' }],
    ] as const)
      expect(await organizer('POST', `/documents/${second}/${what}`, { body })).toMatchObject({
        status: 409,
        body: { code: 'document-withdrawn' },
      });
    expect((await approver('POST', `/documents/${second}/withdrawal`, withdrawal)).body.code).toBe(
      'document-withdrawn',
    );
  });

  it('Mail or a paper is served with a key, and the same key serves once', async () => {
    const id = await approved();
    const body = { channel: 'email' };
    const none = await desk.as.organizer('POST', `/documents/${id}/service`, {
      body,
      headers: { 'Idempotency-Key': '' },
    });
    expect(none.status).toBe(428);
    const headers = { 'Idempotency-Key': 'one' };
    const first = await desk.as.organizer('POST', `/documents/${id}/service`, { body, headers });
    const second = await desk.as.organizer('POST', `/documents/${id}/service`, { body, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });
});

describe('Renditions', () => {
  it('The frozen HTML is what was hashed, PDF and DOCX say the same, and none can be had without the right', async () => {
    const { auditor, approver } = desk.as;
    const { _id } = await aStoredDraft(desk.store, { kind: 'opinion', title: '关于某某问题的意见书' });
    const signed = (await approver('POST', `/documents/${_id}/approval`, yes)).body;
    const html = await auditor('GET', `/documents/${_id}.html`);
    expect(createHash('sha256').update(html.bytes).digest('hex')).toBe(signed.sha256);
    const pdf = await auditor('GET', `/documents/${_id}.pdf`);
    expect(pdf).toMatchObject({ status: 200 });
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.headers.get('content-disposition')).toContain(encodeURIComponent(signed.number as string));
    const docx = await auditor('GET', `/documents/${_id}.docx`);
    const words = (await entriesOf(docx.bytes)).get('word/document.xml')?.toString('utf8') ?? '';
    for (const text of [
      signed.number,
      '关于某某问题的意见书',
      '县水利局：',
      '请依法履行职责。',
      '桓台县司法局',
    ])
      expect(words).toContain(text);
    expect(words).toContain('w:linePitch="579"');
  });

  it('A draft has pages too, without a number or a date', async () => {
    const { _id } = await aStoredDraft(desk.store);
    const { body } = await desk.as.auditor('GET', `/documents/${_id}.html`);
    expect(body).toContain('桓台县司法局');
    expect(body).toContain('<p class="number"></p>');
    expect(body).not.toContain('<div class="seat">');
  });

  it('Markup, formulas and right-to-left tricks in any field come out as text', async () => {
    const evil = '<script>alert(1)</script>"\'&{{constructor}}=1+1\u202e反\u2066\u200b';
    const id = await approved({
      title: evil,
      addressee: evil,
      body: [evil, `一、${evil}。${evil}`],
      copies: [evil],
    });
    const { body, bytes } = await desk.as.auditor('GET', `/documents/${id}.html`);
    expect(body).not.toMatch(/<script|[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect(body.replaceAll(/<[^>]*>/g, '')).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;',
    );
    const docx = (await desk.as.auditor('GET', `/documents/${id}.docx`)).bytes;
    const words = (await entriesOf(docx)).get('word/document.xml')?.toString('utf8') ?? '';
    expect(words).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(words).not.toMatch(/<script|[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect(bytes.length).toBeLessThan(100_000);
  });
});
