// Checks an unpacked case file (案卷) with nothing but Node: node verify.mjs [folder].
// Exits 0 where every file and the chain of events are as they were bound, 1 where something differs, 2 where the manifest cannot be read.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));
const say = (line) => process.stdout.write(`${line}\n`);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

let faults = 0;
function fault(sentence) {
  faults += 1;
  say(`✘ ${sentence}`);
}

function walk(from) {
  return readdirSync(from, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory()
      ? walk(join(from, one.name))
      : [relative(folder, join(from, one.name)).split(sep).join('/')],
  );
}

/** Each block holds the hash of the one before; the last one's is the root that the manifest names. */
function checkChain(blocks, root) {
  let prev = '';
  for (const [i, block] of blocks.entries()) {
    const hash = sha256([prev, block.owner, block.seq, block.key, block.entries].join('\n'));
    if (block.seq !== i + 1 || block.prev !== prev || block.hash !== hash)
      return fault(`the chain of events breaks at ${i + 1} 台账在第${i + 1}段不连续`);
    prev = hash;
  }
  if (prev !== root)
    return fault('the chain of events ends elsewhere than the manifest says 台账链首与清单不符');
  say(`✔ chain of events 台账链: ${blocks.length} blocks, root ${root}`);
}

let manifest;
try {
  manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
} catch (error) {
  process.stderr.write(`Cannot read the manifest 无法读取清单：${error.message}\n`);
  process.exit(2);
}
say(`Case file 案卷 ${manifest.no}，${manifest.title}，${manifest.madeAt}`);
const named = new Map(manifest.files.map((file) => [file.path, file]));
const there = walk(folder).filter((path) => path !== 'manifest.json');
for (const path of there) if (!named.has(path)) fault(`not in the manifest 清单中没有: ${path}`);
for (const { path, size, sha256: wanted } of named.values()) {
  try {
    const file = join(folder, path);
    if (statSync(file).size !== size || sha256(readFileSync(file)) !== wanted)
      fault(`changed 已改动: ${path}`);
    else if (path.endsWith('.chain.json')) checkChain(JSON.parse(readFileSync(file, 'utf8')), manifest.root);
  } catch {
    fault(`missing 缺失: ${path}`);
  }
}
say(
  faults === 0
    ? `✔ ${named.size} files are as they were bound 全部${named.size}个文件与立卷时一致。`
    : `✘ ${faults} fault(s) 共${faults}处不符。`,
);
process.exitCode = faults === 0 ? 0 : 1;
