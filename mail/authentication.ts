import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export type AuthenticationResult = 'pass' | 'fail' | 'none';

/** What SPF, DKIM and DMARC say of a mail. Soft failures, faults of the network and missing records are `none`: only `fail` holds a mail. */
export interface Authentication {
  readonly spf: AuthenticationResult;
  readonly dkim: AuthenticationResult;
  readonly dmarc: AuthenticationResult;
  readonly verdict: AuthenticationResult;
}

/** Answers like node:dns/promises `resolve`; rejects with a `code` such as ENOTFOUND. */
export type DnsResolver = (domain: string, type: string) => Promise<string[][] | string[]>;

const NONE: Authentication = { spf: 'none', dkim: 'none', dmarc: 'none', verdict: 'none' };
const LIMIT = 2000;

/** Loopback, link-local and private networks: mail from there has no public records to be held against. */
export function isPrivate(ip: string): boolean {
  const bare = ip.replace(/^::ffff:/i, '').toLowerCase();
  if (isIP(bare) === 0) return true;
  if (isIP(bare) === 6) return /^(?:::1?$|f[cd]|fe[89ab])/.test(bare);
  const [a = 0, b = 0] = bare.split('.').map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 169 && b === 254) ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 100 && b >= 64 && b <= 127)
  );
}

/**
 * Checks a mail against its sender's domain (RFC 7208, 6376, 7489). Never throws and ends after two seconds with `none`.
 * Without `ip` (a polled mailbox) SPF is `none`, and a DMARC failure counts only when a signature failed too.
 */
export async function authenticate(
  raw: Buffer,
  sender: { ip?: string; helo?: string; from?: string; resolver?: DnsResolver },
): Promise<Authentication> {
  if (sender.ip !== undefined && isPrivate(sender.ip)) return NONE;
  const dns = new Resolver({ timeout: 900, tries: 1 });
  const resolver: DnsResolver =
    sender.resolver ?? ((domain, type) => dns.resolve(domain, type) as Promise<string[]>);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Authentication>((resolve) => {
    timer = setTimeout(() => resolve(NONE), LIMIT);
  });
  try {
    return await Promise.race([check(raw, { ...sender, resolver }), late]);
  } catch {
    return NONE;
  } finally {
    clearTimeout(timer);
    dns.cancel();
  }
}

interface Sender {
  readonly ip?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly resolver: DnsResolver;
}

async function check(raw: Buffer, sender: Sender): Promise<Authentication> {
  const mailauth = await import('mailauth');
  const { ip, helo, from } = sender;
  const { resolver, faults } = watched(sender.resolver);
  const result = await mailauth.authenticate(raw, {
    resolver,
    disableArc: true,
    disableBimi: true,
    trustReceived: false,
    ...(ip === undefined ? {} : { ip }),
    ...(helo === undefined ? {} : { helo }),
    ...(from === undefined ? {} : { sender: from }),
  });
  const dkim = signatures(result.dkim.results);
  const spf = ip === undefined || !result.spf ? 'none' : plain(result.spf.status.result);
  const said = result.dmarc ? plain(result.dmarc.status.result) : 'none';
  const unsure = faults() > 0 || (ip === undefined && dkim !== 'fail');
  const dmarc = said === 'fail' && unsure ? 'none' : said;
  const shown = result.dkim.headerFrom[0]?.split('@').at(-1)?.toLowerCase();
  const aligned =
    dmarc === 'pass' ||
    (spf === 'pass' && result.spf && result.spf.domain === shown) ||
    result.dkim.results.some((one) => one.status.result === 'pass' && Boolean(one.status.aligned));
  const failed = [spf, dkim, dmarc].includes('fail');
  return { spf, dkim, dmarc, verdict: failed ? 'fail' : aligned ? 'pass' : 'none' };
}

/** Counts look-ups that ended in a fault of the network: a DMARC failure built on one of them is no failure. */
function watched(resolve: DnsResolver): { resolver: DnsResolver; faults: () => number } {
  let faults = 0;
  return {
    faults: () => faults,
    resolver: async (domain, type) => {
      try {
        return await resolve(domain, type);
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        if (!['ENOTFOUND', 'ENODATA', 'NOTFOUND', 'NODATA'].includes(code)) faults += 1;
        throw error;
      }
    },
  };
}

/** One good signature is enough; a body changed on its way is a failure, a key that cannot be fetched is not. */
function signatures(
  results: readonly { readonly status: { readonly result: string; readonly comment?: unknown } }[],
): AuthenticationResult {
  if (results.some((one) => one.status.result === 'pass')) return 'pass';
  const failed = results.some(
    ({ status }) => status.result === 'fail' || status.comment === 'body hash did not verify',
  );
  return failed ? 'fail' : 'none';
}

function plain(result: string): AuthenticationResult {
  return result === 'pass' || result === 'fail' ? result : 'none';
}
