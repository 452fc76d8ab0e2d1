import { call } from './call.ts';
import type { Role } from '../models/account.ts';
import type { Stack } from './stack.ts';

type House = Pick<Stack, 'url' | 'secrets'>;
type Say = (line: string) => void;
type Ask = <T>(role: Role, path: string, body?: unknown) => Promise<T>;

const PATIENCE_MS = 240_000;

/** Does for one case what the people of the office do, from a confidential complaint to the archive; the agency's robot signs and answers. */
export async function runCase(house: House, say: Say): Promise<string> {
  const ask: Ask = async <T>(role: Role, path: string, body: unknown = {}) =>
    (await call<T>(house, role, { method: 'POST', path, body })).body;
  const no = await open(ask, say);
  const step = (what: string, body?: unknown, role: Role = 'organizer'): Promise<unknown> =>
    ask(role, `/cases/${no}/${what}`, body);
  const stands = (state: string): Promise<void> => until(house, { no, state, say });
  await step('filing', { approved: true, supervisors: ['sup-demo-001', 'sup-demo-002'] }, 'approver');
  await stands('filed');
  await issue(ask, no, { kind: 'notice', findings: [] });
  await stands('statementReceived');
  await step('verification', { accepted: true, note: '说明已收到' });
  await step('investigation-records', {
    kind: 'interviewRecord',
    text: '询问经办人，其承认处罚前未告知陈述、申辩的权利',
  });
  await stands('investigating');
  await issue(ask, no, { kind: 'opinion', findings: ['处罚决定作出前未告知陈述、申辩的权利'] });
  await stands('verifying');
  await step('verification', { accepted: true, note: '整改到位' });
  await stands('verified');
  await step('closure', { reason: 'rectified' });
  await stands('closed');
  await step('reply', { text: '已责令纠正，处罚决定已重新作出。' });
  await stands('replied');
  await step('archive');
  await stands('archived');
  return no;
}

async function open(ask: Ask, say: Say): Promise<string> {
  const clue = await ask<{ no: string }>('organizer', '/clues', {
    channel: 'complaint',
    agency: 'xincheng',
    actType: 'penalty',
    summary: '处罚决定作出前没有告知陈述、申辩的权利',
    complainant: { name: '示例投诉人', contact: 'tousuren@qunzhong.example', confidential: true },
  });
  const screening = { result: 'accept', reason: '属于本机关监督职责' };
  const screened = await ask<{ case: string }>('organizer', `/clues/${clue.no}/screening`, screening);
  say(`线索 ${clue.no} 受理为 ${screened.case}`);
  return screened.case;
}

async function issue(ask: Ask, no: string, draft: Record<string, unknown>): Promise<void> {
  const { id } = await ask<{ id: string }>('organizer', `/cases/${no}/documents`, draft);
  await ask('approver', `/documents/${id}/approval`, { approved: true, signatory: '审批人' });
  await ask('organizer', `/documents/${id}/service`, { channel: 'email' });
}

async function until(
  house: House,
  { no, state, say }: { readonly no: string; readonly state: string; readonly say: Say },
): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let last = '';
  while (Date.now() < end) {
    const { body } = await call<{ state: string }>(house, 'organizer', {
      method: 'GET',
      path: `/cases/${no}`,
    });
    if (body.state !== last) say(`${no} ${body.state}`);
    last = body.state;
    if (last === state) return;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  throw new Error(`${no} 停在 ${last}，没有到达 ${state}`);
}
