// The curve, drawn by uPlot.
import { byId, element, short, whole } from "./dom.js";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Chart {
  #place = byId("chart");
  #readout = byId("readout");
  #plot = null;
  #told = null;
  #log = false;

  /** `zoomed` is called with the first and the last step to show, or with nulls for all. */
  constructor(zoomed) {
    this.zoomed = zoomed;
    new ResizeObserver(() => this.#resize()).observe(this.#place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    this.#place.addEventListener("keydown", (event) => this.#key(event));
    this.#place.addEventListener("blur", () => this.#plot?.setCursor({ left: -10, top: -10 }));
  }

  set log(log) {
    this.#log = log;
    this.#draw();
  }

  /** How many columns of the picture can be told apart. */
  get columns() {
    return Math.max(100, Math.min(600, Math.round(this.#place.clientWidth / 2)));
  }

  show(told) {
    this.#place.classList.toggle("stale", told.curve === null);
    if (told.curve === null) {
      if (this.#told) this.#idle("The last curve without a mistake");
      else this.#place.dataset.empty = "No curve yet: the text or the run has a mistake";
      return;
    }
    delete this.#place.dataset.empty;
    this.#told = told;
    this.#draw();
  }

  /** Show a curve before all else is known of it. */
  draft(curve) {
    const [start, stop] = [curve.steps[0], curve.steps.at(-1)];
    this.#told = { ...this.#told, curve: { ...this.#told.curve, ...curve, start, stop } };
    this.#draw();
  }

  #draw() {
    if (!this.#told) return;
    const { curve } = this.#told;
    const positive = curve.values.some((value) => value > 0);
    byId("log").disabled = !positive;
    const log = this.#log && positive;
    const values = log ? curve.values.map((value) => (value > 0 ? value : null)) : curve.values;
    const step = document.activeElement === this.#place ? this.#step() : null;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(log, step), [curve.steps, values], this.#place);
    this.#place.setAttribute("aria-label", this.#summary());
    this.#place.points = { steps: curve.steps, values: curve.values }; // for whoever is curious, tests for instance
    this.#read(null);
  }

  #summary() {
    const { steps, values } = this.#told.curve;
    const [low, high] = [values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values))];
    return (
      `Curve from step ${steps[0]} to ${steps.at(-1)}: begins at ${short(values[0])}, ends at ${short(values.at(-1))}; ` +
      `highest ${short(values[high])} at step ${steps[high]}, lowest ${short(values[low])} at step ${steps[low]}`
    );
  }

  #size() {
    const width = this.#place.clientWidth;
    return { width, height: Math.round(Math.max(240, Math.min(400, width * 0.42))) };
  }

  #resize() {
    if (this.#plot && this.#place.clientWidth) this.#plot.setSize(this.#size());
  }

  #options(log, step) {
    const { curve } = this.#told;
    const font = `12px ${style("--sans")}`;
    const axis = { stroke: style("--quiet"), font, ticks: { show: false }, grid: { stroke: style("--line"), width: 1 } };
    const tall = (self, labels) => {
      if (!labels) return 40;
      self.ctx.save();
      self.ctx.font = `${12 * devicePixelRatio}px ${style("--sans")}`;
      const widest = Math.max(...labels.map((label) => self.ctx.measureText(label ?? "").width));
      self.ctx.restore();
      return Math.ceil(widest / devicePixelRatio) + 16;
    };
    return {
      ...this.#size(),
      padding: [14, 24, 0, 4],
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [curve.start, curve.stop] },
        y: { distr: log ? 3 : 1, range: (_, low, high) => (log ? [low / 1.2, high * 1.2] : room(low, high)) },
      },
      axes: [
        { ...axis, grid: { show: false }, space: 80, size: 30, gap: 8, values: (_, steps) => steps.map((step) => (Number.isInteger(step) ? whole(step) : "")) },
        { ...axis, grid: { ...axis.grid, filter: log ? decades : (_, ticks) => ticks }, space: 44, size: tall, values: (_, ticks) => ticks.map((tick) => (tick === null ? null : short(tick, 5))) },
      ],
      series: [{}, { stroke: style("--accent"), width: 2, pxAlign: 0, points: { show: false } }],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        points: { size: 9, fill: style("--accent"), stroke: style("--paper"), width: 2 },
        bind: { dblclick: () => () => this.zoomed(null, null) },
      },
      hooks: {
        ready: [(self) => this.#point(self, step)],
        drawClear: [(self) => this.#bands(self)],
        setCursor: [(self) => this.#read(self.cursor.idx)],
        setSelect: [(self) => this.#select(self)],
      },
    };
  }

  /** The phases as bands behind the curve, each with a bar in its colour above it. */
  #bands(self) {
    const { ctx, bbox } = self;
    ctx.save();
    for (const { first, stop, piece } of this.#told.marks) {
      const left = Math.max(bbox.left, self.valToPos(first, "x", true));
      const right = Math.min(bbox.left + bbox.width, self.valToPos(stop, "x", true));
      ctx.fillStyle = style(`--piece-${piece % 8}`);
      ctx.globalAlpha = 0.09;
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.globalAlpha = 1;
      ctx.fillRect(left, bbox.top, right - left, 3 * devicePixelRatio);
    }
    ctx.restore();
  }

  /** Tell step, value and phase of a point; of none, what can be done. */
  #read(index) {
    if (index == null || this.#told.curve.values[index] == null) {
      this.#idle("Point at the curve for values, drag to zoom");
      return;
    }
    const [step, value] = [this.#told.curve.steps[index], this.#told.curve.values[index]];
    const row = this.#told.phases.findLast(({ first, stop }) => first <= step && (stop === null || step < stop));
    const parts = [element("span", {}, `step ${whole(step)}`), element("strong", {}, String(value))];
    if (row) parts.push(element("code", { class: `phase piece-${row.piece % 8}` }, row.text));
    this.#readout.replaceChildren(...parts);
  }

  #idle(text) {
    this.#readout.replaceChildren(element("span", { class: "quiet" }, text));
  }

  #select(self) {
    const { left, width } = self.select;
    if (width < 4) return;
    const [from, to] = [left, left + width].map((place) => Math.round(self.posToVal(place, "x")));
    this.#zoom(from, to);
  }

  /** Show what is between two steps, as far as it is within the run. */
  #zoom(from, to) {
    const end = this.#told.curve.whole;
    const width = Math.max(2, to - from);
    const start = Math.max(0, Math.min(from, end - width));
    if (width < end) this.zoomed(start, start + width);
    else this.zoomed(null, null);
  }

  /** The step that is read; null if none is. */
  #step() {
    const index = this.#plot?.cursor.idx;
    return index == null ? null : this.#plot.data[0][index];
  }

  /** Read the drawn point that is next to a step, if that is in the picture. */
  #point(plot, step) {
    const { steps, values, start, stop } = this.#told.curve;
    if (step === null || step < start || step > stop) return;
    const index = plot.valToIdx(step);
    plot.setCursor({ left: plot.valToPos(steps[index], "x"), top: plot.valToPos(values[index], "y") });
  }

  #key(event) {
    if (!this.#plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const { steps, start, stop } = this.#told.curve;
    const now = this.#plot.cursor.idx ?? 0;
    const far = Math.max(1, Math.round(steps.length / 20));
    const place = {
      ArrowRight: now + 1,
      ArrowLeft: now - 1,
      PageDown: now + far,
      PageUp: now - far,
      Home: 0,
      End: steps.length - 1,
    }[event.key];
    if (place !== undefined) {
      this.#point(this.#plot, steps[Math.max(0, Math.min(steps.length - 1, place))]);
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      const factor = event.key === "-" ? 2 : 0.5;
      const fixed = this.#step() ?? (start + stop) / 2;
      this.#zoom(...[start, stop].map((step) => Math.round(fixed + (step - fixed) * factor)));
    } else return;
    event.preventDefault();
  }
}

/** Of many ticks on a logarithmic axis those at powers of ten, for lines across the picture. */
function decades(_, ticks) {
  const powers = ticks.filter((tick) => Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9);
  return powers.length < 3 ? ticks : ticks.map((tick) => (powers.includes(tick) ? tick : null));
}

/** Some room above and below the values; none below 0 if all are above it. */
function room(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const below = low - 0.06 * span;
  return [low >= 0 && (below < 0 || low === high) ? 0 : below, high + 0.06 * span];
}
