import type { Request } from 'express';

/** Chinese unless the caller asks for English, by ?lang=en or Accept-Language. */
export function langOf(req: Request): 'zh' | 'en' {
  const asked = req.query['lang'];
  if (asked === 'en' || asked === 'zh') return asked;
  return req.acceptsLanguages('zh', 'zh-CN', 'en') === 'en' ? 'en' : 'zh';
}
