import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { draftBy, shippedTemplate } from '../documents/draft.ts';
import { paperHtml } from '../documents/html.ts';
import { openPress } from '../documents/press.ts';
import { SAMPLE } from '../documents/views.ts';
import { type DocumentKind, documentNumber } from '../domain/document.ts';
import type { DocumentRecord, Letterhead } from '../models/document.ts';

// Pictures of papers for docs/pictures: the pages that are printed, one PNG each; the paper is long enough to fill a page.
// node --import tsx scripts/document-pictures.ts

const OFFICE: Letterhead = { issuer: 'office', name: '桓台县司法局', printer: '桓台县司法局' };
const GOVERNMENT: Letterhead = {
  issuer: 'government',
  name: '桓台县人民政府',
  printer: '桓台县人民政府办公室',
};

const SHOWN: readonly {
  readonly kind: DocumentKind;
  readonly code: string;
  readonly letterhead: Letterhead;
}[] = [
  { kind: 'opinion', code: '桓司执监意', letterhead: OFFICE },
  { kind: 'decision', code: '桓政执监决', letterhead: GOVERNMENT },
  { kind: 'letter', code: '桓司执监督', letterhead: OFFICE },
];

const LONGER = {
  ...SAMPLE,
  facts: [
    ...SAMPLE.facts,
    {
      text: '你单位法制科于2026年9月20日书面说明，该案在报批前未送法制审核，承办人以为罚款数额未达到重大标准',
    },
    { text: '2025年9月至2026年9月，你单位作出的另外两件同类处罚决定也没有法制审核意见' },
  ],
  findings: [
    ...SAMPLE.findings,
    {
      text: '重大行政执法决定法制审核目录未随裁量基准修订',
      article: '《山东省行政执法监督条例》第十四条',
      measure: '已修订目录',
    },
  ],
};

const folder = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });
const press = openPress();
for (const { kind, code, letterhead } of SHOWN) {
  const basis = kind === 'decision' ? '《行政执法监督条例》第二十九条、《山东省行政执法监督条例》第二十九条' : kind === 'letter' ? '《行政执法监督条例》第二十七条' : SAMPLE.basis; // prettier-ignore
  const record: DocumentRecord = {
    _id: 'wd-0000000000000000',
    owner: SAMPLE.no,
    kind,
    state: 'approved',
    createdBy: SAMPLE.contact,
    createdAt: '2026-12-01T09:00:00+08:00',
    ...draftBy(kind, shippedTemplate(kind), { ...LONGER, basis }),
    copies: ['县人民政府办公室', '县监察委员会'],
    letterhead,
    number: documentNumber(code, 2026, 3),
    approvedAt: '2026-12-04T10:00:00+08:00',
    signatory: '局长',
  };
  await press.show(paperHtml(record), async (page) => {
    await page.emulateMedia({ media: 'print' });
    const pages = page.locator('.page');
    for (let i = 0; i < (await pages.count()); i += 1)
      writeFileSync(`${folder}${kind}-${i + 1}.png`, await pages.nth(i).screenshot());
  });
  if (process.argv.includes('--pdf'))
    writeFileSync(`${folder}${kind}.pdf`, await press.print(paperHtml(record)));
}
await press.close();
