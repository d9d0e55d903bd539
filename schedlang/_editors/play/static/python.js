// Questions to the worker: one at a time, and of those that wait only the newest is asked.

export class Python {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #busy = true;
  #waiting = []; // the newest question, behind what can be told of it sooner
  #idle = []; // what is asked while there is nothing else to do
  #tell = null;

  /** `failed` is called with what went wrong, `ready` once. */
  constructor({ ready, failed }) {
    this.#worker.onmessage = ({ data }) => {
      this.#busy = false;
      if (data.ready) ready();
      else if (data.failed) failed(data.failed);
      else this.#tell(JSON.parse(data.answer));
      this.#next();
    };
    this.#worker.onerror = (event) => failed(event.message ?? "the worker did not start");
  }

  /** Questions, in their order, in place of those that wait: each a `request`, and what to `tell` its answer to. */
  ask(questions) {
    this.#waiting = questions;
    this.#next();
  }

  /** The same for when there is nothing else to be asked. */
  askIdly(questions) {
    this.#idle = questions;
    this.#next();
  }

  #next() {
    if (this.#busy) return;
    const question = this.#waiting.shift() ?? this.#idle.shift();
    if (!question) return;
    this.#busy = true;
    this.#tell = question.tell;
    this.#worker.postMessage(JSON.stringify(question.request));
  }
}
