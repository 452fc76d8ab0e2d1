import { afterEach, describe, expect, test } from 'vitest';
import { lineChanges } from '../../api/line-changes.ts';
import { renderMail, shippedMail, speakWith } from '../../mail/render.ts';
import { sampleViews } from '../../mail/sample-views.ts';
import type { MailKind } from '../../mail/views.ts';
import { WordsFault, checkWords } from '../../mail/words.ts';

const kinds = Object.keys(sampleViews) as MailKind[];
const shipped = shippedMail('task');

function fault(kind: MailKind, words: Partial<typeof shipped>): WordsFault | undefined {
  try {
    checkWords(kind, { ...shippedMail(kind), ...words });
    return undefined;
  } catch (error) {
    if (error instanceof WordsFault) return error;
    throw error;
  }
}

describe('An office’s own words', () => {
  test.each(kinds)('of the %s mail may be those that were shipped', (kind) => {
    expect(fault(kind, {})).toBeUndefined();
  });

  test.each([
    ['{{constructor}}', '不允许'],
    ['{{no.constructor}}', '不允许'],
    ['{{#each items}}{{__proto__.polluted}}{{/each}}', '不允许'],
    ['{{office.__defineGetter__}}', '不允许'],
    ['{{lookup office "constructor"}}', '不允许'],
    ['{{log no}}', '不允许'],
    ['{{@root.no}}', '没有名称'],
    ['{{@root.constructor.constructor}}', '不允许'],
    ['{{secret}}', '没有名称'],
    ['{{#if no}}{{otherAgency}}{{/if}}', '没有名称'],
    ['{{shout no}}', '没有名称'],
    ['{{> secret}}', '没有名称'],
    ['{{> (lookup . "no")}}', '不允许'],
    ['{{#with office}}{{name}}{{/with}}', '不能识别'],
    ['{{#each items as |one|}}{{one.text}}{{/each}}', '不能另起名称'],
    ['{{#*inline "sign"}}{{/inline}}', '只能改写'],
    ['{{#*inline "preheader"}}{{> preheader}}{{/inline}}{{> preheader}}', '没有名称'],
    ['{{* decorate}}', '不能识别'],
    ['{{#if no}}', '花括号'],
    ["{{t 'mail.nothing'}}", '不能按示例内容生成'],
  ])('run nothing and reach nothing that is not theirs: %s', (hostile, sentence) => {
    for (const part of ['text', 'html'] as const) {
      const own = shipped[part].replace('{{> sign}}', `{{> sign}}\n${hostile}`);
      const found = fault('task', { [part]: own });
      expect([found?.part, found?.code, found?.message]).toEqual([
        part,
        'template-invalid',
        expect.stringContaining(sentence),
      ]);
    }
  });

  test.each([
    ['{{{agency}}}', '两层花括号'],
    ['{{&agency}}', '两层花括号'],
    ['<script>alert(1)</script>', '不允许'],
    ['<img src="https://elsewhere.example/pixel.gif">', '不允许'],
    ['<p onclick="x()">x</p>', '不允许'],
    ['<a href="javascript:x()">x</a>', '网址只能'],
    ['<a href="{{title}}">x</a>', '网址只能'],
    ['<a href="{{link}}{{title}}">x</a>', '网址只能'],
    ['<a href="\uE001javascript:x()">x</a>', '不能识别的字符'],
    ['<a href="\u0001javascript:x()">x</a>', '网址只能'],
    ['<a href="https://a.example/{{no}}">x</a>', ''],
    ['<a href=https://a.example>x</a>', '不允许'],
    ['<p lang={{agency}}>x</p>', '不允许'],
    ['<p style="background:url(https://elsewhere.example)">x</p>', '样式'],
    ['<p style="color:{{agency}}">x</p>', '样式'],
    ['<form action="https://elsewhere.example"></form>', '不允许'],
    ['<iframe src="https://elsewhere.example"></iframe>', '不允许'],
    ['<!-- x -->', '不允许'],
    ['<p title="x">x</p>', '不允许'],
  ])('hold no markup in which something could hide: %s', (hostile, sentence) => {
    const found = fault('task', { html: shipped.html.replace('{{> sign}}', `{{> sign}}\n${hostile}`) });
    expect(found?.message ?? '').toContain(sentence);
    if (sentence !== '') expect(found?.part).toBe('html');
  });

  test('are refused with the line at fault', () => {
    expect(fault('task', { text: 'a\nb\n{{secret}}' })).toMatchObject({ part: 'text', line: 3 });
    expect(fault('task', { html: `${shipped.html}\n<script>` })?.line).toBe(
      shipped.html.split('\n').length + 1,
    );
    expect(fault('task', { text: 'x'.repeat(20_001) })).toMatchObject({ part: 'text', line: 1 });
  });

  test('must say what the mail is for, and the refusal names what is missing', () => {
    const without = (part: 'text' | 'html', ...gone: string[]) =>
      fault('task', { [part]: gone.reduce((words, one) => words.replace(one, ''), shipped[part]) })?.message;
    expect(without('text', '{{> facts}}')).toContain('办理网址');
    expect(without('html', '{{> facts}}')).toContain('办理网址');
    expect(without('text', '{{> sign}}')).toContain('联系人');
    expect(without('html', '{{> sign}}')).toContain('联系人');
    expect(fault('task', { text: shipped.text.replace('no=no', "no=''") })?.message).toContain(
      '主题里不能没有编号',
    );
    const by = (more: string) => `{{t 'mail.task.subject' no=no title=title by=(dueShort due)}}\n${more}`;
    const most = '{{no}}\n{{link}}\n{{dueLine due}}\n{{office.person}} {{office.phone}}\n';
    expect(fault('task', { text: by(most) })?.message).toContain('回复提示行');
    expect(
      fault('task', { text: by(most.replace('{{link}}', '网址 {{link}}').concat('{{> sign}}')) })?.message,
    ).toContain('单独占一行');
    expect(
      fault('task', { text: by(most.replace('{{dueLine due}}', '').concat('{{> sign}}')) })?.message,
    ).toContain('期限');
    expect(fault('task', { text: by(most.concat('{{> sign}}')) })).toBeUndefined();
    expect(fault('digest', { text: shippedMail('digest').text.replace('{{link}}', '') })?.message).toContain(
      '每一行的网址',
    );
  });
});

