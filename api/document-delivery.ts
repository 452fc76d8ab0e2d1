import { localDate } from '../domain/calendar.ts';
import { stamp } from '../domain/clock.ts';
import {
  type DocumentStand,
  type Service,
  receiveDocument,
  serveDocument,
  withdrawDocument,
} from '../domain/document.ts';
import { Refusal } from '../domain/refusals.ts';
import { type DocumentRecord, moveDocument } from '../models/document.ts';
import { ofCase, serveInCase } from './case-papers.ts';
import { letterServed } from './clue-transfer.ts';
import { tellCampaign } from './commands.ts';
import type { ApiDeps } from './deps.ts';
import { recordStep } from './documents.ts';
import { invalid } from './problem.ts';

export interface ServiceOrder {
  readonly channel: 'email' | 'paper';
  readonly receivedOn?: string | undefined;
  readonly receivedBy?: string | undefined;
}

interface Asked {
  readonly by: string;
  readonly key: string;
}

/** Serves an approved paper the way its owner does: a campaign's circular goes to its agencies, any other to whom it binds. */
export async function serve(
  deps: ApiDeps,
  paper: DocumentRecord,
  order: ServiceOrder & Asked,
): Promise<Record<string, unknown>> {
  if (order.channel === 'email' && order.receivedOn !== undefined)
    throw invalid('/receivedOn', 'receipt-refused', '电子邮件送达以签收为准，不能填写签收日期');
  const servedAt = stamp(await deps.clock.now());
  const service: Service = {
    channel: order.channel,
    servedAt,
    servedBy: order.by,
    ...(order.receivedOn === undefined ? {} : { receivedOn: order.receivedOn }),
    ...(order.receivedBy === undefined ? {} : { receivedBy: order.receivedBy }),
  };
  if (ofCase(paper)) return serveInCase(deps, paper, order);
  if (paper.owner.startsWith('ZX-')) return circulate(deps, paper, { ...order, service });
  const served = await step(deps, paper, serveDocument(paper, service));
  await recordStep(deps.store, served, {
    at: servedAt,
    what: 'document-served',
    who: order.by,
    detail: { channel: order.channel, receivedOn: order.receivedOn ?? '' },
  });
  await letterServed(deps, served, { on: order.receivedOn ?? localDate(servedAt), by: order.by });
  return brief(served);
}

async function circulate(
  deps: ApiDeps,
  paper: DocumentRecord,
  { by, key, service }: Asked & { readonly service: Service },
): Promise<Record<string, unknown>> {
  if (service.channel !== 'email')
    throw invalid('/channel', 'channel-refused', '专项监督的通报以电子邮件送达各机关');
  if (paper.state === 'draft') throw new Refusal('document-not-approved', '文书尚未签发，不能送达。');
  if (paper.state === 'withdrawn') throw new Refusal('document-withdrawn');
  const campaign = await tellCampaign(deps, paper.owner, {
    key,
    command: { kind: 'circulated', by, document: paper._id },
  });
  return { id: paper._id, number: paper.number, campaign };
}

/** The 送达回证 of a paper that was served before: who signed for it, and on which day. */
export async function receive(
  deps: ApiDeps,
  paper: DocumentRecord,
  receipt: { readonly receivedOn: string; readonly receivedBy: string } & Asked,
): Promise<Record<string, unknown>> {
  const now = stamp(await deps.clock.now());
  const { receivedOn, receivedBy, by } = receipt;
  const change = receiveDocument(paper, { on: receivedOn, by: receivedBy, now });
  if (ofCase(paper)) return serveInCase(deps, paper, { ...receipt, channel: change.service.channel });
  const received = await step(deps, paper, change);
  await recordStep(deps.store, received, {
    at: now,
    what: 'document-received',
    who: by,
    detail: { receivedOn, receivedBy },
  });
  return brief(received);
}

/** Takes a paper back. One that a case has served is taken back by the answer to an objection, which the case then lives with. */
export async function withdraw(
  deps: ApiDeps,
  paper: DocumentRecord,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<Record<string, unknown>> {
  if (ofCase(paper) && (paper.state === 'served' || paper.state === 'received'))
    throw new Refusal('document-served', '个案文书已送达，只能经异议答复撤回。');
  const at = stamp(await deps.clock.now());
  const withdrawn = await step(deps, paper, withdrawDocument(paper, { at, by, reason }));
  await recordStep(deps.store, withdrawn, { at, what: 'document-withdrawn', who: by, detail: { reason } });
  return { ...brief(withdrawn), withdrawal: withdrawn.withdrawal };
}

async function step(
  { store }: ApiDeps,
  paper: DocumentRecord,
  change: Pick<DocumentStand, 'state'> & Partial<DocumentRecord>,
): Promise<DocumentRecord> {
  const moved = await moveDocument(store.documents, paper, change);
  if (!moved) throw new Refusal('stale-version');
  return moved;
}

const brief = ({ _id, number, state, service }: DocumentRecord) => ({ id: _id, number, state, service });
