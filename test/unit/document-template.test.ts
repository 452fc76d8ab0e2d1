import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOCUMENT_KINDS, type DocumentKind } from '../../domain/document.ts';
import { Refusal } from '../../domain/refusals.ts';
import { draftBy, shippedTemplate } from '../../documents/draft.ts';
import { TO_FILL, TemplateFault, fillTemplate, readTemplate } from '../../documents/template.ts';
import { CONTRACTS, LISTS, SAMPLE } from '../../documents/views.ts';

const faultOf = (source: string, kind: DocumentKind = 'opinion'): { line: number; sentence: string } => {
  try {
    readTemplate(kind, source);
  } catch (error) {
    if (error instanceof TemplateFault) return { line: error.line, sentence: error.message };
    throw error;
  }
  return { line: 0, sentence: '' };
};

describe('The shipped templates', () => {
  test.each(DOCUMENT_KINDS)('%s uses exactly the names of its contract', (kind) => {
    const { names } = readTemplate(kind, shippedTemplate(kind));
    const roots = new Set(names.map((name) => name.split('.')[0] ?? ''));
    expect([...roots].sort()).toEqual([...CONTRACTS[kind]].sort());
  });

  test.each(DOCUMENT_KINDS)(
    '%s is whole with a whole case, and shows what is missing without one',
    (kind) => {
      const whole = draftBy(kind, shippedTemplate(kind), SAMPLE);
      expect(whole.title).toMatch(/\p{Script=Han}/u);
      expect(whole.body.length).toBeGreaterThan(2);
      expect(JSON.stringify(whole)).not.toMatch(/\{\{|undefined|待填写/);
      expect(JSON.stringify(draftBy(kind, shippedTemplate(kind), {}))).toContain(TO_FILL);
    },
  );

  test('An opinion says all that the rules ask: facts, evidence, articles, basis, term, report, objection, contact', () => {
    const text = draftBy('opinion', shippedTemplate('opinion'), SAMPLE).body.join('\n');
    for (const part of [
      '根据群众投诉',
      '（一）2026年9月12日',
      '行政处罚案卷复印件、询问笔录2份等证据',
      '（二）未执行行政执法全过程记录制度，违反了《山东省行政执法监督条例》第十三条的规定。',
      '依据《行政执法监督条例》第二十八条、《山东省行政执法监督条例》第二十八条',
      '自收到本意见书之日起30日内',
      '书面报送桓台县司法局',
      '自收到之日起15日内',
      '0533-0000000',
    ])
      expect(text).toContain(part);
  });

  test('No list and no name of any contract tells who complained', () => {
    const all = [...Object.values(CONTRACTS).flat(), ...Object.values(LISTS).flat()];
    expect(all.filter((name) => /complain/i.test(name))).toEqual([]);
  });
});

describe('The language of templates', () => {
  test.each([
    ['标题\n{{agncy}}', 2, '没有名称 agncy'],
    ['标题\n\n{{constructor}}', 3, '没有名称 constructor'],
    ['标题\n{{__proto__}}', 2, '不能识别 {{__proto__}}'],
    ['标题\n{{#if toString}}x{{/if}}', 2, '没有名称 toString'],
    ['标题\n{{#each hasOwnProperty}}x{{/each}}', 2, '没有名为 hasOwnProperty'],
    ['标题\n{{agency.constructor}}', 2, '不能识别'],
    ['标题\n{{lookup agency "x"}}', 2, '不能识别'],
    ['标题\n{{> partial}}', 2, '不能识别'],
    ['标题\n{{{agency}}}', 2, '只能用两层花括号'],
    ['标题\n{{&agency}}', 2, '不能识别'],
    ['标题\n{{@root.agency}}', 2, '不能识别'],
    ['标题\n{{#with agency}}{{/with}}', 2, '不能识别'],
    ['标题\n{{! note }}', 2, '不能识别'],
    ['标题\n第一段\n{{#if agency}}没有结束', 3, '没有结束'],
    ['标题\n{{#each facts}}\n{{text}}', 2, '没有结束'],
    ['标题\n{{/if}}', 2, '不能识别'],
    ['标题\n{{else}}', 2, '没有名称 else'],
    ['标题\n{{#each facts}}{{#each findings}}{{/each}}{{/each}}', 2, '里不能再有'],
    ['标题\n{{#each agency}}{{/each}}', 2, '没有名为 agency'],
    ['标题\n{{facts}}', 2, '应写 {{#each facts}}'],
    ['标题\n{{text}}', 2, '没有名称 text'],
    ['标题\n{{agency', 2, '没有在本行内'],
    ['标题\n甲}}乙', 2, '多出了'],
    ['\n正文', 1, '第一行应为标题'],
    ['标题\n{{questions}}', 2, '应写'],
    ['标题\n{{#each questions}}{{ask}}{{/each}}', 2, '没有名为 questions'],
  ])('%j is refused at its line', (source, line, sentence) => {
    const fault = faultOf(source);
    expect(fault.line).toBe(line);
    expect(fault.sentence).toContain(`第${line}行：`);
    expect(fault.sentence).toContain(sentence);
  });

  test('A value is text: what looks like a tag or markup in it stays as it is, and a line break makes no paragraph', () => {
    const template = readTemplate('opinion', '标题\n{{agency}}');
    const filled = fillTemplate(template, { agency: '{{office}}<b>\n第二段\u2028x' });
    expect(filled).toBe('标题\n{{office}}<b> 第二段 x');
  });

  test('A view reaches no prototype, and a value that is no text counts as missing', () => {
    const template = readTemplate('opinion', '标题\n{{agency}}{{#if agency}}有{{else}}无{{/if}}');
    const odd = Object.create({ agency: '来自原型' }) as object;
    expect(fillTemplate(template, odd)).toBe(`标题\n${TO_FILL}无`);
    expect(fillTemplate(template, { agency: { toString: () => 'x' } } as never)).toBe(`标题\n${TO_FILL}无`);
  });

  test('What a template makes is bounded in time and size', () => {
    const many = Array.from({ length: 5_000 }, () => ({ text: '甲'.repeat(200) }));
    const template = readTemplate('opinion', '标题\n{{#each facts}}{{text}}{{text}}{{n}}{{/each}}');
    const began = performance.now();
    expect(() => fillTemplate(template, { facts: many })).toThrow(Refusal);
    expect(performance.now() - began).toBeLessThan(100);
    expect(faultOf(`标题\n${'x'.repeat(20_001)}`).sentence).toContain('不得超过');
  });

  test('Any characters at all are either taken or refused with a line, in a tenth of a second, and only listed names are ever used', () => {
    const piece = fc.constantFrom(
      '{{', '}}', '{{{', '{{#if ', '{{#each ', '{{/if}}', '{{/each}}', '{{else}}', 'agency', 'facts', 'text', 'constructor',
      '__proto__', ' ', '\n', '标题', '>', '&', '@', '.', '../', '[', '"', '#', '=', 'lookup', '\u202e',
    ); // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = pieces.join('');
        const began = performance.now();
        try {
          const template = readTemplate('opinion', source);
          const allowed = new Set([
            ...CONTRACTS.opinion,
            ...Object.entries(LISTS).flatMap(([list, rows]) => rows.map((row) => `${list}.${row}`)),
          ]);
          expect(template.names.filter((name) => !allowed.has(name as never))).toEqual([]);
          fillTemplate(template, SAMPLE);
        } catch (error) {
          expect(error).toMatchObject({ code: 'template-invalid', pointer: '/source' });
        }
        expect(performance.now() - began).toBeLessThan(100);
      }),
      { numRuns: 20_000 },
    );
  });
});
