import { AGENCY, OWN_HTML, OWN_LINES, SENDER, SUBJECT } from './letters.ts';

/** What stands below the reply: a mail of ours, or a thread that ends in one. */
export interface Quoted {
  readonly lines: readonly string[];
  readonly html: string;
}

export const ONE_MAIL: Quoted = { lines: OWN_LINES, html: OWN_HTML };

/** One mail program: how it sets its text part and its HTML part around a quotation. */
export interface Style {
  readonly mailer: string;
  readonly prefix: string;
  text(reply: string, quoted: Quoted): string;
  html(reply: string, quoted: Quoted): string;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
export const divs = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '<div><br></div>' : `<div>${escape(line)}</div>`))
    .join('');
const brs = (text: string): string => escape(text).replaceAll('\n', '<br>\n');
const body = (quoted: Quoted): string => quoted.lines.join('\n');
const cited = (quoted: Quoted): string => quoted.lines.map((line) => (line === '' ? '>' : `> ${line}`)).join('\n');
const FROM = `${SENDER.name} <${SENDER.address}>`;
const FROM_HTML = escape(FROM);
const TO = `${AGENCY.name} <${AGENCY.address}>`;

function headed(separator: string, fields: readonly (readonly [string, string])[], gap = ''): string {
  return [...(separator === '' ? [] : [separator]), ...fields.map(([label, value]) => `${label}${gap}${value}`)].join('\n');
}

function headedHtml(separator: string, fields: readonly (readonly [string, string])[]): string {
  const rows = fields.map(([label, value]) => `<b>${label}</b>&nbsp;${escape(value)}`).join('<br>');
  return `${separator === '' ? '' : `<div>${separator}</div>`}<div style="font-size:12px;background:#efefef;padding:8px">${rows}</div>`;
}

const cn = (colon: string, date: string): readonly (readonly [string, string])[] => [
  [`发件人${colon}`, `"${SENDER.name}"<${SENDER.address}>;`],
  [`发送时间${colon}`, date],
  [`收件人${colon}`, `"${AGENCY.name}"<${AGENCY.address}>;`],
  [`主题${colon}`, SUBJECT],
];

/** A style whose quotation is one heading followed by the bare mail. */
function bare(mailer: string, prefix: string, parts: { heading: string; headingHtml: string; tag?: string; tagHtml?: string }): Style {
  return {
    mailer,
    prefix,
    text: (reply, quoted) => `${reply}\n\n${parts.tag ?? ''}\n\n${parts.heading}\n\n${body(quoted)}\n`,
    html: (reply, quoted) => `<html><body>${divs(reply)}<div><br></div>${parts.tagHtml ?? ''}${parts.headingHtml}<div><br></div>${quoted.html}</body></html>`,
  };
}

/** A style whose quotation is an attribution followed by lines with > or by a blockquote. */
function marked(mailer: string, prefix: string, parts: { attribution: string; open: string; tag?: string; tagHtml?: string }): Style {
  return {
    mailer,
    prefix,
    text: (reply, quoted) => `${reply}\n\n${parts.tag ?? ''}\n\n${parts.attribution}\n\n${cited(quoted)}\n`,
    html: (reply, quoted) =>
      `<html><body><div dir="ltr">${brs(reply)}</div><br>${parts.tagHtml ?? ''}<div>${brs(parts.attribution)}</div>${parts.open}${quoted.html}</blockquote><br></body></html>`,
  };
}

const CITE = '<blockquote type="cite">';
const GMAIL = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">';
const NETEASE = '<blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; BORDER-LEFT: #ccc 1px solid">';
const QQ_DATE = '2026年12月9日(星期三) 上午10:00';
const OUTLOOK = [['发件人: ', FROM], ['发送时间: ', '2026年12月9日 10:00'], ['收件人: ', TO], ['主题: ', SUBJECT]] as const;
const MASTER = [['发件人', FROM], ['发送日期', '2026年12月09日 10:00'], ['收件人', TO], ['主题', SUBJECT]] as const;

