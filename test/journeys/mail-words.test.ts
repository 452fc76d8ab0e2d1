import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderMail, speakWith } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import { launch, registerAgencies } from '../support/county.ts';
import { type House, eventually, openHouse } from '../support/house.ts';
import { addressOf, expectNoFailure, mailTo, pageOf, sign } from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ startsAt: '2026-03-02T09:00:00+08:00' });
  await registerAgencies(house, ['first', 'second']);
});
afterAll(async () => {
  speakWith([]);
  await expectNoFailure(house);
  await house?.close();
});

describe('A mail in the office’s own words', () => {
  it('Goes out in them without a new start, its link works, and what went before stays as it was', async () => {
    const before = await launch(house, { agencies: { ids: ['first'] } });
    const old = await mailTo(house, addressOf('first'), '【请办理】');
    const stored = async () =>
      (await house.store.messages.find({ owner: before, kind: 'task' }).lean()).map((one) =>
        JSON.stringify(one),
      );
    const frozen = await stored();
    const shown = (await house.call('organizer', 'GET', '/mail-templates/task')).body;
    const text = (shown.text as string).replace(
      '{{> greeting}}',
      '{{contact}}，您好！现就下列事项请您单位办理。',
    );
    const refused = await house.call('administrator', 'PUT', '/mail-templates/task', {
      body: { text: text.replace('{{> facts}}', ''), html: shown.html },
    });
    expect(refused.body).toMatchObject({
      status: 422,
      code: 'template-invalid',
      part: 'text',
      errors: [{ pointer: '/text', detail: expect.stringContaining('办理网址') }],
    });
    const seen = await house.call('administrator', 'POST', '/mail-templates/task/preview', {
      body: { text, html: shown.html },
    });
    expect(seen.body.text).toContain('您好！现就下列事项');
    const kept = await house.call('administrator', 'PUT', '/mail-templates/task', {
      body: { text, html: shown.html },
    });
    expect([kept.status, kept.body.version]).toEqual([200, 1]);
    expect((await house.call('organizer', 'GET', '/mail-templates/task/versions')).body).toMatchObject({
      total: 1,
      items: [{ version: 1, text }],
    });
    expect((await house.call('organizer', 'GET', '/mail-templates?limit=200')).body.items).toContainEqual({
      kind: 'task',
      name: '【请办理】',
      version: 1,
    });
    await eventually(async () =>
      expect(renderMail('task', sampleViews.task).text).toContain('您好！现就下列事项'),
    );
    await launch(house, { agencies: { ids: ['second'] } });
    const mail = await mailTo(house, addressOf('second'), '【请办理】');
    expect(mail.text).toContain('您好！现就下列事项请您单位办理。');
    expect((await sign(await pageOf(house, addressOf('second')))).status).toBe(201);
    expect(old.text).not.toContain('您好！');
    expect(await stored()).toEqual(frozen);
  });
});
