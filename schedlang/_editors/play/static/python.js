// Questions to the worker: one at a time, and of those that wait only the newest is asked.

export class Python {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #busy = true;
  #waiting = null;

  /** `told` is called with each answer, `failed` with what went wrong, `ready` once. */
  constructor({ ready, told, failed }) {
    this.#worker.onmessage = ({ data }) => {
      this.#busy = false;
      if (data.ready) ready();
      else if (data.failed) failed(data.failed);
      else if (!this.#waiting) told(JSON.parse(data.answer));
      this.#next();
    };
    this.#worker.onerror = (event) => failed(event.message ?? "the worker did not start");
  }

  ask(request) {
    this.#waiting = request;
    if (!this.#busy) this.#next();
  }

  #next() {
    if (!this.#waiting) return;
    this.#busy = true;
    this.#worker.postMessage(JSON.stringify(this.#waiting));
    this.#waiting = null;
  }
}
