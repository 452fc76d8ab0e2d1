import { AGENCY, LETTERS, type LetterName, OWN_HTML, OWN_LINES, SENDER, SUBJECT } from './letters.ts';
import type { Quoted, StyleName } from './styles.ts';

/** One mail of the corpus. `expected` is what the person wrote, where that is not simply `reply` and `below`. */
export interface Case {
  readonly id: string;
  readonly style: StyleName;
  readonly reply: string;
  readonly charset?: 'utf-8' | 'gbk' | 'gb2312' | 'gb18030';
  readonly label?: string;
  readonly transfer?: 'base64' | 'quoted-printable' | '8bit';
  readonly parts?: 'both' | 'text' | 'html';
  readonly prefix?: string;
  readonly quoted?: Quoted;
  readonly below?: string;
  readonly text?: string;
  readonly html?: string;
  readonly expected?: string;
  readonly command?: string;
  readonly files?: readonly { name: string; type: string; style?: 'rfc2231'; cid?: string; bytes?: number }[];
}

const DOCX = { name: '县水利局自查报告（盖章）.docx', type: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' };
const PHOTO = { name: '检查现场 第1页.jpg', type: 'image/jpeg', style: 'rfc2231' as const };
const LOGO = { name: '局徽.png', type: 'image/png', cid: 'logo001@slj', bytes: 900 };

/** The thread so far: an answer, returned for completion, with our first mail at its end. */
const THREAD: Quoted = {
  lines: [
    '第2项请补充送达回证。',
    '—— 请在此行以上回复 ——',
    '',
    '------------------ 原始邮件 ------------------',
    `发件人: "${AGENCY.name}"<${AGENCY.address}>;`,
    '发送时间: 2026年12月8日(星期二) 下午4:12',
    `收件人: "${SENDER.name}"<${SENDER.address}>;`,
    `主题: 回复：${SUBJECT}`,
    '',
    '第一次报送的材料见附件。',
    '',
    `在 2026-12-07 09:00:00，"${SENDER.name}" <${SENDER.address}> 写道：`,
    ...OWN_LINES.map((line) => `> ${line}`),
  ],
  html: `<div>第2项请补充送达回证。</div><div>—— 请在此行以上回复 ——</div><blockquote type="cite"><div>第一次报送的材料见附件。</div><blockquote type="cite">${OWN_HTML}</blockquote></blockquote>`,
};

type Row = readonly [StyleName, LetterName, Partial<Case>?];

/** Every mail program twice or more: other words, other charset, other parts. */
const ROWS: readonly Row[] = [
  ['qqWeb', 'short', {}],
  ['qqWeb', 'report', { charset: 'gb18030', parts: 'html' }],
  ['qqWeb', 'rare', { charset: 'gb18030', parts: 'text' }],
  ['qqTail', 'done', { charset: 'gbk', files: [DOCX] }],
  ['qqTail', 'tricky', { parts: 'html' }],
  ['qqPhone', 'acknowledge', { command: 'acknowledgement' }],
  ['qqPhone', 'question', { charset: 'gb18030', parts: 'text', transfer: 'quoted-printable' }],
  ['qqArticle', 'polite', { parts: 'text' }],
  ['qqArticle', 'short', { parts: 'html', charset: 'gb18030' }],
  ['exmail', 'report', { charset: 'gb18030' }],
  ['exmail', 'english', { parts: 'html' }],
  ['foxmail', 'done', { charset: 'gb2312', files: [DOCX, PHOTO] }],
  ['foxmail', 'report', { charset: 'gb2312', parts: 'html', transfer: 'quoted-printable' }],
  ['foxmail', 'extend', { charset: 'gbk', parts: 'text', transfer: '8bit', command: 'extension' }],
  ['foxmail', 'short', { quoted: THREAD, charset: 'gb18030', parts: 'text' }],
  ['netease', 'short', { charset: 'gbk' }],
  ['netease', 'signature', { charset: 'gbk', parts: 'text' }],
  ['netease', 'report', { charset: 'gbk', parts: 'html' }],
  ['neteaseAt', 'table', { charset: 'gbk' }],
  ['neteaseAt', 'tricky', { charset: 'gbk', parts: 'html' }],
  ['neteaseMaster', 'short', { files: [PHOTO] }],
  ['neteaseMaster', 'delegate', { parts: 'text', command: 'delegation' }],
  ['neteaseMaster', 'report', { parts: 'html', charset: 'gbk' }],
  ['coremail', 'report', {}],
  ['coremail', 'object', { charset: 'gbk', parts: 'text', command: 'objection' }],
  ['coremail', 'done', { charset: 'gbk', parts: 'html', files: [DOCX] }],
  ['outlook', 'report', { charset: 'gb2312' }],
  ['outlook', 'signature', { charset: 'gb2312', parts: 'html', files: [LOGO] }],
  ['outlook', 'short', { charset: 'gb2312', parts: 'text', transfer: 'quoted-printable' }],
  ['outlookWeb', 'polite', {}],
  ['outlookWeb', 'extendWorkdays', { parts: 'text', charset: 'gb2312', command: 'extension' }],
  ['outlookWeb', 'report', { parts: 'html', charset: 'gb2312' }],
  ['outlookEnglish', 'english', { parts: 'text' }],
  ['outlookEnglish', 'done', { charset: 'gb2312' }],
  ['outlookPhone', 'short', { parts: 'text' }],
  ['outlookPhone', 'acknowledge', { parts: 'html', command: 'acknowledgement' }],
  ['iphone', 'acknowledge', { parts: 'text', command: 'acknowledgement' }],
  ['iphone', 'question', {}],
  ['iphone', 'done', { parts: 'html', files: [PHOTO] }],
  ['iphoneOld', 'short', { charset: 'gb2312' }],
  ['mac', 'report', { transfer: 'quoted-printable' }],
  ['mac', 'table', { parts: 'html' }],
  ['gmail', 'report', { parts: 'text' }],
  ['gmail', 'rare', {}],
  ['gmailEnglish', 'short', { parts: 'text' }],
  ['gmailEnglish', 'extend', { parts: 'html', command: 'extension' }],
  ['aliyun', 'report', {}],
  ['aliyun', 'short', { parts: 'html' }],
  ['dingtalk', 'polite', { parts: 'text' }],
  ['dingtalk', 'delegate', { parts: 'html', command: 'delegation' }],
  ['mail139', 'done', { charset: 'gbk' }],
  ['mail139', 'report', { charset: 'gbk', parts: 'html' }],
  ['mail189', 'short', { parts: 'text' }],
  ['mail189', 'object', { parts: 'html', command: 'objection' }],
  ['huawei', 'acknowledge', { parts: 'text', command: 'acknowledgement' }],
  ['huawei', 'question', { charset: 'gb18030' }],
  ['xiaomi', 'short', { parts: 'text' }],
  ['xiaomi', 'done', { parts: 'html' }],
  ['thunderbird', 'signature', { parts: 'text', transfer: '8bit' }],
  ['thunderbird', 'english', { parts: 'html' }],
  ['kylin', 'report', { parts: 'text', charset: 'gb18030' }],
  ['kylin', 'rare', { parts: 'html', charset: 'gb18030' }],
  ['yahoo', 'short', {}],
  ['citedOnly', 'table', { parts: 'text' }],
  ['unknown', 'done', { parts: 'text', charset: 'gbk' }],
  ['unknown', 'report', { parts: 'html' }],
  ['nothing', 'report', { charset: 'gb18030', files: [DOCX] }],
  ['nothing', 'tricky', { parts: 'html' }],
];

const STYLED: readonly Case[] = ROWS.map(([style, letter, more = {}], index) => ({
  id: `${String(index + 1).padStart(3, '0')}-${style}-${letter}`,
  style,
  reply: LETTERS[letter],
  ...more,
}));

const FORWARDED_OWN = ['---------- 转发的邮件 ----------', `发件人: ${SENDER.name}`, '日期: 2026年12月9日', '', ...OWN_LINES].join('\n');
const REPORT_OF_OTHERS = ['所属河道管理站的自查报告转给贵局，请查收。', '', '-------- 转发邮件信息 --------', '发件人：河道管理站', '主题：自查报告', '', '我站3项均已完成。'].join('\n');
const INTERLEAVED = ['您好，逐项答复如下。', '', `在 2026/12/9 10:00, ${SENDER.name} 写道:`, '> 1. 检查计划', '已公示，共12项。', '> 2. 全过程记录', '记录仪8台，归档率100%。', '> 3. 法制审核', '审核5件。', '', '丁一'].join('\n');
const FLAT = `已读，照办。 ---- 回复的原邮件 ---- 发件人 ${SENDER.name}<${SENDER.address}> 发送日期 2026年12月09日 10:00 主题 ${SUBJECT} 请于12月11日前反馈3项内容`;

/** What people do besides answering on top. */
const SPECIAL: readonly Case[] = [
  { id: '101-bottom-cited', style: 'thunderbird', reply: '', below: LETTERS.report, parts: 'text' },
  { id: '102-bottom-cited-both', style: 'netease', reply: '', below: '第3项见附件，其余同上次。', charset: 'gbk', files: [DOCX] },
  { id: '103-bottom-cited-html', style: 'gmail', reply: '', below: '材料明日送达。', parts: 'html' },
  { id: '104-bottom-qq', style: 'qqWeb', reply: '', below: LETTERS.done, parts: 'text' },
  { id: '105-bottom-foxmail', style: 'foxmail', reply: '', below: '已完成，请审核。', parts: 'text', charset: 'gb2312' },
  { id: '106-above-and-below', style: 'thunderbird', reply: '您好：', below: '3项已完成。', parts: 'text' },
  { id: '107-interleaved', style: 'thunderbird', reply: '', text: INTERLEAVED, parts: 'text', expected: '您好，逐项答复如下。\n已公示，共12项。\n记录仪8台，归档率100%。\n审核5件。\n丁一' },
  { id: '108-interleaved-html', style: 'mac', reply: '', parts: 'html', html: `<div>逐项答复：</div><blockquote type="cite"><div>1. 检查计划</div></blockquote><div>已公示。</div><blockquote type="cite"><div>2. 全过程记录</div></blockquote><div>已归档。</div>`, expected: '逐项答复：\n已公示。\n已归档。' },
  { id: '109-thread-qq', style: 'qqWeb', reply: LETTERS.short, quoted: THREAD, charset: 'gb18030' },
  { id: '110-thread-outlook', style: 'outlook', reply: LETTERS.report, quoted: THREAD, charset: 'gb2312' },
  { id: '111-thread-iphone', style: 'iphone', reply: LETTERS.short, quoted: THREAD, parts: 'text' },
  { id: '112-thread-gmail-html', style: 'gmail', reply: LETTERS.short, quoted: THREAD, parts: 'html' },
  { id: '113-empty-qq', style: 'qqWeb', reply: '' },
  { id: '114-empty-foxmail', style: 'foxmail', reply: '', charset: 'gb2312' },
  { id: '115-empty-outlook-html', style: 'outlookWeb', reply: '', parts: 'html' },
  { id: '116-empty-iphone', style: 'iphone', reply: '' },
  { id: '117-empty-netease', style: 'netease', reply: '', charset: 'gbk', parts: 'text' },
  { id: '118-empty-master-file', style: 'neteaseMaster', reply: '', parts: 'html', files: [DOCX] },
  { id: '119-only-signature', style: 'netease', reply: '--\n丁一\n县水利局', charset: 'gbk' },
  { id: '120-forward-own', style: 'nothing', reply: '', text: `已转各科室办理，12月10日前汇总报你局。\n\n${FORWARDED_OWN}`, parts: 'text', prefix: '转发：', expected: '已转各科室办理，12月10日前汇总报你局。' },
  { id: '121-forward-of-others', style: 'nothing', reply: '', text: REPORT_OF_OTHERS, parts: 'text', prefix: 'Fw: ', expected: REPORT_OF_OTHERS },
  { id: '122-flattened', style: 'nothing', reply: '', text: FLAT, parts: 'text', expected: '已读，照办。' },
  { id: '123-unlabelled-gbk', style: 'foxmail', reply: LETTERS.report, charset: 'gbk', label: '', transfer: '8bit', parts: 'text' },
  { id: '124-mislabelled-utf8', style: 'coremail', reply: LETTERS.short, charset: 'gbk', label: 'utf-8', parts: 'text' },
  { id: '125-rare-as-gb2312', style: 'outlook', reply: LETTERS.rare, charset: 'gb18030', label: 'gb2312', parts: 'text' },
  { id: '126-full-width-command', style: 'qqPhone', reply: '延期５天：资料在市局', parts: 'text', command: 'extension' },
  { id: '127-acknowledge-signature', style: 'foxmail', reply: '签收\n\n丁一\n县水利局政策法规股\n0000-1234567', charset: 'gb2312', command: 'acknowledgement' },
  { id: '128-acknowledge-report', style: 'qqWeb', reply: '签收。现将自查情况报告如下：\n一、检查计划已公示。\n二、全过程记录已归档。\n三、法制审核已完成，共审核重大执法决定5件，均在法定期限内作出审核意见，未发现超期情形。', charset: 'gbk' },
  { id: '129-acknowledge-with-file', style: 'qqWeb', reply: '签收 丁一 副局长', files: [DOCX], command: 'acknowledgement' },
  { id: '130-quoted-style-own-indent', style: 'nothing', reply: '', parts: 'html', html: '<div>主要问题：</div><blockquote style="margin:0 0 0 40px;border:none;padding:0"><div>文书送达不规范。</div></blockquote><div>已整改。</div>', expected: '主要问题：\n文书送达不规范。\n已整改。' },
  { id: '131-delegate-chinese', style: 'neteaseAt', reply: '转办：wangwu@slj.example.gov.cn，王五', charset: 'gbk', command: 'delegation' },
  { id: '132-photo-inline', style: 'iphone', reply: '现场照片如下。', parts: 'html', files: [{ name: 'IMG_0001.jpeg', type: 'image/jpeg', cid: 'photo@phone', bytes: 20_000 }] },
  { id: '133-netdisk-link', style: 'qqTail', reply: '', parts: 'html', html: '<div>视频见 <a href="https://pan.example.cn/s/1abc">网盘</a></div><div><includetail><div>------------------ 原始邮件 ------------------</div></includetail></div>', expected: '视频见 网盘 <https://pan.example.cn/s/1abc>' },
  { id: '134-crlf-blank-top', style: 'aliyun', reply: '\n\n\n收到，按时报送。', parts: 'text', expected: '收到，按时报送。' },
]; // prettier-ignore

export const CASES: readonly Case[] = [...STYLED, ...SPECIAL];
