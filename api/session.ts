import type { RequestHandler } from 'express';
import type { ApiDeps } from './deps.ts';
export const sessions = (_deps: ApiDeps): RequestHandler[] => [];
