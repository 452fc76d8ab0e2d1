import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { hash } from '@node-rs/argon2';
import { ROUTES } from '../../api/app.ts';
import { issueToken } from '../../data/seed.ts';
import { caseId } from '../../workflows/messages.ts';
import type { House } from './house.ts';
import { entriesOf } from './zip.ts';

/** One place that was searched, and the words in it. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

const BASE64 = /(?:[A-Za-z0-9+/]{40,}\r?\n)*[A-Za-z0-9+/]{12,}={0,2}/g;
const QUOTED = /(?:=[0-9A-F]{2})+/g;

/** Bytes as every reader could take them: as they are, as UTF-8, and with what mail and JSON encode in them decoded. */
export function readings(bytes: Buffer): string {
  const plain = bytes.toString('latin1');
  const decoded = [...plain.matchAll(BASE64)].map(([block]) => Buffer.from(block, 'base64').toString('utf8'));
  const unquoted = plain
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(QUOTED, (codes) => Buffer.from(codes.replaceAll('=', ''), 'hex').toString('utf8'));
  return [plain, bytes.toString('utf8'), ...decoded, unquoted, unescape(plain)].join('\n');
}

const unescape = (text: string): string =>
  text.replaceAll(/\\u([0-9a-f]{4})/gi, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );

const isBytes = (value: unknown): value is { buffer: Uint8Array; position?: number } =>
  typeof value === 'object' && value !== null && 'buffer' in value;

/** Every document of every collection, its bytes read in every way. */
export async function collections({ store }: Pick<House, 'store'>): Promise<Place[]> {
  const { db } = store.connection;
  if (!db) throw new Error('the connection is not open');
  const places: Place[] = [];
  for (const { name } of await db.listCollections().toArray())
    for await (const row of db.collection(name).find({}, { promoteBuffers: false }))
      places.push({
        where: `${name}/${String(row['_id'])}`,
        text: JSON.stringify(row, function (key, value: unknown) {
          const own = (this as Record<string, unknown>)[key];
          return isBytes(own) ? readings(Buffer.from(own.buffer)) : value;
        }),
      });
  return places;
}

/** The raw history of every workflow that a case or a task has, payloads decoded. */
export async function histories({ store, env }: Pick<House, 'store' | 'env'>): Promise<Place[]> {
  const cases = await store.cases.distinct('_id');
  const groups = await store.tasks.distinct('group');
  const places: Place[] = [];
  for (const id of [...cases.map((no) => caseId(no)), ...groups]) {
    const history = await env.client.workflow.getHandle(id).fetchHistory();
    places.push({
      where: `history of ${id}`,
      text: `${id}\n${readings(Buffer.from(historyToJSON(history)))}`,
    });
  }
  return places;
}

const ROLES = ['administrator', 'organizer', 'approver', 'auditor'] as const;

/** What every reading call of the API answers to every role about these numbers. */
export async function answers(
  house: House,
  named: Readonly<Record<string, readonly string[]>>,
): Promise<Place[]> {
  const places: Place[] = [];
  for (const { method, path } of ROUTES) {
    if (method !== 'get' || path.endsWith('/stream')) continue;
    for (const where of filled(path, named))
      for (const role of ROLES) {
        const got = await house.call(role, 'GET', where);
        places.push({ where: `${role} GET ${where} (${got.status})`, text: JSON.stringify(got.body) });
      }
  }
  return places;
}

function filled(path: string, named: Readonly<Record<string, readonly string[]>>): string[] {
  const parameter = /:(\w+)/.exec(path);
  if (!parameter) return [path];
  const [whole, name = ''] = parameter;
  return (named[name] ?? ['1']).flatMap((value) =>
    filled(path.replace(whole, encodeURIComponent(value)), named),
  );
}

/** Bytes and, where they are an archive, everything in it: case files, workbooks, papers. */
async function unpacked(where: string, bytes: Buffer): Promise<Place[]> {
  if (bytes.subarray(0, 2).toString() !== 'PK') return [{ where, text: readings(bytes) }];
  const entries = await entriesOf(bytes);
  const inside = await Promise.all([...entries].map(([name, held]) => unpacked(`${where} » ${name}`, held)));
  return inside.flat();
}

/** What the API hands out as files, by path and kind, to an auditor. */
export async function files(
  { url, store }: Pick<House, 'url' | 'store'>,
  asked: readonly (readonly [path: string, accept: string])[],
): Promise<Place[]> {
  const Authorization = `Bearer ${await issueToken(store, 'auditor')}`;
  const places = await Promise.all(
    asked.map(async ([path, Accept]) => {
      const got = await fetch(`${url}/api/v1${path}`, { headers: { Authorization, Accept } });
      if (got.status !== 200) throw new Error(`${path}: ${got.status} ${await got.text()}`);
      return unpacked(`file ${path} (${Accept})`, Buffer.from(await got.arrayBuffer()));
    }),
  );
  return places.flat();
}

/** All that a stream tells from its beginning on. */
export async function streamed({ url, store }: Pick<House, 'url' | 'store'>, no: string): Promise<Place> {
  const stop = AbortSignal.timeout(2_000);
  const got = await fetch(`${url}/api/v1/campaigns/${no}/stream`, {
    headers: { Authorization: `Bearer ${await issueToken(store, 'auditor')}`, 'Last-Event-ID': '0' },
    signal: stop,
  });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of got.body ?? []) chunks.push(Buffer.from(chunk as Uint8Array));
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  return { where: `stream of ${no}`, text: readings(Buffer.concat(chunks)) };
}

const PASSWORD = 'a long password';

/** Pages of the console as each role sees them. */
export async function consolePages(
  { url, store }: Pick<House, 'url' | 'store'>,
  paths: readonly string[],
): Promise<Place[]> {
  await store.accounts.updateMany({}, { $set: { passwordHash: await hash(PASSWORD) } });
  const places: Place[] = [];
  for (const account of ROLES) {
    const entered = await fetch(`${url}/console/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ account, password: PASSWORD }),
    });
    const Cookie = entered.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    for (const path of paths) {
      const page = await fetch(`${url}/console${path}`, { headers: { Cookie } });
      if (page.status !== 200) throw new Error(`${account} ${path}: ${page.status}`);
      places.push({ where: `console of ${account} ${path}`, text: await page.text() });
    }
  }
  return places;
}

/** Every mail that went to anyone but this address. */
export async function mails({ mailbox }: Pick<House, 'mailbox'>, but: string): Promise<Place[]> {
  const all = await mailbox.messages({});
  return Promise.all(
    all
      .filter((mail) => !mail.to.includes(but))
      .map(async (mail) => ({
        where: `mail ${mail.subject} to ${mail.to.join(' ')}`,
        text: `${JSON.stringify(mail)}\n${readings((await mailbox.raw(mail.id)) ?? Buffer.alloc(0))}`,
      })),
  );
}

/** The places in which one of these words stands, however it is spaced. */
export function leaks(places: readonly Place[], words: readonly string[]): string[] {
  const plain = (text: string): string =>
    text
      .normalize('NFKC')
      .replaceAll(/[\s\-·]/g, '')
      .toLowerCase();
  const wanted = words.flatMap((word) => [plain(word), encodeURIComponent(word).toLowerCase()]);
  return places
    .filter(({ text, where }) => {
      const all = plain(`${where}\n${text}`);
      return wanted.some((word) => all.includes(word));
    })
    .map(({ where }) => where);
}
