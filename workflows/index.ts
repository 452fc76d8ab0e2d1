export { caseWorkflow } from './case.ts';
export { accountabilityWorkflow } from './accountability.ts';
export { campaignWorkflow } from './campaign.ts';
export { taskGroupWorkflow } from './task.ts';
