import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** A font file as a browser asks for it: never a path from outside, only a name that a folder lists. */
export interface FontFile {
  readonly path: string;
  readonly type: string;
}

const require = createRequire(import.meta.url);

/** What stands in for 仿宋, 小标宋, 楷体 (Serif) and 黑体 (Sans), cut by Unicode ranges: a paper loads what it writes. */
const PACKAGES = {
  'noto-serif-sc': ['400', '500', '700', '900'],
  'noto-sans-sc': ['500'],
} as const;
type Package = keyof typeof PACKAGES;

const TYPES: Readonly<Record<string, string>> = {
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.otf': 'font/otf',
  '.ttc': 'font/collection',
};

const folderOf = (name: Package): string => path.dirname(require.resolve(`@fontsource/${name}/400.css`));

const sheetOf = (name: Package): string =>
  PACKAGES[name]
    .map((weight) => readFileSync(path.join(folderOf(name), `${weight}.css`), 'utf8'))
    .join('\n')
    .replaceAll('./files/', `${name}/`)
    .replaceAll('font-display: swap', 'font-display: block');

/** The office's own files, under the name of the face they hold: 仿宋_GB2312.ttf is 仿宋_GB2312. */
const ownSheet = (folder: string): string =>
  ownFiles(folder)
    .map((file) => {
      const face = path.basename(file, path.extname(file)).replaceAll(/["\\]/g, '');
      return `@font-face{font-family:"${face}";src:url("own/${encodeURIComponent(file)}");font-display:block}`;
    })
    .join('\n');

const ownFiles = (folder: string): readonly string[] =>
  readdirSync(folder).filter((file) => Object.hasOwn(TYPES, path.extname(file).toLowerCase()));

/** The sheet of every face that a paper may be set in; `own` is a folder of the office's fonts. */
export const fontSheet = (own?: string): string =>
  [
    ...(own === undefined ? [] : [ownSheet(own)]),
    ...(Object.keys(PACKAGES) as Package[]).map((name) => sheetOf(name)),
  ].join('\n');

/** A file that the sheet names, or undefined. */
export function fontFile(from: string, file: string, own?: string): FontFile | undefined {
  const type = TYPES[path.extname(file).toLowerCase()];
  if (type === undefined || file !== path.basename(file)) return undefined;
  if (from === 'own')
    return own !== undefined && ownFiles(own).includes(file)
      ? { path: path.join(own, file), type }
      : undefined;
  if (!Object.hasOwn(PACKAGES, from)) return undefined;
  return { path: path.join(folderOf(from as Package), 'files', file), type };
}
