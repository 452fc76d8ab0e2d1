/* The page works without this: it opens the form a mail pointed at, lists chosen files, and keeps one tap from sending twice. */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  const details = target && target.closest('details');
  if (details) {
    details.open = true;
    target.scrollIntoView();
  }
}

function listFiles(form) {
  const list = form.querySelector('[data-chosen]');
  const inputs = [...form.querySelectorAll('input[type=file]')];
  const files = inputs.flatMap((input) => [...input.files]);
  list.replaceChildren(
    ...files.map((file) => {
      const row = document.createElement('li');
      row.textContent = `${file.name} ${size(file.size)}`;
      if (file.size > Number(form.dataset.limitMb) * 1e6) {
        const note = document.createElement('span');
        note.className = 'error';
        note.textContent = form.dataset.tooLarge;
        row.append(note);
      }
      return row;
    }),
  );
  const text = form.querySelector('textarea[name=text]');
  if (text && files.length > 0 && text.value.trim() === '') text.value = form.dataset.filled;
}

for (const form of document.querySelectorAll('form')) {
  if (form.querySelector('[data-chosen]')) form.addEventListener('change', () => listFiles(form));
  form.addEventListener('submit', () => {
    const button = form.querySelector('button[type=submit]');
    button.dataset.label = button.textContent;
    button.textContent = form.dataset.sending;
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
