import type { CaseMove, CaseState } from './case.ts';
import {
  answerObjection,
  askRecusal,
  askTransfer,
  decideRecusal,
  decideTransfer,
  noteBeside,
  reportTransfer,
  resumeCase,
  suspendCase,
  withdrawComplaint,
} from './case-beside.ts';
import { archiveCase, closeCase, replyToComplainant } from './case-closing.ts';
import { assignCase, extendCase, fileCase } from './case-filing.ts';
import { recordInvestigation, reviewCase, verifyReport } from './case-judgement.ts';
import {
  approvePaper,
  decideByGovernment,
  draftPaper,
  servePaper,
  submitToGovernment,
} from './case-papers.ts';
import { type CaseCommand, checkStep } from './case-steps.ts';

/** What a person orders, as the case's transition; throws its refusal. `at` is RFC 3339 in Shanghai. */
export function obeyInCase(state: CaseState, command: CaseCommand, at: string): CaseMove {
  // A signature or a draft that is told again is known by its document.
  if (!known(state, command)) checkStep(state, command);
  switch (command.kind) {
    case 'file':
      return fileCase(state, command, at);
    case 'assign':
      return assignCase(state, command, at);
    case 'extend':
      return extendCase(state, command, at);
    case 'recordInvestigation':
      return recordInvestigation(state, command, at);
    case 'review':
      return reviewCase(state, command, at);
    case 'verify':
      return verifyReport(state, command, at);
    case 'draft':
      return draftPaper(state, command, at);
    case 'approve':
      return approvePaper(state, command, at);
    case 'serve':
      return servePaper(state, command, at);
    case 'submitToGovernment':
      return submitToGovernment(state, command, at);
    case 'decideByGovernment':
      return decideByGovernment(state, command, at);
    case 'askRecusal':
      return askRecusal(state, command, at);
    case 'decideRecusal':
      return decideRecusal(state, command, at);
    case 'suspend':
      return suspendCase(state, command, at);
    case 'resume':
      return resumeCase(state, command, at);
    case 'answerObjection':
      return answerObjection(state, command, at);
    case 'askTransfer':
      return askTransfer(state, command, at);
    case 'decideTransfer':
      return decideTransfer(state, command, at);
    case 'reportTransfer':
      return reportTransfer(state, command, at);
    case 'withdrawComplaint':
      return withdrawComplaint(state, command, at);
    case 'note':
      return noteBeside(state, command, at);
    case 'close':
      return closeCase(state, command, at);
    case 'reply':
      return replyToComplainant(state, command, at);
    case 'archive':
      return archiveCase(state, command, at);
  }
}

const known = (state: CaseState, command: CaseCommand): boolean =>
  command.kind === 'approve' &&
  state.papers.some((paper) => paper.id === command.paper && paper.state === 'approved');
