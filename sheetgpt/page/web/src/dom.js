/** Small helpers to make parts of the page; text is always text, never markup. */

/**
 * An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [properties] `on...` are listeners, names with a dash attributes
 * @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (name.includes("-") || name === "role") element.setAttribute(name, String(value));
    else Reflect.set(element, name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The element with an id that the page surely has. @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page lacks #${id}.`);
  return element;
}

/** A button; it is called by its word and by what it does. @param {string} text @param {string} title @param {() => void} onclick */
export function button(text, title, onclick) {
  const word = text.replace(/[^\p{L} ]/gu, "").trim();
  return make("button", { type: "button", textContent: text, title, "aria-label": word ? `${word}: ${title}` : title, onclick });
}
