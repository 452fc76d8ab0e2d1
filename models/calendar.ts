import { type Connection, Schema } from 'mongoose';
import type { Calendar } from '../domain/calendar.ts';

/** One year of the State Council's holiday notice, as imported and confirmed by a person. */
export interface CalendarRecord {
  readonly _id: number;
  readonly off: readonly string[];
  readonly work: readonly string[];
  readonly source: string;
  readonly version: string;
}

export const calendarModel = (connection: Connection) =>
  connection.model<CalendarRecord>(
    'Calendar',
    new Schema<CalendarRecord>(
      {
        _id: { type: Number, required: true },
        off: [String],
        work: [String],
        source: { type: String, required: true },
        version: { type: String, required: true },
      },
      { collection: 'calendars', versionKey: false },
    ),
  );

/** The years that are published, as the domain reads them. */
export async function readCalendar(model: ReturnType<typeof calendarModel>): Promise<Calendar> {
  const years = await model.find().sort({ _id: 1 }).lean();
  return years.map(({ _id, off, work, source, version }) => ({ year: _id, off, work, source, version }));
}
