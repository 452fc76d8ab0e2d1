export { caseWorkflow } from './case.ts';
export { campaignWorkflow } from './campaign.ts';
export { taskGroupWorkflow } from './task.ts';