describe('Words that are stored', () => {
  afterEach(() => speakWith([]));
  const own = { text: shipped.text.replace('{{> greeting}}', '{{contact}}，您好！'), html: shipped.html };

  test('take the place of the shipped ones, version by version, and leave every other kind alone', () => {
    const before = renderMail('task', sampleViews.task).text;
    speakWith([{ kind: 'task', version: 1, ...own }]);
    expect(renderMail('task', sampleViews.task).text).toContain('经办人乙，您好！');
    expect(renderMail('task', sampleViews.task, 'en').text).toContain('经办人乙，您好！');
    expect(renderMail('reminder', sampleViews.reminder).text).not.toContain('您好！');
    speakWith([{ kind: 'task', version: 2, ...shipped }]);
    expect(renderMail('task', sampleViews.task).text).toBe(before);
    speakWith([{ kind: 'task', version: 3, ...own }]);
    speakWith([]);
    expect(renderMail('task', sampleViews.task).text).toBe(before);
  });

  test('that fail on one mail do not keep it from going', () => {
    speakWith([{ kind: 'task', version: 1, text: '{{nothing}}\nx', html: 'x' }]);
    expect(renderMail('task', sampleViews.task).subject).toContain('【请办理】');
  });
});

describe('A comparison of two versions', () => {
  test('shows what went and what came, and keeps what stayed', () => {
    expect(lineChanges('a\nb\nc', 'a\nc\nd').map(({ change, text }) => `${change} ${text}`)).toEqual([
      'same a',
      'gone b',
      'same c',
      'new d',
    ]);
    expect(lineChanges('x', 'x')).toEqual([{ change: 'same', text: 'x' }]);
    expect(lineChanges('a\n'.repeat(1_500), 'a\n'.repeat(1_500)).length).toBe(3_002);
  });
});
