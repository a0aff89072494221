/** @file A node's full screen on a real terminal, ended as the first word says: `end`, `crash`, `signal`; `key`: by a key that is pressed. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import { NodeScreen } from "../../src/neuron/screen.ts";
import { momentOf } from "../unit/view/moment.ts";

const [, , how = "end"] = process.argv;
const lifecycle = new Lifecycle();
lifecycle.stopOnSignals();
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const { now, losses } = momentOf();
const screen = new NodeScreen({ role: "miner", ss58: now.node.hotkey }, { lifecycle, print });
screen.follow({ seen: async () => ({ now, losses, windows: [], isFresh: true }) }, lifecycle);
screen.print("window 3: accepted");
if (how === "key") {
  // Until it goes on after a stop, or a signal ends it.
  const patience = setTimeout(() => undefined, 60_000);
  await once(process, "SIGCONT");
  clearTimeout(patience);
} else {
  await sleep(1500);
  execFileSync("stty", ["cols", "70", "rows", "18"], { stdio: ["inherit", "ignore", "ignore"] });
  await sleep(300);
}
if (how === "crash") throw new Error("planted");
if (how === "signal") process.kill(process.pid, "SIGTERM");
await sleep(100);
await lifecycle.close();
