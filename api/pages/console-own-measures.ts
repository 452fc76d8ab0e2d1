import { MEASURE_STATES, type MeasureStand } from '../../models/own-measure.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { unitRoutes } from '../routes/units.ts';
import { type ConsoleRoute, type Page, type Visit, callRoute, withQuery } from './console-frame.ts';
import { listing } from './console-listing.ts';

export const ownMeasureConsoleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/own-measures', rule: READERS, line: true, work: measures, again: measures },
];

const PATH = '/console/own-measures';
const ASKING = withQuery('/console/campaigns/new', {}, { checklist: 'CL-own-measures' });

/** Every agency's own measures (具体举措) on one page, and who has none. */
async function measures(visit: Visit): Promise<Page> {
  const { t, actor } = visit;
  const at = 'get /own-measures/stand';
  const asked = { at, path: PATH, filters: ['state'] };
  const { beside, ...shown } = await listing<MeasureStand>(visit, unitRoutes, asked);
  // A query that was refused lists nothing, and says how many there are all the same.
  const { counts } = (
    'counts' in beside ? beside : await callRoute(visit, unitRoutes, { at, query: { limit: '1' } })
  ) as { readonly counts: Readonly<Record<string, number>> };
  return {
    page: 'own-measures',
    title: t('ownMeasures.title'),
    path: PATH,
    view: {
      ...shown,
      ask: ORGANIZERS.includes(actor.role) && !actor.line ? ASKING : '',
      wide: !actor.line,
      states: MEASURE_STATES,
      counts: MEASURE_STATES.map((state) => ({
        state,
        n: counts[state] ?? 0,
        href: withQuery(PATH, {}, { state }),
      })),
      rows: shown.items.map((one) => ({
        agency: one.agency,
        name: one.name,
        state: one.state,
        none: one.state === 'notAsked' || one.state === 'asked',
        task: one.task ?? '',
        due: one.due ?? '',
        acceptedAt: one.acceptedAt ?? '',
        words: one.text ?? '',
        files: (one.files ?? []).map((file) => file.name),
      })),
    },
  };
}
