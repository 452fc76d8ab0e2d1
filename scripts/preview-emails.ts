import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type MailKind } from '../mail/views.ts';
import { fileName, renderMail } from '../mail/render.ts';
import { sampleViews } from '../mail/sample-views.ts';
import { HTML_LANG, type Lang } from '../mail/translator.ts';
import { startedAs } from '../owner.ts';

const LANGS: readonly Lang[] = ['zh', 'en'];

/** Writes every mail with sample data, in both languages and both parts, and a page that shows them all; answers the page's path. */
export function writePreviews(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const kinds = Object.keys(sampleViews) as MailKind[];
  const shown = LANGS.flatMap((lang) =>
    kinds.map((kind) => {
      const { subject, text, html } = renderMail(kind, sampleViews[kind] as never, lang);
      const name = `${fileName(kind)}.${HTML_LANG[lang]}`;
      writeFileSync(path.join(folder, `${name}.html`), html);
      writeFileSync(path.join(folder, `${name}.txt`), `${subject}\n\n${text}`);
      return { lang, name, subject };
    }),
  );
  const page = path.join(folder, 'index.html');
  writeFileSync(page, indexOf(shown));
  return page;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const indexOf = (
  shown: readonly { readonly lang: Lang; readonly name: string; readonly subject: string }[],
): string =>
  `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>邮件预览</title><style>body{font:16px/1.75 system-ui,sans-serif;margin:16px}section{display:flex;flex-wrap:wrap;gap:16px;margin:0 0 32px}h2{flex-basis:100%;margin:0;font-size:18px}iframe{height:640px;border:1px solid #7B8794}</style><h1>邮件预览</h1>${shown
    .map(
      ({ lang, name, subject }) =>
        `<section lang="${HTML_LANG[lang]}"><h2>${escaped(subject)}</h2>${[390, 600]
          .map((width) => `<iframe width="${width}" src="${name}.html" title="${escaped(subject)}"></iframe>`)
          .join('')}<iframe width="480" src="${name}.txt" title="${escaped(subject)}"></iframe></section>`,
    )
    .join('')}</html>\n`;

if (startedAs(import.meta.url)) {
  const folder = path.resolve(process.argv[2] ?? '.jiandu/emails');
  const page = writePreviews(folder);
  process.stdout.write(`已写出全部邮件（示例数据，html 与 txt 各一份）：\n  ${page}\n`);
}
