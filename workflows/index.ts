export { calendarMovesWorkflow } from './calendar.ts';
export { campaignWorkflow } from './campaign.ts';
export { settlementWorkflow } from './settlement.ts';
export { taskGroupWorkflow } from './task.ts';
