import { z } from 'zod';
import { CHANNELS, CLUE_STATES, REMEDIES, RESULTS, possibleSteps, register } from '../../domain/clue.ts';
import { isDate, localDate } from '../../domain/calendar.ts';
import { stamp } from '../../domain/clock.ts';
import { reachOf } from '../../domain/identity.ts';
import { LIGHTS } from '../../domain/light.ts';
import { Refusal } from '../../domain/refusals.ts';
import { hashToken } from '../../mail/addresses.ts';
import { queryCode } from '../../mail/complaint.ts';
import { type ClueRecord, moveClue } from '../../models/clue.ts';
import { storeClues } from '../../models/clue-intake.ts';
import { orderNotices } from '../../models/complainant-notice.ts';
import { appendEvents } from '../../models/event.ts';
import { ORGANIZERS, READERS } from '../access.ts';
import { importClues } from '../clue-import.ts';
import { clueFilter } from '../clue-filter.ts';
import { screenClue } from '../clue-screening.ts';
import { transferClue } from '../clue-transfer.ts';
import { clueBrief, isOwn, showClue } from '../clue-view.ts';
import { updateIdOf } from '../commands.ts';
import type { ApiDeps } from '../deps.ts';
import { listPage } from '../lists.ts';
import { stepping } from '../out-of-step.ts';
import { notFound } from '../problem.ts';
import { byNumber, nameless } from '../nameless.ts';
import { type Call, created, ok, route } from '../route.ts';
import { date, line, page, sentence, several, word } from '../shapes.ts';

const contact = line(120)
  .min(1)
  .refine((text) => reachOf(text) !== 'none', { params: { code: 'contact-invalid' } });
const complainant = z.object({
  name: word.optional(),
  contact: contact.optional(),
  confidential: z.boolean().default(true),
});

const body = z.object({
  channel: z.enum(CHANNELS),
  summary: sentence,
  agency: word.optional(),
  actType: line(100).min(1).optional(),
  complainant: complainant.optional(),
  externalNo: word.optional(),
  source: word.optional(),
  replyBy: date.optional(),
});
type Received = Call<z.infer<typeof body>, unknown, unknown>;

export const findClue = ({ store }: Pick<ApiDeps, 'store'>, params: Readonly<Record<string, string>>) =>
  store.clues.findById(params['no']).lean<ClueRecord>();

/** What an account of the agency complained of may not see is not there. */
export function shownTo(call: Pick<Call<unknown, unknown, ClueRecord>, 'actor' | 'found'>): ClueRecord {
  if (isOwn(call.actor, call.found)) throw notFound();
  return call.found;
}

async function agencyThere({ store }: ApiDeps, agency: string | undefined): Promise<void> {
  if (agency !== undefined && !(await store.agencies.exists({ _id: agency })))
    throw new Refusal('agency-unknown', `没有编号为 ${agency} 的机关`, '/agency');
}

/** Registers what staff took down or what another mode found: numbered, its terms begun, its complainant sealed apart. */
async function receive({ deps, body: given, actor, key }: Received) {
  await agencyThere(deps, given.agency);
  const receivedAt = stamp(await deps.clock.now());
  const { replyBy, complainant: who, ...rest } = given;
  if (replyBy !== undefined && (!isDate(replyBy) || replyBy <= localDate(receivedAt)))
    throw new Refusal('date-invalid', '答复期限应晚于今日', '/replyBy');
  const named = who && (who.name !== undefined || who.contact !== undefined);
  const origin =
    rest.externalNo === undefined ? `key:${updateIdOf(key)}` : `${rest.channel}:${rest.externalNo}`;
  const [stored] = await storeClues(deps, [
    {
      ...rest,
      door: 'staff',
      origin,
      ...(replyBy === undefined ? {} : { replyOn: replyBy }),
      ...(named ? { complainant: who } : {}),
      code: hashToken(queryCode(deps.office, origin)),
      receivedAt,
      by: actor.name,
    },
  ]);
  if (!stored) throw notFound();
  const clue = stored.record;
  await tellRegistered(deps, clue);
  const answer = {
    no: clue._id,
    state: clue.state,
    registeredAt: clue.receivedAt,
    screenBy: clue.deadlines.screen?.at,
    replyBy: clue.deadlines.reply?.at,
  };
  return stored.again ? ok(answer) : created(answer, { Location: `/api/v1/clues/${clue._id}` });
}

const tellRegistered = ({ store }: ApiDeps, clue: ClueRecord): Promise<unknown> =>
  orderNotices(store, clue._id, {
    step: 'registered',
    facts: clue.deadlines.screen ? { by: clue.deadlines.screen.at } : {},
    at: clue.receivedAt,
  });

