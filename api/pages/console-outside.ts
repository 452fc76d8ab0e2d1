import type { Request, Response } from 'express';
import { asSent } from './sent-form.ts';
import { renderConsole, text, translate, withQuery } from './console-frame.ts';

export type Lang = 'zh' | 'en';

export const langOf = (req: Request): Lang =>
  req.query['lang'] === 'en' ? 'en' : req.query['lang'] === 'zh' ? 'zh' : (req.session.lang ?? 'zh');

const TITLES = {
  'sign-in': 'console.signIn.title',
  'sign-in-code': 'console.signIn.codeTitle',
  'signed-out': 'console.signIn.out',
  enter: 'console.signIn.enter',
  password: 'console.password.title',
  'first-run': 'console.firstRun.title',
} as const;

/** Where a page stands, if not under its own name. */
const PATHS: Partial<Record<keyof typeof TITLES, string>> = {
  'sign-in-code': 'sign-in/code',
  'signed-out': 'sign-in',
};

/** A page for whom has not signed in; its refusal stands beside the `field` too, and leads there. */
export function show(
  res: Response,
  name: keyof typeof TITLES,
  shown: {
    readonly lang: Lang;
    readonly status: number;
    readonly view: Readonly<Record<string, unknown>>;
    readonly field?: string;
  },
): void {
  const { lang, status, view, field = '' } = shown;
  const path = `/console/${PATHS[name] ?? name}`;
  const other = withQuery(
    path,
    Object.fromEntries(
      Object.entries(view).filter(([key]) => key === 'next' || key === 'ticket' || key === 'code'),
    ) as Record<string, string>,
    { lang: lang === 'en' ? 'zh' : 'en' },
  );
  const title = translate(lang)(TITLES[name]);
  const html = renderConsole(name, { lang, langHref: other, title, field, ...view }, lang);
  const detail = text(view['refusal']);
  const faults = detail === '' || field === '' ? [] : [{ pointer: `/${field}`, detail }];
  res
    .status(status)
    .type('html')
    .send(asSent(html, { action: path, body: {}, faults }));
}
