import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellComplainant } from '../../activities/complainant.ts';
import { remedyBegun } from '../../models/clue.ts';
import { type Complainant, openComplainant, vaultOf } from '../../models/complainant.ts';
import { clueOf as clueIn, registerClue, screenClue } from '../support/complaints.ts';
import { registerAgencies } from '../support/county.ts';
import { type Answered, OFFICE, eventually, openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ startsAt: '2026-11-24T10:00:00+08:00' });
  await registerAgencies(house, ['maqiao', 'xincheng', 'tianzhuang']);
}, 120_000);
afterAll(async () => house.close());

const register = (more: Record<string, unknown> = {}): Promise<Answered> => registerClue(house, more);
const screen = (no: string, body: Record<string, unknown>): Promise<Answered> => screenClue(house, no, body);
const clueOf = (no: string) => clueIn(house, no);

describe('A clue', () => {
  it('Gets a number of its year and every date with its reasons', async () => {
    const made = await register();
    expect(made.body).toMatchObject({
      no: expect.stringMatching(/^XS-2026-\d{4}$/),
      registeredAt: expect.stringMatching(/^2026-11-24T/),
      screenBy: '2026-12-01T17:00:00+08:00',
    });
    const shown = await house.call('auditor', 'GET', `/clues/${made.body.no}`);
    expect(shown.body).toMatchObject({
      state: 'registered',
      light: 'green',
      due: { what: 'screen', at: '2026-12-01T17:00:00+08:00', from: '2026-11-24', term: { workdays: 5 } },
      possible: ['screening'],
      complainant: null,
    });
  });

  it('A work order of the hotline is answered in five working days, a proposal by the day that it names', async () => {
    const hotline = await register({ channel: 'hotline12345', externalNo: 'ZB-1' });
    expect(hotline.body.replyBy).toBe('2026-12-01T17:00:00+08:00');
    const again = await house.call('organizer', 'POST', '/clues', {
      body: { channel: 'hotline12345', summary: '重复推送', externalNo: 'ZB-1' },
    });
    expect(again).toMatchObject({ status: 200, body: { no: hotline.body.no } });
    const proposal = await register({
      channel: 'procuratorialProposal',
      replyBy: '2027-01-21',
      source: '检察建议1号',
    });
    expect(proposal.body.replyBy).toBe('2027-01-21T17:00:00+08:00');
    const past = await house.call('organizer', 'POST', '/clues', {
      body: { channel: 'supervisoryProposal', summary: '监察建议', replyBy: '2026-11-24' },
    });
    expect(past).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/replyBy', code: 'date-invalid' }] },
    });
  });

  it('Accepted, it opens a case once, and a second screening is refused', async () => {
    const { no } = (await register()).body;
    const opened = await screen(no, { result: 'accept' });
    expect(opened).toMatchObject({ status: 201, body: { case: expect.stringMatching(/^GA-2026-\d{3}$/) } });
    const again = await screen(no, { result: 'accept' });
    expect(again).toMatchObject({ status: 409, body: { code: 'already-screened' } });
    expect(await clueOf(no)).toMatchObject({ state: 'accepted', case: opened.body.case });
  });

  it('Five who accept it at once open one case', async () => {
    const { no } = (await register()).body;
    const answers = await Promise.all(Array.from({ length: 5 }, () => screen(no, { result: 'accept' })));
    const cases = new Set(
      answers.flatMap(({ status, body }) => (status === 201 ? [body.case as string] : [])),
    );
    expect(cases.size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  it('Without an agency it is not accepted; the screening may name one', async () => {
    const { no } = (await register({ agency: undefined })).body;
    expect(await screen(no, { result: 'accept' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/agency', code: 'agency-missing' }] },
    });
    expect(await screen(no, { result: 'accept', agency: 'nowhere' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/agency', code: 'agency-unknown' }] },
    });
    expect((await screen(no, { result: 'accept', agency: 'maqiao' })).status).toBe(201);
    expect(await clueOf(no)).toMatchObject({ agency: 'maqiao' });
  });

  it('A duplicate is linked both ways, never with itself, with nothing, or in a circle', async () => {
    const [first, second] = [(await register()).body.no as string, (await register()).body.no as string];
    for (const [of, code] of [
      [undefined, 'clue-unknown'],
      ['XS-2026-9999', 'clue-unknown'],
      [second, 'duplicate-circular'],
    ] as const)
      expect(await screen(second, { result: 'duplicate', of })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/of', code }] },
      });
    expect(await screen(second, { result: 'duplicate', of: first })).toMatchObject({
      status: 201,
      body: { state: 'merged', into: first },
    });
    expect((await clueOf(first)).duplicates).toEqual([second]);
    expect(await screen(first, { result: 'duplicate', of: second })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'duplicate-circular' }] },
    });
    const third = (await register()).body.no as string;
    expect(await screen(third, { result: 'duplicate', of: second })).toMatchObject({ body: { into: first } });
  });

  it('Two that name each other at once are never both merged', async () => {
    const [one, other] = [(await register()).body.no as string, (await register()).body.no as string];
    await Promise.all([
      screen(one, { result: 'duplicate', of: other }),
      screen(other, { result: 'duplicate', of: one }),
    ]);
    const states = [(await clueOf(one)).state, (await clueOf(other)).state];
    expect(states.filter((state) => state === 'merged').length).toBeLessThan(2);
  });

  it("Another body's is handed over by a letter within ten days, and transferred when it has gone", async () => {
    const { no } = (await register()).body;
    const screened = await screen(no, { result: 'notCompetent', to: '市交通运输局' });
    expect(screened.body).toMatchObject({
      state: 'screened',
      document: expect.stringMatching(/^wd-[0-9a-f]{16}$/),
    });
    const letter = await house.call('organizer', 'GET', `/documents/${screened.body.document}`);
    expect(letter.body).toMatchObject({ owner: no, kind: 'transferLetter', state: 'draft' });
    const shown = await house.call('organizer', 'GET', `/clues/${no}`);
    expect(shown.body.due).toMatchObject({ what: 'transfer', at: '2026-12-04T17:00:00+08:00' });
    const { document } = screened.body as { document: string };
    const signed = await house.call('approver', 'POST', `/documents/${document}/approval`, {
      body: { approved: true, signatory: '局长' },
    });
    expect(signed.status, JSON.stringify(signed.body)).toBe(201);
    const served = await house.call('organizer', 'POST', `/documents/${document}/service`, {
      body: { channel: 'paper', receivedOn: '2026-11-24', receivedBy: '收发室' },
    });
    expect(served.status, JSON.stringify(served.body)).toBe(201);
    const gone = await house.call('organizer', 'GET', `/clues/${no}`);
    expect(gone.body).toMatchObject({
      state: 'transferred',
      stand: { to: '市交通运输局', on: '2026-11-24' },
    });
    expect(
      await house.call('organizer', 'POST', `/clues/${no}/transfer`, { body: { to: 'x', on: '2026-11-25' } }),
    ).toMatchObject({ status: 409, body: { code: 'clue-out-of-step' } });
  });

  it('Under reconsideration it is declined with guidance, and the remedy stands in the way until it ends', async () => {
    const { no } = (await register()).body;
    await house.call('organizer', 'POST', `/clues/${no}/remedy`, {
      body: { kind: 'reconsideration', no: '桓复〔2026〕5号', since: '2026-11-20' },
    });
    expect(await remedyBegun(house.store, no)).toMatchObject({ kind: 'reconsideration', clue: no });
    expect((await screen(no, { result: 'underReview' })).body.state).toBe('declined');
    await house.call('organizer', 'POST', `/clues/${no}/remedy`, {
      body: { kind: 'reconsideration', no: '桓复〔2026〕5号', since: '2026-11-20', ended: '2026-12-20' },
    });
    expect(await remedyBegun(house.store, no)).toBeUndefined();
  });

  it('Is found by state, channel, agency and light', async () => {
    const late = (await register({ channel: 'media', agency: 'xincheng' })).body.no as string;
    await house.store.clues.updateOne({ _id: late }, { $set: { dueAt: new Date(0), warnAt: new Date(0) } });
    const red = await house.call('organizer', 'GET', '/clues?light=red&agency=xincheng');
    expect(red.body.items.map((one: { no: string }) => one.no)).toEqual([late]);
    const media = await house.call('organizer', 'GET', '/clues?channel=media&state=registered');
    expect(media.body.items).toMatchObject([{ no: late, light: 'red' }]);
    expect((await house.call('organizer', 'GET', '/clues?light=blue')).status).toBe(422);
  });

  it('An account of the agency complained of sees nothing of it', async () => {
    const { no } = (await register({ agency: 'tianzhuang' })).body;
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $set: { agency: 'tianzhuang' } });
    const [one, list, opening] = await Promise.all([
      house.call('organizer', 'GET', `/clues/${no}`),
      house.call('organizer', 'GET', '/clues?agency=tianzhuang'),
      screen(no, { result: 'accept' }),
    ]);
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $unset: { agency: 1 } });
    expect([one.status, list.body.total, opening.status]).toEqual([404, 0, 404]);
  });
});

