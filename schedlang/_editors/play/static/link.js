// A link carries the text and the run, behind its `#`.

/** What a link says: a text (or null), settings, parameters. */
export function read(hash) {
  const told = { text: null, run: Object.create(null), params: Object.create(null) };
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (name === "text") told.text = value;
    else if (name.startsWith("params.")) told.params[name.slice("params.".length)] = value;
    else told.run[name] = value;
  }
  return told;
}

export function write({ text, run, params }) {
  const told = new URLSearchParams({ text, ...run });
  for (const [name, value] of Object.entries(params)) told.set(`params.${name}`, value);
  return `#${told}`;
}
