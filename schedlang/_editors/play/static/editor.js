// The text field: a textarea whose letters are clear, over the same text in colours.
import { byId, element, sentence } from "./dom.js";

export class Editor {
  #field = byId("text");
  #shown = byId("shown");
  #mistakes = byId("mistakes");
  #marks = [];
  #before = "";

  constructor(changed) {
    this.#field.addEventListener("input", () => {
      this.#shift();
      changed();
    });
  }

  get text() {
    return this.#field.value;
  }

  /** Another text, as if typed: it can be undone. */
  type(text) {
    this.#field.focus();
    this.#field.select();
    if (!document.execCommand("insertText", false, text)) this.set(text);
  }

  set(text) {
    this.#field.value = text;
    this.#shift();
  }

  replace(start, end, text) {
    this.#field.setRangeText(text, start, end, "end");
    this.#shift();
  }

  focus() {
    this.#field.focus();
  }

  /** Show an answer: words, phases and mistakes in their colours, mistakes below with their fixes. */
  show({ tokens, phases, diagnostics, diagnostics_left_out: more }) {
    const own = diagnostics.filter((each) => each.about === "text");
    this.#marks = tokens.map(([start, end, kind]) => ({ start, end, name: kind }));
    for (const { span, piece } of phases) {
      if (span) this.#marks.push({ start: span[0], end: span[1], name: `phase piece-${piece % 8}` });
    }
    for (const { start, end, severity } of own) {
      if (start !== null) this.#marks.push({ start, end: Math.max(end, start + 1), name: severity });
    }
    this.#paint();
    this.#mistakes.replaceChildren(...own.map((each) => mistake(each, (text) => this.type(text))));
    if (more) this.#mistakes.append(element("li", { class: "quiet" }, `… and ${more} more`));
  }

  /** Apply the first fix; whether there was one. */
  fix() {
    const button = this.#mistakes.querySelector("button");
    button?.click();
    return button !== null;
  }

  /** Keep the colours where they were, until the answer to the new text comes. */
  #shift() {
    const [old, now] = [this.#before, this.text];
    let head = 0;
    while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
    let tail = 0;
    while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
    const moved = (place) => (place <= head ? place : place >= old.length - tail ? place + now.length - old.length : head);
    for (const mark of this.#marks) {
      mark.start = moved(mark.start);
      mark.end = Math.max(mark.start, moved(mark.end));
    }
    this.#before = now;
    this.#paint();
  }

  #paint() {
    const text = this.text;
    const cuts = new Set([0, text.length]);
    const marks = this.#marks.filter((mark) => mark.start < mark.end && mark.start < text.length);
    for (const { start, end } of marks) cuts.add(start).add(Math.min(end, text.length));
    const places = [...cuts].sort((one, other) => one - other);
    const pieces = places.slice(1).map((end, index) => {
      const start = places[index];
      const here = marks.filter((mark) => mark.start <= start && mark.end >= end);
      const inner = here.filter(isPhase).reduce((best, mark) => (best && size(best) <= size(mark) ? best : mark), null);
      const names = here.filter((mark) => !isPhase(mark) || mark === inner).map((mark) => mark.name);
      return names.length ? element("span", { class: names.join(" ") }, text.slice(start, end)) : text.slice(start, end);
    });
    const atEnd = this.#marks.find((mark) => mark.start >= text.length && /error|warning/.test(mark.name));
    this.#shown.replaceChildren(...pieces, element("span", { class: atEnd ? `${atEnd.name} end` : "end" }, "\u00a0"));
    this.#before = text;
  }
}

const isPhase = ({ name }) => name.startsWith("phase");
const size = ({ start, end }) => end - start;

/** A mistake as an item of a list, with a button if there is a fix. */
export function mistake({ code, severity, message, hint, fixed, example }, apply) {
  const item = element("li", { class: severity }, element("p", {}, ...sentence(message)));
  const help = element("p", { class: "hint" });
  if (hint) help.append(element("span", {}, ...sentence(hint)));
  if (fixed !== null) help.append(element("button", { type: "button", class: "fix", onclick: () => apply(fixed) }, "Fix"));
  if (help.childNodes.length) item.append(help);
  if (example !== null) item.append(element("p", { class: "example" }, "for example: ", element("code", {}, example)));
  item.append(element("span", { class: "code" }, code));
  return item;
}