export const STYLES = {
  qqWeb: bare('QQMail 2.x', '回复：', {
    heading: headed('------------------&nbsp;原始邮件&nbsp;------------------', cn(':', QQ_DATE), ' &nbsp;'),
    headingHtml: headedHtml('------------------&nbsp;原始邮件&nbsp;------------------', cn(':', QQ_DATE)),
  }),
  qqTail: {
    mailer: 'QQMail 2.x',
    prefix: '回复:',
    text: (reply, quoted) => `${reply}\n\n------------------ 原始邮件 ------------------\n${headed('', cn(': ', QQ_DATE))}\n\n${body(quoted)}`,
    html: (reply, quoted) => `${divs(reply)}<div><br></div><div><includetail><div>&nbsp;</div>${headedHtml('------------------ 原始邮件 ------------------', cn(':', QQ_DATE))}${quoted.html}</includetail></div><style type="text/css">.qmbox style, .qmbox script{display:none !important;}</style>`,
  },
  qqPhone: bare('QQMail iOS 6.5', '回复：', {
    tag: '发自我的iPhone', tagHtml: '<div>发自我的iPhone</div>',
    heading: headed('---原始邮件---', cn(':', QQ_DATE)), headingHtml: headedHtml('---原始邮件---', cn(':', QQ_DATE)),
  }),
  qqArticle: bare('QQMail 2.x', '回复：', {
    tag: '发自我的QQ邮箱', tagHtml: '<div>发自我的QQ邮箱</div>',
    heading: `         原始邮件\n         \n       \n发件人：${FROM}\n发件时间：2026年12月9日 10:00`,
    headingHtml: `<article><div style="display:flex" contenteditable="false"><div style="color:#959DA6">原始邮件</div><hr style="flex-grow:1"></div><div>发件人：${FROM_HTML}</div><div>发件时间：2026年12月9日 10:00</div></article>`,
  }),
  exmail: bare('QQMail 2.x', 'Re:', {
    heading: headed('------------------ Original ------------------', [['From: ', ` "${SENDER.name}"<${SENDER.address}>;`], ['Date: ', ' Wed, Dec 9, 2026 10:00 AM'], ['To: ', ` "${AGENCY.name}"<${AGENCY.address}>;`], ['Subject: ', ` ${SUBJECT}`]]),
    headingHtml: headedHtml('------------------&nbsp;Original&nbsp;------------------', [['From: ', FROM], ['Date: ', 'Wed, Dec 9, 2026 10:00 AM'], ['To: ', TO], ['Subject: ', SUBJECT]]),
  }),
  foxmail: {
    mailer: 'Foxmail 7.2.25.254[cn]',
    prefix: '回复: ',
    text: (reply, quoted) => `${reply}\n\n\n\n\n \n${headed('', [['发件人： ', SENDER.address], ['发送时间： ', '2026-12-09 10:00'], ['收件人： ', AGENCY.name], ['主题： ', SUBJECT]])}\n${body(quoted)}`,
    html: (reply, quoted) => `<html><body>${divs(reply)}<div><br></div><hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" align="left"><blockquote style="margin-top: 0px; margin-bottom: 0px; margin-left: 0.5em; margin-right: inherit;"><div>&nbsp;</div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">${headedHtml('', [['发件人：', SENDER.address], ['发送时间：', '2026-12-09 10:00'], ['收件人：', AGENCY.name], ['主题：', SUBJECT]])}</div><div>${quoted.html}</div></blockquote></body></html>`,
  },
  netease: marked('Coremail Webmail Server Version XT', 'Re:', {
    attribution: `在 2026-12-09 10:00:00，"${SENDER.name}" <${SENDER.address}> 写道：`, open: NETEASE,
  }),
  neteaseAt: marked('Coremail Webmail Server Version XT', 'Re:', {
    attribution: `At 2026-12-09 10:00:00, "${SENDER.name}" <${SENDER.address}> wrote:`, open: NETEASE,
  }),
  neteaseMaster: {
    mailer: 'MailMasterPC/4.17.9',
    prefix: '回复：',
    text: (reply, quoted) => `${reply}\n\n\n发自 网易邮箱大师\n\n\n---- 回复的原邮件 ----\n${MASTER.map(([label, value]) => `| ${label} | ${value} |`).join('\n')}\n${body(quoted)}`,
    html: (reply, quoted) => `<html><body>${divs(reply)}<div id="imail_signature" class="ntes-signature"><div>发自 <a href="https://mail.163.com/dashi/">网易邮箱大师</a></div></div><div class="J-reply ntes-mailmaster-quote" style="padding-top: 1px"><div style="margin-top: 2em">---- 回复的原邮件 ----</div><div><table><tbody>${MASTER.map(([label, value]) => `<tr><td>${label}</td><td>${escape(value)}</td></tr>`).join('')}</tbody></table></div>${quoted.html}</div></body></html>`,
  },
  coremail: {
    mailer: 'Coremail Webmail Server Version XT5.0.14',
    prefix: '回复: ',
    text: (reply, quoted) => `${reply}\n\n\n-----原始邮件-----\n发件人:${SENDER.name} <${SENDER.address}>\n发送时间:2026-12-09 10:00:00 (星期三)\n收件人: ${TO}\n抄送: \n主题: ${SUBJECT}\n\n${body(quoted)}`,
    html: (reply, quoted) => `${brs(reply)}<br><br><blockquote name="replyContent" class="ReferenceQuote" style="padding-left:5px;margin-left:5px;border-left:#b6b6b6 2px solid;margin-right:0;">-----原始邮件-----<br><b>发件人:</b><span>${FROM_HTML}</span><br><b>发送时间:</b>2026-12-09 10:00:00 (星期三)<br><b>收件人:</b> ${escape(TO)}<br><b>主题:</b> ${SUBJECT}<br><br>${quoted.html}</blockquote>`,
  },
  outlook: {
    mailer: 'Microsoft Outlook 16.0',
    prefix: '答复: ',
    text: (reply, quoted) => `${reply}\n\n-----邮件原件-----\n${headed('', OUTLOOK)}\n\n${body(quoted)}`,
    html: (reply, quoted) => `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\np.MsoNormal {margin:0cm;}\n--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit"/></xml><![endif]--></head><body lang=ZH-CN><div class=WordSection1>${reply.split('\n').map((line) => `<p class=MsoNormal><span lang=EN-US>${escape(line)}<o:p></o:p></span></p>`).join('\n')}<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>发件人<span lang=EN-US>:</span></b><span lang=EN-US> ${FROM_HTML} <br></span><b>发送时间<span lang=EN-US>:</span></b><span lang=EN-US> 2026</span>年<span lang=EN-US>12</span>月<span lang=EN-US>9</span>日<span lang=EN-US> 10:00<br></span><b>收件人<span lang=EN-US>:</span></b> ${escape(TO)}<br><b>主题<span lang=EN-US>:</span></b> ${SUBJECT}<o:p></o:p></p></div></div>${quoted.html}</div></body></html>`,
  },
  outlookWeb: {
    mailer: 'Microsoft Exchange',
    prefix: '回复: ',
    text: (reply, quoted) => `${reply}\n\n________________________________\n${headed('', OUTLOOK)}\n\n${body(quoted)}`,
    html: (reply, quoted) => `<html><body dir="ltr"><div style="font-size:12pt">${brs(reply)}</div><div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block; width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>发件人:</b> ${FROM_HTML}<br><b>发送时间:</b> 2026年12月9日 10:00<br><b>收件人:</b> ${escape(TO)}<br><b>主题:</b> ${SUBJECT}</font><div>&nbsp;</div></div>${quoted.html}</body></html>`,
  },
  outlookEnglish: bare('Microsoft Outlook 16.0', 'RE: ', {
    heading: headed('', [['From: ', FROM], ['Sent: ', 'Wednesday, December 9, 2026 10:00 AM'], ['To: ', TO], ['Subject: ', SUBJECT]]),
    headingHtml: headedHtml('', [['From:', FROM], ['Sent:', 'Wednesday, December 9, 2026 10:00 AM'], ['To:', TO], ['Subject:', SUBJECT]]),
  }),
  outlookPhone: bare('Outlook-iOS/4.2', '回复: ', {
    tag: '获取 Outlook for iOS<https://aka.ms/o0ukef>', tagHtml: '<div>获取 <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div>',
    heading: headed('________________________________', OUTLOOK),
    headingHtml: `<hr><div id="mail-editor-reference-message-container">${headedHtml('', OUTLOOK)}`,
  }),
  iphone: {
    mailer: 'iPhone Mail (21G93)',
    prefix: '回复：',
    text: (reply, quoted) => `\ufeff${reply}\n\n发自我的 iPhone\n\n> 在 2026年12月9日，10:00，${FROM} 写道：\n> \n${cited(quoted)}\n`,
    html: (reply, quoted) => `<html><body dir="auto">${divs(reply)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">发自我的 iPhone</div><div dir="ltr"><br><blockquote type="cite">在 2026年12月9日，10:00，${FROM_HTML} 写道：<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff${quoted.html}</div></blockquote></body></html>`,
  },
  iphoneOld: marked('iPhone Mail (15E148)', 'Re: ', {
    tag: '从我的 iPhone 发送', tagHtml: '<div>从我的 iPhone 发送</div>', attribution: `在 2026年12月9日，上午10:00，${FROM} 写道：`, open: CITE,
  }),
  mac: marked('Apple Mail (2.3774)', 'Re: ', { attribution: `2026年12月9日 10:00，${FROM} 写道：`, open: CITE }),
  gmail: marked('Gmail', 'Re: ', { attribution: `${SENDER.name}\n<${SENDER.address}> 于2026年12月9日周三 10:00写道：`, open: GMAIL }),
  gmailEnglish: marked('Gmail', 'Re: ', { attribution: `On Wed, Dec 9, 2026 at 10:00 AM ${SENDER.name} <\n${SENDER.address}> wrote:`, open: GMAIL }),
  aliyun: bare('Alimail-Mailagent', '回复：', {
    heading: `------------------------------------------------------------------\n发件人：${FROM}\n日　期：2026年12月09日 10:00:00\n收件人：${TO}\n主　题：${SUBJECT}\n`,
    headingHtml: `<blockquote style="margin-right:0;margin-top:0;margin-bottom:0"><div>------------------------------------------------------------------</div><div>发件人：${FROM_HTML}</div><div>日　期：2026年12月09日 10:00:00</div><div>收件人：${escape(TO)}</div><div>主　题：${SUBJECT}</div>`,
  }),
  dingtalk: {
    mailer: 'DingTalk Mail',
    prefix: '回复：',
    text: (reply, quoted) => `${reply}\n\n\n\n\n来自钉钉专属商务邮箱------------------------------------------------------------------\n发件人：${FROM}\n日　期：2026年12月09日 10:00:00\n收件人：${TO}\n抄　送：\n主　题：${SUBJECT}\n\n${body(quoted)}`,
    html: (reply, quoted) => `<div>${divs(reply)}</div><div>来自钉钉专属商务邮箱</div><blockquote>------------------------------------------------------------------<br>发件人：${FROM_HTML}<br>日　期：2026年12月09日 10:00:00<br>收件人：${escape(TO)}<br>主　题：${SUBJECT}<br>${quoted.html}</blockquote>`,
  },
  mail139: {
    mailer: 'Richmail_Webapp(V3.0)',
    prefix: '回复:',
    text: (reply, quoted) => `${reply}\n\n\n\n----回复邮件信息----\n发件人：${FROM}\n发件时间：2026-12-09 10:00:00\n收件人：${TO}\n主题：${SUBJECT}\n\n${body(quoted)}`,
    html: (reply, quoted) => `<div>${brs(reply)}</div><div><br><br><br></div><div id='signContainer'></div><hr id='replySplit'/><div id='reply139content'>----回复邮件信息----<br>发件人：${FROM_HTML}<br>发件时间：2026-12-09 10:00:00<br>主题：${SUBJECT}<br>${quoted.html}</div>`,
  },
  mail189: bare('189Mail', '回复：', {
    tag: '发自189邮箱', tagHtml: '<div>发自189邮箱</div>',
    heading: `----- 原始邮件 -----\n发件人：${FROM}\n收件人：${TO}\n主题：${SUBJECT}\n日期：2026年12月09日 10点00分`,
    headingHtml: `<div id="origbody"><div style="background: #f2f2f2;">----- 原始邮件 -----<br>发件人：${FROM_HTML}<br>收件人：${escape(TO)}<br>主题：${SUBJECT}<br>日期：2026年12月09日 10点00分<br></div>`,
  }),
  huawei: bare('HuaweiMail', '回复：', {
    tag: '发自我的华为手机', tagHtml: '<div>发自我的华为手机</div>',
    heading: `-------- 原始邮件 --------\n发件人："${SENDER.name}" <${SENDER.address}>\n日期：2026年12月9日周三 10:00\n收件人：${TO}\n主 题：${SUBJECT}`,
    headingHtml: headedHtml('-------- 原始邮件 --------', [['发件人：', FROM], ['日期：', '2026年12月9日周三 10:00'], ['收件人：', TO], ['主 题：', SUBJECT]]),
  }),
  xiaomi: bare('MiuiMail', '回复：', {
    tag: '发自我的小米手机', tagHtml: '<div>发自我的小米手机</div>',
    heading: `在 ${FROM}，2026年12月9日 上午10:00写道：`, headingHtml: `<div>在 ${FROM_HTML}，2026年12月9日 上午10:00写道：</div>`,
  }),
  thunderbird: marked('Mozilla Thunderbird', 'Re: ', { attribution: `在 2026/12/9 10:00, ${SENDER.name} 写道:`, open: CITE }),
  kylin: bare('Kylin Mail', '回复：', {
    heading: `----\n \n主　题：${SUBJECT}\n日　期：2026-12-09 10:00\n发件人：${SENDER.address}\n收件人：${AGENCY.address};`,
    headingHtml: `<div>----</div><div>主　题：${SUBJECT}</div><div>日　期：2026-12-09 10:00</div><div>发件人：${SENDER.address}</div><div>收件人：${AGENCY.address};</div>`,
  }),
  yahoo: bare('YahooMailBasic', '回覆： ', {
    heading: `    ${SENDER.name} (<${SENDER.address}>) 在 2026年12月9日星期三 上午10:00:53 [GMT+8] 寫道：  `,
    headingHtml: `<div id="yahoo_quoted_2158811873" class="yahoo_quoted"><div>${SENDER.name} (&lt;${SENDER.address}&gt;) 在 2026年12月9日星期三 上午10:00:53 [GMT+8] 寫道：</div>`,
  }),
  citedOnly: {
    mailer: 'mutt', prefix: 'Re: ',
    text: (reply, quoted) => `${reply}\n\n${cited(quoted)}\n`,
    html: (reply, quoted) => `<div>${brs(reply)}</div>${CITE}${quoted.html}</blockquote>`,
  },
  unknown: {
    mailer: '政务邮件客户端 1.0', prefix: '回复：',
    text: (reply, quoted) => `${reply}\n\n\n${body(quoted)}\n`,
    html: (reply, quoted) => `${divs(reply)}<br><br>${quoted.html}`,
  },
  nothing: { mailer: 'Mail', prefix: '回复：', text: (reply) => `${reply}\n`, html: (reply) => `<html><body>${divs(reply)}</body></html>` },
} satisfies Record<string, Style>; // prettier-ignore

export type StyleName = keyof typeof STYLES;
