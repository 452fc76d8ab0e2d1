import type { RouteSpec } from '../route.ts';
export const streamRoutes: readonly RouteSpec[] = [];
export const closeStreams = (): void => undefined;
