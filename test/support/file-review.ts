import { expect } from 'vitest';
import { issueToken } from '../../data/seed.ts';
import { key, send } from './contract.ts';
import type { Answered, House } from './house.ts';
import { registerSupervisors } from './people.ts';

export interface Shown {
  readonly id: string;
  readonly file: string;
  readonly agency: string;
  readonly state: string;
  readonly reviewers: readonly { readonly id: string; readonly name: string; readonly signed: boolean }[];
  readonly scores: readonly unknown[];
  readonly result?: {
    readonly points: number;
    readonly grade: string;
    readonly faults: readonly { id: string }[];
  };
}

export interface Mark {
  readonly item: string;
  readonly points?: number;
  readonly reason: string;
}
export const minus = (item: string, points: number): Mark => ({ item, points, reason: `${item}不规范` });

/** Four supervisors of the office and a fifth of an agency, each with an account tied to it; beside them an account that is tied to nobody, and one of the first's name that is tied to another. */
export async function registerReviewers(house: House, agency: string) {
  const team = await registerSupervisors(house, 4);
  const certificate = { no: 'SD-5', issued: '2025-01-01', expires: '2099-12-31' };
  const own = await house.call('administrator', 'POST', '/supervisors', {
    body: { name: '监督员5', agency, certificate },
  });
  team.push(own.body.id as string);
  const tokens = new Map<string, string>();
  for (const n of [1, 2, 3, 4, 5]) {
    const row = { role: 'organizer' as const, passwordHash: '-', disabled: false };
    await house.store.accounts.create({ _id: `reviewer${n}`, name: `监督员${n}`, ...row });
    tokens.set(`监督员${n}`, await issueToken(house.store, `reviewer${n}`));
    const tied = await house.call('administrator', 'PATCH', `/accounts/reviewer${n}`, {
      body: { supervisor: team[n - 1] },
    });
    expect(tied.body).toMatchObject({ supervisor: team[n - 1] });
  }
  const other = await house.call('administrator', 'POST', '/supervisors', {
    body: { name: '监督员1', certificate: { ...certificate, no: 'SD-6' } },
  });
  for (const [id, over] of [
    ['namesake', { supervisor: other.body.id as string }],
    ['untied', {}],
  ] as const) {
    const row = { role: 'organizer' as const, passwordHash: '-', disabled: false };
    await house.store.accounts.create({ _id: id, name: '监督员1', ...row, ...over });
    tokens.set(id, await issueToken(house.store, id));
  }
  const as = (name: string, method: string, where: string, body?: unknown): Promise<Answered> =>
    send(`${house.url}/api/v1${where}`, method, {
      body,
      headers: { ...key(), Authorization: `Bearer ${tokens.get(name) ?? ''}` },
    });
  return { team, as };
}

/** Penalties of the year, out of whose files a review draws. */
export const penalties = (agency: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    no: `M-${n + 1}`,
    agency,
    type: 'penalty',
    on: '2026-03-02',
    target: `第${n + 1}公司`,
    officers: ['SD-1', 'SD-2'],
    amount: 100,
    outcomes: ['fine'],
  }));
