/** Refusals of the case-file review (案卷评查) and of the appraisal (评议考核) in both languages. */
export const REVIEW_TITLES = {
  'appraisal-final': {
    zh: '评议考核结果已经确定，您的异议已留存，不再改变结果',
    en: 'The appraisal is final: your objection is kept, and changes it no more',
  },
  'file-review-out-of-step': {
    zh: '案卷评查当前状态不允许此操作',
    en: 'The file review does not allow this step now',
  },
  'reviewer-unassigned': { zh: '您不是该案卷的评查人员', en: 'You are not a reviewer of this file' },
  'reviewer-untied': {
    zh: '您的账号没有关联监督人员，不能签署评分：请系统管理员在“账号”页面为您选定登记的监督人员',
    en: 'Your account is tied to no supervisor of the register: ask an administrator to choose one for you on the page of your account',
  },
  'score-invalid': { zh: '扣分与评查标准不符', en: 'The marks do not fit the score sheet' },
  'scores-missing': { zh: '还有案卷没有评查完', en: 'Some files have no result yet' },
  'supervisor-tied': {
    zh: '该监督人员已关联其他账号',
    en: 'This supervisor is tied to another account',
  },
  'third-not-needed': {
    zh: '两名评查人员的分差未超过10分，或者尚未评完',
    en: 'A third reviewer is called only where two who signed are more than ten points apart',
  },
} as const;
