/** Names under which no person's own words come, or words that are shown to nobody. */
const NOT_WORDS =
  /^(?:_.*|form|seen|tried|opened|website|next|kept|ticket|sealed|current|password|code|supervisorCode)$/;
/** A choice, a number of ours, a day: it is chosen again in a moment. */
const CHOSEN = /^(?:[a-z][A-Za-z0-9-]*|\d{1,4}|\d{4}-\d\d-\d\d|[0-9a-f-]{32,64})$/;
const MOST = 200;

/** What a person wrote into a form, for where the form itself cannot be shown again: nothing that was typed is lost with a page that is gone. */
export function typedWords(body: unknown): readonly string[] {
  return wordsIn(body)
    .map((words) => words.trim())
    .filter((words) => words !== '' && !CHOSEN.test(words))
    .slice(0, MOST);
}

function wordsIn(said: unknown): readonly string[] {
  if (typeof said === 'string') return [said];
  if (typeof said !== 'object' || said === null) return [];
  return Object.entries(said).flatMap(([name, value]) => (NOT_WORDS.test(name) ? [] : wordsIn(value)));
}
