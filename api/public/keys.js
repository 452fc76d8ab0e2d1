/* Keys of the console. None fires while something is typed or composed, and whoever does not want them switches them off. */
const KEPT = 'jiandu.keys';
const MODIFIED = ['ctrlKey', 'metaKey', 'altKey'];
const TYPED = 'input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]';
const help = document.getElementById('keys');
const choice = document.getElementById('keys-on');
const opener = document.querySelector('[data-keys]');
let composing = false;
let went = -Infinity;

const wanted = () => localStorage.getItem(KEPT) !== 'off';
const first = (selector) => document.querySelector(`main ${selector}`);

function showHelp() {
  choice.checked = wanted();
  help.showModal();
}

/** From row to row by their links, so that Enter opens what has the focus. */
function move(step) {
  const rows = [...document.querySelectorAll('main tbody tr, main section.card > h2')].filter((row) =>
    row.querySelector('a[href]'),
  );
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at === -1 ? 0 : at + step))];
  if (row) row.querySelector('a[href]').focus();
}

function search() {
  const field = first('input[type=search]');
  if (field) field.focus();
  else location.assign('/console/tasks#q-q');
}

/** Presses a button, follows a link, enters a field; what is folded in is opened first. */
function act(key) {
  const target = first(`[data-key="${key}"]`);
  if (!target) return false;
  const folded = target.closest('details');
  if (folded) folded.open = true;
  if (target.matches(TYPED)) target.focus();
  else target.click();
  return true;
}

function select() {
  const box = document.activeElement?.closest('tr')?.querySelector('input[type=checkbox]');
  if (box) box.click();
  return Boolean(box);
}

function done(key) {
  if (performance.now() - went < 1500) {
    went = -Infinity;
    const place = document.querySelector(`[data-go="${key}"]`);
    if (place) place.click();
    return Boolean(place);
  }
  if (key === 'g') went = performance.now();
  else if (key === '?') showHelp();
  else if (key === '/') search();
  else if (key === 'j' || key === 'k') move(key === 'j' ? 1 : -1);
  else if (key === 'x') return select();
  else return act(key);
  return true;
}

if (help) {
  addEventListener('compositionstart', () => (composing = true), true);
  addEventListener('compositionend', () => (composing = false), true);
  addEventListener('keydown', (event) => {
    if (composing || event.isComposing || event.keyCode === 229 || event.key === 'Process') return;
    if (event.repeat || MODIFIED.some((name) => event[name]) || help.open || !wanted()) return;
    const typing = event.target.closest?.(TYPED);
    if (typing && event.key === 'Escape') typing.blur();
    if (typing || event.key.length !== 1) return;
    if (done(event.key)) event.preventDefault();
  });
  choice.addEventListener('change', () => localStorage.setItem(KEPT, choice.checked ? 'on' : 'off'));
  opener.hidden = false;
  opener.addEventListener('click', showHelp);
  const aimed = location.hash === '' ? null : document.getElementById(location.hash.slice(1));
  if (aimed?.matches('input')) aimed.focus();
}
