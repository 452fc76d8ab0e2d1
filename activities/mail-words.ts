import { speakWith } from '../mail/render.ts';
import { allWords } from '../models/mail-template.ts';
import type { Deps } from './deps.ts';

/** Takes up the office's own words of the mails as they stand now: a process that runs needs no new start for them. */
export async function takeWords({ store }: Pick<Deps, 'store'>): Promise<number> {
  speakWith(await allWords(store.mailTemplates));
  // Nothing is left over that the next round should hurry for.
  return 0;
}
