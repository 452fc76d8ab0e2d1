import { readFileSync } from 'node:fs';
import type { Calendar, CalendarYear } from '../domain/calendar.ts';
import type { Checklist } from '../domain/checklist.ts';
import type { StepTerm } from '../domain/case-terms.ts';
import type { Term } from '../domain/deadline.ts';
import type { ScoreSheet } from '../domain/file-review.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { WarningRule } from '../domain/warning.ts';
import { home } from '../home.ts';

/** A legal text as it is printed, and what it may be cited for. */
export interface LegalBasis {
  readonly id: string;
  readonly text: string;
  readonly textEn: string;
  readonly uses: readonly string[];
  /** False where the office has to confirm it before it is printed. */
  readonly confirmed: boolean;
  readonly note: string;
}

/** The term of one step (D1–D20 of the working rules, and what a case and a transfer add). */
export interface TermRule extends StepTerm {
  readonly id: string;
  readonly step: string;
  /** The event whose day the term starts from. */
  readonly start: string;
  /** law: the text names the days; printed: the document's own date; analogy and default: the office's choice. */
  readonly source: 'law' | 'printed' | 'analogy' | 'default';
  readonly note: string;
  readonly extension?: Term;
}

/** The years whose notices were verified before release; later ones are imported by a person. */
export function publishedCalendar(): Calendar {
  return [load('calendar-2026.json') as CalendarYear];
}

/** The standing checklists: the year's thirty items, the three systems, and one for each of the four fields. */
export function standingChecklists(): readonly Checklist[] {
  return load('checklists.json') as readonly Checklist[];
}

/** The rules that warn of acts, before the office has set them. */
export function standingWarningRules(): readonly WarningRule[] {
  return (load('warning-rules.json') as readonly WarningRule[]).map((rule) => ({ ...rule, version: 1 }));
}

/** The sheet by which files are scored, before the office has set it: its first version. */
export function scoreSheet(): ScoreSheet {
  return { version: 1, ...(load('file-score-sheet.json') as Omit<ScoreSheet, 'version'>) };
}

export interface LegalBases {
  readonly bases: readonly LegalBasis[];
  readonly terms: readonly TermRule[];
}

/** What documents may cite, and the terms of the steps with where each comes from. */
export function legalBases(): LegalBases {
  return load('legal-bases.json') as LegalBases;
}

/** The rules of the instruments that an office begins with: the national regulation's together with a province's. */
export function instrumentRules(province: 'shandong' | 'sichuan' = 'shandong'): readonly Instrument[] {
  return load(`instruments-${province}.json`) as readonly Instrument[];
}

function load(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`data/${name}`, home), 'utf8'));
}
