// A schedule in JavaScript, off the page's thread: asked for its values.

const made = new Map();

async function schedule(code) {
  if (!made.has(code)) made.set(code, (await import(`data:text/javascript,${encodeURIComponent(code)}`)).schedule);
  return made.get(code);
}

onmessage = async ({ data: { key, code, steps } }) => {
  try {
    const value = await schedule(code);
    postMessage({ key, steps, values: steps.map((step) => value(step)) });
  } catch {
    postMessage({ key, steps, values: null }); // Python's answer is on its way
  }
};
