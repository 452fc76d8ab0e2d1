/** Writes the corpus: `node --import tsx test/corpus/make.ts`. What it writes is checked in; the tests read only that. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, CASES } from './cases.ts';
import { encodeGb } from './gb18030.ts';
import { AGENCY, SENDER, SUBJECT } from './letters.ts';
import { ONE_MAIL, type Style, STYLES } from './styles.ts';

const encode = (text: string, charset: string): Buffer => (charset === 'utf-8' ? Buffer.from(text) : encodeGb(text));

function word(text: string, charset: string): string {
  const chunks = Array.from(text).reduce<string[]>((list, char) => {
    const last = list.at(-1) ?? '';
    return last.length < 12 && list.length > 0 ? [...list.slice(0, -1), last + char] : [...list, char];
  }, []);
  return chunks.map((chunk) => `=?${charset}?B?${encode(chunk, charset).toString('base64')}?=`).join('\r\n ');
}

function quotedPrintable(bytes: Buffer): string {
  let out = '';
  let column = 0;
  for (const byte of bytes) {
    if (byte === 10) {
      out += '\r\n';
      column = 0;
      continue;
    }
    const plain = byte > 32 && byte < 127 && byte !== 61;
    const piece = plain || byte === 32 ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (column + piece.length > 72) {
      out += '=\r\n';
      column = 0;
    }
    out += piece;
    column += piece.length;
  }
  return out.replace(/ \r\n/g, '=20\r\n');
}

function part(type: string, text: string, one: Case): Buffer {
  const charset = one.charset ?? 'utf-8';
  const transfer = one.transfer ?? 'base64';
  const bytes = encode(text, charset);
  const label = one.label ?? charset;
  const head = `Content-Type: ${type};${label === '' ? '' : ` charset="${label}"`}\r\nContent-Transfer-Encoding: ${transfer}\r\n\r\n`;
  if (transfer === '8bit') {
    return Buffer.concat([Buffer.from(head), Buffer.from(bytes.toString('latin1').replace(/\n/g, '\r\n'), 'latin1'), Buffer.from('\r\n')]);
  }
  const coded = transfer === 'base64' ? (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n') : quotedPrintable(bytes);
  return Buffer.from(`${head}${coded}\r\n`);
}

function joined(kind: string, parts: readonly Buffer[], id: string): Buffer {
  const boundary = `----=_${kind}_${id.replace(/[^a-z0-9]/gi, '')}`;
  const pieces = parts.flatMap((one) => [Buffer.from(`--${boundary}\r\n`), one, Buffer.from('\r\n')]);
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${kind};\r\n boundary="${boundary}"\r\n\r\n`),
    ...pieces,
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

function file(one: NonNullable<Case['files']>[number], charset: string): Buffer {
  const name =
    one.style === 'rfc2231'
      ? `filename*=${charset}''${[...encode(one.name, charset)].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')}`
      : `filename="${word(one.name, charset).replace(/\r\n /g, ' ')}"`;
  const id = one.cid === undefined ? '' : `Content-ID: <${one.cid}>\r\n`;
  const kind = one.cid === undefined ? 'attachment' : 'inline';
  return Buffer.from(
    `Content-Type: ${one.type}\r\nContent-Transfer-Encoding: base64\r\n${id}Content-Disposition: ${kind};\r\n ${name}\r\n\r\n${Buffer.alloc(one.bytes ?? 60, 'x').toString('base64').match(/.{1,76}/g)?.join('\r\n') ?? ''}\r\n`,
  );
}

export function build(one: Case): Buffer {
  const style: Style = STYLES[one.style];
  const charset = one.charset ?? 'utf-8';
  const quoted = one.quoted ?? ONE_MAIL;
  const text = one.text ?? style.text(one.reply, quoted) + (one.below === undefined ? '' : `\n${one.below}\n`);
  const html = one.html ?? style.html(one.reply, quoted).replace('</body>', `${one.below === undefined ? '' : `<div>${one.below}</div>`}</body>`);
  const shown = (one.files ?? []).map((each) => (each.cid === undefined ? '' : `<img src="cid:${each.cid}">`)).join('');
  const parts = one.parts ?? 'both';
  const bodies = [...(parts === 'html' ? [] : [part('text/plain', text, one)]), ...(parts === 'text' ? [] : [part('text/html', shown + html, one)])];
  const main = bodies.length === 1 ? (bodies[0] ?? Buffer.alloc(0)) : joined('alternative', bodies, one.id);
  const whole = one.files === undefined ? main : joined('mixed', [main, ...one.files.map((each) => file(each, charset))], one.id);
  const head = [
    `From: ${word(AGENCY.name, charset)} <${AGENCY.address}>`,
    `To: ${word(SENDER.name, charset)} <${SENDER.address}>`,
    `Subject: ${word((one.prefix ?? style.prefix) + SUBJECT, charset)}`,
    'Date: Wed, 09 Dec 2026 15:20:00 +0800',
    `Message-ID: <corpus-${one.id}@slj.example.gov.cn>`,
    'In-Reply-To: <abcdefghijkmnpqrstuvwxyz23456789abcdefghijkmnpqrstuv@reply.example.gov.cn>',
    'References: <abcdefghijkmnpqrstuvwxyz23456789abcdefghijkmnpqrstuv@reply.example.gov.cn>',
    `X-Mailer: ${/^[ -~]+$/.test(style.mailer) ? style.mailer : word(style.mailer, charset)}`,
    'MIME-Version: 1.0',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n`), whole]);
}

function write(): void {
  const folder = join(import.meta.dirname, 'replies');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  const expected: Record<string, object> = {};
  for (const one of CASES) {
    writeFileSync(join(folder, `${one.id}.eml`), build(one));
    expected[one.id] = {
      style: one.style,
      charset: one.charset ?? 'utf-8',
      reply: one.expected ?? [one.reply, one.below].filter((text) => text !== undefined && text !== '').join('\n'),
      command: one.command ?? 'answer',
      files: (one.files ?? []).filter((each) => each.cid === undefined || (each.bytes ?? 60) >= 10_240).map((each) => each.name),
    };
  }
  writeFileSync(join(import.meta.dirname, 'replies.json'), `${JSON.stringify(expected, null, 2)}\n`);
}

write();
