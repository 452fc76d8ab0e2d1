import http from 'node:http';
import { createTransport } from 'nodemailer';
import { expect } from 'vitest';
import type { ClueRecord } from '../../models/clue.ts';
import { type Answered, OFFICE, type House } from './house.ts';

/** The fields of a complaint as a browser sends them, with the form's own signed moment. */
export async function openForm(house: Pick<House, 'url'>): Promise<{ opened: string; html: string }> {
  const html = await (await fetch(`${house.url}/complaints`)).text();
  return { html, opened: /name="opened" value="([^"]+)"/.exec(html)?.[1] ?? '' };
}

/** As long as a person takes at least, in real time. */
export const reading = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_100));

/** Posts the form from an address of this machine. */
export async function postForm(
  house: Pick<House, 'url'>,
  fields: Record<string, string>,
  {
    from = '127.0.0.1',
    files = [],
    accept = 'application/json',
  }: { from?: string; files?: readonly { name: string; content: string }[]; accept?: string } = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders; body: string; ms: number }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) form.append('files', new Blob([file.content]), file.name);
  const request = new Request(`${house.url}/complaints`, { method: 'POST', body: form });
  const body = Buffer.from(await request.arrayBuffer());
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = http.request(
      `${house.url}/complaints`,
      {
        method: 'POST',
        localAddress: from,
        headers: {
          'Content-Type': request.headers.get('content-type') ?? '',
          'Content-Length': body.length,
          Accept: accept,
        },
      },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () =>
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: Buffer.concat(chunks).toString('utf8'),
            ms: performance.now() - began,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What the follow-up page says to a code. */
export async function followed(
  house: Pick<House, 'url'>,
  code: string,
): Promise<{ status: number; text: string }> {
  const got = await fetch(`${house.url}/complaints/follow`, {
    method: 'POST',
    body: new URLSearchParams({ code }),
  });
  return { status: got.status, text: await got.text() };
}

/** Sends a complaint by mail. */
export async function complainByMail(
  house: Pick<House, 'smtpIn'>,
  mail: {
    from: string;
    subject: string;
    text: string;
    headers?: Record<string, string>;
    attachments?: readonly { filename: string; content: string }[];
  },
): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
  const { attachments = [], ...rest } = mail;
  await client.sendMail({ to: OFFICE.complaintAddress, ...rest, attachments: [...attachments] });
  client.close();
}

/** Registers a clue about maqiao, as an organizer does. */
export async function registerClue(house: House, more: Record<string, unknown> = {}): Promise<Answered> {
  const made = await house.call('organizer', 'POST', '/clues', {
    body: {
      channel: 'complaint',
      summary: '马桥镇综合执法队检查时未出示执法证件',
      agency: 'maqiao',
      ...more,
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made;
}

export const screenClue = (house: House, no: string, body: Record<string, unknown>): Promise<Answered> =>
  house.call('organizer', 'POST', `/clues/${no}/screening`, { body: { reason: '依职责研判', ...body } });

export const clueOf = async (house: House, no: string): Promise<ClueRecord> =>
  (await house.store.clues.findById(no).lean<ClueRecord>()) as ClueRecord;
