import { localDate, workdaysBetween } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { lightOf } from '../../domain/light.ts';
import { readCalendar } from '../../models/calendar.ts';
import { earlierAnswers } from '../../models/earlier-answer.ts';
import type { LinkRecord } from '../../models/link.ts';
import type { SubmissionRecord } from '../../models/submission.ts';
import type { ApiDeps } from '../deps.ts';
import { fileMbOf } from '../uploads.ts';
import { renderPage } from './render.ts';
import type { Visit } from './task-visit.ts';
import type { ItemAnswer, SavedAnswer, TaskPageView } from './views.ts';

const saved = (one: SubmissionRecord): SavedAnswer => ({
  receipt: one._id,
  at: one.receivedAt,
  late: one.late,
  channel: one.channel,
  text: one.text,
  files: one.files.map(({ name, size }) => ({ name, size })),
});

export const officeOf = ({ office }: ApiDeps) => ({
  name: office.name,
  person: office.person,
  phone: office.phone,
});

/** What was saved, when, and whom to ring. */
export async function closedPage(visit: Visit): Promise<string> {
  const { deps, task, token, lang } = visit;
  const answers = await answersOf(visit);
  return renderPage('task-closed', {
    lang,
    path: `/t/${token}`,
    no: task._id,
    title: task.title,
    agency: task.agencyName,
    state: task.state === 'withdrawn' ? 'withdrawn' : 'closed',
    at: task.closedAt ?? task.openedAt,
    ...(task.machine.status === 'withdrawn' ? { reason: task.machine.reason } : {}),
    answers: answers.map(saved).reverse(),
    office: officeOf(deps),
  });
}

/** Whom the task went to; what its former contact still sends is held for a person. */
export const handedPage = (
  { deps, task, token, lang }: Visit,
  { to, at }: NonNullable<LinkRecord['handedOn']>,
): string =>
  renderPage('task-handed', {
    lang,
    path: `/t/${token}`,
    no: task._id,
    title: task.title,
    agency: task.agencyName,
    to,
    at,
    office: officeOf(deps),
  });

const answersOf = ({ deps, task }: Visit) =>
  deps.store.submissions
    .find({ task: task._id, kind: 'answer' })
    .sort({ receivedAt: 1 })
    .lean<SubmissionRecord[]>();

const YEAR_MS = 365 * 86_400_000;

const WHAT = {
  zh: {
    selfInspection: '请对照下列各项自查，如实填写并提交。',
    rectification: '请就下列问题完成整改，说明措施和结果并提交。',
    lookBack: '请说明下列问题整改后的保持情况。',
    statement: '请书面说明情况，并提交有关证据材料和案卷。',
    execution: '请按决定书的要求执行，并报告执行情况。',
    accountability: '请依法处理下列建议，写明处理结果、文号和生效日期并提交。',
    review: '请对照下列各项检查本单位执法情况，如实填写并提交；没有变化的不必重填。',
    appraisal:
      '以下是贵单位本年度评议考核的初步结果。有不同意见的，请在期限内提出异议并说明理由；期满未提出的，视为没有异议。',
  },
  en: {
    selfInspection: 'Check yourselves against the items below and hand in what you found.',
    rectification: 'Put the problems below right; say what was done and with what result.',
    lookBack: 'Say whether the problems below have stayed put right.',
    statement: 'Explain in writing, with the evidence and the file.',
    execution: 'Carry out what the decision orders and report on it.',
    accountability:
      'Decide on the recommendation below; say what was decided, its document and its first day.',
    review:
      'Check your own enforcement against the items below and hand in what you found; what has not changed may stay as last time.',
    appraisal:
      'This is your preliminary appraisal of the year. Object within the term, with reasons, if you do not agree; silence counts as no objection.',
  },
} as const;

/** The page of an open task, with the faults and the words of a form that could not be taken. */
export async function taskPage(
  visit: Visit,
  failed?: Pick<TaskPageView, 'errors' | 'values'>,
): Promise<TaskPageView> {
  const { deps, task, token, lang } = visit;
  const { store } = deps;
  const now = await deps.clock.now();
  const [calendar, submissions, previous] = await Promise.all([
    readCalendar(store.calendars),
    store.submissions.find({ task: task._id }).sort({ receivedAt: 1 }).lean<SubmissionRecord[]>(),
    reusable(visit, now),
  ]);
  const { machine } = task;
  const mine = Object.assign(
    {},
    ...submissions.filter((one) => one.kind === 'answer').map((one) => one.items),
  ) as SubmissionRecord['items'];
  const reasons = new Map(
    machine.status === 'returned' ? machine.items.map((item) => [item.id, item.reason]) : [],
  );
  const asItem = (said: { result?: string; note?: string } | undefined): ItemAnswer | undefined =>
    said && { result: (said.result ?? '') as ItemAnswer['result'], note: said.note ?? '' };
  const asked = submissions.findLast((one) => one.kind === 'extension');
  return {
    lang,
    path: `/t/${token}`,
    no: task._id,
    title: task.title,
    taskKind: task.kind,
    agency: task.agencyName,
    campaign: task.title,
    state: task.state === 'pending' ? 'unacknowledged' : task.state,
    light: lightOf(task, now),
    due: task.due && {
      deadline: task.due,
      workdaysLeft: workdaysBetween(calendar, localDate(stamp(now)), localDate(task.due.at)),
    },
    whatToDo: WHAT[lang][task.kind],
    items: task.items.map(({ id, text, evidence }) => {
      const answered = asItem(mine[id]);
      const before = asItem(previous[id]);
      const reason = reasons.get(id);
      return {
        id,
        text,
        ...(evidence ? { evidence } : {}),
        ...(before ? { previous: before } : {}),
        ...(reason ? { reason } : {}),
        ...(answered ? { answer: answered } : {}),
      };
    }),
    legalBasis: task.legalBasis,
    office: officeOf(deps),
    ...(machine.acknowledged
      ? {
          acknowledged: {
            name: machine.acknowledged.by,
            post: machine.acknowledged.post ?? '',
            at: machine.acknowledged.at,
          },
        }
      : {}),
    ...(machine.extension && asked ? { extension: { state: 'asked' as const, text: asked.text } } : {}),
    delegations: submissions.flatMap((one) =>
      one.told.kind === 'delegation' ? { name: one.told.name, email: one.told.email } : [],
    ),
    answers: submissions
      .filter((one) => one.kind === 'answer')
      .map(saved)
      .reverse(),
    mayObject: task.kind === 'appraisal' || (task.owner.startsWith('GA-') && task.kind !== 'statement'),
    limits: { fileMb: fileMbOf(deps) },
    ...failed,
  };
}

/** What may stand as last time: of the same items, accepted within a year. */
async function reusable({ deps, task }: Visit, now: number): Promise<SubmissionRecord['items']> {
  if (task.kind !== 'selfInspection' && task.kind !== 'review') return {};
  return earlierAnswers(deps.store, task, stamp(now - YEAR_MS));
}
