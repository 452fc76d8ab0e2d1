/* The console works without this: it keeps one tap from sending twice. */
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', () =>
    setTimeout(() => form.querySelectorAll('button').forEach((button) => (button.disabled = true))),
  );
}
addEventListener('pageshow', () =>
  document.querySelectorAll('button:disabled').forEach((button) => (button.disabled = false)),
);
const errors = document.getElementById('errors');
if (errors) errors.focus();
