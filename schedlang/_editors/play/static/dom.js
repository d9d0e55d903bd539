// Small helpers. Nothing here, or anywhere on the page, writes HTML: texts come from links that anybody can make.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (or, for `on…`, listeners) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A sentence in which `this` is code. */
export function sentence(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/** A value as the language writes it, short: 3e-4, 0.25, 10000. */
export function short(value, digits = 4) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-2 || size >= 1e6 ? value.toExponential(digits - 1) : value.toPrecision(digits);
  const [mantissa, exponent] = text.split("e");
  const plain = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent ? `${plain}e${Number(exponent)}` : plain;
}

export const whole = (step) => step.toLocaleString("en-US").replaceAll(",", "\u202f");

export function say(text) {
  byId("said").textContent = text;
}
