const PREFIX =
  /^(?:[\s\u3000]|(?:回复|回覆|答复|转发|转寄|轉寄|自动回复|re|fwd?|aw|sv|wg|tr)(?:[[(（【]\d{1,3}[\])）】])?[\s\u3000]{0,3}[:：]|(?:回复|答复|转发)(?=[【[])|\[(?:external|外部邮件|外来邮件)\]|【(?:外部邮件|外来邮件)】)/i;

/** A subject without 回复：/答复：/转发：/Re:/Fw:, however often repeated and with either colon. */
export function bareSubject(subject: string): string {
  let bare = subject.slice(0, 1000);
  for (;;) {
    const prefix = PREFIX.exec(bare)?.[0];
    if (prefix === undefined || prefix === '') return bare.trim();
    bare = bare.slice(prefix.length);
  }
}

/** Public numbers in a subject, such as ZX-2026-012-033, GA-2026-031-001 or RC-2026-017; at most ten. */
export function numbersIn(subject: string): string[] {
  const straight = subject
    .slice(0, 1000)
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .toUpperCase();
  const found = straight.match(/(?<![A-Z0-9])(?:ZX|GA|RC|ZR|XS)-\d{4}(?:-\d{1,5}){0,3}(?![\d-])/g) ?? [];
  return [...new Set(found)].slice(0, 10);
}
