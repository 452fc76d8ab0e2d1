/* Chosen files are listed with their sizes; one that is too large is said before anything is sent. */
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);
const chosenIn = (form) =>
  [...form.querySelectorAll('input[type=file]')].flatMap((input) => [...input.files]);
const tooLarge = (form, file) => file.size > Number(form.dataset.limitMb) * 1_048_576;

function listFiles(form) {
  const files = chosenIn(form);
  form.querySelector('[data-chosen]').replaceChildren(
    ...files.map((file) => {
      const row = document.createElement('li');
      row.textContent = `${file.name} ${size(file.size)}`;
      if (tooLarge(form, file)) {
        const note = document.createElement('span');
        note.className = 'error';
        note.textContent = form.dataset.tooLarge;
        row.append(note);
      }
      return row;
    }),
  );
  const text = form.querySelector('textarea[name=text]');
  if (text && form.dataset.filled && files.length > 0 && text.value.trim() === '')
    text.value = form.dataset.filled;
}

/** Runs before whatever else a form does when it is sent. */
export function watchFiles(form) {
  if (!form.querySelector('[data-chosen]')) return;
  form.addEventListener('change', () => listFiles(form));
  form.addEventListener('submit', (event) => {
    if (!chosenIn(form).some((file) => tooLarge(form, file))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    listFiles(form);
    form.querySelector('input[type=file]').focus();
  });
}
