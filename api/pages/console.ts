import { Router } from 'express';
import type { ApiDeps } from '../deps.ts';
export const consolePages = (_deps: ApiDeps): Router => Router();
