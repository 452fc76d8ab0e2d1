import { productAt, type ClockMapping } from '../domain/clock.ts';
import type { Role } from '../models/account.ts';
import { call } from './call.ts';
import { demoCounty } from './demo-county.ts';
import { seedFileReview } from './demo-file-review.ts';
import type { Stack } from './stack.ts';

export type House = Pick<Stack, 'url' | 'secrets' | 'store'>;
export type Ask = <T>(role: Role, path: string, body?: unknown) => Promise<T>;

const PROBLEMS = [
  ['maqiao', 'M06', 'legalReview', '一件重大执法决定未经法制审核'],
  ['maqiao', 'M06', 'legalReview', '另一件重大执法决定法制审核意见未入卷'],
  ['qifeng', 'B03', 'planning', '对同一企业的检查未列入年度检查计划'],
] as const;

/** Puts cases, a clue, a year's plan and enforcement acts before a newcomer, once: what was seeded before a start was cut short is not seeded again. */
export async function seedModes(house: House): Promise<void> {
  for (const [name, step] of Object.entries(STEPS)) {
    const mark = `demo-seeded/${name}`;
    if (await house.store.settings.exists({ _id: mark })) continue;
    let n = 0;
    const made = await step(house, async <T>(role: Role, path: string, body: unknown = {}) => {
      n += 1;
      const headers = { 'Idempotency-Key': `${mark}/${n}` };
      return (await call<T>(house, role, { method: 'POST', path, body, headers })).body;
    }).then(
      () => true,
      // Reason: a demonstration that lacks one of its examples still starts, and the next start makes it.
      () => false,
    );
    if (made)
      await house.store.settings.updateOne({ _id: mark }, { $set: { value: true } }, { upsert: true });
  }
}

const STEPS: Readonly<Record<string, (house: House, ask: Ask) => Promise<void>>> = {
  async officers(_house, ask) {
    for (const [n, agency] of demoCounty().agencies.slice(0, 12).entries())
      await ask('administrator', '/officers', {
        name: `执法员${n + 1}`,
        agency: agency.id,
        certificate: {
          no: `YANSHI-ZF-${String(n + 1).padStart(4, '0')}`,
          issued: '2024-05-01',
          expires: '2029-04-30',
        },
      });
  },
  async clue(_house, ask) {
    await ask('organizer', '/clues', {
      channel: 'complaint',
      agency: 'suozhen',
      actType: 'penalty',
      summary: '处罚决定作出前没有告知陈述、申辩的权利',
      complainant: { name: '示例投诉人', contact: 'tousuren@qunzhong.example', confidential: true },
    });
  },
  /** Its agency never answers: the opinion is served, unsigned, and no term runs. */
  async unsigned(house, ask) {
    const no = await openCase(ask, {
      agency: 'tangshan',
      summary: '一季度对同一企业检查四次，未出示执法证件',
    });
    const notice = await issue(ask, no, { kind: 'notice', findings: [] });
    const receipt = { channel: 'paper', receivedOn: await today(house), receivedBy: '办公室' };
    const { task } = await ask<{ task: string }>('organizer', `/documents/${notice}/service`, receipt);
    const said = { text: '情况属实，检查前未核对年度计划。', by: { name: '经办人甲' } };
    await ask('organizer', `/tasks/${task}/answers`, said);
    await reached(house, no, 'statementReceived');
    const findings = ['对同一企业一季度检查四次', '检查时未出示执法证件'];
    const opinion = await issue(ask, no, { kind: 'opinion', findings });
    await ask('organizer', `/documents/${opinion}/service`, { channel: 'email' });
  },
  /** A notice waits for the approver's signature; signed and served, the agency answers it. */
  async unsent(_house, ask) {
    const no = await openCase(ask, { agency: 'shichang', summary: '罚款后没有出具专用票据' });
    await ask('organizer', `/cases/${no}/documents`, { kind: 'notice', findings: [] });
  },
  async acts(_house, ask) {
    const act = (no: string, over: Record<string, unknown>): Record<string, unknown> => ({
      ...{ no, agency: 'shichang', type: 'penalty', on: '2026-02-27', target: '示例餐饮店', officers: [] },
      ...over,
    });
    const items = [
      act('YANSHI-0001', { amount: 500 }),
      act('YANSHI-0002', { type: 'inspection' }),
      act('YANSHI-0003', { type: 'inspection', agency: 'huanjing', target: '示例印染厂' }),
      act('YANSHI-0004', { type: 'licence', agency: 'shenpi', target: '示例便利店' }),
    ];
    await ask('organizer', '/acts', { items });
  },
  fileReview: async (house, ask) => seedFileReview(house, ask, Number((await today(house)).slice(0, 4))),
  async plan(house, ask) {
    const year = Number((await today(house)).slice(0, 4));
    for (const [n, [agency, item, category, description]] of PROBLEMS.entries())
      await house.store.findings.updateOne(
        { _id: `RC-${year - 1}-${String(n + 1).padStart(3, '0')}-${item}` },
        {
          $setOnInsert: {
            ...{ owner: `RC-${year - 1}`, mode: 'daily', agency, item, category, description },
            ...{ severity: 'ordinary', source: 'self', state: 'writtenOff' },
            foundOn: `${year - 1}-0${n + 5}-20`,
          },
        },
        { upsert: true },
      );
    const { no } = await ask<{ no: string }>('organizer', '/plans', { year });
    await ask('approver', `/plans/${no}/approval`, { approved: true });
  },
};

/** The names of what the demo shows at its first start. */
export const EXAMPLES: readonly string[] = Object.keys(STEPS);

async function openCase(ask: Ask, about: { agency: string; summary: string }): Promise<string> {
  const clue = await ask<{ no: string }>('organizer', '/clues', { channel: 'media', ...about });
  const screened = await ask<{ case: string }>('organizer', `/clues/${clue.no}/screening`, {
    result: 'accept',
    reason: '属于本机关监督职责',
  });
  const supervisors = ['sup-demo-001', 'sup-demo-002'];
  await ask('approver', `/cases/${screened.case}/filing`, { approved: true, supervisors });
  return screened.case;
}

async function issue(ask: Ask, no: string, draft: Record<string, unknown>): Promise<string> {
  const { id } = await ask<{ id: string }>('organizer', `/cases/${no}/documents`, draft);
  await ask('approver', `/documents/${id}/approval`, { approved: true, signatory: '审批人' });
  return id;
}

/** Waits until a case stands where its next step is possible. */
async function reached({ store }: House, no: string, state: string): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if ((await store.cases.findById(no).lean())?.state === state) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${no} 没有到达 ${state}`);
}

/** The day that the product's clock shows in China. */
async function today({ store }: House): Promise<string> {
  const row = await store.settings.findById('clock').lean();
  const now = row ? productAt(row.value as ClockMapping, Date.now()) : Date.now();
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}
