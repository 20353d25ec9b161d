/** @typedef {Node | string | number | null | undefined | readonly (Node | string | number | null | undefined)[]} Content */

/**
 * An element with attributes and content. `null`, `undefined` and `false` attributes are left out; functions are
 * listeners by their event's name (`click`). Never styles: the page's policy allows none in attributes.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>} [attributes]
 * @param {...Content} content
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...nodes(content));
  return made;
}

/**
 * @param {readonly Content[]} content
 * @returns {(Node | string)[]}
 */
function nodes(content) {
  return content.flatMap((one) => {
    if (one === null || one === undefined) return [];
    if (Array.isArray(one)) return nodes(one);
    return [one instanceof Node ? one : String(one)];
  });
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}
