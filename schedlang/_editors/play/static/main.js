// The page: what is typed is asked of Python, and the answer is shown.
import { Chart } from "./chart.js";
import { Curves } from "./curves.js";
import { Fields, Sliders } from "./controls.js";
import { byId, element, say, short, whole } from "./dom.js";
import { Editor } from "./editor.js";
import { RUN, examples } from "./examples.js";
import { read, write } from "./link.js";
import { Python } from "./python.js";

const FIRST = examples[1];

let view = { start: null, stop: null };
let answer = null;
let asked = null; // the newest question, while Python has not answered it

const editor = new Editor(() => changed());
const chart = new Chart((start, stop) => {
  view = { start, stop };
  ask();
});
const sliders = new Sliders((start, end, text) => {
  if (text !== undefined) editor.replace(start, end, text);
  changed();
}, prepare);
const curves = new Curves((key, curve) => {
  if (key === asked?.key) chart.draft(curve);
});
const fields = new Fields(() => changed());
const python = new Python({
  ready: () => {
    byId("state").textContent = "";
    document.body.dataset.state = "ready";
  },
  failed: (message) => {
    byId("state").textContent = `Python stopped: ${message.split("\n").filter(Boolean).at(-1)}`;
    document.body.dataset.state = "failed";
  },
});

function changed() {
  view = { start: null, stop: null };
  byId("examples").value = "";
  ask();
}

function ask() {
  const request = { text: editor.text, ...fields.values() };
  const key = JSON.stringify(request);
  const mine = { key }; // a question of its own, also where only what is looked at is another part
  asked = mine;
  const draw = () => {
    if (mine === asked && answer?.curve) curves.draw(key, view.start ?? 0, view.stop ?? answer.curve.whole, chart.columns);
  };
  const tell = (told) => mine === asked && show(told); // else there is a newer question
  python.ask([...inCode([request], draw), { request: { ...request, ...view, columns: chart.columns }, tell }]);
  draw();
}

/** Questions for requests in JavaScript, which Python answers sooner than all else, as far as they aren't known. */
function inCode(requests, then = () => {}) {
  const keys = requests.map((request) => JSON.stringify(request)).filter((key) => !curves.knows(key));
  return keys.map((key) => ({
    request: { ...JSON.parse(key), only: "code" },
    tell: ({ code }) => {
      curves.keep(key, code);
      then();
    },
  }));
}

/** Know what the slider that may be moved next can make of the text, before it is. */
function prepare() {
  python.askIdly(inCode(sliders.others(editor.text).map((text) => ({ text, ...fields.values() }))));
}

function show(told) {
  answer = told;
  asked = null;
  editor.show(told);
  fields.show(told);
  sliders.show(told);
  chart.show(told);
  byId("whole").hidden = view.start === null;
  showPhases(told);
  showSnippet();
  history.replaceState(null, "", write({ text: editor.text, ...fields.values(true) }));
  const wrong = told.diagnostics.filter(({ severity }) => severity === "error").length;
  document.body.dataset.shown = editor.text;
  prepare();
  document.title = wrong ? "schedlang play" : `${editor.text.slice(0, 60)} – schedlang play`;
}

function showPhases({ curve, phases, phases_left_out: more }) {
  byId("phases").closest("section").classList.toggle("stale", curve === null);
  if (curve === null) return;
  const rows = phases.map(({ text, first, stop, start, end, piece, shape }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("code", { class: `phase piece-${piece % 8}` }, text), shape === "held" ? " (held)" : ""),
      element("td", {}, whole(first)),
      element("td", {}, stop === null ? "–" : whole(stop)),
      element("td", { title: start }, short(start, 6)),
      element("td", { title: end }, end === null ? "–" : short(end, 6)),
    ),
  );
  byId("phases").replaceChildren(...rows);
  byId("more-phases").hidden = !more;
  byId("more-phases").textContent = `and ${more} more`;
}

function showSnippet() {
  const form = byId("forms").querySelector(":checked").value;
  const text = answer?.snippets[form] ?? "";
  byId("snippet").textContent = text || (answer?.curve ? "Not one closed formula, or too long a one" : "Nothing to copy while the text has a mistake");
  byId("snippet").classList.toggle("stale", !text);
  byId("copy").disabled = !text;
}

function load({ text, run, params }) {
  editor.set(text ?? FIRST[1]);
  fields.set({ run: text === null ? { ...RUN, ...run } : run, params }); // a link with a text says all it means
  view = { start: null, stop: null };
  ask();
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
    return true;
  } catch {
    say("The browser did not allow to copy");
    return false;
  }
}

function copies(button, text, what) {
  const name = button.textContent;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(text(), what)) ? "Copied" : "Not allowed";
    setTimeout(() => (button.textContent = name), 1500);
  });
}

const select = byId("examples");
select.append(
  element("option", { value: "" }, "Examples"),
  ...examples.map(([name, text], index) => element("option", { value: index, title: text }, name)),
);
select.addEventListener("change", () => {
  const [, text, run = {}] = examples[select.value] ?? FIRST;
  fields.set({ run: { ...RUN, ...run } });
  editor.type(text);
});

copies(byId("link"), () => location.href, "Link");
copies(byId("copy"), () => byId("snippet").textContent, "Text");
byId("forms").addEventListener("change", showSnippet);
byId("log").addEventListener("change", ({ target }) => (chart.log = target.checked));
byId("whole").addEventListener("click", () => chart.zoomed(null, null));
// The link that was followed, as an answer that came meanwhile may have written another one.
addEventListener("hashchange", ({ newURL }) => load(read(new URL(newURL).hash)));
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (editor.fix()) event.preventDefault();
  } else if (event.key === "Escape") {
    if (view.start !== null) chart.zoomed(null, null);
    else editor.focus();
  }
});

load(read(location.hash));
if (matchMedia("(hover: hover)").matches) editor.focus(); // elsewhere a keyboard would cover the page
