import { sampleDue, sampleOffice, sampleTask } from '../../mail/sample-views.ts';
import type { PageViews, SavedAnswer, TaskPageView } from './views.ts';

const answers: readonly SavedAnswer[] = [
  {
    receipt: 'HZ-7K2M9Q',
    at: '2026-12-08T16:21:09+08:00',
    late: true,
    channel: 'email',
    text: '自查情况如下：\n一、年度检查计划已印发并公示。\n二、全过程记录已归档。',
    files: [{ name: '检查计划.pdf', size: 1_240_000 }],
  },
];

/** Every field of the task page filled in, errors and typed values included: what the house test compares names with. */
export const sampleTaskPage: TaskPageView = {
  lang: 'zh',
  path: '/t/7kq2mz5w9h3cxr8bv4fnjd6tgsyap',
  no: sampleTask.no,
  title: sampleTask.title,
  taskKind: 'selfInspection',
  agency: sampleTask.agency,
  campaign: '2026年安全生产执法专项监督',
  state: 'returned',
  light: 'yellow',
  due: { ...sampleDue, workdaysLeft: 2 },
  whatToDo: '对照3项检查内容开展自查，如实填写结果，有问题的说明整改安排。',
  items: [
    {
      id: 'c1',
      text: '年度检查计划',
      evidence: '计划文本',
      previous: { result: 'met', note: '已按计划执行' },
    },
    {
      id: 'c2',
      text: '执法全过程记录',
      reason: '缺少执法全过程记录影像目录',
      answer: { result: 'partly', note: '影像资料正在整理' },
    },
    { id: 'c3', text: '重大执法决定法制审核' },
  ],
  findings: [{ item: '法制审核', severity: '一般', description: '2件重大处罚决定未见法制审核意见书。' }],
  legalBasis: sampleTask.legalBasis,
  office: sampleOffice,
  acknowledged: { name: '经办人乙', post: '执法科科长', at: '2026-11-27T10:12:00+08:00' },
  extension: { state: 'asked', text: '3个工作日，资料在档案馆' },
  delegations: [{ name: '经办人丁', email: 'ding@shuili.huantai.example' }],
  answers,
  mayObject: true,
  limits: { fileMb: 200 },
  errors: [{ form: 'answers', field: 'text', sentence: '请写明办理情况' }],
  values: {
    form: 'answers',
    fields: { text: '', by: '经办人乙' },
    items: { c3: { result: 'met', note: '<b>已审核</b>' } },
  },
};

/** One view of every page. */
export const samplePages: { readonly [N in keyof PageViews]: PageViews[N] } = {
  task: sampleTaskPage,
  receipt: {
    lang: 'zh',
    path: sampleTaskPage.path,
    no: sampleTask.no,
    title: sampleTask.title,
    agency: sampleTask.agency,
    what: 'answer',
    receipt: 'HZ-7K2M9Q',
    receivedAt: '2026-12-10T16:21:09+08:00',
    late: false,
    afterEnd: false,
    text: '自查情况见附件。',
    files: [
      {
        name: '检查计划.pdf',
        size: 1_240_000,
        sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      },
    ],
    office: sampleOffice,
  },
  'task-closed': {
    lang: 'zh',
    path: sampleTaskPage.path,
    no: sampleTask.no,
    title: sampleTask.title,
    agency: sampleTask.agency,
    state: 'closed',
    at: '2026-12-12T09:30:00+08:00',
    reason: '反馈已接受',
    answers,
    office: sampleOffice,
  },
  complaints: {
    lang: 'zh',
    path: '/complaints',
    agencies: [{ id: 'maqiao', name: '马桥镇人民政府' }],
    actTypes: ['penalty', 'licence'],
    opened: '1796083200000.7kq2mz5w.9f86d081',
    limits: { fileMb: 20 },
    office: sampleOffice,
    errors: [{ form: 'complaint', field: 'summary', sentence: '请写明反映的事项' }],
    values: { form: 'complaint', fields: { summary: '', agency: 'maqiao' }, items: {} },
  },
  'complaint-receipt': {
    lang: 'zh',
    path: '/complaints',
    no: 'XS-2026-0001',
    receivedAt: '2026-12-10T16:21:09+08:00',
    by: '2026-12-11T17:00:00+08:00',
    code: '7kq2 mz5w 9h3c xr8b v4fn jd6t gs',
    files: [{ name: '现场照片.jpg', size: 560_000 }],
    office: sampleOffice,
  },
  'complaint-follow': {
    lang: 'zh',
    path: '/complaints/follow',
    clue: {
      no: 'XS-2026-0001',
      receivedAt: '2026-12-10T16:21:09+08:00',
      steps: [
        {
          step: 'replied',
          at: '2026-12-10T16:21:09+08:00',
          by: '2027-01-23T17:00:00+08:00',
          to: '市生态环境局桓台分局',
          closing: 'rectified',
          guidance: 'reconsideration',
          documentNumber: '桓司执监复〔2026〕1号',
          body: ['经核实，反映的问题已经整改。'],
        },
      ],
    },
    office: sampleOffice,
    errors: [{ form: 'follow', field: 'code', sentence: '没有这个查询码' }],
    values: { form: 'follow', fields: { code: '' }, items: {} },
  },
  'not-found': { lang: 'zh' },
  'office-error': {
    lang: 'zh',
    title: '系统暂时不可用',
    sentence: '您填写的内容没有保存，请稍后再试。',
    traceId: '4bf92f3577b34da6',
  },
};
