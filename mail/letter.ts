import { type MailParts, composeMail } from './compose.ts';
import type { Office } from './office.ts';

type Rest = Pick<MailParts, 'date' | 'to' | 'replyTo' | 'headers' | 'attachments'>;

/** A rendered mail as the office sends it, ready for the outbox: the same parts give the same bytes. */
export async function officeLetter(
  office: Pick<Office, 'name' | 'fromAddress'>,
  rendered: { readonly subject: string; readonly text: string; readonly html: string },
  parts: Rest & Pick<MailParts, 'messageId' | 'envelopeFrom'>,
): Promise<{ raw: Buffer; subjectLine: string }> {
  const raw = await composeMail({
    ...parts,
    from: { name: office.name, address: office.fromAddress },
    subject: rendered.subject,
    text: rendered.text,
    html: rendered.html,
    headers: { 'Content-Language': 'zh-CN', ...parts.headers },
  });
  return { raw, subjectLine: rendered.subject };
}
