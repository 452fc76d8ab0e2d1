type Headings<C extends string> = Readonly<Record<C, readonly string[]>>;

/** The column a heading names, in English or Chinese, whatever its case, brackets and spaces; undefined for a column that the table has no use for. */
export function headingIn<C extends string>(headings: Headings<C>, heading: string): C | undefined {
  const plain = plainly(heading);
  return (Object.keys(headings) as C[]).find(
    (column) => column.toLowerCase() === plain || headings[column].includes(plain),
  );
}

/** A word of a table as it is compared. */
export function plainly(text: string): string {
  return text.replaceAll('（', '(').replaceAll('）', ')').replaceAll(/\s/gu, '').toLowerCase();
}

/** Reason: spreadsheets write a day in many ways: 2026/3/5, 2026.3.5, 2026年3月5日, 20260305. What is no day stays as it is written. */
export function dayOf(text: string): string {
  const found =
    /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/u.exec(text);
  if (!found) return text;
  const [, year = '', month = '', day = ''] = found;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
