/**
 * @file A worker as a process of the bench: `node worker-side.ts URL NAME SIZE COUNT`. The product's own requests, measuring and serving.
 * Says to the process that started it, when it begins and whenever it is asked, what one forward pass takes of its core's time, and what it
 * took in all; it is asked by "said", by "passes" (those are timed once more before), or by "next", after which it stands in the other window.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { DeskClient, deskAt } from "../../validator/worker/desk-client.ts";
import { WindowMeasurer } from "../../validator/worker/measure.ts";
import { Service } from "../../validator/worker/serve.ts";
import { Tempo } from "../../validator/worker/tempo.ts";
import { nodeOf, sizeOf, stageOf, standingIn, THETA, WINDOWS } from "./stage.ts";

const [url = "", name = "", size = "nano", count = "64"] = process.argv.slice(2);
// Whoever started it may be ended by force.
process.once("disconnect", () => process.exit());
const stage = stageOf(sizeOf(size), Number(count));
const node = await nodeOf(stage);
const { run } = stage;

/** Passes that are timed together, how often, and passes that warm up before. */
const PASSES = 4;
const TIMES = 8;
const WARM_UP = 4;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** CPU time of one pass over as many sequences as a candidate is tried on, in milliseconds. */
async function passMs(): Promise<number> {
  const tokens = run.heldOutTokens(run.manifest.evaluation.noiseSequences);
  for (let n = 0; n < WARM_UP; n++) await node.engine.losses({ tokens });
  const found: number[] = [];
  while (found.length < TIMES) {
    const start = cpuMs();
    for (let n = 0; n < PASSES; n++) await node.engine.losses({ tokens });
    found.push((cpuMs() - start) / PASSES);
  }
  // The middle one: between them this process asks for work, which is none of a pass.
  return found.toSorted((a, b) => a - b)[TIMES / 2] ?? Number.NaN;
}

let pass = await passMs();
let next = Promise.withResolvers<void>();
const say = (): void => void process.send?.({ passMs: pass, cpuMs: cpuMs() });
async function answer(asked: unknown): Promise<void> {
  if (asked === "next") next.resolve();
  if (asked === "passes") pass = await passMs();
  say();
}
process.on("message", (asked) => void answer(asked));
say();

const network = { netuid: run.manifest.netuid, genesis: run.genesis };
const place = await deskAt(url, network, signerFromUri("//Alice"));
const introduction = { runId: run.runId, device: "cpu", lossesPerSecond: 1, memoryBytes: 1 };
const client = new DeskClient(place, name, () => introduction);
const { signal } = node.neuron;
// A validator that has just begun lets nobody in for two seconds: what it let in before it may have forgotten.
for (let tries = 0; ; tries++)
  try {
    await client.hello(signal);
    break;
  } catch (error) {
    if (tries === 20) throw error;
    await sleep(200);
  }
const tempo = new Tempo();
for (let at = 0; ; at++) {
  const window = WINDOWS[at % WINDOWS.length] ?? 0;
  const over = new AbortController();
  next = Promise.withResolvers();
  void next.promise.then(() => over.abort());
  const measurer = new WindowMeasurer(standingIn(node, window), window, run.manifest);
  const silent = { theta: THETA, say: () => undefined };
  await new Service({ client, measurer, tempo, ...silent, signal }).until(over.signal);
}
