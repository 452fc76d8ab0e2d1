import { OTHER_REASON, failureReason } from '../mail/failure-reasons.ts';
import { type ClockMapping, productAt, stamp } from '../domain/clock.ts';
import type { MessageRecord } from '../models/message.ts';

/** Why a mail did not arrive or did not go out, in words, with the server's own as it gave them; of a bounce its status alone was kept. */
export function failureOf({ bounce, smtp }: Pick<MessageRecord, 'bounce' | 'smtp'>, lang: 'zh' | 'en') {
  const said = bounce?.text ?? smtp?.response ?? '';
  if (said === '') return { why: '', technical: '' };
  const reason = failureReason(said, bounce?.code || undefined) ?? OTHER_REASON;
  return { why: reason[lang], technical: bounce ? bounce.code : said };
}

/** When a mail was known not to have arrived, by the product's clock; where that was not written down, as its clock runs now. */
export const failedAt = (
  { lostAt, bouncedAt, submittedAt, createdAt }: MessageRecord,
  mapping: ClockMapping,
): string => lostAt ?? stamp(productAt(mapping, (bouncedAt ?? submittedAt ?? createdAt).getTime()));
