import { TEAM_MIN } from './supervisor.ts';

/** What an agency's supervision unit (监督机构) lacks. */
export const UNIT_FLAGS = [
  'unit-missing',
  'responsible-missing',
  'supervisors-too-few',
  'not-separate',
] as const;
export type UnitFlag = (typeof UNIT_FLAGS)[number];

/** Who supervises in an agency, counted on a day. */
export interface UnitStand {
  readonly office?: string | undefined;
  readonly responsible?: string | undefined;
  /** Supervisors in the register, and those who may work that day. */
  readonly registered: number;
  readonly fit: number;
  /** Those who enforce for the same agency: supervision is separate from enforcement (执法与监督相分离). */
  readonly both: readonly string[];
}

/** A unit is named, has a first responsible person and two supervisors at the least who may work, and none of them enforces for the same agency. */
export function unitFlags({ office, responsible, fit, both }: UnitStand): readonly UnitFlag[] {
  return UNIT_FLAGS.filter(
    (flag) =>
      ({
        'unit-missing': office === undefined,
        'responsible-missing': responsible === undefined,
        'supervisors-too-few': fit < TEAM_MIN,
        'not-separate': both.length > 0,
      })[flag],
  );
}
