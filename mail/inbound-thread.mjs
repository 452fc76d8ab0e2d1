// Runs in a thread of its own, in plain JavaScript so that no loader is needed there: a hostile mail can cost this thread its life, never the process.
import { parentPort } from 'node:worker_threads';
import PostalMime, { addressParser, decodeWords } from 'postal-mime';

const RECIPIENT_HEADERS = new Set([
  'to',
  'cc',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-forwarded-to',
]);

function decodes(charset, bytes) {
  try {
    new TextDecoder(charset, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Chinese clients still send GBK without a label, or with a wrong one: the first charset that decodes without a fault is taken. */
function repairCharsets(node) {
  const type = node.contentType.parsed;
  if (!node.contentType.multipart && /^text\//i.test(type.value) && node.content) {
    const label = String(type.params.charset ?? '')
      .trim()
      .toLowerCase();
    const declared = label === '' || label === 'us-ascii' ? 'utf-8' : label;
    const fitting = [declared, 'utf-8', 'gb18030'].find((charset) => decodes(charset, node.content));
    if (fitting !== undefined) type.params.charset = fitting;
  }
  node.childNodes.forEach(repairCharsets);
}

/** Headers in raw GBK bytes are turned into UTF-8 before parsing; only the first header block is touched. */
function repairHeaders(raw) {
  const at = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')].filter((index) => index >= 0);
  const head = raw.subarray(0, Math.min(raw.length, ...at));
  if (decodes('utf-8', head) || !decodes('gb18030', head)) return raw;
  return Buffer.concat([Buffer.from(new TextDecoder('gb18030').decode(head)), raw.subarray(head.length)]);
}

/** Attack: 20,000 empty parts parse quickly and then cost whoever walks them, so parts are counted while they are read. */
function countParts(parser, limit) {
  const read = parser.processLine.bind(parser);
  let current;
  let parts = 0;
  parser.processLine = async (line, isFinal) => {
    await read(line, isFinal);
    if (parser.currentNode === current) return;
    current = parser.currentNode;
    if (++parts > limit * 2) throw new Error('too-many-parts');
  };
}

function partsOf(node) {
  return node.childNodes.reduce((sum, child) => sum + partsOf(child), 1);
}

async function parse(raw, limits) {
  const parser = new PostalMime({
    forceRfc822Attachments: true,
    maxNestingDepth: limits.depth,
    maxHeadersSize: limits.headerBytes,
  });
  countParts(parser, limits.parts);
  const collect = parser.collectNode.bind(parser);
  parser.collectNode = (node, ...rest) => {
    if (node === parser.root) repairCharsets(node);
    return collect(node, ...rest);
  };
  const mail = await parser.parse(repairHeaders(raw));
  if (partsOf(parser.root) > limits.parts) throw new Error('too-many-parts');
  const sender = mail.from?.group?.[0] ?? mail.from;
  return {
    from: { name: sender?.name ?? '', address: (sender?.address ?? '').toLowerCase() },
    to: mail.headers
      .filter((header) => RECIPIENT_HEADERS.has(header.key))
      .flatMap((header) => addressParser(header.value, { flatten: true }))
      .slice(0, 500)
      .map((address) => (address.address ?? '').toLowerCase()),
    subject: (mail.subject ?? '').slice(0, 1000),
    messageId: mail.messageId ?? '',
    inReplyTo: mail.inReplyTo ?? '',
    references: mail.references ?? '',
    date: mail.date,
    text: (mail.text ?? '').slice(0, limits.textChars),
    html: (mail.html ?? '').slice(0, limits.textChars * 2),
    headers: mail.headers.map(({ key, value }) => [key, decodeWords(value.slice(0, 10_000))]),
    attachments: mail.attachments.map((part) => ({
      name: part.filename,
      contentType: part.mimeType,
      disposition: part.disposition,
      contentId: part.contentId,
      content: new Uint8Array(part.content),
    })),
  };
}

function reason(error) {
  const message = String(error?.message ?? error);
  if (message === 'too-many-parts') return 'too-many-parts';
  if (/nesting depth/i.test(message)) return 'too-deep';
  if (/header/i.test(message)) return 'headers-too-large';
  return 'broken';
}

parentPort.on('message', async ({ id, raw, limits }) => {
  try {
    parentPort.postMessage(
      {
        id,
        mail: await parse(Buffer.from(raw.buffer, raw.byteOffset, raw.length), limits),
      },
      [],
    );
  } catch (error) {
    parentPort.postMessage({ id, reason: reason(error) }, []);
  }
});
