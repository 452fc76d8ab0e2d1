import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { hashSecret } from '../api/access.ts';
import type { Role } from '../models/account.ts';
import type { Store } from '../models/store.ts';
import { readInstruments, keepInstruments } from '../models/instrument.ts';
import { keepScoreSheet, readScoreSheet } from '../models/file-review.ts';
import { seedSeries } from '../models/number-series.ts';
import { STEP_TERMS } from '../models/step-terms.ts';
import {
  instrumentRules,
  legalBases,
  publishedCalendar,
  scoreSheet,
  standingChecklists,
  standingWarningRules,
} from './reference.ts';

/** What every installation has: the published calendar, the standing checklists, the terms of the steps, the rules that warn, those of the instruments, the score sheet of files and the series of document numbers. What is there already stays as the office has changed it. */
export async function seedReference(store: Store): Promise<void> {
  for (const { year, ...rest } of publishedCalendar())
    await store.calendars.updateOne({ _id: year }, { $setOnInsert: rest }, { upsert: true });
  for (const { id, ...rest } of standingChecklists())
    await store.checklists.updateOne({ _id: id }, { $setOnInsert: rest }, { upsert: true });
  const terms = Object.fromEntries(legalBases().terms.map(({ step, ...rest }) => [step, rest]));
  await store.settings.updateOne({ _id: STEP_TERMS }, { $setOnInsert: { value: terms } }, { upsert: true });
  for (const { id, ...rest } of standingWarningRules())
    await store.warningRules.updateOne({ _id: id }, { $setOnInsert: rest }, { upsert: true });
  if ((await readInstruments(store)).version === 0)
    await keepInstruments(store, { _id: 1, items: instrumentRules(), by: 'system', at: INSTALLED });
  if ((await readScoreSheet(store)) === null) {
    const { version: _id, ...sheet } = scoreSheet();
    await keepScoreSheet(store, { _id, ...sheet, by: 'system', at: INSTALLED });
  }
  await seedSeries(store.settings);
}

/** The first rules are older than whatever an office does. */
const INSTALLED = '2026-02-01T00:00:00+08:00';

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

/** Creates an account, or gives it another password. */
export async function seedAccount(store: Store, { id, name, role, password }: NewAccount): Promise<void> {
  const passwordHash = await hash(password);
  await store.accounts.updateOne(
    { _id: id },
    { $set: { name, role, passwordHash }, $setOnInsert: { disabled: false } },
    { upsert: true },
  );
}

/** A new bearer token for an account; it is shown once and kept as its hash. */
export async function issueToken(
  store: Store,
  account: string,
  given: { readonly name?: string; readonly createdBy?: string; readonly until?: Date } = {},
): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  await store.tokens.create({ _id: hashSecret(secret), account, createdAt: new Date(), ...given });
  return secret;
}
