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
