const reachable = 'a[href], button, input, select, summary, [tabindex]';
const scrollable = '.scrolls, .log';

/**
 * What had the focus, was scrolled or open, has and is so in what takes its place.
 * @param {HTMLElement} body
 * @param {() => void} change
 */
export function keepingPlace(body, change) {
  const focused = [...body.querySelectorAll(reachable)].indexOf(/** @type {Element} */ (document.activeElement));
  const caret = document.activeElement instanceof HTMLInputElement ? document.activeElement.selectionStart : null;
  const scrolled = [...body.querySelectorAll(scrollable)].map(({ scrollLeft, scrollTop }) => ({
    scrollLeft,
    scrollTop,
  }));
  const opened = [...body.querySelectorAll('details')].map(({ open }) => open);
  change();
  body.querySelectorAll('details').forEach((details, at) => {
    details.open = opened[at] ?? details.open;
  });
  body.querySelectorAll(scrollable).forEach((one, at) => {
    Object.assign(one, scrolled[at] ?? {});
  });
  const next = focused < 0 ? undefined : [...body.querySelectorAll(reachable)][focused];
  if (!(next instanceof HTMLElement)) return;
  next.focus({ preventScroll: true });
  if (next instanceof HTMLInputElement && caret !== null && next.type === 'search')
    next.setSelectionRange(caret, caret);
}
