export type ContactRole = 'primary' | 'deputy' | 'leader';

export interface Contact {
  readonly name: string;
  readonly email: string;
  readonly phone?: string | undefined;
  readonly role: ContactRole;
}

const LADDER: readonly ContactRole[] = ['primary', 'deputy', 'leader'];

/** The contact on a rung (0 primary, 1 deputy, 2 leader), or the nearest one above it that there is. */
export function contactAt(contacts: readonly Contact[], rung: number): Contact | undefined {
  return LADDER.slice(rung).flatMap((role) => contacts.find((contact) => contact.role === role) ?? [])[0];
}
