import { expect, it } from 'vitest';
import { renderMail } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';

/** The mails that ask for something. */
const ASKING = [
  'task',
  'notice',
  'letter',
  'opinion',
  'decision',
  'reminder',
  'dueToday',
  'urge',
  'returned',
  'nudge',
  'digest',
] as const;

it.each(ASKING)(
  'Row 17: what the mail shows its text says too, number by number, date by date (%s)',
  (kind) => {
    for (const lang of ['zh', 'en'] as const) {
      const { html, text, subject } = renderMail(kind, sampleViews[kind] as never, lang);
      const shown = html
        .replace(/<head>.*?<\/head>/s, ' ')
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/&#x?\w+;/g, ' ');
      const facts = (words: string): string[] => words.match(/https?:\/\/[\w./:-]+|\d[\d:.〔〕-]*\d/g) ?? [];
      expect(facts(text).length).toBeGreaterThan(4);
      expect(facts(text).filter((fact) => !shown.includes(fact))).toEqual([]);
      expect(facts(shown).filter((fact) => !`${text}${subject}`.includes(fact))).toEqual([]);
    }
  },
);
