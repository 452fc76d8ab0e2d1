import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import nodemailer from 'nodemailer';
import request from 'supertest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mailbox, type ReplyMail, createMailbox } from '../../embedded/mailbox.ts';

let dir = '';
let mailbox: Mailbox;
const replies: ReplyMail[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'jiandu-mailbox-'));
  replies.length = 0;
  await reopen();
});

afterEach(async () => {
  await mailbox.close();
  await rm(dir, { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  const sendReply = async (mail: ReplyMail) => void replies.push(mail);
  mailbox = await createMailbox({ dir, smtpPort: 0, sendReply });
}

function browser() {
  return request(express().use('/demo/mail', mailbox.router));
}

interface Letter {
  readonly to?: string;
  readonly id?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly raw?: Buffer;
}

async function send({
  to = 'clerk@water.example',
  id = 'm1@office.example',
  ...letter
}: Letter = {}): Promise<void> {
  const transport = nodemailer.createTransport({
    host: mailbox.smtp.host,
    port: mailbox.smtp.port,
    ignoreTLS: true,
  });
  const envelope = { from: 'b-1@office.example', to };
  if (letter.raw !== undefined) await transport.sendMail({ envelope, raw: letter.raw });
  else {
    await transport.sendMail({
      envelope,
      from: '"县司法局" <office@office.example>',
      to: `"经办人" <${to}>`,
      replyTo: '"回复即提交" <r-7kq2@reply.example>',
      messageId: `<${id}>`,
      subject: letter.subject ?? '【请办理】ZX-2026-012-033 安全生产执法专项监督',
      text: letter.text ?? '请于12月11日前反馈。',
      html: letter.html ?? '<p>请于12月11日前<a href="https://office.example/t/abc">反馈</a>。</p>',
      headers: { 'X-Campaign': '专项监督', 'X-Task': 'ZX-2026-012-033' },
      attachments: [{ filename: '检查计划.txt', content: '计划' }],
    });
  }
  transport.close();
}

interface Item {
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly receivedAt: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function items(query: Readonly<Record<string, string>> = {}): Promise<readonly Item[]> {
  const answer = await browser().get('/demo/mail/messages').query(query).expect(200);
  return (answer.body as { items: Item[] }).items;
}

test('A mail is read back with its words decoded and its header names as they were written', async () => {
  await send();
  const [mail] = await items();
  expect(mail).toMatchObject({
    from: 'office@office.example',
    to: ['clerk@water.example'],
    subject: '【请办理】ZX-2026-012-033 安全生产执法专项监督',
    text: expect.stringContaining('请于12月11日前反馈。') as unknown,
    html: expect.stringContaining('href="https://office.example/t/abc"') as unknown,
    headers: {
      'Message-ID': '<m1@office.example>',
      'X-Campaign': '专项监督',
      'X-Task': 'ZX-2026-012-033',
      'Reply-To': expect.stringContaining('回复即提交') as unknown,
    },
    attachments: [{ filename: '检查计划.txt', size: 6 }],
    receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/) as unknown,
  });
});

test('The raw mail is byte for byte what was sent', async () => {
  const raw = Buffer.from('From: a@x.example\r\nSubject: dots\r\n\r\n.one\r\n..two\r\n.\u0020\r\nend\r\n');
  await send({ raw });
  const answer = await browser()
    .get('/demo/mail/messages/00000001/raw')
    .responseType('blob')
    .expect('Content-Type', /message\/rfc822/);
  expect(Buffer.compare(answer.body as Buffer, raw)).toBe(0);
  await browser().get('/demo/mail/messages/00000009/raw').expect(404);
});

test('Mails are found by exact recipient in any case, by words, and after an id or an instant', async () => {
  await send({ id: '1@x' });
  await send({ id: '2@x', to: 'Other@water.example', subject: '【提醒】' });
  await send({ id: '3@x', to: 'another@water.example', text: '还剩3个工作日' });
  expect((await items({ to: 'other@WATER.example' })).map((one) => one.id)).toEqual(['00000002']);
  expect(await items({ to: 'ther@water.example' })).toEqual([]);
  expect((await items({ q: '3个工作日' })).map((one) => one.id)).toEqual(['00000003']);
  expect((await items({ q: '提醒' })).map((one) => one.id)).toEqual(['00000002']);
  expect((await items({ after: '00000001', limit: '1' })).map((one) => one.id)).toEqual(['00000002']);
  expect(await items({ after: '2099-01-01T00:00:00+08:00' })).toEqual([]);
  expect(await items({ after: '2020-01-01T00:00:00+08:00' })).toHaveLength(3);
  await browser().get('/demo/mail/messages?after=yesterday').expect(422);
  await browser().get('/demo/mail/messages?limit=-1').expect(422);
});

test('A mailbox opened again has every mail, even behind a torn line', async () => {
  await send({ id: 'before@x' });
  await mailbox.close();
  await appendFile(path.join(dir, 'index.ndjson'), '{"id":"00000002","fro');
  await appendFile(path.join(dir, 'mail.bin'), 'half a mail');
  await reopen();
  await send({ id: 'after@x' });
  await mailbox.close();
  await reopen();
  expect((await items()).map((one) => one.headers['Message-ID'])).toEqual(['<before@x>', '<after@x>']);
});

test('Clearing empties the list for good, yet the archive still knows every copy', async () => {
  await send({ id: 'kept@x' });
  await browser().delete('/demo/mail/messages').expect(204);
  await mailbox.close();
  await reopen();
  expect(await items()).toEqual([]);
  expect(mailbox.count()).toBe(0);
  const archive = (messageId: string) => browser().get('/demo/mail/archive').query({ messageId });
  expect((await archive('kept@x')).body).toEqual({ present: true });
  expect((await archive('<kept@x>')).body).toEqual({ present: true });
  expect((await archive('never@x')).body).toEqual({ present: false });
});

test('An address can be made to refuse or to defer, and then accepts again', async () => {
  mailbox.behave('Clerk@water.example', 'reject');
  await expect(send()).rejects.toMatchObject({ responseCode: 550 });
  mailbox.behave('clerk@water.example', 'defer');
  await expect(send()).rejects.toMatchObject({ responseCode: 451 });
  mailbox.behave('clerk@water.example', undefined);
  await send();
  expect(mailbox.count()).toBe(1);
});

test('A listener hears of a mail once it is stored', async () => {
  const heard: string[] = [];
  mailbox.onMessage((meta) => heard.push(`${meta.messageId} ${mailbox.has(meta.messageId)}`));
  await send();
  expect(heard).toEqual(['m1@office.example true']);
});

test('A hostile mail is shown as text or in a sandbox, never run in the page', async () => {
  await send({ subject: '<script>1</script>', html: '"><script>alert(1)</script><p>hello</p>' });
  const list = await browser().get('/demo/mail/').expect(200);
  expect(list.text).not.toContain('<script');
  const view = await browser().get('/demo/mail/messages/00000001/view').expect(200);
  expect(view.text).not.toContain('<script');
  expect(view.text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox');
  for (const as of ['phone', 'text', 'headers']) {
    await browser().get(`/demo/mail/messages/00000001/view?as=${as}`).expect(200);
  }
});

test('A person answers a mail in its thread, from the recipient to the Reply-To, with files', async () => {
  await send();
  const answer = await browser()
    .post('/demo/mail/messages/00000001/reply')
    .field('text', '已办结。')
    .attach('files', Buffer.from('图'), { filename: '现场照片.jpg', contentType: 'image/jpeg' })
    .expect(303);
  expect(answer.get('Location')).toBe('/demo/mail/messages/00000001/view?replied=1');
  expect(replies).toEqual([
    {
      from: 'clerk@water.example',
      to: 'r-7kq2@reply.example',
      inReplyTo: '<m1@office.example>',
      references: '<m1@office.example>',
      subject: '回复：【请办理】ZX-2026-012-033 安全生产执法专项监督',
      text: '已办结。',
      files: [{ filename: '现场照片.jpg', contentType: 'image/jpeg', content: Buffer.from('图') }],
    },
  ]);
});

test("Another site's page can neither clear the mailbox nor answer from it", async () => {
  await send();
  const evil = 'https://evil.example';
  await browser().delete('/demo/mail/messages').set('Origin', evil).expect(403);
  await browser()
    .post('/demo/mail/messages/00000001/reply')
    .set('Origin', evil)
    .field('text', 'x')
    .expect(403);
  expect(mailbox.count()).toBe(1);
  expect(replies).toEqual([]);
  const own = browser()
    .delete('/demo/mail/messages')
    .set('Origin', 'null')
    .set('Sec-Fetch-Site', 'same-origin');
  await own.expect(204);
});

test('The pages speak English to whoever asks for it, and go on doing so from page to page', async () => {
  await send({ subject: 'Notice', text: 'Please answer.', html: '<p>Please answer.</p>' });
  const list = await browser().get('/demo/mail/?lang=en');
  const read = (html: string) => html.replaceAll('&#x3D;', '=');
  const view = /href="([^"]*\/view\?lang=en)"/.exec(read(list.text))?.[1] ?? '';
  const mail = await browser().get(view);
  for (const { text } of [list, mail]) {
    expect(text).toContain('<html lang="en">');
    expect(text.replaceAll(/<a [^>]*>中文<\/a>|县司法局|经办人|回复即提交|检查计划/g, '')).not.toMatch(
      /\p{Script=Han}/u,
    );
  }
  const action = /action="([^"]*\/behaviour\?lang=en)"/.exec(read(mail.text))?.[1] ?? '';
  const done = await browser().post(action).type('form').send({ how: 'defer' });
  expect(done.headers['location']).toBe(view);
  expect((await browser().get(view.replace('lang=en', 'lang=zh'))).text).toContain('暂时拒收（451）');
});
