// Elements without strings of HTML: nothing that an answer holds can become markup, and no style attribute is written.

/** An element with attributes and children; strings become text, null and false children are left out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child != null && child !== false));
  return made;
}

/** A labelled list to choose from; `options` are pairs of a value and its words. */
export function choice(label, options, selected, changed) {
  const list = element(
    "select",
    { onchange: (event) => changed(event.target.value) },
    options.map(([value, words]) => element("option", { value, selected: value === selected }, words)),
  );
  return element("label", { class: "choice" }, label, list);
}
