import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heardMatter, issue, openMatter } from '../support/cases.ts';
import { expectProblem } from '../support/contract.ts';
import { registerAgencies } from '../support/county.ts';
import { type House, openHouse } from '../support/house.ts';
import { addressOf, mailTo, numberOf, pageOf, registerSupervisors, settle } from '../support/people.ts';

describe('one case sets a field right', () => {
  let house: House;
  let matter: string;
  const organizer = (method: string, path: string, body?: unknown) =>
    house.call('organizer', method, path, { body });
  const spread = (body: Record<string, unknown> = {}, no = matter) =>
    organizer('POST', `/cases/${no}/spread`, body);

  beforeAll(async () => {
    house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
    await registerAgencies(house, ['maqiao', 'xincheng', 'tangshan'], 'town');
    await registerSupervisors(house, 2);
    matter = await openMatter(house, 'maqiao');
  });
  afterAll(() => house.close());

  it('A case without a problem has nothing to spread', async () => {
    expectProblem(await spread(), 422, 'findings-missing');
    expectProblem(await spread({}, 'GA-2026-999'), 404);
    const read = await house.call('auditor', 'POST', `/cases/${matter}/spread`, { body: {} });
    expectProblem(read, 403);
  });

  it('Its problems become a campaign’s draft to every agency of the field, linked both ways', async () => {
    matter = await heardMatter(house, 'maqiao', '2026-03-02');
    await issue(house, matter, {
      kind: 'opinion',
      findings: [
        { severity: 'ordinary', description: '马桥镇对张某的处罚未经法制审核', category: 'legalReview' },
        { severity: 'minor', description: '处罚决定未公开', category: 'disclosure' },
      ],
    });
    const drafted = await spread();
    expect(drafted.status, JSON.stringify(drafted.body)).toBe(201);
    const { no } = drafted.body as { no: string };
    expect(drafted.body).toMatchObject({
      state: 'draft',
      recipients: { total: 3, sendable: 3 },
      fromCase: matter,
    });
    const campaign = await organizer('GET', `/campaigns/${no}`);
    expect(campaign.body).toMatchObject({
      fromCase: matter,
      title: '法制审核、执法公示问题专项监督',
      domain: 'workSafety',
      agencies: { any: [{ domain: 'workSafety' }] },
    });
    expect(campaign.body.legalBasis).toContain('《山东省行政执法监督条例》第二十八条');
    const shown = await organizer('GET', `/cases/${matter}`);
    expect(shown.body.campaigns).toEqual([{ no, title: '法制审核、执法公示问题专项监督', state: 'draft' }]);
    const lists = await organizer('GET', '/checklists?limit=200');
    const list = lists.body.items.find((one: { id: string }) => one.id === campaign.body.checklist);
    expect(new Set(list.items.map((item: { category: string }) => item.category))).toEqual(
      new Set(['legalReview', 'disclosure']),
    );
    expect(JSON.stringify(list)).not.toContain('张某');
  });

  it('A second spread is another draft, with what a person gives; the same key is the same draft', async () => {
    const key = { 'Idempotency-Key': 'again' };
    const body = { title: '法制审核专项监督', checklist: 'CL-work-safety', agencies: { ids: ['xincheng'] } };
    const once = await house.call('organizer', 'POST', `/cases/${matter}/spread`, { body, headers: key });
    const twice = await house.call('organizer', 'POST', `/cases/${matter}/spread`, { body, headers: key });
    expect(twice.body).toEqual(once.body);
    const campaign = await organizer('GET', `/campaigns/${once.body.no}`);
    expect(campaign.body.title).toBe('法制审核专项监督');
    expect(once.body.recipients.total).toBe(1);
    expectProblem(await spread({ checklist: 'CL-none' }), 422, 'checklist-unknown', '/checklist');
    expectProblem(await spread({ agencies: { ids: ['nobody'] } }), 422);
    const shown = await organizer('GET', `/cases/${matter}`);
    expect(shown.body.campaigns).toHaveLength(2);
  });

  it('What the campaign then finds at the case’s agency is seen to come again, in the ledger and with its task', async () => {
    const { body } = await organizer('GET', `/cases/${matter}`);
    const campaign = body.campaigns[0].no as string;
    const first = body.findings.find((one: { category: string }) => one.category === 'legalReview').id;
    const preview = await organizer('GET', `/campaigns/${campaign}/preview`);
    await organizer('POST', `/campaigns/${campaign}/launch`, {
      previewDigest: preview.body.digest,
      skipProblems: true,
      recallMinutes: 0,
    });
    await mailTo(house, addressOf('xincheng'), '【请办理】');
    await house.until('2026-03-05T10:00:00+08:00');
    const list = await organizer('GET', `/campaigns/${campaign}`);
    const lists = await organizer('GET', '/checklists?limit=200');
    const items = lists.body.items.find((one: { id: string }) => one.id === list.body.checklist).items;
    const { id } = items.find((one: { category: string }) => one.category === 'legalReview');
    await mailTo(house, addressOf('maqiao'), `【请办理】${campaign}`);
    const link = await pageOf(house, addressOf('maqiao'), `【请办理】${campaign}`);
    const no = await numberOf(house, campaign, 'maqiao');
    await settle(house, {
      link,
      no,
      fields: { [`items[${id}][result]`]: 'notMet', [`items[${id}][note]`]: '仍有一件未审核' },
    });
    const rows = await organizer('GET', `/ledger?agency=maqiao&mode=special`);
    expect(rows.body.items).toMatchObject([{ owner: campaign, category: 'legalReview', repeats: [first] }]);
    await organizer('POST', `/campaigns/${campaign}/phases/selfInspection/close`);
    await organizer('POST', `/campaigns/${campaign}/phases/jointInspection/close`);
    const again = await numberOf(house, campaign, 'maqiao', 'rectification');
    const task = await organizer('GET', `/tasks/${again}`);
    expect(task.body.recurrences).toEqual([
      { finding: rows.body.items[0].id, category: 'legalReview', repeats: [first] },
    ]);
  });
});
