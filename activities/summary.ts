import { contactAt } from '../domain/agency.ts';
import { stamp } from '../domain/clock.ts';
import { score } from '../domain/score.ts';
import { officeLetter } from '../mail/letter.ts';
import { renderMail } from '../mail/render.ts';
import type { AgencyRecord } from '../models/agency.ts';
import { appendEvents } from '../models/event.ts';
import type { DocumentRecord } from '../models/document.ts';
import { GROUP_SIZE } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import type { Draft } from './outbox.ts';

export const summaryActivities = (deps: Deps) => ({
  /** Points per agency, each with the facts behind it; fines never enter (行政处罚法 第七十四条). */
  async scoreCampaign(no: string): Promise<void> {
    const { store } = deps;
    const tasks = await store.tasks
      .find({ owner: no, phase: 'selfInspection' }, { agency: 1, late: 1, answered: 1 })
      .lean();
    const findings = await store.findings.find({ owner: no }).lean();
    const scores = score(
      tasks.map((task) => ({
        agency: task.agency,
        small: false,
        findings: findings
          .filter((finding) => finding.agency === task.agency)
          .map((finding) => ({
            id: finding._id,
            source: finding.source === 'self' ? ('self' as const) : ('inspection' as const),
            severity: finding.severity,
            rectified: rectified(finding),
          })),
        selfInspection: selfInspection(task),
        filesChecked: 0,
        fileFaults: 0,
      })),
    );
    await store.campaigns.updateOne({ _id: no }, { $set: { scores } });
  },

  /** Sends an approved circular (通报) to every agency of the campaign, one mail each. May run twice. */
  async sendCirculars(no: string, document: string): Promise<void> {
    const { store } = deps;
    const [paper, campaign] = await Promise.all([
      store.documents.findById(document).lean(),
      store.campaigns.findById(no).lean(),
    ]);
    if (!paper || !campaign) return;
    const agencies = await store.agencies.find({ _id: { $in: [...(campaign.accepted ?? [])] } }).lean();
    const now = stamp(await deps.clock.now());
    for (let i = 0; i < agencies.length; i += GROUP_SIZE)
      await deps.outbox.post(
        agencies
          .slice(i, i + GROUP_SIZE)
          .flatMap((agency) => circularDraft(deps, { agency, paper, no, now })),
        {},
      );
    await store.documents.updateOne({ _id: document }, { $set: { state: 'served' } });
    await appendEvents(store.events, {
      owner: no,
      key: `circular/${document}`,
      entries: [
        {
          at: now,
          source: 'mail',
          what: 'circular-sent',
          detail: { document, number: paper.number ?? '', agencies: agencies.length },
        },
      ],
    });
  },
});

const rectified = (finding: { state: string; late?: boolean; task?: string | undefined }) => {
  if (finding.state === 'writtenOff') return finding.late ? ('late' as const) : ('onTime' as const);
  return finding.task === undefined ? null : ('open' as const);
};

const selfInspection = (task: { answered: boolean; late: boolean }) => {
  if (!task.answered) return 'none' as const;
  return task.late ? ('late' as const) : ('onTime' as const);
};

function circularDraft(
  { office }: Deps,
  { agency, paper, no, now }: { agency: AgencyRecord; paper: DocumentRecord; no: string; now: string },
): Draft[] {
  const to = contactAt(agency.contacts, 0);
  if (!to) return [];
  return [
    {
      subject: paper._id,
      kind: 'circular',
      sequence: 0,
      recipient: to.email.toLowerCase(),
      owner: no,
      agency: agency._id,
      compose: async (identity) => {
        const mail = renderMail('circular', {
          documentNumber: paper.number ?? '',
          title: paper.title,
          agency: agency.name,
          contact: to.name,
          body: paper.body,
          office: { name: office.name, person: office.person, phone: office.phone },
        });
        return officeLetter(office, mail, {
          ...identity,
          date: now,
          to: { name: to.name, address: to.email },
        });
      },
    },
  ];
}