const screening = z.object({
  result: z.enum(RESULTS),
  reason: sentence,
  of: word.optional(),
  agency: word.optional(),
  /** The body that is competent, as its letter is addressed. */
  to: word.optional(),
  remedy: z.object({ kind: z.enum(REMEDIES), no: word, since: date }).optional(),
});

const registration = z.object({
  agency: word.optional(),
  actType: line(100).min(1).optional(),
  summary: sentence.optional(),
});

/** The steps that the clue allows as it stands when it is asked. */
const possibleNow =
  ({ deps, found }: { readonly deps: ApiDeps; readonly found: ClueRecord }) =>
  async () => {
    const now = await findClue(deps, { no: found._id });
    return now ? possibleSteps(now.stand) : undefined;
  };

/** Registers what the public handed in: the complainant is told, and the terms run. */
async function takenOn(call: Call<z.infer<typeof registration>, unknown, ClueRecord>): Promise<ClueRecord> {
  const { deps, body: given, actor } = call;
  const clue = shownTo(call);
  const stand = register(clue.stand);
  await agencyThere(deps, given.agency);
  const at = stamp(await deps.clock.now());
  const more = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const next = await moveClue(deps.store, clue, { stand, at, more });
  if (!next) throw new Refusal('clue-out-of-step');
  await appendEvents(deps.store.events, {
    owner: clue._id,
    key: 'registered',
    entries: [{ at, source: 'person', what: 'clue-registered', who: actor.name }],
  });
  await tellRegistered(deps, { ...next, receivedAt: at });
  return next;
}

export const clueRoutes = nameless(
  [
    route({
      method: 'post',
      path: '/clues',
      rule: ORGANIZERS,
      key: 'required',
      summary: '登记线索',
      body,
      work: receive,
    }),
    route({
      method: 'post',
      path: '/clues/import',
      rule: ORGANIZERS,
      multipart: true,
      summary: '导入12345热线工单（.xlsx、.csv）',
      query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
      work: importClues,
    }),
    route({
      method: 'get',
      path: '/clues',
      rule: READERS,
      summary: '线索',
      query: page.extend({
        state: several(CLUE_STATES).optional(),
        channel: several(CHANNELS).optional(),
        agency: line(64).optional(),
        light: several(LIGHTS).optional(),
      }),
      async work(call) {
        const { deps, query, actor } = call;
        const now = await deps.clock.now();
        const own = actor.agency === undefined ? {} : { agency: { $ne: actor.agency } };
        return listPage(deps.store.clues, call, {
          filter: { $and: [clueFilter(query, now), own] },
          order: -1,
          show: (clue: ClueRecord) => clueBrief(clue, now),
        });
      },
    }),
    route({
      method: 'get',
      path: '/clues/:no',
      rule: READERS,
      summary: '一条线索',
      find: findClue,
      work: async (call) => ok(await showClue(call.deps, shownTo(call), call.actor)),
    }),
    route({
      method: 'post',
      path: '/clues/:no/registration',
      rule: ORGANIZERS,
      summary: '登记公众提交的线索',
      body: registration,
      find: findClue,
      async work(call) {
        const { deps, actor } = call;
        const next = await stepping(possibleNow(call), () => takenOn(call));
        return created(await showClue(deps, next, actor));
      },
    }),
    route({
      method: 'post',
      path: '/clues/:no/screening',
      rule: ORGANIZERS,
      key: 'required',
      summary: '研判线索',
      body: screening,
      find: findClue,
      async work(call) {
        const { deps, body: given, actor, key } = call;
        const clue = shownTo(call);
        const said = { ...given, remedy: given.remedy, by: actor.name, key: updateIdOf(key) };
        const next = await stepping(possibleNow(call), () => screenClue(deps, clue, said));
        const { stand } = next;
        return created({
          no: next._id,
          state: next.state,
          ...(stand.state === 'accepted' ? { case: stand.case } : {}),
          ...(stand.state === 'merged' ? { into: stand.into } : {}),
          ...(stand.state === 'screened' ? { document: stand.document } : {}),
        });
      },
    }),
    route({
      method: 'post',
      path: '/clues/:no/transfer',
      rule: ORGANIZERS,
      key: 'required',
      summary: '登记移送函已送出',
      body: z.object({ to: word, on: date }),
      find: findClue,
      async work(call) {
        const { deps, body: given, actor } = call;
        const { _id } = shownTo(call);
        const gone = { ...given, by: actor.name };
        const next = await stepping(possibleNow(call), () => transferClue(deps, _id, gone));
        return created({ no: next._id, state: next.state });
      },
    }),
  ],
  byNumber,
);
