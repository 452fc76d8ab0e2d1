import { readFileSync, readdirSync } from 'node:fs';
import Handlebars from 'handlebars';
import { describe, expect, test } from 'vitest';
import { pageHelpers, renderPage } from '../../api/pages/render.ts';
import { samplePages } from '../../api/pages/sample-views.ts';
import type { PageName } from '../../api/pages/views.ts';
import { fileName, renderMail, type Speech } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import { mailHelpers } from '../../mail/template-words.ts';
import { catalogue, createTranslators } from '../../mail/translator.ts';
import { createWording } from '../../mail/wording.ts';
import type { MailKind } from '../../mail/views.ts';
import { unknownNames } from '../../mail/template-names.ts';

const root = new URL('../..', import.meta.url);
const source = (path: string) => readFileSync(new URL(`templates/${path}`, root), 'utf8');
const filesIn = (folder: string) => readdirSync(new URL(`templates/${folder}/`, root));
const everyFile = ['emails', 'layouts', 'partials', 'pages'].flatMap((folder) =>
  filesIn(folder).map((file) => `${folder}/${file}`),
);

const kinds = Object.keys(sampleViews) as MailKind[];
const pages = Object.keys(samplePages) as PageName[];
const t = createTranslators(root).zh;
const speech: Speech = { lang: 'zh', t, wording: createWording('zh', t) };
const helpers = new Set(Object.keys({ ...mailHelpers(speech), ...pageHelpers(speech) }));

/** The partials a template of this suffix may call, by the name it calls them. */
function partials(suffix: string): Map<string, hbs.AST.Program> {
  const found = new Map<string, hbs.AST.Program>();
  for (const folder of ['layouts', 'partials']) {
    for (const file of filesIn(folder).filter((name) => name.endsWith(suffix))) {
      found.set(file.slice(0, -suffix.length), Handlebars.parse(source(`${folder}/${file}`)));
    }
  }
  return found;
}

function flat(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, inner]) =>
    flat(inner, prefix === '' ? key : `${prefix}.${key}`),
  );
}

const placesIn = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    flat(value).map((key) => {
      const text = key
        .split('.')
        .reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], value);
      return [
        key,
        [...String(text).matchAll(/\{\{(\w+)\}\}/g)]
          .map(([, name]) => name)
          .toSorted((a = '', b = '') => a.localeCompare(b))
          .join(' '),
      ];
    }),
  );

describe('Templates keep the contract', () => {
  test('every text mail has its html twin, every kind of mail its pair, and no template is an orphan', () => {
    const expected = kinds
      .flatMap((kind) => [`${fileName(kind)}.html.hbs`, `${fileName(kind)}.txt.hbs`])
      .sort();
    expect(filesIn('emails').sort()).toEqual(expected);
    expect(filesIn('pages').sort()).toEqual(
      expect.arrayContaining(pages.map((page) => `${page}.hbs`).sort()),
    );
  });

  test.each(kinds)('the %s mail uses only names of its view, inside conditions too', (kind) => {
    for (const suffix of ['.txt.hbs', '.html.hbs']) {
      const program = Handlebars.parse(source(`emails/${fileName(kind)}${suffix}`));
      const names = { helpers, partials: partials(suffix) };
      expect({ suffix, unknown: unknownNames(program, sampleViews[kind], names) }).toEqual({
        suffix,
        unknown: [],
      });
    }
  });

  test.each(pages)('the %s page uses only names of its view, inside conditions too', (page) => {
    const program = Handlebars.parse(source(`pages/${page}.hbs`));
    const view = { path: '', ...samplePages[page] };
    expect(unknownNames(program, view, { helpers, partials: partials('.hbs') })).toEqual([]);
  });

  test('a name outside the contract is found, wherever it hides', () => {
    const hidden = Handlebars.parse('{{#if no}}{{#each items}}{{txet}}{{dueLine ../dew}}{{/each}}{{/if}}');
    expect(unknownNames(hidden, sampleViews.task, { helpers, partials: new Map() })).toEqual([
      'txet',
      '../dew',
    ]);
  });

  test('no template goes round the escaping, and no page carries a style or a script of its own', () => {
    const isPage = (file: string) => !/^emails|\.(html|txt)\.hbs$/.test(file);
    const offenders = everyFile.filter((file) => {
      const own = / style=|<style| on\w+=|<script(?![^>]* src=)/;
      return /\{\{\{|\{\{&/.test(source(file)) || (isPage(file) && own.test(source(file)));
    });
    expect(offenders).toEqual([]);
  });
});

describe('Both languages are whole', () => {
  const [zh, en] = [catalogue(root, 'zh-CN'), catalogue(root, 'en')];

  test('the catalogues have equal keys with equal places to fill', () => {
    expect(flat(en).sort()).toEqual(flat(zh).sort());
    expect(placesIn(en)).toEqual(placesIn(zh));
    expect(flat(zh)).not.toContain('');
  });

  test('every sentence that a template names exists', () => {
    const known = flat(zh).map((key) => key.replace(/_(one|other)$/, ''));
    const missing = everyFile.flatMap((file) => [
      ...[...source(file).matchAll(/[{(]t '([\w.]+)'/g)]
        .filter(([, key = '']) => !known.includes(key))
        .map(([call]) => `${file}: ${call}`),
      ...[...source(file).matchAll(/\(key '([\w.]+)'/g)]
        .filter(([, prefix]) => !known.some((key) => key.startsWith(`${prefix}.`)))
        .map(([call]) => `${file}: ${call}`),
    ]);
    expect(missing).toEqual([]);
  });

  test.each(['zh', 'en'] as const)('every mail and page renders in %s, with no raw key in sight', (lang) => {
    const rawKey = /\b(word|mail|page)\.[a-z]\w+|\{\{|undefined|\[object/;
    const said = new Map<string, string>();
    for (const kind of kinds) {
      const { subject, text, html } = renderMail(kind, sampleViews[kind] as never, lang);
      said.set(`${kind} subject`, subject).set(`${kind} text`, text).set(`${kind} html`, html);
    }
    for (const page of pages) said.set(page, renderPage(page, samplePages[page] as never, lang));
    expect([...said].filter(([, part]) => part.length < 7 || rawKey.test(part))).toEqual([]);
    expect([...said].filter(([, part]) => Buffer.byteLength(part) > 60 * 1024)).toEqual([]);
    const opening = `<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}">`;
    expect([...said].filter(([, part]) => part.startsWith('<!doctype') && !part.includes(opening))).toEqual(
      [],
    );
  });
});
