import { setCurrentDetails } from '@temporalio/workflow';
import type { AccountabilityStatus } from '../domain/accountability.ts';
import type { CampaignStand } from '../domain/campaign.ts';
import type { CaseStatus } from '../domain/case.ts';
import {
  ACCOUNTABILITY_STATES,
  CAMPAIGN_PHASES,
  CAMPAIGN_STATES,
  CASE_STATE_WORDS,
  TASK_STATES,
} from '../domain/stand-words.ts';
import type { TaskState, TaskStatus } from '../domain/task.ts';

// What the engine's own pages show of a running workflow: it leaves nothing in the history, so it may change at any time.

export const tellStandOfCampaign = ({ status, phase }: CampaignStand): void =>
  setCurrentDetails(`${CAMPAIGN_STATES[status]} · 阶段：${CAMPAIGN_PHASES[phase]}`);

export const tellStandOfCase = (state: CaseStatus): void =>
  setCurrentDetails(`个案阶段：${CASE_STATE_WORDS[state]}`);

export const tellStandOfAccountability = (status: AccountabilityStatus): void =>
  setCurrentDetails(ACCOUNTABILITY_STATES[status]);

export const tellStandOfPlan = (year: number, month: number): void =>
  setCurrentDetails(`${year}年度计划 · ${month === 0 ? '尚未开始' : `${month}月周期已开始`}`);

export const tellStandOfRoster = (month: string): void => setCurrentDetails(`名录维护 · ${month}`);

export const tellStandOfFileReview = (until: string): void =>
  setCurrentDetails(`案卷评查初步结果已公布，异议期至${until.slice(0, 10)}`);

export const tellStandOfSettlement = (putOff: boolean): void =>
  setCurrentDetails(putOff ? '对方服务器暂缓接收，稍后再发一次' : '人工决定已收到，正在执行');

export const tellStandOfMoves = (): void =>
  setCurrentDetails('期限变动已经确认，正在逐组通知；通知过的不会重复');

/** How many tasks stand where, and what a person is waited for. */
export function tellStandOfGroup(tasks: Iterable<TaskState>, paused: boolean): void {
  const counts = new Map<TaskStatus, number>();
  let all = 0;
  let handedOver = 0;
  for (const { status, handedOver: waits } of tasks) {
    all += 1;
    counts.set(status, (counts.get(status) ?? 0) + 1);
    if (waits && status !== 'closed' && status !== 'withdrawn') handedOver += 1;
  }
  const said = [...counts].map(([status, n]) => `${TASK_STATES[status]} ${n}/${all}`);
  setCurrentDetails(
    [
      ...(paused ? ['已暂停发送'] : []),
      ...said,
      ...(handedOver > 0 ? [`待人工处理 ${handedOver}/${all}`] : []),
    ].join(' · '),
  );
}
