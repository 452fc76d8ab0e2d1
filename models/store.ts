import mongoose from 'mongoose';
import { accountabilityModel } from './accountability.ts';
import { accountModel, tokenModel } from './account.ts';
import { actBatchModel, actModel } from './act.ts';
import { agencyModel, officerModel, supervisorModel } from './agency.ts';
import { appraisalModel } from './appraisal.ts';
import { archiveModel } from './archive.ts';
import { calendarModel } from './calendar.ts';
import { campaignModel } from './campaign.ts';
import { caseModel } from './case.ts';
import { caseEntryModel } from './case-entry.ts';
import { checklistModel, checklistVersionModel } from './checklist.ts';
import { clueModel } from './clue.ts';
import { complainantModel } from './complainant.ts';
import { complainantNoticeModel } from './complainant-notice.ts';
import { deadlineModel } from './deadline.ts';
import { contactCheckModel, rosterMonthModel } from './contact-check.ts';
import { documentModel } from './document.ts';
import { documentTemplateModel } from './document-template.ts';
import { errandModel } from './errand.ts';
import { eventModel } from './event.ts';
import { fileDrawModel, fileReviewModel, reviewedFileModel, scoreSheetModel } from './file-review.ts';
import { findingModel, inspectionModel } from './finding.ts';
import { heldAnswerModel } from './held-answer.ts';
import { keyModel } from './idempotency-key.ts';
import { importFaultModel } from './import.ts';
import { incomingMailModel } from './incoming-mail.ts';
import { instrumentModel } from './instrument.ts';
import { linkModel } from './link.ts';
import { mailTemplateModel } from './mail-template.ts';
import { messageModel } from './message.ts';
import { operationModel } from './operation.ts';
import { outageModel, pulseModel } from './outage.ts';
import { cycleModel, planModel } from './plan.ts';
import { registerEntryModel } from './register-entry.ts';
import { sequenceModel, settingModel } from './setting.ts';
import { socialSupervisorModel } from './social-supervisor.ts';
import { signInTryModel } from './sign-in-try.ts';
import { statisticsPackageModel } from './statistics-package.ts';
import { submissionModel } from './submission.ts';
import { taskModel } from './task.ts';
import { warningModel, warningRuleModel } from './warning.ts';

/** Every collection of the product, on one connection; majority and journal on every write. */
export type Store = Awaited<ReturnType<typeof openStore>>;

/** Connects and makes the indexes; throws after ten seconds when MongoDB does not answer. */
export async function openStore(uri: string, database: string) {
  const connection = await mongoose
    .createConnection(uri, {
      dbName: database,
      serverSelectionTimeoutMS: 10_000,
      socketTimeoutMS: 45_000,
      maxPoolSize: 24,
      writeConcern: { w: 'majority', journal: true },
      autoIndex: false,
      autoCreate: false,
    })
    .asPromise();
  const models = {
    accountabilities: accountabilityModel(connection),
    accounts: accountModel(connection),
    acts: actModel(connection),
    actBatches: actBatchModel(connection),
    tokens: tokenModel(connection),
    agencies: agencyModel(connection),
    supervisors: supervisorModel(connection),
    officers: officerModel(connection),
    appraisals: appraisalModel(connection),
    archives: archiveModel(connection),
    calendars: calendarModel(connection),
    campaigns: campaignModel(connection),
    cases: caseModel(connection),
    caseEntries: caseEntryModel(connection),
    checklists: checklistModel(connection),
    checklistVersions: checklistVersionModel(connection),
    clues: clueModel(connection),
    complainants: complainantModel(connection),
    complainantNotices: complainantNoticeModel(connection),
    contactChecks: contactCheckModel(connection),
    rosterMonths: rosterMonthModel(connection),
    deadlines: deadlineModel(connection),
    documents: documentModel(connection),
    documentTemplates: documentTemplateModel(connection),
    errands: errandModel(connection),
    events: eventModel(connection),
    fileReviews: fileReviewModel(connection),
    reviewedFiles: reviewedFileModel(connection),
    fileDraws: fileDrawModel(connection),
    scoreSheets: scoreSheetModel(connection),
    findings: findingModel(connection),
    inspections: inspectionModel(connection),
    keys: keyModel(connection),
    importFaults: importFaultModel(connection),
    incoming: incomingMailModel(connection),
    instruments: instrumentModel(connection),
    heldAnswers: heldAnswerModel(connection),
    links: linkModel(connection),
    mailTemplates: mailTemplateModel(connection),
    messages: messageModel(connection),
    operations: operationModel(connection),
    outages: outageModel(connection),
    pulses: pulseModel(connection),
    plans: planModel(connection),
    cycles: cycleModel(connection),
    registerEntries: registerEntryModel(connection),
    sequences: sequenceModel(connection),
    settings: settingModel(connection),
    socialSupervisors: socialSupervisorModel(connection),
    signInTries: signInTryModel(connection),
    statisticsPackages: statisticsPackageModel(connection),
    submissions: submissionModel(connection),
    tasks: taskModel(connection),
    warnings: warningModel(connection),
    warningRules: warningRuleModel(connection),
  };
  await Promise.all(Object.values(models).map((model) => model.createIndexes()));
  const files = () =>
    new mongoose.mongo.GridFSBucket(connection.db as mongoose.mongo.Db, { bucketName: 'files' });
  return { connection, ...models, files, close: () => connection.close() };
}
