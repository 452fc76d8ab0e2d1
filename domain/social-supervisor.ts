import type { IsoDate } from './calendar.ts';

/** The time for which a social supervisor (社会监督员) is appointed. */
export interface Appointment {
  readonly from: IsoDate;
  readonly until: IsoDate;
  /** The first day on which it no longer stood: dismissed, or given back. */
  readonly endedOn?: IsoDate | undefined;
}

export type AppointmentState = 'notYet' | 'serving' | 'over' | 'ended';

export function appointmentOn({ from, until, endedOn }: Appointment, day: IsoDate): AppointmentState {
  if (endedOn !== undefined && endedOn <= day) return 'ended';
  if (day < from) return 'notYet';
  return day > until ? 'over' : 'serving';
}
