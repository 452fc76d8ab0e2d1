import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, linkIn, registerAgencies } from '../support/county.ts';
import { JSON_WANTED, expectProblem, openDoor, send, wire } from '../support/contract.ts';
import { type House, openHouse, seconds } from '../support/house.ts';
import { addressOf, mailTo } from '../support/people.ts';

const MB = 1_048_576;
const HEAD = 'Host: localhost\r\nAccept: application/json\r\n';
const MULTIPART = 'Content-Type: multipart/form-data; boundary=x\r\n';
const PART = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.4 ';

describe("uploads to an agency's page", () => {
  let house: House;
  let link: string;
  const chunks = () => house.store.connection.db?.collection('files.chunks').countDocuments() ?? 0;
  const hand = (files: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[], text = '见附件') => {
    const body = new FormData();
    body.set('text', text);
    for (const [name, bytes] of files) body.append('files', new Blob([bytes]), name);
    return send(`${link}/answers`, 'POST', { body, headers: JSON_WANTED });
  };

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['jiahe']);
    await launch(house);
    link = linkIn((await mailTo(house, addressOf('jiahe'))).text);
  });
  afterAll(() => house.close());

  it('A body of 300 MB is refused by its announced length, before it is read', async () => {
    const path = new URL(link).pathname;
    for (const [type, first] of [
      [MULTIPART, PART],
      ['Content-Type: application/json\r\n', '{"text":"'],
      ['Content-Type: application/x-www-form-urlencoded\r\n', 'text='],
    ]) {
      const answer = await wire(house.url, (socket) => {
        socket.write(
          `POST ${path}/answers HTTP/1.1\r\n${HEAD}${type}Content-Length: ${300 * MB}\r\n\r\n${first}`,
        );
      });
      expect(answer.status, type).toBe(413);
      expect(answer.head).toContain('application/problem+json');
      expect(answer.ms).toBeLessThan(seconds(5));
    }
    expect(await chunks()).toBe(0);
  });

  it('A body without a length is refused at the byte that is too many, and nobody else waits meanwhile', async () => {
    const door = await openDoor(house, { fileMb: 16 });
    const path = new URL(link).pathname;
    const block = Buffer.alloc(MB, 'a');
    const watch = { over: false };
    let sent = 0;
    const others: number[] = [];
    const beside = (async () => {
      while (!watch.over) {
        const began = Date.now();
        expect((await send(`${door.url}/healthz`, 'GET')).status).toBe(200);
        expect((await send(`${door.url}${path}`, 'GET')).status).toBe(200);
        others.push(Date.now() - began);
        await wait(100);
      }
    })();
    const answer = await wire(door.url, async (socket) => {
      socket.write(`POST ${path}/answers HTTP/1.1\r\n${HEAD}${MULTIPART}Transfer-Encoding: chunked\r\n\r\n`);
      const chunk = (bytes: Buffer) =>
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
      socket.write(chunk(Buffer.from(PART)));
      while (!socket.destroyed && sent < 100) {
        sent += 1;
        if (!socket.write(chunk(block))) await Promise.race([new Promise((go) => socket.once('drain', go)), wait(2_000)]); // prettier-ignore
      }
    });
    watch.over = true;
    await beside;
    expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(60);
    expect(Math.max(...others)).toBeLessThan(seconds(5));
    await expect.poll(chunks, { timeout: 60_000 }).toBe(0);
    await door.close();
  });

  it('A file is judged by what it is, whatever it is called', async () => {
    const elf = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...Array.from({ length: 60 }, () => 0)]);
    const exe = Buffer.concat([Buffer.from('MZ\u0090\0\u0003\0\0\0', 'latin1'), Buffer.alloc(500)]);
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk', 'base64');
    for (const [name, bytes] of [
      ['报告.pdf', exe],
      ['报告.docx', elf],
      ['报告.txt', '#!/bin/sh\nrm -rf /'],
      ['报告.pdf', png],
      ['程序.exe', 'text'],
      ['报告.pdf.js', 'alert(1)'],
      ['无扩展名', '文字'],
      ['脚本.ps1', 'dir'],
    ] as const) {
      const refused = await hand([
        ['好.txt', '好'],
        [name, bytes],
      ]);
      expectProblem(refused, 422, 'file-refused', '/files');
    }
    await expect.poll(chunks).toBe(0);
    const html = new FormData();
    html.set('text', '附件有误时文字不丢');
    html.append('files', new Blob([exe]), '报告.pdf');
    const page = await send(`${link}/answers`, 'POST', { body: html });
    expect(page.status).toBe(422);
    expect(page.body).toContain('附件有误时文字不丢');
    expect(page.body).toContain('可执行程序');
  });

  it('Odd files and odd names are kept under harmless names; what came without a text leaves nothing behind', async () => {
    const names = [
      '../../etc/passwd.txt',
      'a\r\nX-Evil: 1.txt',
      '\u202Efdp.txt',
      '长'.repeat(300) + '.pdf',
      '空.txt',
      'CON.txt',
    ];
    const got = await hand(names.map((name, i) => [name, name.startsWith('空') ? '' : `内容${i}`] as const));
    expect(got.status).toBe(201);
    const kept = got.body.files.map((one: { name: string }) => one.name) as string[];
    expect(kept).toHaveLength(6);
    for (const name of kept) {
      expect(name).not.toMatch(/[/\\\p{Cc}\u202E]/u);
      expect(name.length).toBeLessThanOrEqual(160);
    }
    expect(kept[3]).toMatch(/…\.pdf$/);
    const files = await chunks();
    const zip = Buffer.concat([
      Buffer.from('PK\u0003\u0004', 'latin1'),
      Buffer.alloc(26, 0xff),
      Buffer.alloc(5_000, 7),
    ]);
    expect(
      (
        await hand([
          ['坏.zip', zip],
          ['坏.jpg', Buffer.from('ffd8ffe000104a46', 'hex')],
        ])
      ).status,
    ).toBe(201);
    const more = await chunks();
    expect(more).toBe(files + 2);
    expect(
      (
        await hand([
          ['坏.zip', zip],
          ['坏.jpg', Buffer.from('ffd8ffe000104a46', 'hex')],
        ])
      ).status,
    ).toBe(201);
    expectProblem(await hand([['好.txt', '好']], ''), 422, undefined, '/text');
    await expect.poll(chunks).toBe(more);
    const stray = new FormData();
    stray.set('text', '答');
    stray.append('evidence', new Blob(['x']), 'a.txt');
    expectProblem(await send(`${link}/answers`, 'POST', { body: stray, headers: JSON_WANTED }), 422, 'unexpected-file', '/evidence'); // prettier-ignore
    const signed = new FormData();
    signed.set('name', '甲');
    signed.append('files', new Blob(['x']), 'a.txt');
    expectProblem(await send(`${link}/acknowledge`, 'POST', { body: signed, headers: JSON_WANTED }), 422, 'unexpected-file'); // prettier-ignore
  });

  it('A form that breaks off is refused, and one that is cut leaves nothing behind', async () => {
    const before = await chunks();
    const type = { ...JSON_WANTED, 'Content-Type': 'multipart/form-data; boundary=x' };
    for (const body of [
      PART,
      '--x\r\nContent',
      '',
      `${PART}\r\n--y--\r\n`,
      '--x\r\n\r\nno name\r\n--x--\r\n',
    ])
      expect((await send(`${link}/answers`, 'POST', { body, headers: type })).status, body).toBe(422);
    const path = new URL(link).pathname;
    await wire(house.url, async (socket) => {
      socket.write(
        `POST ${path}/answers HTTP/1.1\r\n${HEAD}${MULTIPART}Content-Length: ${50 * MB}\r\n\r\n${PART}`,
      );
      socket.write(Buffer.alloc(3 * MB, 'a'));
      await wait(300);
      socket.destroy(new Error('cut'));
    }).catch(() => undefined);
    await expect.poll(chunks, { timeout: 60_000 }).toBe(before);
    expect((await send(link, 'GET')).status).toBe(200);
  });
});
