import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { call } from './call.ts';
import { launchTemplate } from './demo-campaign.ts';
import { demoCounty } from './demo-county.ts';
import { seedCounty } from './demo.ts';
import { runCampaign } from './organizer-robot.ts';
import { startRobots } from './robots.ts';
import { startStack, type Stack } from './stack.ts';

/** `npm run demo`: one whole campaign without a person, on data of its own, and the ledger at the end. */
const SEVERITY = { minor: '轻微', ordinary: '一般', major: '严重' } as const;
const STATE = { found: '已发现', rectifying: '整改中', writtenOff: '已销号', reopened: '重新整改' } as const;
const say = (line: string): void => console.log(line);
const SECONDS_A_DAY = Number(process.env['JIANDU_CLOCK'] ?? '1.5');

const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-demo-'));
const stack = await startStack({ dir, clock: SECONDS_A_DAY, say, ports: 'any' });
const finish = async (code: number): Promise<never> => {
  robots.stop();
  await stack.stop();
  await rm(dir, { recursive: true, force: true });
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void finish(130));
await seedCounty(stack);
const robots = startRobots(stack, { dayMs: SECONDS_A_DAY * 1_000 });
say(`演示开始：1天=${SECONDS_A_DAY}秒`);
const no = await launchTemplate(stack, 'work-safety', { recallMinutes: 0 });
say(`已发布 ${no}，控制台 ${stack.url}/console，邮箱 ${stack.mailboxUrl}/`);
await runCampaign(stack, no, say);
await printLedger(stack, no);
await finish(0);

async function printLedger({ store, url, secrets, mailbox }: Stack, owner: string): Promise<void> {
  const names = new Map(demoCounty().agencies.map((agency) => [agency.id, agency.name]));
  const findings = await store.findings.find({ owner }).sort({ _id: 1 }).lean();
  say('\n问题台账');
  say('序号\t来源\t发现日期\t机关\t检查项\t程度\t状态\t销号日期\t回头看');
  for (const [n, one] of findings.entries())
    say(
      [
        n + 1,
        one.source === 'self' ? '自查' : '联合检查',
        one.foundOn,
        names.get(one.agency) ?? one.agency,
        one.item,
        SEVERITY[one.severity],
        STATE[one.state],
        one.writtenOffAt ?? '',
        one.lookedBack ? '已回头看' : '',
      ].join('\t'),
    );
  const { body } = await call<{
    counts: Record<string, number>;
    scores: { agency: string; total: number | null; rank: number | null }[];
  }>({ url, secrets }, 'organizer', { method: 'GET', path: `/campaigns/${owner}` });
  say(`\n办理事项 ${JSON.stringify(body.counts)}  邮件 ${mailbox.count()} 封`);
  say(
    '得分前五：' +
      body.scores
        .slice(0, 5)
        .map((one) => `${names.get(one.agency) ?? one.agency} ${one.total ?? '—'}`)
        .join('，'),
  );
  const verified = await call<{ intact: boolean; entries: number; root: string }>(
    { url, secrets },
    'administrator',
    { method: 'GET', path: `/history/${owner}/verify` },
  );
  say(
    `散列链${verified.body.intact ? '完整' : '已断'}，${verified.body.entries} 条，根 ${verified.body.root.slice(0, 16)}`,
  );
}
