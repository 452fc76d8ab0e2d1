/** Who looks at a page: a role of the office, or nobody who is signed in. */
export type Onlooker = 'organizer' | 'approver' | 'administrator' | 'nobody';

/** One page of which there are pictures: what it is called, who sees it, where it is. */
export interface Pictured {
  readonly name: string;
  readonly who: Onlooker;
  /** An address of the console; {names} are those that the county gives. */
  readonly at: string;
}

/** Widths of a desk and of a phone. */
export const WIDTHS = [1440, 390] as const;

const organizer = (name: string, at: string): Pictured => ({ name, who: 'organizer', at: `/console${at}` });

/** The pages that people live in: each is pictured at every width, for the guides. */
export const PICTURES: readonly Pictured[] = [
  organizer('today', ''),
  organizer('plan', '/plans/{plan}'),
  organizer('campaign-new', '/campaigns/new'),
  organizer('preview', '/campaigns/{draft}/preview'),
  organizer('board', '/campaigns/{campaign}'),
  organizer('task', '/tasks/{task}'),
  organizer('case', '/cases/{case}'),
  organizer('reviews', '/reviews'),
  organizer('inbox', '/inbox'),
  organizer('certificate', '/tasks/{sent}/certificate'),
  organizer('ledger', '/ledger'),
  organizer('agency', '/agencies/{agency}'),
  organizer('warnings', '/warnings'),
  organizer('acts', '/acts'),
  organizer('screen', '/screen'),
  organizer('help', '/help'),
  organizer('file-review', '/file-reviews/{fileReview}'),
  organizer('clues', '/clues'),
  { name: 'document', who: 'approver', at: '/console/documents/{document}' },
  { name: 'ops', who: 'administrator', at: '/console/ops' },
  { name: 'accounts', who: 'administrator', at: '/console/accounts' },
  { name: 'agencies', who: 'administrator', at: '/console/agencies' },
  { name: 'templates', who: 'administrator', at: '/console/templates/mail/task' },
  { name: 'answer', who: 'nobody', at: '{link}' },
  { name: 'complaint', who: 'nobody', at: '/complaints' },
];

/** Name of a picture's file in docs/pictures. */
export const fileOf = (name: string, width: number): string => `${name}-${width}.webp`;
