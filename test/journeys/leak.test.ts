import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeStreams } from '../../api/routes/stream.ts';
import { containsIdentity } from '../../models/complainant.ts';
import { openFile } from '../../models/files.ts';
import {
  clueOf,
  complainByMail,
  followed,
  openForm,
  postForm,
  reading,
  screenClue,
} from '../support/complaints.ts';
import { caseShows, fileMatter, inCase, issue } from '../support/cases.ts';
import { registerAgencies } from '../support/county.ts';
import { eventually, openHouse, type House } from '../support/house.ts';
import { addressOf, mailTo, pageOf, post, sign } from '../support/people.ts';
import {
  type Place,
  answers,
  collections,
  consolePages,
  files,
  histories,
  leaks,
  mails,
  readings,
  streamed,
} from '../support/leaks.ts';

const NAME = '欧阳锋锐';
const PHONE = '13987654321';
const ADDRESS = 'ouyang.fengrui@mail.example';
const CANARIES = [NAME, PHONE, ADDRESS];
/** What a complainant hands in bears their name inside and out. */
const RECEIPT = `收款收据：今收到${NAME}（${PHONE}）清运费300元。`;
const ORGANIZER = 'zuzhi@sifaju.huantai.example';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const lines: string[] = [];
let house: House;
beforeAll(async () => {
  const log = pino(
    { level: 'trace' },
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString('utf8'));
        done();
      },
    }),
  );
  house = await openHouse({ startsAt: '2026-11-24T10:00:00+08:00', log });
  await registerAgencies(house, ['maqiao', 'xincheng']);
  await house.call('administrator', 'PATCH', '/accounts/organizer', { body: { email: ORGANIZER } });
}, 120_000);
afterAll(async () => {
  closeStreams();
  await house.close();
});

/** A complaint by the form, one by mail of the same person, one that staff took down; they are joined and accepted. */
async function complain(): Promise<{ form: string; mail: string; staff: string; code: string }> {
  const { opened } = await openForm(house);
  await reading();
  const complaint = {
    opened,
    summary: `我叫${NAME}，电话139 8765 4321。2026年11月20日，马桥镇收取清运费没有依据。`,
    agency: 'maqiao',
    name: NAME,
    contact: PHONE,
    confidential: 'yes',
  };
  const posted = await postForm(house, complaint, {
    files: [{ name: `${NAME}的收据.txt`, content: RECEIPT }],
  });
  const { no: form, code } = JSON.parse(posted.body) as { no: string; code: string };
  await complainByMail(house, {
    from: `${NAME} <${ADDRESS}>`,
    subject: `${NAME}投诉马桥镇`,
    text: `马桥镇收取清运费没有依据。\n${NAME} ${PHONE}`,
    attachments: [{ filename: `${NAME} ${PHONE}.txt`, content: RECEIPT }],
  });
  const mail = await eventually(async () => {
    const clue = await house.store.clues.findOne({ door: 'mail' }).lean();
    if (!clue) throw new Error('no clue of the mail yet');
    return clue._id;
  });
  const taken = await house.call('organizer', 'POST', '/clues', {
    body: {
      channel: 'complaint',
      summary: `${NAME}来电（${PHONE}）：马桥镇收取清运费没有依据`,
      agency: 'maqiao',
      complainant: { name: NAME, contact: ADDRESS, confidential: true },
    },
  });
  for (const no of [form, mail])
    await house.call('organizer', 'POST', `/clues/${no}/registration`, { body: { agency: 'maqiao' } });
  return { form, mail, staff: taken.body.no as string, code };
}

