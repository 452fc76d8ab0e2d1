import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { call } from '../embedded/call.ts';
import { startStack, type Stack } from '../embedded/stack.ts';

export interface Scene {
  readonly stack: Stack;
  /** In the order the mailbox took them, of first mails only. */
  readonly taken: { readonly to: string; readonly messageId: string }[];
  /** How many agencies have their mail. */
  readonly mailed: () => number;
  /** Resolves with what `act` gives, called at the next mail on the mailbox's disk, before its 250 is written; with undefined when none comes. */
  atNextMail<T>(act: () => Promise<T>): Promise<T | undefined>;
}

/** Longer than what a killed part, its lease, its grace and the engine's next try take together. */
const SILENCE_MS = 120_000;

export async function withStack<T>(
  options: { perSecond: number; workerRoot?: string },
  play: (scene: Scene) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'jiandu-faults-'));
  const stack = await startStack({
    dir,
    clock: 'system',
    say: () => undefined,
    ports: 'any',
    env: { MAIL_RATE: String(options.perSecond), RECEIPT_MAILS: 'off', LOG_LEVEL: 'silent' },
    ...(options.workerRoot === undefined ? {} : { workerRoot: options.workerRoot }),
  });
  try {
    return await play(watched(stack));
  } finally {
    await stack.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function watched(stack: Stack): Scene {
  const taken: { to: string; messageId: string }[] = [];
  const recipients = new Set<string>();
  let armed: (() => void) | undefined;
  // The mailbox calls its listeners before it answers the sender.
  stack.mailbox.onMessage((meta) => {
    if (!meta.subject.startsWith('【请办理】')) return;
    taken.push({ to: meta.to[0] ?? '', messageId: meta.messageId });
    recipients.add(meta.to[0] ?? '');
    armed?.();
  });
  return {
    stack,
    taken,
    mailed: () => recipients.size,
    async atNextMail(act) {
      const silent = new AbortController();
      const reached = new Promise<Acting<ReturnType<typeof act>>>((resolve) => {
        armed = () => {
          armed = undefined;
          resolve({ acting: act() });
        };
      });
      const silence = wait(SILENCE_MS, undefined, { signal: silent.signal }).catch(() => undefined);
      const acted = await Promise.race([reached, silence]);
      armed = undefined;
      silent.abort();
      return acted?.acting;
    },
  };
}

/** Wrapped, so that a promise of it resolves when the act begins. */
interface Acting<T> {
  readonly acting: T;
}

/** Launches a campaign to so many agencies at once; gives its number. */
export async function launch(stack: Stack, size: number): Promise<string> {
  const agencies = Array.from({ length: size }, (_, n) => ({
    _id: `agency-${n}`,
    name: `第${n}号机关`,
    kind: 'department',
    domains: ['workSafety'],
    contacts: [{ name: '经办人甲', email: `jingban@a${n}.huantai.example`, role: 'primary' }],
    version: 1,
  }));
  await stack.store.agencies.collection.insertMany(agencies as never);
  const body = {
    title: '故障演练',
    domain: 'workSafety',
    legalBasis: '《山东省行政执法监督条例》第二十一条',
    checklist: 'CL-three-systems',
    agencies: { any: [{ kind: 'department' }] },
    phases: {
      selfInspection: { workdays: 10 },
      jointInspection: { days: 15 },
      rectification: { days: 30 },
      lookBack: { days: 30 },
    },
  };
  const { no } = (
    await call<{ no: string }>(stack, 'organizer', { method: 'POST', path: '/campaigns', body })
  ).body;
  const preview = await call<{ digest: string }>(stack, 'organizer', {
    method: 'GET',
    path: `/campaigns/${no}/preview`,
  });
  await call(stack, 'organizer', {
    method: 'POST',
    path: `/campaigns/${no}/launch`,
    body: { previewDigest: preview.body.digest, skipProblems: true, recallMinutes: 0 },
  });
  return no;
}
