import { calendarActivities } from './calendar.ts';
import { caseActivities } from './case.ts';
import { accountabilityActivities } from './accountability.ts';
import { campaignActivities } from './campaign.ts';
import type { Deps } from './deps.ts';
import { fileReviewActivities } from './file-review.ts';
import { rosterMailActivities } from './roster-mail.ts';
import { rosterMonthActivities } from './roster-month.ts';
import { settlementActivities } from './settlement.ts';
import { planActivities } from './plan.ts';
import { summaryActivities } from './summary.ts';
import { taskActivities } from './task.ts';
import { taskMailActivities } from './task-mail.ts';

/** Everything the workflows have done for them, over one set of dependencies. */
export const createActivities = (deps: Deps) => ({
  ...calendarActivities(deps),
  ...campaignActivities(deps),
  ...rosterMailActivities(deps),
  ...rosterMonthActivities(deps),
  ...settlementActivities(deps),
  ...accountabilityActivities(deps),
  ...fileReviewActivities(deps),
  ...caseActivities(deps),
  ...planActivities(deps),
  ...summaryActivities(deps),
  ...taskActivities(deps),
  ...taskMailActivities(deps),
});

export type Activities = ReturnType<typeof createActivities>;
