/** The mail of ours that is answered, as text and as HTML; its last line is the marker. */
export const SENDER = { name: '县司法局行政执法监督', address: 'r-7kq2m9xw4tbd3fhnzc5gpvy8ra@reply.example.gov.cn' };
export const AGENCY = { name: '丁一', address: 'dingyi@slj.example.gov.cn' };
export const SUBJECT = '【请办理】ZX-2026-012-033 安全生产执法专项监督（12月11日17:00前）';

export const OWN_LINES = [
  '县水利局 经办人乙：',
  '请于12月11日（周五）17:00前反馈3项内容。',
  '',
  '  办理事项  ZX-2026-012-033 安全生产执法专项监督',
  '  要做什么  反馈3项：检查计划、全过程记录、法制审核',
  '  截止时间  2026年12月11日（周五）17:00，还有10个工作日',
  '  怎么交  ① 打开下面的网址（手机可用，免登录）',
  '',
  'https://jiandu.example.gov.cn/t/7kq2m9xw4tbd3fhnzc5gpvy8ra',
  '',
  '            ② 或直接回复本邮件，附上材料',
  '',
  '  办不了？  转同事办理',
  '  联系人  县司法局 经办人甲 0000-0000000',
  '',
  '依据：《行政执法监督条例》第二十二条',
  '—— 请在此行以上回复 ——',
];

export const OWN_HTML = `<table role="presentation" width="100%"><tr><td align="center">${OWN_LINES.map((line) => (line.trim() === '' ? '<br>' : `<p style="margin:0">${line.trim()}</p>`)).join('\n')}</td></tr></table>`;

/** What officers write. */
export const LETTERS = {
  short: '材料已整理完毕，请查收。',
  done: '您好：\n我局3项内容均已完成，详见附件。\n联系人：丁一 0000-1234567',
  report:
    '县司法局：\n根据通知要求，我局开展了自查，现将情况报告如下：\n\n一、检查计划。年初制定《2026年度行政检查计划》，共12项，已全部公示。\n二、全过程记录。配备执法记录仪8台，音像资料归档率100%。\n三、法制审核。重大执法决定法制审核5件，均在法定期限内完成。\n\n存在问题：个别文书送达回证填写不规范，已于12月8日整改到位。\n\n特此报告。\n\n县水利局\n2026年12月9日',
  rare: '经办人为𠮷田喆、㛃娜、朱镕瑄，请将系统中的姓名改为“𠮷田喆”。',
  acknowledge: '签收 丁一 副局长',
  extend: '延期5天：第3项的音像资料存于市局服务器，需协调调取。',
  extendWorkdays: '延期3个工作日 法制审核材料待分管领导签字',
  delegate: '转办 wangwu@slj.example.gov.cn 王五',
  object: '提出异议：我局不是该事项的法定实施主体，应由县应急管理局办理。',
  signature: '收到，正在办理。\n\n--\n丁一 | 县水利局政策法规股\n电话：0000-1234567 地址：某某县水利路1号\n本邮件及附件含有保密信息，仅供指定收件人使用。',
  tricky: '1. 音像记录归档率>80%的科室有6个；\n2. 贵单位来信中“原始邮件”一栏已核对；\n3. 发件人处请改为我局公务邮箱。\n----------\n以上。',
  table: '序号 事项 结果\n1 检查计划 已公示\n2 全过程记录 已归档\n3 法制审核 已完成',
  polite: '尊敬的领导：\n  来函收悉。所涉3项内容我局已逐项核对，未发现问题。\n  此致\n敬礼！',
  english: 'Dear office,\nAll three items are complete. Please see the attached report.\nBest regards,\nDing Yi',
  question: '请问第2项的全过程记录是否需要提供原始视频？视频共14GB，邮件发不出去。',
} as const;
export type LetterName = keyof typeof LETTERS;
