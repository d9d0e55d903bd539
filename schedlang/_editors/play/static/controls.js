// The sliders for the numbers in the text, and the fields for the run and its parameters.
import { byId, element } from "./dom.js";
import { mistake } from "./editor.js";
import { RUN } from "./examples.js";

/** `steps_per_epoch` as "Steps per epoch". */
const labelled = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");

const STILL = 600; // milliseconds without a change after which a word is taken to be whole

export class Sliders {
  #place = byId("numbers");
  #rows = [];
  #dragged = null;
  #near = null; // the slider that may be moved next

  /** `changed` is called with start, end and text of what a slider writes, `near` when one may be moved soon. */
  constructor(changed, near) {
    this.changed = changed;
    this.near = near;
  }

  /** What the slider that may be moved next can make of the text, its nearest choices first. */
  others(text) {
    const { range, number } = this.#rows[this.#near] ?? {};
    if (!number) return [];
    const [start, end] = number.span;
    const away = (index) => Math.abs(index - range.value);
    const order = [...number.choices.keys()].sort((one, other) => away(one) - away(other));
    return order.map((index) => text.slice(0, start) + number.choices[index] + text.slice(end));
  }

  show({ numbers, tokens }) {
    if (this.#dragged !== null) return;
    const broken = !numbers.length && tokens.some(([, , kind]) => kind === "number");
    this.#place.classList.toggle("waiting", broken);
    if (broken) return; // half a text: wait for the other half
    while (this.#rows.length > numbers.length) this.#rows.pop().row.remove();
    while (this.#rows.length < numbers.length) this.#rows.push(this.#row(this.#rows.length));
    numbers.forEach((number, index) => {
      const { label, range, output } = this.#rows[index];
      this.#rows[index].number = { ...number, span: [...number.span] };
      label.textContent = number.label;
      range.max = number.choices.length - 1;
      range.value = number.position;
      this.#tell(range, output, number, number.choices[number.position]);
    });
    if (!numbers.length) this.#place.dataset.empty = "No numbers in the text";
    else delete this.#place.dataset.empty;
  }

  #row(index) {
    const label = element("label", { for: `number-${index}` });
    const range = element("input", { type: "range", id: `number-${index}`, min: 0, step: 1 });
    const output = element("output", { for: `number-${index}` });
    range.addEventListener("input", () => this.#move(index));
    for (const event of ["pointerenter", "focus"]) {
      range.addEventListener(event, () => {
        this.#near = index;
        this.near();
      });
    }
    range.addEventListener("change", () => {
      this.#dragged = null;
      this.changed();
    });
    const row = element("div", { class: "slider" }, label, range, output);
    this.#place.append(row);
    return { row, label, range, output, number: null };
  }

  #tell(range, output, { unit }, text) {
    output.textContent = unit.length > 1 ? `${text} ${unit}` : text + unit;
    range.setAttribute("aria-valuetext", output.textContent);
  }

  #move(index) {
    const { range, output, number } = this.#rows[index];
    const text = number.choices[range.value];
    const [start, end] = number.span;
    const longer = text.length - (end - start);
    this.#dragged = index;
    for (const { number: other } of this.#rows) {
      if (other.span[0] > start) other.span = other.span.map((place) => place + longer);
    }
    number.span = [start, end + longer];
    this.#tell(range, output, number, text);
    this.changed(start, end, text);
  }
}

export class Fields {
  #place = byId("run");
  #rows = new Map();
  #changed;
  #values = { run: Object.create(null), params: Object.create(null) }; // a parameter may be called `constructor`
  #visible = ["total_steps", "base"];
  #later = 0;

  constructor(changed) {
    this.#changed = changed;
    this.#arrange([]);
  }

  /** What is set, as texts; with `shown`, only what the page shows. */
  values(shown = false) {
    const { run, params } = this.#values;
    if (!shown) return { run: { ...run }, params: { ...params } };
    const pick = (given, prefix) =>
      Object.fromEntries(Object.entries(given).filter(([name, value]) => this.#visible.includes(prefix + name) && value));
    return { run: pick(run, ""), params: pick(params, "params.") };
  }

  /** Set everything anew: what is not given is empty. */
  set({ run, params = {} }) {
    const known = Object.entries(run).filter(([name]) => Object.hasOwn(RUN, name));
    this.#values.run = Object.assign(Object.create(null), Object.fromEntries(known));
    this.#values.params = Object.assign(Object.create(null), params);
    for (const [name, { input }] of this.#rows) input.value = this.#value(name);
  }

  show({ needs, params, diagnostics }) {
    const seen = this.#visible.filter((name) => name.startsWith("params."));
    const free = params?.map((name) => `params.${name}`) ?? seen;
    clearTimeout(this.#later);
    const arrange = (names) => {
      this.#visible = ["total_steps", "base", ...needs, ...names];
      this.#arrange(diagnostics);
    };
    arrange(free.filter((name) => seen.includes(name) || this.#value(name)));
    if (this.#visible.length < 2 + needs.length + free.length) {
      this.#later = setTimeout(() => arrange(free), STILL); // half a word is a name, too: wait until it is whole
    }
  }

  #value(name) {
    return (name.startsWith("params.") ? this.#values.params[name.slice(7)] : this.#values.run[name]) ?? "";
  }

  #keep(name, value) {
    if (name.startsWith("params.")) this.#values.params[name.slice(7)] = value;
    else this.#values.run[name] = value;
    this.#changed();
  }

  #arrange(diagnostics) {
    for (const [name, { row }] of this.#rows) {
      if (!this.#visible.includes(name)) {
        row.remove();
        this.#rows.delete(name);
      }
    }
    for (const [index, name] of this.#visible.entries()) {
      if (!this.#rows.has(name)) this.#rows.set(name, this.#row(name));
      const { row, input, list } = this.#rows.get(name);
      const own = diagnostics.filter(({ about }) => about === name);
      const write = (text) => {
        input.value = text;
        input.focus();
        this.#keep(name, text);
      };
      list.replaceChildren(...own.map((each) => mistake(each, write)));
      if (own.some(({ severity }) => severity === "error")) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      const there = this.#place.children[index];
      if (there !== row) this.#place.insertBefore(row, there ?? null); // moved only if it must: that costs the focus
    }
  }

  #row(name) {
    const id = `field-${name}`;
    const parameter = name.startsWith("params.");
    const label = element("label", { for: id }, parameter ? name.slice(7) : labelled(name));
    if (parameter) label.classList.add("parameter");
    const input = element("input", { id, type: "text", spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-mistakes` });
    if (name === "base") input.placeholder = "1"; // what it is if nobody says
    input.value = this.#value(name);
    input.addEventListener("input", () => this.#keep(name, input.value));
    const list = element("ul", { id: `${id}-mistakes`, "aria-live": "polite" });
    return { row: element("div", { class: "field" }, label, input, list), input, list };
  }
}
