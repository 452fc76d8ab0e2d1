import { describe, expect, test } from 'vitest';
import { renderPage } from '../../api/pages/render.ts';
import { sampleTaskPage } from '../../api/pages/sample-views.ts';
import { renderMail, renderWords, shippedMail } from '../../mail/render.ts';
import { provisionalSample, sampleTask, sampleViews } from '../../mail/sample-views.ts';
import type { MailKind } from '../../mail/views.ts';

const kinds = Object.keys(sampleViews) as MailKind[];
const withLink = kinds.filter((kind) => 'link' in sampleViews[kind]);
const forTask = { ...sampleTask, because: 'assigned' } as const;
const lines = (text: string) => text.split('\n');

/** What a reader of the html sees, without spaces. */
function seen(html: string): string {
  return html
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&nbsp;', '')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, '');
}

describe('Words that lack what a part of them wants', () => {
  const { text, html } = shippedMail('task');
  test.each([
    ['a lead without its sentence', html.replace(/\{\{#> lead\}\}.*\{\{\/lead\}\}/, '{{> lead}}')],
    ['a layout without its content', html.replace('{{#> mail}}', '{{> mail}}').replace('{{/mail}}', '')],
  ])('%s is refused, and spoils no words that come after it', (_, spoilt) => {
    expect(spoilt).not.toBe(html);
    expect(() => renderWords({ text, html: spoilt }, forTask)).toThrow(/partial-block/);
    expect(renderWords({ text, html }, forTask)).toEqual(renderMail('task', forTask));
  });

  test('a part that is defined before the layout that uses it is found', () => {
    const [first = '', inline = '', ...rest] = html.split('\n');
    expect([first, inline.slice(0, 11)]).toEqual(['{{#> mail}}', '{{#*inline ']);
    const before = [inline, first, ...rest].join('\n');
    expect(renderWords({ text, html: before }, forTask).html.trim()).toContain('<!doctype html>');
    expect(renderWords({ text, html }, forTask)).toEqual(renderMail('task', forTask));
  });
});

describe('A mail says the same to everyone', () => {
  test.each(withLink)('the link of a %s mail is absolute and alone on its line', (kind) => {
    for (const lang of ['zh', 'en'] as const) {
      const view = sampleViews[kind] as { readonly link: string };
      expect(lines(renderMail(kind, view as never, lang).text)).toContain(view.link);
    }
  });

  test('delegating and asking for more time are links of their own, alone on their lines', () => {
    const { text, html } = renderMail('task', forTask);
    for (const end of ['#delegate', '#extend']) {
      expect(lines(text)).toContain(sampleTask.link + end);
      expect(html).toContain(`href="${sampleTask.link}${end}"`);
    }
  });

  test.each(kinds)('every phrase in the text of a %s mail stands in its html', (kind) => {
    for (const lang of ['zh', 'en'] as const) {
      const { text, html } = renderMail(kind, sampleViews[kind] as never, lang);
      const shown = seen(html) + [...html.matchAll(/href="([^"]+)"/g)].map(([, link]) => link).join(' ');
      const phrases = lines(text).flatMap((line) => line.trim().split(/\s{2,}|\u3000+|^\d+\. /));
      for (const phrase of phrases) expect(shown).toContain(phrase.replace(/\s+/g, ''));
    }
  });

  test('the date comes with the working days left and one line that explains it', () => {
    const { text } = renderMail('task', forTask);
    expect(text).toContain('12月11日（周五）17:00 · 剩10个工作日');
    expect(text).toContain('自2026年11月27日起算10个工作日（当日不计），跳过周末4天，至2026年12月11日止');
    expect(text).toContain('国办发明电〔2025〕7号');
  });

  test('a date that rests on an unpublished calendar says 期限暂定', () => {
    const due = { deadline: provisionalSample, workdaysLeft: 13 };
    const { text, html } = renderMail('task', { ...forTask, due });
    for (const part of [text, html]) {
      expect(part).toContain('1月15日（周五）17:00（期限暂定）');
      expect(part).toContain('节假日3天（1月1日至1月3日），计入调休上班日1月10日');
      expect(part).toContain('2027年（安排未公布，暂按周末推算）');
    }
  });

  test('a task without a checklist asks for a written report and lists nothing', () => {
    const { text, html } = renderMail('task', { ...forTask, items: [] });
    expect(text).toContain('前书面反馈办理情况。');
    expect(html).not.toContain('<ol');
  });

  test('a long checklist is a numbered list in both parts', () => {
    const items = Array.from({ length: 12 }, (_, n) => ({ id: `c${n}`, text: `检查内容第${n + 1}条的说明` }));
    const { text, html } = renderMail('task', { ...forTask, items });
    expect(text).toContain('12. 检查内容第12条的说明');
    expect(html.match(/<li>/g)).toHaveLength(12);
  });

  test('the same view gives the same bytes', () => {
    expect(renderMail('task', forTask)).toEqual(renderMail('task', forTask));
  });
});

describe('A subject says what to do, which task, and by when', () => {
  const heads: readonly [MailKind, string][] = [
    ['task', '【请办理】ZX-2026-012-033 安全生产执法专项监督（县镇联动）（12月11日17:00前）'],
    ['reminder', '【提醒】ZX-2026-012-033 '],
    ['dueToday', '【今日到期】ZX-2026-012-033 '],
    ['urge', '【催办1】ZX-2026-012-033 '],
    ['nudge', '【催办】ZX-2026-012-033 '],
    ['returned', '【请补正】ZX-2026-012-033 '],
    ['receipt', '【已收到】ZX-2026-012-033 '],
    ['accepted', '【已办结】ZX-2026-012-033 '],
    ['extension', '【延期结果】ZX-2026-012-033 '],
    ['rescheduled', '【期限调整】ZX-2026-012-033 '],
    ['delegated', '【已转办】ZX-2026-012-033 '],
    ['withdrawn', '【中止】ZX-2026-012-033 '],
    ['digest', '【今日待办2件】'],
    ['organizerDigest', '【日报】'],
    ['circular', '【通报】桓执监通〔2026〕3号 '],
    ['holderNotice', '【证件通知】执法员丙：暂扣执法证件自2026-12-10起生效'],
    ['unmatched', '【未能识别】'],
  ];
  test.each(heads)('%s: %s', (kind, head) => {
    expect(renderMail(kind, sampleViews[kind] as never).subject).toSatisfy((subject: string) =>
      subject.startsWith(head),
    );
  });

  test('a title cannot break the subject, begin a line of the mail, or turn the direction of writing', () => {
    const title = '正常标题\r\nBcc: all@example.com\n—— 请在此行以上回复 ——\u2028\u202Etxt';
    const { subject, text } = renderMail('task', { ...forTask, title });
    expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
    expect(subject).toContain('ZX-2026-012-033 正常标题 Bcc');
    expect(lines(text).filter((line) => line.startsWith('Bcc') || line.startsWith('——'))).toHaveLength(1);
  });

  test('a long title is shortened in the subject and whole in the mail', () => {
    const title = '专项监督'.repeat(20);
    const { subject, text } = renderMail('task', { ...forTask, title });
    expect(subject).toContain('…（12月11日17:00前）');
    expect(text).toContain(title);
  });
});

describe('What others wrote is never markup', () => {
  const hostile = '<script>alert(1)</script>"&{{no}} $t(mail.open)';

  test('a hostile agency name is escaped in the html and plain in the text', () => {
    const { text, html } = renderMail('task', { ...forTask, agency: hostile });
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
    expect(text).toContain(hostile);
  });

  test('a hostile title cannot leave the title element or an attribute of the page', () => {
    const values = {
      form: 'answers',
      fields: { by: '"><script>' },
      items: { c3: { result: '', note: '" onfocus="x' } },
    } as const;
    const page = renderPage('task', { ...sampleTaskPage, title: hostile, campaign: hostile, values });
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('value="&quot; onfocus&#x3D;&quot;x"');
  });

  test('a view without a name that the mail needs is a fault, not an empty place', () => {
    const { agency: _, ...incomplete } = forTask;
    expect(() => renderMail('task', incomplete as never)).toThrow(/agency/);
  });
});

describe('A receipt says exactly what came', () => {
  test('text and files are counted with their size, each file on its line', () => {
    const { text } = renderMail('receipt', sampleViews.receipt);
    expect(text).toContain('收到正文（126字）和2个附件（1.8 MB），待审核，无需再次提交。');
    expect(text).toContain('检查计划.pdf (1.2 MB)');
  });

  test('a late answer still counts, and says that it is late', () => {
    expect(renderMail('receipt', { ...sampleViews.receipt, late: true }).text).toContain(
      '照常计入，并注明迟交',
    );
  });

  test('an answer after the end is kept, and is not promised a review', () => {
    const { text } = renderMail('receipt', { ...sampleViews.receipt, late: true, afterEnd: true });
    expect(text).toContain('内容已存档');
    expect(text).not.toContain('待审核');
  });

  test('a command read from a reply is echoed as what it was understood to be', () => {
    const said = (['acknowledgement', 'extension', 'delegation', 'objection'] as const).map(
      (understood) => renderMail('receipt', { ...sampleViews.receipt, understood }).text.split('\n')[2],
    );
    expect(said).toEqual([
      '已按您的来信登记签收。',
      '已收到延期申请，结果另行通知；批准之前期限不变。',
      '已收到转办要求，同事会收到办理邮件，您仍可查看。',
      '已收到异议，将由监督机构书面答复。',
    ]);
  });
});

describe('The page of a task', () => {
  const { acknowledged: _, errors: __, values: ___, ...fresh } = sampleTaskPage;

  test('asks for 签收 until somebody signed, and then says who', () => {
    const asks = `action="${fresh.path}/acknowledge"`;
    expect(renderPage('task', fresh)).toContain(asks);
    expect(renderPage('task', sampleTaskPage)).not.toContain(asks);
    expect(renderPage('task', sampleTaskPage)).toContain('经办人乙（执法科科长）于2026年11月27日 10:12签收');
  });

  test('fills in what was typed before the last answer, and that before an earlier task', () => {
    const page = renderPage('task', sampleTaskPage);
    expect(page).toContain('name="items[c1][result]" value="met" checked');
    expect(page).toContain('name="items[c2][result]" value="partly" checked');
    expect(page).toContain('name="items[c3][result]" value="met" checked');
    expect(page).toContain('value="已按计划执行"');
  });

  test('an objection is offered only where the law gives one', () => {
    const objects = `action="${fresh.path}/objections"`;
    expect(renderPage('task', fresh)).toContain(objects);
    expect(renderPage('task', { ...fresh, mayObject: false })).not.toContain(objects);
  });

  test('a clock that has not started says so instead of a date', () => {
    const page = renderPage('task', { ...fresh, due: null, light: 'grey' });
    expect(page).toContain('期限自签收起算');
    expect(page).not.toContain('12月11日（');
  });

  test('an extension is asked in the unit that the term runs in', () => {
    const due = { deadline: { ...provisionalSample, term: { days: 30 } }, workdaysLeft: 9 };
    expect(renderPage('task', fresh)).toContain('name="workdays"');
    expect(renderPage('task', { ...fresh, due })).toContain('name="days"');
  });

  test('every error is a link to the field that holds it', () => {
    const page = renderPage('task', sampleTaskPage);
    expect(page).toContain('<a href="#answers-text">请写明办理情况</a>');
    expect(page).toMatch(
      /<textarea id="answers-text"[^>]* aria-invalid="true" aria-describedby="answers-text-error"/,
    );
    expect(page).toContain('id="answers-text-error"');
  });

  test('every form keeps the language of its page', () => {
    const page = renderPage('task', { ...fresh, lang: 'en' });
    const actions = [...page.matchAll(/action="([^"]+)"/g)].map(([, action]) => action);
    expect(actions.length).toBe(5);
    expect(actions.every((action) => action?.endsWith('?lang&#x3D;en') || action?.endsWith('?lang=en'))).toBe(
      true,
    );
  });
});
