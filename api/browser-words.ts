/** The more particular name first: nearly every browser calls itself Chrome and Safari as well. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/MicroMessenger\/(\d+)/, '微信'],
  [/QQBrowser\/(\d+)/, 'QQ浏览器'],
  [/(?:360SE|360EE|QHBrowser)\/?(\d*)/, '360浏览器'],
  [/Qaxbrowser\/?(\d*)/i, '奇安信可信浏览器'],
  [/UOS(?:Browser)?\/?(\d*)/, '统信浏览器'],
  [/Edg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** What a browser says of itself, as a person would call it; '' where it says nothing that is known. */
export function browserWords(agent: string): string {
  const [, name = ''] = BROWSERS.find(([pattern]) => pattern.test(agent)) ?? [];
  const version = BROWSERS.find(([pattern]) => pattern.test(agent))?.[0].exec(agent)?.[1] ?? '';
  const [, system = ''] = SYSTEMS.find(([pattern]) => pattern.test(agent)) ?? [];
  return [`${name} ${version}`.trim(), system].filter((one) => one !== '').join(' · ');
}
