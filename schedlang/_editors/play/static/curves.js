// Curves at once: schedules that Python has written in JavaScript, asked on a thread of their own.

const MOST = 500; // schedules that are kept

export class Curves {
  #worker = new Worker(new URL("./curve.js", import.meta.url), { type: "module" });
  #codes = new Map(); // null where there is none

  /** `drawn` is called with the key of a schedule, and the steps and values of its curve. */
  constructor(drawn) {
    this.#worker.onmessage = ({ data: { key, steps, values } }) => {
      if (values) drawn(key, { steps, values });
    };
  }

  knows(key) {
    return this.#codes.has(key);
  }

  keep(key, code) {
    if (this.#codes.size >= MOST) this.#codes.delete(this.#codes.keys().next().value);
    this.#codes.set(key, code);
  }

  /** Ask for the curve of a schedule from one step to another, if it is known. */
  draw(key, start, stop, columns) {
    const code = this.#codes.get(key);
    if (!code) return;
    const gaps = Math.min(columns, stop - start);
    const steps = Array.from({ length: gaps + 1 }, (_, index) => start + Math.round((index * (stop - start)) / gaps));
    this.#worker.postMessage({ key, code, steps });
  }
}
