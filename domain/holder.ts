import type { IsoDate } from './calendar.ts';

/** The two registers of people who hold a certificate (持证人员). */
export type HolderRegister = 'supervisors' | 'officers';

/** Kinds of certificates: 行政执法证, 部委制发的执法证件, 行政执法监督证. */
export const CERTIFICATE_KINDS = ['enforcement', 'ministerial', 'supervision'] as const;
export type CertificateKind = (typeof CERTIFICATE_KINDS)[number];

/** Under which certificate somebody can stand in a register; the first where none is said. */
export const KINDS_OF: Readonly<
  Record<HolderRegister, readonly [CertificateKind, ...(readonly CertificateKind[])]>
> = {
  supervisors: ['supervision'],
  officers: ['enforcement', 'ministerial'],
};

export interface Certificate {
  readonly no: string;
  /** Absent in records from before kinds were kept. */
  readonly kind?: CertificateKind | undefined;
  readonly issued: IsoDate;
  readonly expires: IsoDate;
}

/** Hours of training of one year (年度培训学时). */
export interface TrainingYear {
  readonly year: number;
  readonly hours: number;
}

export interface Exam {
  readonly on: IsoDate;
  readonly subject: string;
  readonly passed: boolean;
  readonly score?: number | undefined;
}

/** What a year's training is measured by: the law asks for training and names no hours, so the number is the office's. */
export interface TrainingRule {
  readonly hours: number;
  readonly basis: string;
}
export const TRAINING_RULE: TrainingRule = {
  hours: 60,
  basis: '《山东省行政执法监督条例》第十条（应当按照规定参加培训）；学时数为默认值，由办公室规定',
};

/** A certificate that ends within so many days is said so. */
export const EXPIRING_DAYS = 90;

export const hoursIn = (training: readonly TrainingYear[], year: number): number =>
  training.find((one) => one.year === year)?.hours ?? 0;

/** The hours of a year as they are told now stand instead of what was told before; a year that is not named stays. */
export function withTraining(
  before: readonly TrainingYear[],
  told: readonly TrainingYear[],
): readonly TrainingYear[] {
  const years = new Map([...before, ...told].map((one) => [one.year, one.hours]));
  return [...years].map(([year, hours]) => ({ year, hours })).sort((a, b) => a.year - b.year);
}

const sameExam = (a: Exam, b: Exam): boolean => a.on === b.on && a.subject === b.subject;

/** An exam is known by its day and its subject; told again, its result is corrected. */
export function withExams(before: readonly Exam[], told: readonly Exam[]): readonly Exam[] {
  const kept = before.filter((one) => !told.some((other) => sameExam(one, other)));
  const last = told.filter((one, n) => !told.slice(n + 1).some((other) => sameExam(one, other)));
  return [...kept, ...last].sort((a, b) => (a.on === b.on ? 0 : a.on < b.on ? -1 : 1));
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';

/** Whether a text is a citizen's identity number (GB 11643): a birthday that there is, and the right last digit. */
export function isCitizenNumber(text: string): boolean {
  const found = /^\d{6}(\d{4})(\d\d)(\d\d)\d{3}[\dX]$/u.exec(text);
  if (!found) return false;
  const [, year, month, day] = found.map(Number);
  const born = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  if (born.getUTCMonth() + 1 !== month || born.getUTCDate() !== day || (year ?? 0) < 1900) return false;
  const sum = WEIGHTS.reduce((total, weight, n) => total + weight * Number(text[n]), 0);
  return CHECKS[sum % 11] === text.at(-1);
}

/** 370321199001011234 → 370***********1234: neither the birthday nor the whole number can be read off. */
export const maskCitizenNumber = (text: string): string => `${text.slice(0, 3)}***********${text.slice(-4)}`;
