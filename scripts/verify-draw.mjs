// Repeats a published random draw (双随机) with nothing but Node: node verify-draw.mjs [draw.json], or the JSON on standard input.
// Exits 0 where every step agrees, 1 where one differs, 2 where the input cannot be read.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
const bare = (hash) =>
  String(hash)
    .replace(/^sha256:/u, '')
    .toLowerCase();
const compare = (a, b) => (a === b ? 0 : a < b ? -1 : 1);
const say = (line) => process.stdout.write(`${line}\n`);

let failures = 0;
function check(agrees, what) {
  if (!agrees) failures += 1;
  say(`   ${agrees ? '✔ agrees 一致' : '✘ DIFFERS 不一致'}: ${what}`);
}

function read() {
  const given = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'));
  const { seed, commitment, purpose, size, candidates, rosterHash, drawn } = given;
  for (const [name, value] of Object.entries({ seed, commitment, purpose, rosterHash })) {
    if (typeof value !== 'string' || value === '') throw new Error(`"${name}" must be a text`);
  }
  if (!Number.isInteger(size) || size < 1) throw new Error('"size" must be a positive whole number');
  if (!Array.isArray(candidates) || candidates.length === 0) throw new Error('"candidates" must be a list');
  for (const one of candidates) {
    if (typeof one?.id !== 'string' || one.id === '') throw new Error('every candidate needs an "id"');
  }
  if (!Array.isArray(drawn)) throw new Error('"drawn" must be a list');
  return { seed, commitment, purpose, size, candidates, rosterHash, drawn };
}

function verify({ seed, commitment, purpose, size, candidates, rosterHash, drawn }) {
  say(`Draw 抽取：${purpose}`);
  say(
    `1. The seed was fixed before the draw: SHA-256 of "${seed}" is ${sha256(seed)}; published was ${bare(commitment)}.`,
  );
  check(sha256(seed) === bare(commitment), 'the commitment 种子承诺');

  const ids = new Set(candidates.map((one) => one.id));
  const lines = candidates
    .toSorted((a, b) => compare(a.id, b.id))
    .map((one) => `${JSON.stringify([one.id, one.excluded ?? null])}\n`)
    .join('');
  say(
    `2. The roster is the published one: ${candidates.length} candidates, SHA-256 ${sha256(lines)}; published was ${bare(rosterHash)}.`,
  );
  check(sha256(lines) === bare(rosterHash), 'the roster 名单快照');
  check(ids.size === candidates.length, 'nobody is listed twice 无人重复');

  const out = candidates.filter((one) => typeof one.excluded === 'string');
  say(`3. ${out.length} are excluded, each with a reason 排除：`);
  for (const one of out) say(`   - ${one.id}: ${one.excluded}`);

  const order = candidates
    .filter((one) => typeof one.excluded !== 'string')
    .map((one) => ({ id: one.id, hash: sha256(`${seed}|${purpose}|${one.id}`) }))
    .toSorted((a, b) => compare(a.hash, b.hash) || compare(a.id, b.id));
  say('4. Everyone else is ordered by the SHA-256 of "seed|purpose|id" 排序：');
  for (const [n, one] of order.entries()) say(`   ${n < size ? '●' : '○'} ${n + 1}. ${one.hash} ${one.id}`);

  const again = order.slice(0, size).map((one) => one.id);
  say(`5. The first ${size} are drawn: ${again.join(', ')}; published were ${drawn.join(', ')}.`);
  check(size <= order.length, `there are ${size} to draw 人数足够`);
  check(JSON.stringify(again) === JSON.stringify(drawn), 'the result 抽取结果');
  say(
    failures === 0
      ? 'The draw is confirmed 核验通过。'
      : `The draw is NOT confirmed 核验不通过: ${failures} difference(s).`,
  );
}

try {
  verify(read());
  process.exitCode = failures === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`Cannot read the draw 无法读取：${error.message}\n`);
  process.exitCode = 2;
}
