import { createTransport } from 'nodemailer';
import type { House } from './house.ts';

/** Hands a mail to the office's listener as another mail server does; `from` '' is the null return path. */
export async function handIn(house: House, mail: { from: string; to: string; raw: string }): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
  await client.sendMail({ envelope: { from: mail.from, to: [mail.to] }, raw: mail.raw });
  client.close();
}
