import type { DocumentKind } from '../domain/document.ts';

/** One row of a list; every list of a view has rows of one shape. */
type Row<T extends string> = Readonly<Partial<Record<T, string>>>;

/** What papers may name, in words as they are printed. Nothing in it tells who complained. A name without a value is left for a person to fill in. */
export interface DocumentView {
  /** 案号 */
  readonly no?: string;
  /** 线索编号 */
  readonly clue?: string;
  /** 案由: completes 关于…的意见书 */
  readonly matter?: string;
  /** The supervised agency. */
  readonly agency?: string;
  /** Whom a paper to another than the agency goes to. */
  readonly recipient?: string;
  /** Name of the supervision office. */
  readonly office?: string;
  readonly government?: string;
  readonly contact?: string;
  readonly phone?: string;
  /** Where the clue came from: 根据群众投诉 */
  readonly origin?: string;
  /** What was done or left undone. */
  readonly summary?: string;
  /** Class of the enforcement act: 行政处罚 */
  readonly act?: string;
  /** The articles, as they are cited. */
  readonly basis?: string;
  /** 30日, 10个工作日 */
  readonly term?: string;
  readonly objectionTerm?: string;
  /** What is decided or proposed. */
  readonly outcome?: string;
  readonly reason?: string;
  /** The way of 复议 or 诉讼 that is open. */
  readonly guidance?: string;
  /** Name and number of the paper that this one follows. */
  readonly document?: string;
  /** The agency's written statement in short. */
  readonly statement?: string;
  readonly day?: string;
  readonly place?: string;
  /** The person a record is about. */
  readonly person?: string;
  readonly post?: string;
  /** How a paper was served. */
  readonly channel?: string;
  readonly receiver?: string;
  readonly facts?: readonly Row<'text'>[];
  readonly evidence?: readonly Row<'text'>[];
  readonly findings?: readonly Row<'text' | 'article' | 'measure'>[];
  readonly requirements?: readonly Row<'text'>[];
  readonly supervisors?: readonly Row<'name' | 'certificate'>[];
  readonly questions?: readonly Row<'ask' | 'answer'>[];
}

/** The lists of a view with the names of their rows. */
export const LISTS = {
  facts: ['text'],
  evidence: ['text'],
  findings: ['text', 'article', 'measure'],
  requirements: ['text'],
  supervisors: ['name', 'certificate'],
  questions: ['ask', 'answer'],
} as const satisfies Partial<Record<keyof DocumentView, readonly string[]>>;

/** Within a list: 1, 2; 一, 二; whether the row follows another. */
export const ROW_NAMES = ['n', 'ordinal', 'after'] as const;

const CONTACT = ['office', 'contact', 'phone'] as const;
const MATTER = ['no', 'matter', 'agency'] as const;

