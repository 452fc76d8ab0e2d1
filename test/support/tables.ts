import exceljs from 'exceljs';

/** A table as an .xlsx upload. */
export async function xlsx(table: readonly (readonly unknown[])[]): Promise<Blob> {
  const workbook = new exceljs.Workbook();
  workbook.addWorksheet('表').addRows(table as unknown[][]);
  return new Blob([new Uint8Array(await workbook.xlsx.writeBuffer())]);
}

/** A table as a .csv upload, with the mark that Excel writes. */
export const csv = (table: readonly (readonly unknown[])[]): Blob =>
  new Blob(['\uFEFF', table.map((row) => row.map((cell) => `"${String(cell)}"`).join(',')).join('\r\n')]);

export const upload = (file: Blob, name: string): FormData => {
  const form = new FormData();
  form.set('file', file, name);
  return form;
};
