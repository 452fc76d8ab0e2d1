/* A page that shows what is under way stays current while it is open; without this it is current when it is asked for. */
const ORDER = ['closed', 'inReview', 'returned', 'inProgress', 'unacknowledged', 'pending', 'withdrawn'];
const SOON_MS = 400;
const AGAIN_MS = 5_000;

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

const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html');

/** The rows as the server draws them now, unless somebody is in the middle of them; what has changed is marked. */
async function showRows(board) {
  const answer = await fetch(board.dataset.rows, { headers: { Accept: 'text/html' } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const fresh = (await parsed(answer)).getElementById('rows');
  showCounts(board, JSON.parse(fresh.dataset.counts));
  const rows = document.getElementById('rows');
  if (rows.contains(document.activeElement)) return;
  const before = new Map(
    [...rows.querySelectorAll('[data-no]')].map((row) => [row.dataset.no, row.textContent]),
  );
  for (const row of fresh.querySelectorAll('[data-no]'))
    if (before.get(row.dataset.no) !== row.textContent) row.classList.add('fresh');
  rows.replaceChildren(...fresh.childNodes);
}

/** Every block of the ledger carries its number: who was cut off asks from the last one on, and misses none. */
function follow(board) {
  const said = board.querySelector('[data-said]');
  const status = board.querySelector('[data-status]').dataset.status;
  let seen = board.dataset.seq;
  let source;
  let timer;
  let asking = false;
  const soon = () => {
    timer ??= setTimeout(async () => {
      timer = undefined;
      if (!document.hidden) await showRows(board).catch(() => undefined);
    }, SOON_MS);
  };
  const tell = (word) => (said.textContent = board.dataset[word]);
  /** Where no stream opens the rows are asked for, and the stream again after them. */
  async function poll() {
    asking = await showRows(board).then(
      () => true,
      () => false,
    );
    tell(asking ? 'polling' : 'lost');
    listen();
  }
  function listen() {
    source = new EventSource(`${board.dataset.stream}?lastEventId=${seen}`);
    source.addEventListener('open', () => {
      asking = false;
      tell('live');
      soon();
    });
    source.addEventListener('error', () => {
      const closed = source.readyState === EventSource.CLOSED;
      if (!(closed && asking)) tell('lost');
      if (closed) setTimeout(poll, AGAIN_MS);
    });
    source.addEventListener('counts', (event) => {
      const { counts, state } = JSON.parse(event.data);
      showCounts(board, counts);
      if (state !== status && !document.querySelector('details[open] input:focus, textarea:focus'))
        location.reload();
    });
    source.addEventListener('entry', (event) => {
      if (event.lastEventId !== '') seen = event.lastEventId;
      soon();
    });
  }
  listen();
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (event) => event.persisted && listen());
  document.addEventListener('visibilitychange', soon);
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

/** A part of the page that the server says is still moving is asked for again. */
function refresh(part) {
  setTimeout(async () => {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => undefined);
    const fresh = answer?.ok && !answer.redirected && (await parsed(answer)).getElementById(part.id);
    if (!fresh) return refresh(part);
    if (document.hidden || part.contains(document.activeElement)) return refresh(part);
    part.replaceWith(fresh);
    if (fresh.dataset.refresh) refresh(fresh);
  }, Number(part.dataset.refresh));
}

const board = document.querySelector('[data-stream]');
if (board) follow(board);
for (const place of document.querySelectorAll('[data-left-ms]')) countDown(place);
for (const part of document.querySelectorAll('[data-refresh]')) refresh(part);
