// Reads a job as JSON from standard input: a scope, grammars by scope, injections, texts. Writes, for each text, the
// scopes of its pieces: [[line, start, end, [scope, …]], …].
const path = require("path");
const fs = require("fs");
const at = (name) => require(path.join(process.argv[2], "node_modules", name));
const { Registry, parseRawGrammar, INITIAL } = at("vscode-textmate");
const { loadWASM, OnigScanner, OnigString } = at("vscode-oniguruma");

async function main() {
  const job = JSON.parse(fs.readFileSync(0, "utf8"));
  await loadWASM(fs.readFileSync(path.join(process.argv[2], "node_modules/vscode-oniguruma/release/onig.wasm")));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new OnigScanner(patterns),
      createOnigString: (text) => new OnigString(text),
    }),
    loadGrammar: async (scope) =>
      scope in job.grammars ? parseRawGrammar(fs.readFileSync(job.grammars[scope], "utf8"), job.grammars[scope]) : null,
    getInjections: (scope) => job.injections[scope],
  });
  const grammar = await registry.loadGrammar(job.scope);
  const out = job.texts.map((text) => {
    let stack = INITIAL;
    return text.split(/\r\n|\n/).flatMap((line, number) => {
      const found = grammar.tokenizeLine(line, stack);
      stack = found.ruleStack;
      return found.tokens.map((each) => [number, each.startIndex, Math.min(each.endIndex, line.length), each.scopes]);
    });
  });
  process.stdout.write(JSON.stringify(out));
}

main();
