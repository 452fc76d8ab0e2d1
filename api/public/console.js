/* The console works without this: it keeps the board's numbers and rows current, counts the recall window down, and keeps one tap from sending twice. */
import { watchFiles } from './files.js';
import './keys.js';

const ORDER = ['closed', 'inReview', 'returned', 'inProgress', 'unacknowledged', 'pending', 'withdrawn'];

function showCounts(board, counts) {
  const total = ORDER.reduce((sum, state) => sum + counts[state], 0);
  for (const one of board.querySelectorAll('[data-count]')) one.textContent = counts[one.dataset.count];
  for (const one of board.querySelectorAll('[data-total]')) one.textContent = total;
  let done = 0;
  for (const state of ORDER) {
    const part = board.querySelector(`[data-part="${state}"]`);
    const from = total === 0 ? 0 : Math.round((1000 * done) / total);
    done += counts[state];
    const to = total === 0 ? 0 : Math.round((1000 * done) / total);
    part.setAttribute('x', from);
    part.setAttribute('width', to - from);
  }
}

/** The rows as the server draws them now, unless somebody is in the middle of them. */
async function showRows() {
  const rows = document.getElementById('rows');
  if (rows.contains(document.activeElement) || document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('rows');
  if (fresh) rows.replaceChildren(...fresh.childNodes);
}

function follow(board) {
  const said = board.querySelector('[data-said]');
  const source = new EventSource(board.dataset.stream);
  const status = board.querySelector('[data-status]').dataset.status;
  let timer;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void showRows();
    }, 1200);
  };
  source.addEventListener('open', () => (said.textContent = board.dataset.live));
  source.addEventListener('error', () => (said.textContent = board.dataset.lost));
  source.addEventListener('counts', (event) => {
    const { counts, state } = JSON.parse(event.data);
    showCounts(board, counts);
    if (state !== status && !document.querySelector('details[open] input:focus, textarea:focus'))
      location.reload();
  });
  source.addEventListener('entry', soon);
  addEventListener('pagehide', () => source.close());
}

function countDown(place) {
  const until = performance.now() + Number(place.dataset.leftMs);
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

const board = document.querySelector('[data-stream]');
if (board) follow(board);
for (const place of document.querySelectorAll('[data-left-ms]')) countDown(place);
/** Whoever goes back and sends what they typed once more sends it under its first key: nothing is done twice. */
const first = history.state?.key;
for (const form of document.querySelectorAll('form[method=post]')) {
  const once = form.querySelector('[name=_key]');
  if (once && first && form.querySelector('textarea,input[type=text]')) once.value = first;
  if (once && !history.state?.key) history.replaceState({ key: once.value }, '');
  watchFiles(form);
  form.addEventListener('submit', () =>
    setTimeout(() => form.querySelectorAll('button').forEach((button) => (button.disabled = true))),
  );
}
addEventListener('pageshow', () =>
  document.querySelectorAll('button:disabled').forEach((button) => (button.disabled = false)),
);
const errors = document.getElementById('errors');
if (errors) errors.focus();
