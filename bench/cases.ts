import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { issueToken } from '../data/seed.ts';
import { caseId } from '../workflows/messages.ts';
import { load } from './machine.ts';
import { type Subject, startSubject } from './subject.ts';
import { sum } from './work.ts';

/** `npm run bench:cases [-- --sizes 10,1000]`: what a step of a case costs while so many others are open on one worker. */
const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10,100,1000' } } });
/** Cases that take the measured steps, new ones at each size. */
const SAMPLE = 10;
const AT_ONCE = 8;
/** CPU ms in a second, of all processes together, that count as rest. */
const RESTING_MS = 150;

interface Staff {
  readonly organizer: string;
  readonly approver: string;
}

async function staffOf({ store, token }: Subject): Promise<Staff> {
  const account = {
    name: '审批人',
    role: 'approver',
    passwordHash: '-',
    disabled: false,
  } as const;
  await store.accounts.create({ _id: 'approver', ...account });
  await store.agencies.create({
    _id: 'maqiao',
    name: '马桥镇人民政府',
    kind: 'town',
    domains: ['workSafety'],
    contacts: [{ name: '经办人甲', email: 'jingban@maqiao.example', role: 'primary' }],
    version: 1,
  });
  for (const n of [1, 2])
    await store.supervisors.create({
      _id: `supervisor-${n}`,
      name: `监督员${n}`,
      certificate: { no: `SD-${n}`, issued: '2024-01-01', expires: '2099-01-01' },
    });
  return { organizer: token, approver: await issueToken(store, 'approver') };
}

async function post<T>(url: string, token: string, [path, body]: readonly [string, unknown]): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${said.slice(0, 300)}`);
  return JSON.parse(said) as T;
}

async function openCase({ url }: Subject, { organizer }: Staff): Promise<string> {
  const clue = { channel: 'assignment', agency: 'maqiao', summary: '当场收取罚款未开票据' };
  const { no } = await post<{ no: string }>(url, organizer, ['/clues', clue]);
  const accept = { result: 'accept', reason: '属于本机关职责' };
  const screened = await post<{ case: string }>(url, organizer, [`/clues/${no}/screening`, accept]);
  return screened.case;
}

async function openCases(subject: Subject, staff: Staff, count: number): Promise<string[]> {
  const opened: string[] = [];
  let left = count;
  const line = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      opened.push(await openCase(subject, staff));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return opened;
}

/** Files each case of the sample and records one investigation: CPU ms and events a step, one after another. */
async function steps(subject: Subject, staff: Staff, sample: readonly string[]) {
  const { url, client } = subject;
  const before = subject.cpu();
  const began = Date.now();
  for (const no of sample) {
    const filing = { approved: true, supervisors: ['supervisor-1', 'supervisor-2'] };
    await post(url, staff.approver, [`/cases/${no}/filing`, filing]);
    const record = { kind: 'fileRetrieval', text: '调阅案卷一册' };
    await post(url, staff.organizer, [`/cases/${no}/investigation-records`, record]);
  }
  const taken = 2 * sample.length;
  const lengths = await Promise.all(
    sample.map(async (no) => (await client.workflow.getHandle(caseId(no)).describe()).historyLength),
  );
  return {
    ms: (Date.now() - began) / taken,
    cpu: (sum(subject.cpu()) - sum(before)) / taken,
    events: lengths.reduce((all, one) => all + one, 0) / sample.length,
  };
}

/** Waits until what the openings left to do is done: sizes are compared at rest. */
async function atRest(subject: Subject): Promise<void> {
  for (let calm = 0, before = sum(subject.cpu()); calm < 3;) {
    await wait(1_000);
    const now = sum(subject.cpu());
    calm = now - before < RESTING_MS ? calm + 1 : 0;
    before = now;
  }
}

const subject = await startSubject({ receipts: false });
try {
  const staff = await staffOf(subject);
  const first = await openCases(subject, staff, SAMPLE);
  await atRest(subject);
  await steps(subject, staff, first);
  let open = SAMPLE;
  for (const size of values.sizes.split(',').map(Number)) {
    const fresh = await openCases(subject, staff, Math.max(SAMPLE, size - open));
    open += fresh.length;
    await atRest(subject);
    const { ms, cpu, events } = await steps(subject, staff, fresh.slice(-SAMPLE));
    const { worker, server } = subject.memory();
    console.log(
      `${open} open: ${cpu.toFixed(1)} CPU ms and ${ms.toFixed(0)} ms a step, ${events.toFixed(1)} events a case; worker ${worker.toFixed(0)} MB, server ${server.toFixed(0)} MB; load ${load()}`,
    );
  }
} finally {
  await subject.stop();
}
