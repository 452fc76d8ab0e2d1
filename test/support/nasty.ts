/** What somebody writes who wants a page, a sheet or an eye to take words for something else. */
export const HTML = '<img src=x onerror="document.title=\'taken\'"><b>粗</b>';
const FORMULA = '=HYPERLINK("http://evil.example","点我")';
export const TURNED = '附件\u202Etxt.exe\u2066请看';
export const NASTY = `${FORMULA} ${HTML} ${TURNED}`;
/** The letters that turn the direction are never shown again. */
export const SHOWN = NASTY.replaceAll(/\p{Bidi_Control}/gu, '');

/** Letters that turn the direction. */
export const TURNING = /[\u202A-\u202E\u2066-\u2069]/;
