import type { RouteSpec } from '../route.ts';
export const incomingRoutes: readonly RouteSpec[] = [];
