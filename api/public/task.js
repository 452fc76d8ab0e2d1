/* The page works without this: it opens the form a mail pointed at, lists chosen files, and keeps one tap from sending twice. */
import { watchFiles } from './files.js';

function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const details = target && target.closest('details');
  if (details) {
    details.open = true;
    target.scrollIntoView();
  }
}

for (const details of document.querySelectorAll('details'))
  details
    .querySelector('summary')
    .addEventListener('click', () =>
      setTimeout(() => details.open && details.querySelector('input:not([type=radio]),textarea')?.focus()),
    );
for (const form of document.querySelectorAll('form')) {
  watchFiles(form);
  form.addEventListener('submit', () => {
    const button = form.querySelector('button[type=submit]');
    button.dataset.label = button.textContent;
    if (form.dataset.sending) button.textContent = form.dataset.sending;
    setTimeout(() => (button.disabled = true));
  });
}
addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button[data-label]')) {
    button.disabled = false;
    button.textContent = button.dataset.label;
  }
});
addEventListener('hashchange', openTarget);
openTarget();
const errors = document.getElementById('errors');
if (errors) errors.focus();
