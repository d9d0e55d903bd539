// What to start from: a run, and texts with what they need to be told of it besides.
import { DECLARED } from "./run.js"; // which is written when the page is put together

export const RUN = { ...DECLARED, total_steps: "10000", steps_per_epoch: "100", tokens_per_step: "500k" };

export const examples = [
  ["Cosine", "cosine"],
  ["Warm-up, then cosine", "warmup(5%) then cosine"],
  ["In numbers", "linear(0, 3e-4) for 500 then cosine(3e-4, 3e-5)"],
  ["In words", "linear from 0 to 3e-4 for 2% then hold until 80% then linear to 0"],
  ["Step by step", "step_fixed(0.1, [0.01, 0.02]) then interval(0.5, every=100)"],
  ["ImageNet", "warmup(5ep, end=1) * step_fixed(0.1, [30ep, 60ep, 80ep])", { total_steps: "90ep", base: "0.1" }],
  ["Decreasing steps", "step_decreasing(0.1, every=1%, start=1e-3, end=1e-6)"],
  ["Restarts", "(cosine(1, 0) for 10ep) repeat 5", { total_steps: "50ep" }],
  ["SGDR", "cosine(1e-3, 1e-5) for 1000 repeat 4 stretch 2 scale 0.5", { total_steps: "15000" }],
  ["A run of runs", "(linear(0, 1) for 10% then cosine) over 10ep repeat"],
  ["Warm-up, stable, decay", "warmup(min(2%, 2000)) then hold until 100% - 10% then one_minus_sqrt to 0"],
  ["With a floor", "max(cosine(3e-4, 0), 1e-5)"],
  ["Key frames", "keyframes(0 @ 0, 3e-4 @ 5%, 3e-4 @ 80%, 0 @ 100%)"],
  ["DrQ-v2", "linear(1.0, 0.1, 100000) then hold", { total_steps: "200k" }],
  ["Once an epoch", "cosine every 1ep"],
  ["Skipped", "warmup(500) then cosine(1, 0, 100%) skip 500"],
  ["Noam", "base * min((step + 1) ** -0.5, (step + 1) * 4000 ** -1.5)", { total_steps: "20k" }],
  ["With names", "warmup(w) then cosine(peak, floor) where w = 500M tok, peak = 3e-4, floor = peak / 10"],
];
