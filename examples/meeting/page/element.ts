type Attributes = Record<string, string | boolean>;

/** Creates an element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);

  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'boolean') {
      made.toggleAttribute(name, value);
    } else {
      made.setAttribute(name, value);
    }
  }

  made.append(...children);

  return made;
}

/** An element of index.html. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}
