import { READERS } from '../access.ts';
import { route } from '../route.ts';
import { openStream } from '../streams.ts';
import { findCampaign } from './campaigns.ts';

export { closeStreams } from '../streams.ts';

export const streamRoutes = [
  route({
    method: 'get',
    path: '/campaigns/:no/stream',
    rule: READERS,
    summary: '实时计数与事项（text/event-stream；Last-Event-ID 续传）',
    find: findCampaign,
    async work({ deps, found, req, res }) {
      await openStream(deps, found._id, { req, res });
      return undefined;
    },
  }),
];
