/** @typedef {{ key: string, does: string, act: () => void }} Key */

/** @type {Key[]} */
const keys = [];

/**
 * Binds a key for the whole page. It is left alone while a person types, and where another key is held.
 * @param {string} key as KeyboardEvent.key
 * @param {string} does what it does, for the help
 * @param {() => void} act
 */
export function onKey(key, does, act) {
  keys.push({ key, does, act });
}

const typing = 'input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable], dialog[open]';
/** Here the arrows move something else already. */
const arrowed = '[role=grid], [role=tablist], .scrolls, summary';

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.closest(typing) !== null) return;
  if (event.key.startsWith('Arrow') && at.closest(arrowed) !== null) return;
  const bound = keys.find(({ key }) => key === event.key);
  if (bound === undefined) return;
  event.preventDefault();
  bound.act();
});

const words = new Map([
  ['ArrowLeft', '←'],
  ['ArrowRight', '→'],
]);

function help() {
  const open = document.querySelector('dialog.help');
  if (open instanceof HTMLDialogElement) {
    open.close();
    return;
  }
  const dialog = document.createElement('dialog');
  dialog.className = 'help';
  dialog.setAttribute('aria-labelledby', 'help-title');
  const title = document.createElement('h2');
  title.id = 'help-title';
  title.textContent = 'Keys';
  const list = document.createElement('dl');
  for (const { key, does } of keys) {
    const name = document.createElement('dt');
    const shape = document.createElement('kbd');
    shape.textContent = words.get(key) ?? key;
    name.append(shape);
    const what = document.createElement('dd');
    what.textContent = does;
    list.append(name, what);
  }
  const form = document.createElement('form');
  form.method = 'dialog';
  const close = document.createElement('button');
  close.textContent = 'Close';
  form.append(close);
  dialog.append(title, list, form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

onKey('?', 'this help', help);
onKey('d', 'light, dark, or as the system has it', () => document.getElementById('theme')?.click());
const button = document.getElementById('help-open');
if (button !== null) {
  button.hidden = false;
  button.addEventListener('click', help);
}
