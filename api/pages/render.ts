import { home } from '../../home.ts';
import { createTemplates, type Speech, type Templates } from '../../mail/render.ts';
import type { Helpers } from '../../mail/template-words.ts';
import type { Lang } from '../../mail/translator.ts';
import type { DueView } from '../../mail/views.ts';
import type {
  ItemAnswer,
  ItemResult,
  Light,
  PageForm,
  PageItem,
  PageName,
  PageViews,
  TaskPageView,
} from './views.ts';

type Errors = TaskPageView['errors'];
type FormValues = TaskPageView['values'];

const RESULTS: readonly ItemResult[] = ['met', 'partly', 'notMet', 'notApplicable'];
const SHAPES: Readonly<Record<Light, string>> = { green: '●', yellow: '▲', red: '■', grey: '○' };

let own: Templates | undefined;

/** A whole HTML page, escaped. Throws where the view lacks a name that the template uses. */
export function renderPage<N extends PageName>(name: N, view: PageViews[N], lang: Lang = view.lang): string {
  own ??= createTemplates(home, pageHelpers);
  return own.page(name, lang)({ ...view, lang });
}

/** The words that only pages need. */
export function pageHelpers({ lang, t }: Speech): Helpers {
  return {
    query: () => (lang === 'en' ? '?lang=en' : ''),
    otherLang: () => (lang === 'en' ? 'zh' : 'en'),
    otherHtmlLang: () => (lang === 'en' ? 'zh-CN' : 'en'),
    shape: (light: Light) => SHAPES[light],
    lightWord: (light: Light) => t(`word.light.${light}`).slice(2),
    telephone: (phone: string) => phone.replace(/[^\d+]/g, ''),
    inWorkdays: (due: DueView | null) => due === null || 'workdays' in due.deadline.term,
    shortHash: (sha256: string) => sha256.slice(0, 16),
    results: () => RESULTS,
    resultOf: (item: PageItem, values: FormValues) => itemAnswer(item, values).result,
    noteOf: (item: PageItem, values: FormValues) => itemAnswer(item, values).note,
    reused: (item: PageItem, values: FormValues) =>
      item.previous !== undefined && item.answer === undefined && values?.items[item.id] === undefined,
    typed: (values: FormValues, form: PageForm, field: string) =>
      (values?.form === form ? values.fields[field] : undefined) ?? '',
    fault: (errors: Errors, form: PageForm, field: string) =>
      errors?.find((error) => error.form === form && error.field === field)?.sentence ?? '',
    itemFault: (errors: Errors, id: string) =>
      errors?.find((error) => error.form === 'answers' && error.field === `items-${id}`)?.sentence ?? '',
    faulty: (errors: Errors, form: PageForm) => errors?.some((error) => error.form === form) ?? false,
    anchor: (form: PageForm, field: string) => `${form}-${field}`,
  };
}

/** What was just typed comes before the last answer, and that before an earlier task's. */
function itemAnswer(item: PageItem, values: FormValues): ItemAnswer {
  const typed = values?.form === 'answers' ? values.items[item.id] : undefined;
  return typed ?? item.answer ?? item.previous ?? { result: '', note: '' };
}
