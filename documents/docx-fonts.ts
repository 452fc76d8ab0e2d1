const face = (eastAsia: string) => ({ ascii: eastAsia, hAnsi: eastAsia, eastAsia, cs: eastAsia });

/** The standard's faces by name: a word processor takes its own where it has them. */
export const FONTS = {
  body: face('仿宋_GB2312'),
  bold: face('仿宋_GB2312'),
  hei: face('黑体'),
  kai: face('楷体_GB2312'),
  title: face('方正小标宋简体'),
  roman: face('宋体'),
} as const;

const OTHERS: Readonly<Record<string, { readonly other: string; readonly family: 'roman' | 'swiss' }>> = {
  仿宋_GB2312: { other: '仿宋', family: 'roman' },
  黑体: { other: 'SimHei', family: 'swiss' },
  楷体_GB2312: { other: '楷体', family: 'roman' },
  方正小标宋简体: { other: '宋体', family: 'roman' },
  宋体: { other: 'SimSun', family: 'roman' },
};

/** What stands in for a face that a machine has not: newer systems call 仿宋_GB2312 仿宋. */
export const FONT_TABLE = [
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
  '<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">',
  ...Object.entries(OTHERS).map(
    ([name, { other, family }]) =>
      `<w:font w:name="${name}"><w:altName w:val="${other}"/><w:charset w:val="86"/><w:family w:val="${family}"/><w:pitch w:val="auto"/></w:font>`,
  ),
  '</w:fonts>',
].join('');
