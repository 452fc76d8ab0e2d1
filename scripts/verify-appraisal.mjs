// Counts a published appraisal (评议考核) again with nothing but Node: node verify-appraisal.mjs [appraisal.json], or the JSON on standard input.
// Exits 0 where every figure agrees, 1 where one differs, 2 where the input cannot be read. It shares no line with the product.
import { readFileSync } from 'node:fs';

const say = (line) => process.stdout.write(`${line}\n`);
const tenth = (n) => Math.round(n * 10) / 10;
const within = (share) => Math.min(1, Math.max(0, share));
const GRAVITY = { minor: 1, ordinary: 2, major: 4 };

/** Each rule's share of its points from its events alone; null where it has none to go by. */
const RULES = {
  problemDensity(events) {
    const found = events.filter((one) => one.what === 'found');
    const looks = events.filter((one) => one.what === 'looked').length;
    if (looks === 0 && found.length === 0) return null;
    const weight = found.reduce((sum, one) => sum + GRAVITY[one.severity] * (one.repeat ? 2 : 1), 0);
    return 1 - weight / Math.max(looks, 1) / 2;
  },
  rectification(events) {
    if (events.length === 0) return null;
    const worth = { rectified: 1, rectifiedLate: 0.5, unrectified: 0 };
    return events.reduce((sum, one) => sum + worth[one.what], 0) / events.length;
  },
  selfDisclosure(events) {
    if (events.length === 0) return null;
    return events.filter((one) => one.what === 'disclosed').length / events.length;
  },
  fileQuality(events) {
    if (events.length === 0) return null;
    return events.filter((one) => one.what === 'fileSound').length / events.length;
  },
  timeliness(events) {
    if (events.length === 0) return null;
    const worth = { answered: 1, answeredLate: 0.5, silent: 0 };
    return events.reduce((sum, one) => sum + worth[one.what], 0) / events.length;
  },
};
const POINTS = { problemDensity: 30, rectification: 30, selfDisclosure: 15, fileQuality: 15, timeliness: 10 };

let differences = 0;
function check(agency, what, [published, counted]) {
  if (published === counted) return;
  differences += 1;
  say(`✘ ${agency} ${what}: published 公布 ${published}, counted 核算 ${counted}`);
}

function verify({ year, items }) {
  if (!Number.isInteger(year) || !Array.isArray(items)) throw new Error('"year" and "items" are needed');
  for (const { agency, total, points } of items) {
    const counted = points.map(({ rule, value, events }) => {
      const share = RULES[rule](events);
      const mine = share === null ? null : tenth(POINTS[rule] * within(share));
      check(agency, rule, [value, mine]);
      return { max: POINTS[rule], mine };
    });
    const told = counted.filter((one) => one.mine !== null);
    const of = told.reduce((sum, one) => sum + one.max, 0);
    const got = told.reduce((sum, one) => sum + one.mine, 0);
    check(agency, 'total', [total, of === 0 ? null : tenth((100 * got) / of)]);
  }
  say(
    differences === 0
      ? `${year}: ${items.length} agencies, every figure agrees 全部一致。`
      : `${year}: ${differences} difference(s) 不一致。`,
  );
}

try {
  verify(JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8')));
  process.exitCode = differences === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`Cannot read the appraisal 无法读取：${error.message}\n`);
  process.exitCode = 2;
}