describe('Who complained', () => {
  const who = { name: '张三丰', contact: '13812345678', confidential: true };

  it('Is opened by the case’s people alone, for a purpose, and each opening is an event', async () => {
    const { no } = (await register({ complainant: who })).body;
    const open = (role: 'organizer' | 'approver' | 'auditor' | 'administrator', body: unknown) =>
      house.call(role, 'POST', `/clues/${no}/complainant/openings`, { body });
    expect((await open('organizer', {})).status).toBe(422);
    expect((await open('auditor', { purpose: '审计' })).status).toBe(403);
    expect((await open('administrator', { purpose: '运维' })).status).toBe(403);
    for (const role of ['organizer', 'approver'] as const)
      expect(await open(role, { purpose: '核实反映事项' })).toMatchObject({
        status: 201,
        body: { name: who.name, contact: who.contact },
      });
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $set: { agency: 'maqiao' } });
    expect((await open('organizer', { purpose: '核实' })).status).toBe(403);
    await house.store.accounts.updateOne({ _id: 'organizer' }, { $unset: { agency: 1 } });
    const history = await house.call('auditor', 'GET', `/history/${no}`);
    const codes = (history.body as { code: string }[]).map((one) => one.code);
    expect(codes.filter((code) => code === 'complainant-opened')).toHaveLength(2);
    expect(codes.filter((code) => code === 'complainant-refused')).toHaveLength(2);
  });

  it('Is shown as masks to those who handle the clue, and not at all to others', async () => {
    const { no } = (await register({ complainant: who })).body;
    const mine = await house.call('organizer', 'GET', `/clues/${no}`);
    expect(mine.body.complainant).toEqual({
      named: true,
      confidential: true,
      reach: 'phone',
      name: '张**',
      contact: '138****5678',
    });
    const others = await house.call('auditor', 'GET', `/clues/${no}`);
    expect(others.body.complainant).toEqual({ named: true, confidential: true });
  });

  it('Is masked in the summary, and refused in what is written later', async () => {
    const said = '张三丰（138 1234 5678）反映：马桥镇重复检查';
    const { no } = (await register({ summary: said, complainant: who })).body;
    expect((await clueOf(no)).summary).toBe('某某(***)反映:马桥镇重复检查');
    const kept = (await openComplainant(house.deps, await clueOf(no))) as Complainant;
    expect(kept.said).toBe(said);
    expect(await screen(no, { result: 'accept', reason: '张 三丰所述属实' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/reason', code: 'identity-in-text' }] },
    });
  });

  it('Is bound to its clue: sealed for one, it does not open as another’s, nor with a byte changed', () => {
    const vault = vaultOf(OFFICE);
    const sealed = vault.seal(Buffer.from('张三丰'), 'XS-2026-0001');
    expect(vault.open(sealed, 'XS-2026-0001').toString()).toBe('张三丰');
    expect(() => vault.open(sealed, 'XS-2026-0002')).toThrow(/authenticate/);
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(() => vault.open(sealed, 'XS-2026-0001')).toThrow(/authenticate/);
    const rotated = vaultOf({ vaultKeys: ['a newer key', ...OFFICE.vaultKeys] });
    expect(rotated.open(vault.seal(Buffer.from('x'), 'a'), 'a').toString()).toBe('x');
    expect(() => vault.open(rotated.seal(Buffer.from('x'), 'a'), 'a')).toThrow('sealed under a key');
  });

  it('With a telephone alone is a job for a person; with nothing, the page tells', async () => {
    const phoned = (await register({ complainant: who })).body.no as string;
    const job = await eventually(async () => {
      const shown = await house.call('organizer', 'GET', `/clues/${phoned}`);
      expect(shown.body.notices).toMatchObject([{ step: 'registered', state: 'byPerson', why: 'phone' }]);
      return shown.body.notices[0] as { id: string };
    });
    const done = () =>
      house.call('organizer', 'POST', `/clues/${phoned}/notices/${job.id}/done`, { body: {} });
    expect(await done()).toMatchObject({ status: 201, body: { state: 'told', toldBy: 'organizer' } });
    expect((await done()).status).toBe(409);
  });

  it('Is told at each step by a mail of allowed facts that no record names', async () => {
    const address = 'zhang.sanfeng@mail.example';
    const { no } = (await register({ complainant: { ...who, contact: address } })).body;
    await screen(no, { result: 'accept' });
    await tellComplainant(house.deps, no, {
      step: 'replied',
      facts: { closing: 'rectified', text: '已经整改。', secret: 'x' } as never,
    });
    const mails = await eventually(async () => {
      const all = await house.mails(address);
      expect(all.map((mail) => mail.subject).sort()).toEqual(
        [`【投诉举报】${no} 已登记`, `【投诉举报】${no} 已受理`, `【投诉举报】${no} 答复`].sort(),
      );
      return all;
    });
    for (const mail of mails) expect(`${mail.subject}${mail.text}${mail.html}`).not.toContain('张三丰');
    const messages = await house.store.messages.find({ owner: no }).lean();
    expect(messages.map((one) => [one.recipient, one.sealed])).toEqual(
      Array.from({ length: 3 }, () => ['complainant', true]),
    );
    expect(
      JSON.stringify(messages.map((one) => Buffer.from(one.raw.buffer).toString('latin1'))),
    ).not.toContain(address);
    expect(await clueOf(no)).toMatchObject({ repliedAt: expect.any(String) });
    const raw = await house.call(
      'organizer',
      'GET',
      `/messages/${encodeURIComponent(messages[0]?._id ?? '')}/raw`,
    );
    expect(raw.status).toBe(404);
  });
});