/** The case from its filing to its reply, over mail and page; what would name the complainant is refused on the way. */
async function carry(
  no: string,
): Promise<{ documents: string[]; task: string; pages: Place[]; campaign: string; measure: string }> {
  const mailbox = addressOf('maqiao');
  await fileMatter(house, no);
  const notice = await issue(house, no, { kind: 'notice', findings: [], term: { workdays: 10 } });
  const link = await pageOf(house, mailbox, '【监督通知书】');
  await sign(link);
  await caseShows(house, no, { state: 'statementDue' });
  expect((await post(link, 'answers', { text: '情况说明：确有收费' })).status).toBe(201);
  await caseShows(house, no, { state: 'statementReceived' });
  await inCase(house, no, ['verification', { accepted: true, note: '说明已收到' }]);
  await caseShows(house, no, { state: 'investigating' });
  const record = { kind: 'interviewRecord', evidence: [{ kind: 'testimony', title: '询问笔录' }] };
  const naming = await house.call('organizer', 'POST', `/cases/${no}/investigation-records`, {
    body: { ...record, text: `询问${NAME}` },
  });
  expect(naming).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/text', code: 'identity-in-text' }] },
  });
  await inCase(house, no, ['investigation-records', { ...record, text: '询问投诉人' }]);
  await inCase(house, no, ['review', { kind: 'legalReview', opinion: '事实清楚', conclusion: 'violation' }]);
  const spoken = await house.call('organizer', 'POST', `/cases/${no}/documents`, {
    body: { kind: 'opinion', findings: [`向${NAME}（${PHONE}）收费无依据`] },
  });
  expect(spoken).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/findings/0', code: 'identity-in-text' }] },
  });
  const opinion = await issue(house, no, {
    kind: 'opinion',
    findings: [{ description: '收取清运费没有依据', category: 'discretion' }],
  });
  const spread = await inCase(house, no, ['spread']);
  const measure = await inCase(house, no, [
    'accountability',
    { kind: 'circulatedCriticism', subject: 'maqiao', body: 'xincheng', reason: '收费无依据' },
  ]);
  const mail = await mailTo(house, mailbox, '【意见书】');
  const second = await pageOf(house, mailbox, '【意见书】');
  await sign(second);
  await caseShows(house, no, { state: 'rectifying' });
  const page = { where: 'agency page', text: await (await fetch(second)).text() };
  expect((await post(second, 'answers', { text: '已退还' })).status).toBe(201);
  await caseShows(house, no, { state: 'verifying' });
  await inCase(house, no, ['verification', { accepted: true, note: '整改到位' }]);
  await caseShows(house, no, { state: 'verified' });
  await inCase(house, no, ['closure', { reason: 'rectified' }]);
  await inCase(house, no, ['reply', { text: '您反映的问题已经整改到位。' }]);
  await inCase(house, no, ['archive']);
  await caseShows(house, no, { state: 'archived' });
  return {
    documents: [notice.id, opinion.id],
    task: opinion.task,
    campaign: spread.body.no as string,
    measure: measure.body.no as string,
    pages: [page, { where: 'agency mail', text: mail.text }],
  };
}

/** The file of a complaint, as one of the case's people downloads it and as nobody else does. */
async function evidenceOf(no: string): Promise<string> {
  const clue = await clueOf(house, no);
  const [file] = clue.files;
  if (!file) throw new Error(`${no} has no file`);
  expect(file.name).not.toContain(NAME);
  expect(file.sha256).toBe(createHash('sha256').update(RECEIPT).digest('hex'));
  const open = (role: 'organizer' | 'auditor' | 'administrator', purpose = '核对收据') =>
    house.call(role, 'POST', `/clues/${no}/files/1/openings`, { body: { purpose } });
  for (const role of ['auditor', 'administrator'] as const) expect((await open(role)).status).toBe(403);
  expect((await open('organizer', '')).status).toBe(422);
  const none = { body: { purpose: '核对' } };
  expect((await house.call('organizer', 'POST', `/clues/${no}/files/9/openings`, none)).status).toBe(404);
  const opened = await open('organizer');
  expect(opened.status).toBe(201);
  const { body } = await house.call('administrator', 'GET', `/history/${no}`);
  const said = (body as { code: string; who: string; what: string }[]).filter(
    (one) => one.code === 'complainant-file-opened',
  );
  expect(said).toMatchObject([{ who: 'organizer', what: expect.stringContaining('核对收据') }]);
  const another = { ...file, sealed: { ...file.sealed, tag: Buffer.alloc(16).toString('base64') } };
  await expect(openFile(house.deps, another as typeof file).toArray()).rejects.toThrow(/authenticat/);
  return opened.body as string;
}

