import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { inlinePartials } from '../../mail/inline-partials.ts';

const PARTIALS: Readonly<Record<string, string>> = {
  greeting: '<p>Dear {{name}},</p>\n',
  sign: '{{> office}}\n{{#if basis}}\n<p>{{basis}}</p>\n{{else}}\n<p>no basis</p>\n{{/if}}\n',
  office: '<p>{{office.name}}</p>\n',
  lead: '<b>{{> @partial-block}}</b>\n',
  layout: '<title>{{@subject}}</title>\n{{> head}}\n<main>\n{{> @partial-block}}\n</main>\n',
  tree: '<li>{{name}}{{#if child}}{{#with child}}{{> tree}}{{/with}}{{/if}}</li>',
  told: '<i>{{about}}</i>',
};

const VIEW = {
  name: '甲<乙',
  office: { name: '司法局' },
  basis: '第二十一条',
  items: [{ name: '一' }, { name: '二' }],
  child: { name: '二层', child: { name: '三层' } },
};

const OPTIONS = { preventIndent: true };

/** Rendered with its partials called, and with them put in place. */
function both(source: string): { called: string; inPlace: string; calls: number } {
  const environment = Handlebars.create();
  environment.registerPartial({ ...PARTIALS });
  const whole = inlinePartials(Handlebars.parse(source), (name) => {
    const partial = PARTIALS[name];
    return partial === undefined ? undefined : Handlebars.parse(partial);
  });
  const render = (template: string | hbs.AST.Program) =>
    environment.compile(template, OPTIONS)(VIEW, { data: { subject: '标题' } });
  return {
    called: render(source),
    inPlace: render(whole),
    calls: JSON.stringify(whole).split('"Partial').length - 1,
  };
}

describe('A partial that is put in place says what it says when it is called', () => {
  it.each([
    ['on a line of its own', 'a\n{{> greeting}}\nb\n'],
    ['indented', 'a\n  {{> greeting}}\nb\n'],
    ['within a line', 'a {{> greeting}} b'],
    ['that calls others, with an else', '{{> sign}}\n'],
    ['in a loop, of each one', '{{#each items}}\n{{> greeting}}\n{{else}}\nnone\n{{/each}}\n'],
    ['round words of the caller', '{{#> lead}}{{name}} {{> office}}{{/lead}}'],
    [
      'as a layout with a part of its own',
      '{{#> layout}}\n{{#*inline "head"}}h {{name}}{{/inline}}\n{{> greeting}}\n{{#> lead}}x{{/lead}}\n{{/layout}}\n',
    ],
  ])('%s', (_, source) => {
    const { called, inPlace, calls } = both(source);
    expect(inPlace).toBe(called);
    expect(calls).toBe(0);
  });

  it.each([
    ['given an argument', '{{> told about=name}}', 1],
    ['that calls itself', '{{> tree}}', 1],
  ])('and stays a call where it is %s', (_, source, calls) => {
    const made = both(source);
    expect(made.inPlace).toBe(made.called);
    expect(made.calls).toBe(calls);
  });
});
