import type { Request } from 'express';

/** What a person had typed when their session was over. */
export interface Draft {
  /** The page on which they typed. */
  readonly at: string;
  /** Path that the form is sent to. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
}

declare module 'express-session' {
  interface SessionData {
    /** Shown once on its page. */
    draft: Draft;
  }
}

/** Only a page of the console: a link or a form that signs in must not lead elsewhere. */
export const inside = (next: string): string =>
  /^\/console(?:[/?]|$)/.test(next) && !/[\\\s]|\/\//.test(next) ? next : '/console';

/** What a form of the console brought, to be kept by the browser until its sender has signed in; the server keeps nothing of strangers. */
export function draftOf(req: Request): Draft | undefined {
  const { _csrf: _secret, _key: _once, _at: at, ...body } = (req.body ?? {}) as Record<string, unknown>;
  // A password or a code that was typed is written down nowhere.
  for (const name of ['password', 'current', 'code', 'sealed']) delete body[name];
  return typeof at === 'string' ? { at: inside(at), action: pathOf(req), body } : undefined;
}

/** A draft that came back with the sign-in; undefined for anything else. */
export function draftFrom(kept: unknown): Draft | undefined {
  if (typeof kept !== 'string' || kept === '') return undefined;
  try {
    const { at, action, body } = JSON.parse(kept) as Record<string, unknown>;
    if (typeof at !== 'string' || typeof action !== 'string') return undefined;
    return { at: inside(at), action: inside(action), body: Object(body) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

/** The draft that belongs on this page, taken out of the session. */
export function takeDraft(req: Request): Draft | undefined {
  const { draft } = req.session;
  if (draft === undefined || draft.at.split('?')[0] !== pathOf(req)) return undefined;
  delete req.session.draft;
  return draft;
}

export const pathOf = (req: Request): string => req.originalUrl.split('?')[0] ?? '/console';