/** The names that each kind's template has at hand; a list's rows come with it. */
export const CONTRACTS: Readonly<Record<DocumentKind, readonly (keyof DocumentView)[]>> = {
  notice: [...MATTER, ...CONTACT, 'origin', 'summary', 'basis', 'term', 'supervisors'],
  letter: [...MATTER, ...CONTACT, 'origin', 'summary', 'facts', 'findings', 'basis', 'term', 'objectionTerm'],
  opinion: [
    ...MATTER,
    ...CONTACT,
    'government',
    'origin',
    'summary',
    'facts',
    'evidence',
    'findings',
    'basis',
    'term',
    'objectionTerm',
  ],
  proposal: [...MATTER, ...CONTACT, 'summary', 'findings', 'requirements', 'basis', 'term'],
  decision: [
    ...MATTER,
    ...CONTACT,
    'government',
    'origin',
    'summary',
    'facts',
    'evidence',
    'findings',
    'basis',
    'term',
    'objectionTerm',
    'outcome',
    'reason',
  ],
  circular: ['no', 'matter', 'office', 'origin', 'summary', 'facts', 'findings', 'basis'],
  transferLetter: [
    'no',
    'matter',
    'recipient',
    ...CONTACT,
    'summary',
    'facts',
    'evidence',
    'basis',
    'reason',
  ],
  complaintRegistration: ['clue', 'origin', 'day', 'agency', 'act', 'summary', 'person'],
  acceptanceNotice: ['no', 'clue', 'matter', 'recipient', ...CONTACT, 'term'],
  nonAcceptanceNotice: ['clue', 'matter', 'recipient', ...CONTACT, 'reason', 'basis', 'guidance'],
  filingApproval: [...MATTER, 'clue', 'origin', 'act', 'summary', 'basis', 'supervisors', 'reason'],
  recusalDecision: ['no', 'matter', 'recipient', ...CONTACT, 'person', 'reason', 'outcome'],
  interviewRecord: ['no', 'matter', 'office', 'day', 'place', 'supervisors', 'person', 'post', 'questions'],
  onSiteRecord: ['no', 'agency', 'day', 'place', 'supervisors', 'person', 'facts', 'evidence'],
  investigationReport: [
    ...MATTER,
    'origin',
    'summary',
    'supervisors',
    'facts',
    'evidence',
    'statement',
    'findings',
    'basis',
    'outcome',
  ],
  summonedTalkNotice: [...MATTER, ...CONTACT, 'basis', 'day', 'place', 'requirements'],
  rectificationReport: ['matter', 'agency', 'office', 'document', 'findings'],
  verificationOpinion: [...MATTER, 'office', 'document', 'findings', 'outcome', 'supervisors'],
  serviceReceipt: ['no', 'agency', 'document', 'channel', 'person', 'day', 'receiver', 'reason'],
  closureApproval: [...MATTER, 'facts', 'reason'],
  reply: ['clue', 'matter', 'recipient', ...CONTACT, 'facts', 'outcome', 'guidance'],
};

/** A whole view: what previews of templates show, and tests render. */
export const SAMPLE: Required<DocumentView> = {
  no: 'GA-2026-031',
  clue: 'XS-2026-0107',
  matter: '重大行政执法决定未经法制审核问题',
  agency: '县水利局',
  recipient: '县监察委员会',
  office: '桓台县司法局',
  government: '桓台县人民政府',
  contact: '行政执法监督科',
  phone: '0533-0000000',
  origin: '根据群众投诉',
  summary: '作出重大行政处罚决定前未进行法制审核',
  act: '行政处罚',
  basis: '《行政执法监督条例》第二十八条、《山东省行政执法监督条例》第二十八条',
  term: '30日',
  objectionTerm: '15日',
  outcome: '责令限期改正',
  reason: '逾期未按照意见书纠正',
  guidance: '对原行政处罚决定不服的，可以依法申请行政复议或者提起行政诉讼',
  document: '《行政执法监督意见书》（桓司执监意〔2026〕3号）',
  statement: '被监督机关承认未送法制审核，认为罚款数额未达到重大标准',
  day: '2026年12月4日',
  place: '县水利局会议室',
  person: '经办人乙',
  post: '水政监察大队队员',
  channel: '直接送达',
  receiver: '经办人乙',
  facts: [
    { text: '2026年9月12日，你单位作出桓水罚字〔2026〕7号行政处罚决定，罚款5万元' },
    { text: '该决定属于重大行政执法决定，案卷中没有法制审核意见' },
  ],
  evidence: [{ text: '行政处罚案卷复印件' }, { text: '询问笔录2份' }],
  findings: [
    {
      text: '作出重大行政处罚决定前未进行法制审核',
      article: '《中华人民共和国行政处罚法》第五十八条',
      measure: '已补充审核程序并修订审核目录',
    },
    {
      text: '未执行行政执法全过程记录制度',
      article: '《山东省行政执法监督条例》第十三条',
      measure: '已配发执法记录仪并建立管理制度',
    },
  ],
  requirements: [{ text: '修订重大行政执法决定法制审核目录' }, { text: '组织执法人员专题培训' }],
  supervisors: [
    { name: '监督员甲', certificate: 'SD-001' },
    { name: '监督员乙', certificate: 'SD-002' },
  ],
  questions: [{ ask: '该处罚决定作出前是否送法制审核？', answer: '没有送审。' }],
};
