export { campaignWorkflow } from './campaign.ts';
export { taskGroupWorkflow } from './task.ts';
