export { calendarMovesWorkflow } from './calendar.ts';
export { caseWorkflow } from './case.ts';
export { accountabilityWorkflow } from './accountability.ts';
export { fileReviewWorkflow } from './file-review.ts';
export { campaignWorkflow } from './campaign.ts';
export { settlementWorkflow } from './settlement.ts';
export { planWorkflow } from './plan.ts';
export { taskGroupWorkflow } from './task.ts';
