import { type Connection, Schema } from 'mongoose';

/** Who may open a task's page or answer to its Reply-To; the tokens themselves are in the mails only. */
export interface LinkRecord {
  /** SHA-256 of the page's token */
  readonly _id: string;
  /** SHA-256 of the Reply-To's token */
  readonly reply: string;
  readonly task: string;
  readonly agency: string;
  readonly name: string;
  readonly email: string;
  /** Its holder is a contact no more: what it brings is held for a person. `to` is empty while nobody has taken over. */
  readonly handedOn?: { readonly to: string; readonly at: string };
}

export const linkModel = (connection: Connection) => {
  const schema = new Schema<LinkRecord>(
    {
      _id: { type: String, required: true },
      reply: { type: String, required: true, unique: true },
      task: { type: String, required: true, index: true },
      agency: String,
      name: String,
      email: String,
      handedOn: Schema.Types.Mixed,
    },
    { collection: 'links', versionKey: false },
  );
  schema.index({ agency: 1, email: 1 });
  return connection.model<LinkRecord>('Link', schema);
};
