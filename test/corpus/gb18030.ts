/** Every character of the runtime's own GB18030 table with its two bytes: Node decodes this charset but does not encode it. */
function twoByteTable(): Map<string, readonly number[]> {
  const table = new Map<string, readonly number[]>();
  const decoder = new TextDecoder('gb18030');
  for (let first = 0x81; first <= 0xfe; first++) {
    for (let second = 0x40; second <= 0xfe; second++) {
      if (second === 0x7f) continue;
      const text = decoder.decode(new Uint8Array([first, second]));
      if (Array.from(text).length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, [first, second]);
    }
  }
  return table;
}

let table: Map<string, readonly number[]> | undefined;

function fourBytes(linear: number): number[] {
  return [
    0x81 + Math.floor(linear / 12_600),
    0x30 + (Math.floor(linear / 1260) % 10),
    0x81 + (Math.floor(linear / 10) % 126),
    0x30 + (linear % 10),
  ];
}

/** Above the basic plane the four bytes count on from 0x90308130; below it they are searched. */
function rare(char: string): number[] {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x10000) return fourBytes(189_000 + code - 0x10000);
  const decoder = new TextDecoder('gb18030');
  for (let linear = 0; linear < 39_420; linear++) {
    const bytes = fourBytes(linear);
    if (decoder.decode(new Uint8Array(bytes)) === char) return bytes;
  }
  throw new Error(`no GB18030 bytes for ${char}`);
}

/** Text as GB18030; as GBK when it has no rare character. */
export function encodeGb(text: string): Buffer {
  table ??= twoByteTable();
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes.push(...(code < 0x80 ? [code] : (table.get(char) ?? rare(char))));
  }
  return Buffer.from(bytes);
}
