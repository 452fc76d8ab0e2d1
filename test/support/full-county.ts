import { createTransport } from 'nodemailer';
import { expect } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { launchTemplate } from '../../embedded/demo-campaign.ts';
import { seedCounty } from '../../embedded/demo.ts';
import { seedModes } from '../../embedded/demo-modes.ts';
import type { Stack } from '../../embedded/stack.ts';
import type { Store } from '../../models/store.ts';
import { type House, OFFICE, eventually, openHouse } from './house.ts';

/** A house with the demo's county in it: every page of the console has something to show. */
export interface County {
  readonly house: House;
  /** The campaign that runs. */
  readonly no: string;
  /** Its tasks with their links, by agency; the bouncing agency and the one without a contact are not among them. */
  readonly links: ReadonlyMap<string, { readonly no: string; readonly link: string }>;
  /** Answers of so many agencies, waiting for review. */
  answered(n: number): Promise<readonly string[]>;
}

const STARTS = '2026-10-30T09:00:00+08:00';

export async function openCounty(): Promise<County> {
  const house = await openHouse({ startsAt: STARTS });
  const stack = await stackOf(house);
  await seedCounty(stack);
  const no = await launchTemplate(stack, 'work-safety', { recallMinutes: 0 });
  await seedModes(stack);
  const links = await eventually(() => linksOf(house, no));
  let next = 0;
  return {
    house,
    no,
    links,
    async answered(n) {
      const some = [...links.values()].slice(next, (next += n)).map((one) => one.no);
      expect(some).toHaveLength(n);
      await Promise.all(some.map((task) => answer(house, task)));
      await eventually(async () => {
        expect(await house.store.tasks.countDocuments({ _id: { $in: some }, state: 'inReview' })).toBe(n);
      });
      return some;
    },
  };
}

/** What the demo's own scripts take of a stack: the address, tokens, the store with its clock. */
async function stackOf(house: House): Promise<Pick<Stack, 'url' | 'secrets' | 'store' | 'mailbox'>> {
  const { store, url, mailbox, deps } = house;
  const roles = ['administrator', 'organizer', 'approver', 'auditor'] as const;
  const tokens = await Promise.all(roles.map(async (role) => [role, await issueToken(store, role)] as const));
  await store.settings.updateOne(
    { _id: 'clock' },
    { $set: { value: await deps.clock.mapping() } },
    { upsert: true },
  );
  const secrets = { tokens: Object.fromEntries(tokens) } as unknown as Stack['secrets'];
  return { url, store, mailbox, secrets };
}

async function linksOf(house: House, owner: string): Promise<County['links']> {
  const tasks = await house.store.tasks.find({ owner }).lean();
  expect(tasks.length).toBeGreaterThan(30);
  const mails = await house.mailbox.messages({ q: '【请办理】' });
  const found = new Map<string, { no: string; link: string }>();
  for (const task of tasks) {
    const mail = mails.find((one) => one.text.includes(task._id));
    const link = /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(mail?.text ?? '')?.[1];
    if (link !== undefined) found.set(task.agency, { no: task._id, link });
  }
  expect(found.size).toBeGreaterThan(tasks.length - 4);
  return found;
}

async function answer(house: House, task: string): Promise<void> {
  const { status } = await house.call('organizer', 'POST', `/tasks/${task}/answers`, {
    body: { text: '自查情况见附件', by: { name: '经办人乙' }, items: { c1: { result: 'met' } } },
  });
  expect(status).toBe(201);
}

/** Mail from somebody whom the roster does not know. */
export async function strangerWrites(house: House, subject = '关于自查材料'): Promise<void> {
  const client = createTransport({ host: '127.0.0.1', port: house.smtpIn, secure: false, ignoreTLS: true });
  await client.sendMail({
    from: '"陌生人" <stranger@elsewhere.example>',
    to: OFFICE.fromAddress,
    subject,
    text: '材料见附件，请查收。',
  });
  client.close();
  await eventually(async () => {
    expect(await house.store.incoming.countDocuments({ disposition: 'held' })).toBeGreaterThan(0);
  });
}

/** One inspection with a problem, as two inspectors record it. */
export async function inspected(county: Pick<County, 'house' | 'no'>, agency: string): Promise<void> {
  const { house, no } = county;
  const supervisors = await house.store.supervisors.find({}).limit(2).lean();
  const { status, body } = await house.call('organizer', 'POST', `/campaigns/${no}/inspections`, {
    body: {
      agency,
      inspectors: supervisors.map((one) => one._id),
      on: '2026-10-30',
      findings: [{ item: 'c3', severity: 'ordinary', description: '两件重大执法决定未经法制审核' }],
    },
  });
  expect(status, JSON.stringify(body)).toBe(201);
}

