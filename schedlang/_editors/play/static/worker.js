// Python, off the page's thread: one JSON request in, one JSON answer out.
import { loadPyodide } from "./vendor/pyodide/pyodide.mjs";

const here = (path) => new URL(path, import.meta.url).href;

async function start() {
  const packed = fetch(here("./python.zip")).then((response) => response.arrayBuffer());
  const python = await loadPyodide({ indexURL: here("./vendor/pyodide/") });
  python.unpackArchive(await packed, "zip", { extractDir: "/python" });
  python.runPython("import sys; sys.path.insert(0, '/python')");
  return python.pyimport("schedlang._editors.play.answers").answer;
}

const answer = start();
answer.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

onmessage = async ({ data }) => {
  try {
    postMessage({ answer: (await answer)(data) });
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
