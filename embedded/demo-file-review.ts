import { call } from './call.ts';
import type { Ask, House } from './demo-modes.ts';

/** Who of the demo signs for whom of the register. */
const SIGNERS = [
  ['organizer', 'sup-demo-001'],
  ['approver', 'sup-demo-002'],
] as const;

const minus = (item: string, points: number, reason: string) => ({ item, points, reason });

/** What each of the two has signed of a file; the last waits for the organizer's own sheet. */
const SHEETS = [
  // 92 and 70: more than ten apart, so that a third is wanted.
  {
    organizer: [minus('S1', 4, '卷内目录与页码不符'), minus('S4', 4, '告知书未载明听证期限')],
    approver: [minus('S3', 20, '现场笔录没有当事人签名，也未注明理由'), minus('S6', 10, '没有裁量理由')],
  },
  // 96 and 90: 93.
  {
    organizer: [minus('S7', 4, '送达回证日期涂改')],
    approver: [minus('S7', 6, '送达回证日期涂改'), minus('S8', 4, '结案后超过三十日归档')],
  },
  { approver: [minus('S2', 5, '立案审批表没有负责人签名')] },
] as const;

const OPINIONS = { organizer: '请补正目录，规范告知。', approver: '请规范调查取证和送达文书。' };

/** One review of case files in the middle of its way: a third wanted, a file with its grade, and one that waits for the newcomer's sheet. May run twice. */
export async function seedFileReview(house: House, ask: Ask, year: number): Promise<void> {
  for (const [role, supervisor] of SIGNERS)
    await call(house, 'administrator', { method: 'PATCH', path: `/accounts/${role}`, body: { supervisor } });
  const { no } = await ask<{ no: string }>('organizer', '/file-reviews', {
    year,
    agencies: [
      { id: 'shichang', files: [`桓市监罚〔${year}〕11号`, `桓市监罚〔${year}〕12号`] },
      { id: 'huanjing', files: [`桓环罚〔${year}〕3号`] },
    ],
    perAgency: 2,
    supervisors: SIGNERS.map(([, supervisor]) => supervisor),
  });
  const { files } = await ask<{ files: readonly { id: string }[] }>('organizer', `/file-reviews/${no}/draw`);
  for (const [n, sheets] of SHEETS.entries())
    for (const [role] of SIGNERS)
      if (role in sheets)
        await ask(role, `/file-reviews/${no}/files/${files[n]?.id ?? ''}/scores`, {
          marks: sheets[role as keyof typeof sheets],
          opinion: OPINIONS[role],
        });
  await ask('administrator', '/accounts', {
    ...{ id: 'pingcha', name: '监督员丙', role: 'organizer', supervisor: 'sup-demo-003' },
  });
}
