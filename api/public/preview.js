/* The page of a template works without this, by its buttons: it shows what the words come to while they are typed. */
const form = document.getElementById('words');
const PAUSE_MS = 700;
let timer;
let asked = 0;

/** Errors stand beside their fields, and the sample is that of the last words that would do. */
function put(page) {
  for (const place of form.querySelectorAll('.error')) {
    const fresh = page.getElementById(place.id);
    place.textContent = fresh?.textContent ?? '';
    place.hidden = place.textContent === '';
    const field = document.getElementById(place.id.replace(/-error$/, ''));
    if (place.hidden) field.removeAttribute('aria-invalid');
    else field.setAttribute('aria-invalid', 'true');
  }
  const fresh = page.querySelector('#preview iframe') && page.getElementById('preview');
  if (fresh) document.getElementById('preview').replaceChildren(...fresh.childNodes);
}

async function show() {
  const mine = (asked += 1);
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.preview, {
    method: 'POST',
    body,
    headers: { Accept: 'text/html' },
  });
  if (answer.redirected || answer.status >= 500) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (mine === asked) put(page);
}

if (form && form.querySelector('button')) {
  form.addEventListener('input', (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(() => void show().catch(() => undefined), PAUSE_MS);
  });
  form.addEventListener('compositionend', () => form.dispatchEvent(new Event('input')));
}
