/** What offices hand in: documents, pictures, recordings, tables, archives. */
const ACCEPTED = new Set(
  'pdf ofd doc docx docm wps wpt rtf odt xls xlsx xlsm et csv ods ppt pptx dps txt md json xml html htm eml jpg jpeg png gif bmp tif tiff webp heic heif svg mp3 m4a wav amr aac mp4 mov avi wmv mkv 3gp zip rar 7z gz tar'.split(
    ' ',
  ),
);

const PROGRAMS = new Set([
  'exe',
  'dll',
  'elf',
  'macho',
  'msi',
  'class',
  'jar',
  'apk',
  'deb',
  'rpm',
  'dmg',
  'swf',
  'lnk',
  'bat',
  'cmd',
  'ps1',
  'vbs',
  'js',
  'sh',
  'scr',
  'com',
]);

/** Why a file is not taken, judged by what it is before what it is called; undefined when it is. `found` is the extension its bytes stand for. */
export function fileRefusal(name: string, found: string | undefined, head: Uint8Array): string | undefined {
  const called = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase();
  if ((found !== undefined && PROGRAMS.has(found)) || (head[0] === 0x4d && head[1] === 0x5a))
    return '文件内容是可执行程序，不予接收';
  if (head[0] === 0x23 && head[1] === 0x21) return '文件内容是脚本程序，不予接收';
  if (called === undefined || !ACCEPTED.has(called)) return `不接收“${called ?? '无扩展名'}”类型的文件`;
  if (called === 'pdf' && found !== undefined && found !== 'pdf') return `文件名为 .pdf，内容却是 ${found}`;
  return undefined;
}

const LONGEST_NAME = 160;

/** A file's name as it may be shown and stored: without folders, control characters and marks that turn the direction of writing, which hide an ending. */
export function cleanName(name: string): string {
  const last = name.split(/[/\\]/u).at(-1) ?? '';
  const seen = last
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu, '')
    .replaceAll(/\p{Cs}/gu, '')
    .trim();
  if (seen.length <= LONGEST_NAME) return seen === '' ? '未命名' : seen;
  const ending = /\.[A-Za-z0-9]{1,8}$/u.exec(seen)?.[0] ?? '';
  return `${seen.slice(0, LONGEST_NAME / 2).replace(/\p{Cs}$/u, '')}…${ending}`;
}
