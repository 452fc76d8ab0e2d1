/* The console works without this: it keeps one tap from sending twice. */
import { watchFiles } from './files.js';
import './keys.js';

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
