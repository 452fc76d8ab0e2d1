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

export const sameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The contacts after one of them named their successor, who takes their role; somebody who is a contact already moves to it. */
export function succeeded(
  contacts: readonly Contact[],
  gone: string,
  successor: Omit<Contact, 'role'>,
): readonly Contact[] {
  const old = contacts.find((one) => sameAddress(one.email, gone));
  if (!old) return contacts;
  const role = old.role;
  return contacts
    .filter((one) => one === old || !sameAddress(one.email, successor.email))
    .map((one) => (one === old ? { ...successor, role } : one));
}

/** Who takes over from each contact that is there no more: whoever has their role now, else the nearest above, else anybody. */
export function handedOn(
  before: readonly Contact[],
  now: readonly Contact[],
): readonly { readonly from: Contact; readonly to: Contact | undefined }[] {
  return before
    .filter((one) => !now.some((other) => sameAddress(one.email, other.email)))
    .map((from) => ({
      from,
      to:
        now.find((one) => one.role === from.role) ??
        contactAt(now, LADDER.indexOf(from.role)) ??
        contactAt(now, 0),
    }));
}
