import { readFileSync } from 'node:fs';
import { createInstance } from 'i18next';

export type Lang = 'zh' | 'en';

/** One sentence of a catalogue with its {{names}} filled in; throws for an unknown key or a missing name, so that no raw key is ever shown. */
export type Translate = (key: string, values?: Values) => string;

/** What stands in a sentence's places. */
export type Values = Readonly<Record<string, string | number | undefined>>;

export const HTML_LANG: Readonly<Record<Lang, string>> = { zh: 'zh-CN', en: 'en' };

/** A function of the sentence's values, compiled once. */
type Sentence = (values: Values) => string;

/**
 * The catalogues of `root`/locales, one translate function per language. A plural is chosen by `count`, as i18next writes it (`_one`, `_other`).
 * Values are put in as they are: escaping is the template's, and a value that looks like {{name}} or $t(key) stays text.
 */
export function createTranslators(root: URL): Readonly<Record<Lang, Translate>> {
  const catalogues = createInstance();
  void catalogues.init({
    initAsync: false,
    fallbackLng: false,
    resources: {
      'zh-CN': { translation: catalogue(root, 'zh-CN') },
      en: { translation: catalogue(root, 'en') },
    },
  });
  const translator = (lang: Lang): Translate => {
    const lookUp = catalogues.getFixedT(HTML_LANG[lang]);
    const sentences = new Map<string, Sentence>();
    return (key, values = {}) => {
      const one = values['count'] === 1;
      const id = one ? `${key} 1` : key;
      let sentence = sentences.get(id);
      if (sentence === undefined) {
        const count = values['count'];
        const plural = typeof count === 'number' ? { count: one ? 1 : 2 } : {};
        if (!catalogues.exists(key, { lng: HTML_LANG[lang], ...plural }))
          throw new Error(`no sentence "${key}" in ${lang}`);
        sentence = compile(key, lookUp(key, { ...plural, skipInterpolation: true }));
        sentences.set(id, sentence);
      }
      return sentence(values);
    };
  };
  return { zh: translator('zh'), en: translator('en') };
}

/** The nested sentences of one language, as the file holds them. */
export function catalogue(root: URL, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`locales/${name}.json`, root), 'utf8')) as Record<string, unknown>;
}

function compile(key: string, text: unknown): Sentence {
  if (typeof text !== 'string') throw new Error(`"${key}" is not a sentence`);
  const parts = text.split(/\{\{(\w+)\}\}/);
  if (parts.length === 1) return () => text;
  return (values) => {
    let out = '';
    for (const [index, part] of parts.entries()) {
      const value = index % 2 === 0 ? part : values[part];
      if (value === undefined) throw new Error(`"${key}" wants ${part}`);
      out += value;
    }
    return out;
  };
}
