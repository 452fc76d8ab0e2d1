import type { Act, ActType } from './act.ts';

type Field = keyof Act;

/** An act is entered in time when it is on the network this many days after it was done: the office's own term. */
export const ENTRY_DAYS = 5;

/** What an entry must hold to be complete, by type of act. */
export const COMPLETE_FIELDS: Readonly<Record<ActType, readonly Field[]>> = {
  penalty: ['cause', 'filedOn', 'servedOn', 'publishedOn', 'recording'],
  licence: ['publishedOn'],
  coercion: ['publishedOn', 'recording'],
  levy: ['fen', 'publishedOn'],
  fee: ['fen', 'publishedOn'],
  inspection: ['cause', 'publishedOn', 'recording'],
};

/** What the use of the network is measured by (行政执法网使用情况考核). */
export const MEASURES = ['onNetwork', 'enteredInTime', 'complete'] as const;
export type Measure = (typeof MEASURES)[number];

/** How many of how many. */
export interface Share {
  readonly n: number;
  readonly of: number;
}

/** How an agency uses the network in a year; entries without a date of entry cannot be judged for time. */
export interface NetworkUse extends Readonly<Record<Measure, Share>> {
  readonly agency: string;
  readonly acts: number;
}
