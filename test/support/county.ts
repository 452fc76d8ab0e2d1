import type { House } from './house.ts';

/** Registers small invented agencies by the API, as an administrator does. */
export async function registerAgencies(
  house: House,
  ids: readonly string[],
  kind: 'town' | 'department' = 'town',
): Promise<void> {
  for (const id of ids) {
    const { status, body } = await house.call('administrator', 'POST', '/agencies', {
      body: {
        id,
        name: `${id}镇人民政府`,
        kind,
        domains: ['workSafety'],
        contacts: [
          { name: '经办人甲', email: `jingban@${id}.huantai.example`, role: 'primary' },
          { name: '副手乙', email: `fushou@${id}.huantai.example`, role: 'deputy' },
          { name: '负责人丙', email: `fuze@${id}.huantai.example`, role: 'leader' },
        ],
      },
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
  }
}

export const plan = (over: Record<string, unknown> = {}) => ({
  title: '安全生产执法专项监督',
  domain: 'workSafety',
  legalBasis: '《山东省行政执法监督条例》第二十一条',
  checklist: 'CL-three-systems',
  agencies: { any: [{ kind: 'town' }] },
  phases: {
    selfInspection: { workdays: 10 },
    jointInspection: { workdays: 15 },
    rectification: { days: 30 },
    lookBack: { days: 30 },
  },
  remind: [{ workdaysBefore: 3 }, { workdaysBefore: 1 }],
  ...over,
});

/** Drafts, previews and launches; the recall window is nothing unless given. */
export async function launch(
  house: House,
  over: Record<string, unknown> = {},
  recallMinutes = 0,
): Promise<string> {
  const drafted = await house.call('organizer', 'POST', '/campaigns', { body: plan(over) });
  if (drafted.status !== 201) throw new Error(JSON.stringify(drafted.body));
  const { no } = drafted.body as { no: string };
  const preview = await house.call('organizer', 'GET', `/campaigns/${no}/preview`);
  const launched = await house.call('organizer', 'POST', `/campaigns/${no}/launch`, {
    body: { previewDigest: preview.body.digest, skipProblems: true, recallMinutes },
  });
  if (launched.status !== 202) throw new Error(JSON.stringify(launched.body));
  return no;
}

/** The page's address out of a mail's text. */
export const linkIn = (text: string): string => /^\s*(http\S+\/t\/[a-z0-9]+)\s*$/m.exec(text)?.[1] ?? '';
