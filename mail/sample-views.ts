import type { Deadline } from '../domain/deadline.ts';
import type { DueView, MailKind, MailViews, OfficeView, PaperMailView, TaskMailView } from './views.ts';

/** Ten working days over two weekends. */
export const sampleDeadline: Deadline = {
  at: '2026-12-11T17:00:00+08:00',
  rule: 'workdays',
  basis: '《山东省行政执法监督条例》第二十条',
  from: '2026-11-27',
  term: { workdays: 10 },
  skipped: [
    { date: '2026-11-28', why: 'weekend' },
    { date: '2026-11-29', why: 'weekend' },
    { date: '2026-12-05', why: 'weekend' },
    { date: '2026-12-06', why: 'weekend' },
  ],
  madeUp: [],
  calendar: '2026@国办发明电〔2025〕7号',
  provisional: false,
  warnAt: '2026-12-09T00:00:00+08:00',
};

/** One that reaches into an unpublished year: weekends, holidays and a made-up day all appear. */
export const provisionalSample: Deadline = {
  at: '2027-01-15T17:00:00+08:00',
  rule: 'workdays',
  basis: '《山东省行政执法监督条例》第二十条',
  from: '2026-12-25',
  term: { workdays: 13 },
  skipped: [
    { date: '2026-12-26', why: 'weekend' },
    { date: '2026-12-27', why: 'weekend' },
    { date: '2027-01-01', why: 'holiday' },
    { date: '2027-01-02', why: 'holiday' },
    { date: '2027-01-03', why: 'holiday' },
    { date: '2027-01-09', why: 'weekend' },
  ],
  madeUp: ['2027-01-10'],
  calendar: '2026@国办发明电〔2025〕7号 2027@unpublished',
  provisional: true,
  warnAt: '2027-01-12T00:00:00+08:00',
};

export const sampleDue: DueView = { deadline: sampleDeadline, workdaysLeft: 10 };

export const sampleOffice: OfficeView = { name: '桓台县司法局', person: '经办人甲', phone: '0000-0000000' };

export const sampleTask: TaskMailView = {
  no: 'ZX-2026-012-033',
  title: '安全生产执法专项监督（县镇联动）',
  taskKind: 'selfInspection',
  agency: '县水利局',
  contact: '经办人乙',
  link: 'https://jiandu.example/t/7kq2mz5w9h3cxr8bv4fnjd6tgsyap',
  due: sampleDue,
  items: [
    { id: 'c1', text: '年度检查计划' },
    { id: 'c2', text: '执法全过程记录' },
    { id: 'c3', text: '重大决定法制审核' },
  ],
  legalBasis: '《山东省行政执法监督条例》第十三条、第二十条',
  office: sampleOffice,
};

const late = (workdays: number): TaskMailView => ({
  ...sampleTask,
  due: { ...sampleDue, workdaysLeft: -workdays },
});

const samplePaper: PaperMailView = {
  ...sampleTask,
  taskKind: 'rectification',
  due: { term: { days: 30 } },
  because: 'assigned',
  documentNumber: '桓司执监意〔2026〕3号',
  documentTitle: '关于重大行政执法决定未经法制审核问题的行政执法监督意见书',
};

