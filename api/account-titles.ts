/** What only a person who signs in can meet. */
export type AccountProblemCode =
  | 'account-locked'
  | 'oidc-refused'
  | 'oidc-unavailable'
  | 'oidc-unknown'
  | 'sign-in-wait';

/** The sentences of signing in and of one's own account. */
export const ACCOUNT_TITLES = {
  'account-locked': {
    zh: '连续错误过多，此账号暂时锁定',
    en: 'Too many failures in a row: this account is locked for a while',
  },
  'sign-in-wait': { zh: '请稍候再试', en: 'Wait a moment before the next attempt' },
  'oidc-refused': {
    zh: '统一身份认证没有完成，请重新登录',
    en: 'The sign-in at the identity provider was not completed: please start again',
  },
  'oidc-unavailable': {
    zh: '统一身份认证暂时无法连接，请稍后再试，或用账号密码登录',
    en: 'The identity provider cannot be reached: try again later, or use your password',
  },
  'oidc-unknown': {
    zh: '统一身份认证的这个身份在本系统中没有账号，请联系系统管理员',
    en: 'This identity has no account here: please ask an administrator',
  },
  'code-wrong': {
    zh: '动态码不正确、已过时或已经用过，请等待下一个',
    en: 'The code is wrong, over or used already: wait for the next one',
  },
  'offer-over': {
    zh: '这个密钥已失效，请重新开始',
    en: 'This key is not valid any more: please start again',
  },
  'second-step-on': { zh: '两步验证已经启用', en: 'The second step is on already' },
  'second-step-off': { zh: '两步验证没有启用', en: 'The second step is not on' },
  'second-step-required': {
    zh: '您的角色必须启用两步验证，不能停用',
    en: 'Your role must have a second step: it cannot be turned off',
  },
  'password-wrong': { zh: '原密码不正确', en: 'The present password is not right' },
} as const;