/** What a county has once in years: mail that was down on a working day, a recommendation to hold somebody to account, a register that was imported with faults. */
export async function plantRare({ house: { store } }: Pick<County, 'house'>): Promise<void> {
  const [matter, agency, body] = await Promise.all([
    store.cases.findOne({}).lean(),
    store.agencies.findOne({ kind: 'town' }).lean(),
    store.agencies.findOne({ kind: 'department' }).lean(),
  ]);
  const counts = { rows: 3, bad: 1, created: 2, updated: 0, unchanged: 0 };
  await store.outages.create({
    _id: 'TY-2026-001',
    organs: ['mailOut'],
    from: '2026-10-30T08:40:00+08:00',
    until: '2026-10-30T16:10:00+08:00',
    state: 'proposed',
    notedAt: '2026-10-30T16:12:00+08:00',
    extended: [],
  });
  await store.accountabilities.create({
    _id: 'ZZ-2026-001',
    case: matter?._id ?? '',
    kind: 'circulatedCriticism',
    subject: { type: 'agency', id: agency?._id ?? '', name: agency?.name ?? '' },
    body: body?._id ?? '',
    bodyName: body?.name ?? '',
    reason: '逾期未履行决定书',
    basis: '《行政执法监督条例》第三十二条',
    term: { days: 30 },
    termBasis: '《行政执法监督条例》第三十二条',
    recommendedBy: '经办人甲',
    recommendedAt: STARTS,
    state: 'sent',
    version: 2,
    machine: { no: 'ZZ-2026-001', version: 2, measure: 'circulatedCriticism', status: 'sent' },
  } as never);
  await store.operations.create({
    _id: 'DR-2026-001',
    kind: 'import',
    account: 'administrator',
    stage: 'storing',
    stageAt: new Date(),
    stageFrom: 0,
    register: 'officers',
    mode: 'skipBad',
    file: '人员.csv',
    sha256: 'a'.repeat(64),
    by: '管理员',
    startedAt: STARTS,
    endedAt: STARTS,
    state: 'done',
    done: 3,
    of: 3,
    resumed: 0,
    holder: 'test',
    beatAt: new Date(),
    ...counts,
  } as never);
  await store.importFaults.create({
    _id: 'DR-2026-001/2',
    import: 'DR-2026-001',
    row: 2,
    column: 'certificate',
    code: 'column-missing',
    detail: '必填列为空',
  });
}

/** Pages of the console of one matter of each kind in each of its states. */
export async function oneOfEachState({ house: { store } }: Pick<County, 'house'>): Promise<string[]> {
  const states: readonly (readonly [keyof Store, string, Record<string, unknown>])[] = [
    ['tasks', '/tasks/', { state: '$state', kind: '$kind', asked: { $gt: ['$machine.extension', null] } }],
    ['documents', '/documents/', { state: '$state', kind: '$kind' }],
    ['campaigns', '/campaigns/', { state: '$state', phase: '$phase', id: '$_id' }],
    ['clues', '/clues/', { state: '$state', files: { $size: '$files' } }],
    ['cases', '/cases/', { state: '$state' }],
    ['plans', '/plans/', { state: '$state' }],
    ['fileReviews', '/file-reviews/', { state: '$state' }],
    ['accounts', '/accounts/', { id: '$_id' }],
    ['accountabilities', '/accountabilities/', { state: '$state' }],
  ];
  const found = await Promise.all(
    states.map(async ([name, path, by]) => {
      const rows = await (store[name] as Store['tasks']).aggregate<{ id: string }>([
        { $group: { _id: by, id: { $first: '$_id' } } },
        { $sort: { id: 1 } },
      ]);
      return rows.map(({ id }) => `/console${path}${id}`);
    }),
  );
  const files = await store.reviewedFiles
    .find({}, { review: 1 })
    .limit(6)
    .lean<{ _id: string; review: string }[]>();
  return [
    ...found.flat(),
    ...files.map((one) => `/console/file-reviews/${one.review}/files/${one._id}`),
    ...['/contacts', '/me', '/social-supervisors', '/calendar'].map((one) => `/console${one}`),
  ];
}
