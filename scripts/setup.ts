import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { issueToken, seedAccount, seedReference } from '../data/seed.ts';
import { stamp } from '../domain/clock.ts';
import type { Role } from '../models/account.ts';
import { appendEvents } from '../models/event.ts';
import { openStore, type Store } from '../models/store.ts';

const ROLES: readonly Role[] = ['administrator', 'organizer', 'approver', 'auditor'];
const USAGE = 'npm run setup -- [帐号] [姓名] [administrator|organizer|approver|auditor] [--token] [--reset]';

/** `npm run setup`: reference data and accounts of an installation whose address stands in the environment. A password or token is printed once and kept as its hash. */
async function main(): Promise<void> {
  const asked = readArguments();
  const config = readConfig();
  const store = await openStore(config.MONGODB_URI, config.MONGODB_DATABASE);
  try {
    await seedReference(store);
    console.log(`✔ ${config.MONGODB_DATABASE}：节假日安排、检查清单已就绪（已有的不改动）`);
    await giveAccount(store, asked);
  } finally {
    await store.close();
  }
}

interface Asked {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly token: boolean;
  readonly reset: boolean;
}

function readArguments(): Asked {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { token: { type: 'boolean', default: false }, reset: { type: 'boolean', default: false } },
  });
  const [id = 'administrator', name = '系统管理员', role = 'administrator'] = positionals;
  const known = ROLES.find((one) => one === role);
  if (!known || positionals.length > 3 || !/^[a-z][a-z0-9.-]{1,39}$/.test(id))
    throw new Error(`用法：${USAGE}`);
  return { id, name, role: known, ...values };
}

/** An account that is there keeps its password unless `--reset` asks for another: a second run must not lock anybody out. */
async function giveAccount(store: Store, { id, name, role, token, reset }: Asked): Promise<void> {
  const there = await store.accounts.findById(id, { role: 1 }).lean();
  if (there && there.role !== role) throw new Error(`帐号 ${id} 已存在，角色是 ${there.role}`);
  if (!there || reset) {
    const password = randomBytes(15).toString('base64url');
    await seedAccount(store, { id, name, role, password });
    await told(store, { what: there ? 'password-reset' : 'account-created', account: id, role });
    console.log(`✔ 帐号 ${id}（${role}）密码 ${password}\n  只显示这一次，请立即妥善保存`);
  } else console.log(`✔ 帐号 ${id} 已存在，未改动（重设密码请加 --reset）`);
  if (!token) return;
  const secret = await issueToken(store, id);
  await told(store, { what: 'token-issued', account: id, role });
  console.log(`✔ 接口令牌 ${secret}\n  只显示这一次`);
}

async function told(
  store: Store,
  { what, ...detail }: { what: string; account: string; role: Role },
): Promise<void> {
  const entry = { at: stamp(Date.now()), source: 'person', what, who: 'npm run setup', detail } as const;
  await appendEvents(store.events, { owner: 'accounts', key: randomUUID(), entries: [entry] });
}

main().catch((error: unknown) => {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
