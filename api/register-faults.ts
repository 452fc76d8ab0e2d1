/** Faults of the registers' fields, as `FAULTS`. */
export const REGISTER_FAULTS = {
  'certificate-taken': {
    zh: '该证件编号已由他人持有',
    en: 'Somebody else holds this certificate',
  },
  'identity-invalid': { zh: '身份证号有误', en: 'Not an identity number' },
  'identity-taken': {
    zh: '该身份证号已登记在另一人名下',
    en: 'This identity number is registered for somebody else, or stands twice',
  },
  'identity-differs': {
    zh: '身份证号与在册的不一致',
    en: 'Another identity number is registered for this person',
  },
  'line-role': {
    zh: '只有经办人、审计员账号可以限定条线',
    en: 'Only organizers and auditors can be held to a line',
  },
  'email-taken': {
    zh: '该邮箱已登记在另一名社会监督员名下',
    en: 'Another social supervisor is registered with this address',
  },
  'code-unknown': {
    zh: '没有这个监督员码，或者聘期已过',
    en: 'No social supervisor in office has this code',
  },
  'credit-code-invalid': { zh: '统一社会信用代码有误', en: 'Not a unified social credit code' },
  'subject-kind-invalid': { zh: '主体类型有误', en: 'Not a kind of enforcement subject' },
  'text-invalid': { zh: '内容为空、过长或者含有换行', en: 'Empty, too long, or with a line break' },
  'parent-invalid': { zh: '上级无效', en: 'Not a parent' },
  'phone-invalid': { zh: '电话格式不正确', en: 'Not a telephone number' },
  'primary-twice': { zh: '每个机关只能有一名主办', en: 'An agency has one primary contact' },
  'certificate-dates': {
    zh: '有效期不得早于发证日期',
    en: 'The certificate expires before it is issued',
  },
  'id-invalid': {
    zh: '编号只能用小写字母、数字和连字符',
    en: 'An id has lower-case letters, digits and hyphens only',
  },
  'duplicate-address': {
    zh: '同一机关的联系人邮箱重复',
    en: 'Two contacts of one agency have the same address',
  },
} as const;
