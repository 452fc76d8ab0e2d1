/** Why a mail did not arrive or did not go out, in both languages. */
export interface FailureReason {
  readonly zh: string;
  readonly en: string;
}

/** What no known reason fits: the server's own words stand beside it. */
export const OTHER_REASON: FailureReason = { zh: '其他原因', en: 'Another reason' };

interface Known extends FailureReason {
  /** Enhanced status (RFC 3463), the surest. */
  readonly status?: RegExp;
  /** What servers, mailbox providers and our own sender write. */
  readonly match?: RegExp;
  /** Reply code (RFC 5321), where nothing else is said. */
  readonly code?: RegExp;
}

const REASONS: readonly Known[] = [
  { match: /^lease over$/, zh: '发送进程停顿过久，本次未连接邮件服务器', en: 'The sending process stood still for too long and did not connect' },
  { match: /^(?:aborted|transport closed)$/, zh: '发送进程停止，本次未发送', en: 'The sending process was stopped before the mail went out' },
  { match: /^(?:deadline of the attempt|no connection free)$/, zh: '本次发送超时', en: 'The attempt ran out of time' },
  { match: /^(?:no bytes$|not composed:)/, zh: '邮件内容未能生成或读取', en: 'The mail could not be composed or read' },
  { match: /^(?:no reply$|connection closed|read ECONNRESET|write (?:EPIPE|ECONNRESET)|socket hang up)/i, zh: '连接中断，未收到邮件服务器的答复', en: 'The connection broke before the mail server replied' },
  { match: /^(?:connect E|getaddrinfo |DNS lookup|greeting never|connection timeout|TLS handshake timed)/i, zh: '邮件服务器无法连接', en: 'The mail server cannot be reached' },
  { match: /^(?:self[- ]signed|unable to (?:verify|get)|hostname\/ip|certificate has|client network socket|error (?:upgrading|initiating))/i, zh: '与邮件服务器的加密连接未能建立', en: 'No encrypted connection to the mail server came about' },
  { match: /full|quota|over ?limit|容量|已满|空间不足|超出.{0,6}(?:容量|配额)/i, status: /^[45]\.2\.2$/, zh: '邮箱已满', en: 'The mailbox is full' },
  { match: /too (?:large|big)|size (?:limit|larger)|exceed.{0,20}size|邮件(?:过大|太大)|超过.{0,10}大小/i, status: /^[45]\.(?:2\.3|3\.4)$/, zh: '邮件超过对方的大小限制', en: 'The mail is larger than the other side accepts' },
  { match: /spam|blocked|blacklist|reject.{0,20}policy|垃圾邮件|被拒绝|拒收|反垃圾|黑名单|频率/i, status: /^5\.7\./, code: /^554$/, zh: '对方邮件系统拒收', en: 'The other mail system refused it' },
  { match: /disabled|inactive|suspended|停用|禁用|冻结|锁定/i, status: /^[45]\.2\.1$/, zh: '该邮箱已停用', en: 'The mailbox is disabled' },
  { match: /host (?:or domain )?(?:name )?not found|unknown (?:host|domain)|no such domain|域名(?:不存在|错误|解析)|unrouteable/i, status: /^[45]\.(?:1\.2|4\.4)$/, zh: '该邮箱的域名不存在或无法连接', en: 'The domain does not exist or cannot be reached' },
  { match: /user (?:unknown|not found|does ?n.t exist)|unknown user|no such (?:user|recipient|mailbox)|mailbox not found|does not exist|not an address|invalid (?:recipient|mailbox)|(?:地址|用户|帐号|账号|收件人|邮箱).{0,40}(?:不存在|未找到|错误|无效)/i, status: /^[45]\.1\.(?:1|0|10|3|6)$/, code: /^55[13]$/, zh: '该邮箱地址不存在', en: 'The address does not exist' },
  { match: /timed? ?out|timeout|connection refused|超时|连接失败|无法连接/i, status: /^[45]\.4\./, zh: '对方邮件系统无法连接', en: 'The other mail system cannot be reached' },
  { match: /mailbox unavailable/i, code: /^550$/, zh: '该邮箱不存在或不接收邮件', en: 'The mailbox does not exist or takes no mail' },
  { match: /gr[ae]ylist|try again later|too many/i, status: /^4\.[37]\./, code: /^4\d\d$/, zh: '邮件服务器暂时不接收', en: 'The mail server does not take it for now' },
  { code: /^552$/, zh: '邮箱已满或邮件过大', en: 'The mailbox is full or the mail too large' },
  { code: /^53[0458]$/, zh: '邮件服务器拒绝本系统登录', en: 'The mail server refused our sign-in' },
]; // prettier-ignore

/** Words of a server, of a bounce or of our own sender, as a person understands them: by the enhanced status, else by what is said, else by the reply code. Pure and linear. */
export function failureReason(said: string, status = statusOf(said)): FailureReason | undefined {
  const code = /^([45]\d\d)\b/.exec(said)?.[1];
  return (
    REASONS.find((one) => status !== undefined && one.status?.test(status)) ??
    REASONS.find((one) => one.match?.test(said)) ??
    REASONS.find((one) => code !== undefined && one.code?.test(code))
  );
}

/** The enhanced status right after the reply code: elsewhere it might be an address's digits. */
const statusOf = (said: string): string | undefined =>
  /^[45]\d\d[ -]([45]\.\d{1,3}\.\d{1,3})\b/.exec(said)?.[1];
