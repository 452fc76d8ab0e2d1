import type { OfficeView } from './views.ts';

/** What a running office is configured with, as far as its mails and numbers depend on it. */
export interface Office extends OfficeView {
  /** Origin of the agencies' pages, without a trailing slash. */
  readonly publicUrl: string;
  /** Domain of Message-IDs, Reply-To and bounce addresses. */
  readonly mailDomain: string;
  readonly fromAddress: string;
  /** Key of link and reply tokens. */
  readonly linkKey: string;
  /** Whether a receipt mail follows each answer; the page shows the receipt in any case. */
  readonly receipts: boolean;
  /** Keys of the complainants' vault: the first seals, all open. */
  readonly vaultKeys: readonly string[];
  /** Address at which members of the public complain by mail. */
  readonly complaintAddress: string;
  /** The government it acts for: a decision carries its head. */
  readonly government: string;
}
