import { readFileSync } from 'node:fs';
import type { DocumentKind } from '../domain/document.ts';
import { home } from '../home.ts';
import { fileName } from '../mail/render.ts';
import { latestTemplate } from '../models/document-template.ts';
import type { Store } from '../models/store.ts';
import { clean } from './paper.ts';
import { fillTemplate, readTemplate } from './template.ts';
import type { DocumentView } from './views.ts';

export interface Drafted {
  readonly title: string;
  /** 主送机关, where the template names one. */
  readonly addressee?: string;
  readonly body: readonly string[];
}

/** The template of a kind that comes with the product. */
export const shippedTemplate = (kind: DocumentKind): string =>
  readFileSync(new URL(`templates/documents/${fileName(kind)}.hbs`, home), 'utf8');

/** Drafts a paper from its case, by the office's own template or the shipped one; a person edits it before it is signed. */
export async function draftPaper(
  store: Pick<Store, 'documentTemplates'>,
  kind: DocumentKind,
  view: DocumentView,
): Promise<Drafted> {
  const own = await latestTemplate(store.documentTemplates, kind);
  return draftBy(kind, own?.source ?? shippedTemplate(kind), view);
}

const TO = /^主送：/;

/** First line the title, then 主送： where there is one, then a paragraph a line. */
export function draftBy(kind: DocumentKind, source: string, view: DocumentView): Drafted {
  const lines = fillTemplate(readTemplate(kind, source), view)
    .split('\n')
    .map(clean)
    .filter((line) => line !== '');
  const [title = '', second = '', ...rest] = lines;
  return TO.test(second)
    ? { title, addressee: second.replace(TO, ''), body: rest }
    : { title, body: lines.slice(1) };
}
