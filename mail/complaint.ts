import { linkToken } from './addresses.ts';
import type { Office } from './office.ts';

/** The code that a complaint is followed by: 130 bits, its own for the one origin, never stored but as its hash. */
export const queryCode = (office: Pick<Office, 'linkKey'>, origin: string): string =>
  linkToken(office.linkKey, ['complaint', origin]);

/** The page where a complaint is followed. */
export const followPage = ({ publicUrl }: Pick<Office, 'publicUrl'>): string =>
  `${publicUrl}/complaints/follow`;

const HEAD_BYTES = 65_536;

/** Whether a mail is written to the complaint address, by its envelope or, where a mailbox was polled, by its own head. */
export function isComplaint(
  { complaintAddress }: Pick<Office, 'complaintAddress'>,
  raw: Buffer,
  envelope: { readonly to: readonly string[] },
): boolean {
  if (envelope.to.some((one) => one.toLowerCase() === complaintAddress)) return true;
  const head =
    raw
      .subarray(0, HEAD_BYTES)
      .toString('latin1')
      .split(/\r?\n\r?\n/, 1)[0] ?? '';
  const unfolded = head.replaceAll(/\r?\n[ \t]+/g, ' ');
  return unfolded
    .split(/\r?\n/)
    .some(
      (line) =>
        /^(?:to|cc|delivered-to|x-original-to|envelope-to)\s*:/i.test(line) &&
        line.toLowerCase().includes(complaintAddress),
    );
}