describe('The complainant’s name, telephone and address', () => {
  it('Stand nowhere but in the vault, and there as ciphertext, from the complaint to the reply', async () => {
    const { form, mail, staff, code } = await complain();
    await screenClue(house, mail, { result: 'duplicate', of: form });
    const accepted = await screenClue(house, form, { result: 'accept' });
    const handed = await screenClue(house, staff, { result: 'notCompetent', to: '市交通运输局' });
    const caseNo = accepted.body.case as string;
    expect(caseNo).toMatch(/^GA-2026-\d{3}$/);
    const opened = await house.call('organizer', 'POST', `/clues/${form}/complainant/openings`, {
      body: { purpose: '核实反映事项' },
    });
    expect(opened.body).toMatchObject({ name: NAME, contact: PHONE });
    const seen = await evidenceOf(form);
    const carried = await carry(caseNo);
    await house.until('2026-11-25T09:30:00+08:00');
    await mailTo(house, ORGANIZER, '【日报】');
    await eventually(async () => {
      const subjects = (await house.mails(ADDRESS)).map((one) => one.subject);
      expect(subjects.filter((one) => one.includes('已合并办理'))).toHaveLength(1);
      expect(subjects.filter((one) => one.includes('答复'))).toHaveLength(1);
    });
    const named = {
      no: [form, mail, staff, caseNo, carried.task, carried.campaign, carried.measure],
      year: ['2026'],
      id: [
        handed.body.document as string,
        ...carried.documents,
        'maqiao',
        ...(await house.store.messages.distinct('_id')),
      ],
    };
    const pages: Place[] = [
      ...carried.pages,
      { where: 'follow-up', text: (await followed(house, code)).text },
    ];
    const places = [
      ...(await collections(house)),
      ...(await histories(house)),
      ...(await answers(house, named)),
      ...(await mails(house, ADDRESS)),
      ...pages,
      ...(await files(house, [
        [`/cases/${caseNo}/file`, 'application/zip'],
        [`/ledger`, XLSX],
        [`/ledger`, 'text/csv'],
        [`/statistics/2026`, XLSX],
        ...carried.documents.map((id) => [`/documents/${id}.docx`, '*/*'] as const),
      ])),
      ...(await consolePages(house, [
        '',
        '/clues',
        `/clues/${form}`,
        `/clues/${mail}`,
        '/cases',
        `/cases/${caseNo}`,
        `/tasks/${carried.task}`,
        '/ledger',
        '/inbox',
        '/agencies/maqiao',
        '/statistics',
        `/accountabilities/${carried.measure}`,
      ])),
      await streamed(house, carried.campaign),
      { where: 'the log', text: lines.join('') },
    ];
    expect(leaks(places, ['清运费']).length).toBeGreaterThan(5);
    for (const where of [
      `history of case/${caseNo}`,
      `history of tasks/${caseNo}/rectification/1`,
      'the log',
      `stream of ${carried.campaign}`,
      `file /ledger (text/csv)`,
      `file /cases/${caseNo}/file (application/zip) » 卷内目录.json`,
      `console of auditor /cases/${caseNo}`,
      `clues/${form}`,
      `events/${form}/1`,
    ])
      expect(places.map((one) => one.where)).toContain(where);
    expect(lines.length).toBeGreaterThan(20);
    expect(places.map((one) => one.where).filter((where) => where.includes('【日报】'))).not.toEqual([]);
    expect(seen).toBe(RECEIPT);
    expect(leaks(places, CANARIES)).toEqual([]);
  }, 300_000);

  it('Are missed by no reading: base64, quoted-printable, escapes and spaces are seen through', () => {
    const text = `投诉人${NAME}`;
    const bytes = Buffer.from(text, 'utf8');
    const encoded = [
      bytes.toString('base64'),
      Array.from(bytes, (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
      Array.from(text, (one) => `\\u${one.charCodeAt(0).toString(16)}`).join(''),
      '欧阳 锋锐',
      encodeURIComponent(NAME),
    ];
    for (const one of encoded)
      expect(leaks([{ where: one, text: readings(Buffer.from(one)) }], [NAME]), one).toEqual([one]);
    expect(leaks([{ where: 'x', text: readings(Buffer.from('139-8765-4321')) }], [PHONE])).toEqual(['x']);
  });

  it('Are found in a paper that is about to go out, those of merged clues too', async () => {
    const root = await house.store.clues.findOne({ door: 'form' }).lean();
    const no = root?._id ?? '';
    expect(await containsIdentity(house.deps, no, `经核实，投诉人 欧 阳锋锐 所述属实`)).toBe('name');
    expect(await containsIdentity(house.deps, no, `请联系１３９８７６５４３２１`)).toBe('contact');
    expect(await containsIdentity(house.deps, no, `请联系 ${ADDRESS.toUpperCase()}`)).toBe('contact');
    expect(await containsIdentity(house.deps, no, '马桥镇收取清运费没有依据')).toBeUndefined();
    expect((await clueOf(house, no)).duplicates).toHaveLength(1);
  });
});