/** One view of every kind, complete: what the house tests render and the preview of templates shows. */
export const sampleViews: { readonly [K in MailKind]: MailViews[K] } = {
  task: { ...sampleTask, because: 'bounced' },
  service: {
    ...sampleTask,
    taskKind: 'rectification',
    due: { term: { days: 30 } },
    because: 'unacknowledged',
  },
  notice: { ...samplePaper, documentNumber: '桓司执监通〔2026〕3号', due: { term: { workdays: 10 } } },
  letter: { ...samplePaper, documentNumber: '桓司执监督〔2026〕3号' },
  opinion: samplePaper,
  decision: { ...samplePaper, documentNumber: '桓政执监决〔2026〕3号', because: 'unacknowledged' },
  objectionAnswer: { ...sampleTask, upheld: false, answer: '复核后，原认定的事实清楚' },
  reminder: { ...sampleTask, due: { ...sampleDue, workdaysLeft: 3 } },
  dueToday: { ...sampleTask, due: { ...sampleDue, workdaysLeft: 0 } },
  urge: { ...late(2), n: 1, workdaysLate: 2 },
  returned: {
    ...sampleTask,
    due: { deadline: provisionalSample, workdaysLeft: 13 },
    returnedItems: [{ id: 'c2', text: '执法全过程记录', reason: '缺少执法全过程记录影像目录' }],
  },
  receipt: {
    ...sampleTask,
    receipt: 'HZ-7K2M9Q',
    receivedAt: '2026-12-10T16:21:09+08:00',
    late: false,
    afterEnd: false,
    characters: 126,
    files: [
      { name: '检查计划.pdf', size: 1_240_000 },
      { name: 'IMG_01.jpg', size: 560_000 },
    ],
    understood: 'answer',
  },
  accepted: sampleTask,
  extension: { ...sampleTask, granted: true, reason: '台风过后先行排险，同意顺延。' },
  rescheduled: { ...sampleTask, reason: '全县汛期应急响应，统一顺延。' },
  delegated: { ...sampleTask, to: '经办人丁' },
  withdrawn: { ...sampleTask, reason: '职责已划转至县应急管理局。' },
  nudge: sampleTask,
  digest: {
    agency: '县水利局',
    contact: '经办人乙',
    date: '2026-12-09',
    late: 1,
    rows: [
      {
        no: 'ZX-2026-012-033',
        title: '安全生产执法专项监督',
        link: sampleTask.link,
        light: 'yellow',
        due: { ...sampleDue, workdaysLeft: 2 },
      },
      {
        no: 'RC-2026-12-007',
        title: '行政执法公示情况月度检查',
        link: 'https://jiandu.example/t/p4wz8x3m6k2hq9rvb5ncdj7tfgyas',
        light: 'red',
        due: { ...sampleDue, workdaysLeft: -1 },
      },
    ],
    office: sampleOffice,
  },
  organizerDigest: {
    date: '2026-12-09',
    console: 'https://jiandu.example/console',
    inReview: 4,
    overdue: 2,
    fresh: 1,
    bounced: 1,
    held: 1,
    inDoubt: 1,
    handedOver: 0,
    contacts: 2,
    outages: 1,
    expired: 1,
    days30: 2,
    days60: 5,
    milestones: [
      {
        plan: 'RC-2026',
        what: 'report',
        month: 0,
        text: '',
        due: '2026-12-14T17:00:00+08:00',
        workdaysLeft: 3,
      },
      {
        plan: 'RC-2026',
        what: 'countermeasure',
        month: 9,
        text: '组织法制审核培训',
        due: '2026-11-30T17:00:00+08:00',
        workdaysLeft: -7,
      },
    ],
  },
  stillYou: {
    agency: '县水利局',
    contact: '经办人乙',
    role: 'primary',
    year: '2026',
    quarter: '2',
    again: false,
    by: '2026-04-16',
    link: 'https://jiandu.example/contacts/7kq2mz5w9h3cxr8bv4fnjd6tgs',
    office: sampleOffice,
  },
  taskHandover: {
    agency: '县水利局',
    contact: '经办人丁',
    from: '经办人乙',
    rows: [
      {
        no: 'ZX-2026-012-033',
        title: '安全生产执法专项监督',
        link: sampleTask.link,
        light: 'yellow',
        due: { ...sampleDue, workdaysLeft: 2 },
      },
    ],
    office: sampleOffice,
  },
  certificateExpiry: {
    agency: '县水利局',
    contact: '经办人乙',
    rows: [
      {
        name: '执法员丙',
        register: 'officers',
        certificate: '鲁C2025-0317',
        expires: '2026-12-20',
        bucket: 'days30',
      },
    ],
    office: sampleOffice,
  },
  circular: {
    documentNumber: '桓执监通〔2026〕3号',
    title: '关于安全生产执法专项监督情况的通报',
    agency: '县水利局',
    contact: '经办人乙',
    body: [
      '全县40家行政执法机关参加了自查，应反馈40家，实际反馈38家。',
      '请各单位对照问题清单，举一反三，规范执法。',
    ],
    office: sampleOffice,
  },
  complaint: {
    no: 'XS-2026-0001',
    step: 'replied',
    by: '2027-01-23T17:00:00+08:00',
    to: '市生态环境局桓台分局',
    documentNumber: '桓司执监复〔2026〕1号',
    closing: 'rectified',
    guidance: 'reconsideration',
    body: ['经核实，反映的问题已经整改。'],
    code: '7kq2mz5w9h3cxr8bv4fnjd6tgs',
    follow: 'https://jiandu.example/complaints/follow',
    office: sampleOffice,
  },
  holderNotice: {
    what: 'barred',
    agency: '县水利局',
    contact: '经办人乙',
    holder: '执法员丙',
    certificate: '鲁C2025-0317',
    measure: 'certificateSuspension',
    decidedBy: '县水利局',
    document: '桓水字〔2026〕12号',
    from: '2026-12-10',
    until: '2027-03-10',
    endedOn: '',
    office: sampleOffice,
  },
  unmatched: {
    contact: '经办人乙',
    receivedAt: '2026-12-09T09:03:00+08:00',
    subject: '材料',
    office: sampleOffice,
  },
};
