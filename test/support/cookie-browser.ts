/** One answer, where the redirects have led. */
export interface Seen {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A browser as far as cookies and redirects go, over real HTTP and over several sites. */
export interface CookieBrowser {
  get(url: string): Promise<Seen>;
  post(url: string, fields: Readonly<Record<string, string>>): Promise<Seen>;
  /** The next answer itself, with no redirect followed. */
  bare(url: string): Promise<Response>;
}

const MOST_REDIRECTS = 15;

export function openCookieBrowser(): CookieBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string): Map<string, string> => {
    const { origin } = new URL(url);
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = jarOf(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const follow = async (url: string, init?: RequestInit): Promise<Seen> => {
    let [at, answer] = [url, await ask(url, init)];
    for (let n = 0; n < MOST_REDIRECTS && answer.status >= 301 && answer.status <= 308; n += 1) {
      at = new URL(answer.headers.get('location') ?? '', at).href;
      answer = await ask(at);
    }
    return { url: at, status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  return {
    get: (url) => follow(url),
    post: (url, fields) => follow(url, { method: 'POST', body: new URLSearchParams(fields) }),
    bare: (url) => ask(url),
  };
}
