/** @file What a row looks at: a local network that runs, whoever looks at it, a newcomer's machine beside it. All of it ends with the test. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import { type Nodes, RunningLocalnet } from "../support/localnet.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";
import { doorOf, logOf, named, type Started, startWorker, until } from "../workers/network.ts";
import { Onlooker } from "./onlooker.ts";
import { openPublicClient } from "./public-client.ts";
import { atMost, exactly, type Goal } from "./report.ts";
import { workersAsked } from "./size.ts";

/** A network that runs, and its two onlookers: our own client and a foreign one. */
export type Scene = {
  readonly net: RunningLocalnet;
  readonly nodes: Nodes;
  readonly onlooker: Onlooker;
  readonly api: ApiPromise;
  /** What the first validator's workers come to, where the row is played with some: goals, and numbers. */
  readonly byWorkers: () => {
    readonly goals: readonly Goal[];
    readonly numbers: Readonly<Record<string, unknown>>;
  };
};

/** A machine with an empty home, and the wallet that our own command made in it. */
export type Arrival = {
  readonly newcomer: Newcomer;
  readonly hotkey: Awaited<ReturnType<typeof openHotkey>>;
  readonly coldkey: Signer;
};

/** A busy machine takes minutes until all nodes are up. */
const START_MS = 400_000;

/** Validator that has them. */
const JUDGE = "validator-1";

/** A local network; where the row is played with workers, its validators let some in. */
function started(words: readonly string[]): RunningLocalnet {
  if (workersAsked() > 0) process.env["ASSAY_WORKERS"] = "yes";
  const net = new RunningLocalnet([...words, "--json"]);
  delete process.env["ASSAY_WORKERS"];
  return net;
}

/** Starts the workers that were asked for. */
async function staff(t: TestContext, nodes: Nodes): Promise<Scene["byWorkers"]> {
  const count = workersAsked();
  if (count === 0) return () => ({ goals: [], numbers: {} });
  const judge = named(nodes, JUDGE);
  await until("the door for workers", () => doorOf(judge));
  const workers = Array.from({ length: count }, (_, at) => startWorker(judge, `worker-${at + 1}`));
  t.after(() => workers.forEach(({ child }) => child.kill("SIGKILL")));
  return () => workersSeen(judge, workers);
}

/** Evaluations that workers say they made, and what their validator says of them. */
function workersSeen(
  judge: Nodes["nodes"][number],
  workers: readonly Started[],
): ReturnType<Scene["byWorkers"]> {
  const evaluations = workers.map(({ out }) =>
    [...out.matchAll(/(\d+) evaluations for the validator/g)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    ),
  );
  const late = [...logOf(judge).matchAll(/too late to vote/g)].length;
  const refused = [...logOf(judge).matchAll(/gives wrong losses and is refused/g)].length;
  return {
    goals: [
      exactly(
        "every worker measured",
        evaluations.every((count) => count > 0),
        true,
      ),
      atMost("workers refused", refused, 0),
      atMost("windows in which their validator voted too late", late, 0),
    ],
    numbers: { evaluationsByWorker: evaluations },
  };
}

/** Starts `subnet localnet --json` with these words and looks at it once it runs. */
export async function openScene(t: TestContext, words: readonly string[]): Promise<Scene> {
  const net = started(words);
  t.after(async () => {
    net.child.kill("SIGTERM");
    await net.exited;
    rmSync(net.output, { recursive: true, force: true });
  });
  const nodes = await net.nodes(START_MS);
  const onlooker = await Onlooker.connect(nodes);
  t.after(() => onlooker.close());
  const api = await openPublicClient(nodes.endpoint);
  t.after(() => api.disconnect());
  const byWorkers = await staff(t, nodes);
  return { net, nodes, onlooker, api, byWorkers };
}

/** The same, and a machine of somebody who is not there yet; its wallet has this name. */
export async function openSceneWithNewcomer(
  t: TestContext,
  words: readonly string[],
  name: string,
): Promise<Scene & Arrival> {
  const newcomer = new Newcomer();
  t.after(() => newcomer.leave());
  const [scene] = await Promise.all([
    openScene(t, words),
    newcomer.run("miner", "wallet", "--wallet", name),
  ]);
  newcomer.endpoint = scene.nodes.endpoint;
  const wallet = { folder: join(newcomer.home, ".bittensor", "wallets"), name };
  const [hotkey, coldkey] = await Promise.all([
    openHotkey({ ...wallet, hotkey: "default" }),
    openColdkey(wallet),
  ]);
  return { ...scene, newcomer, hotkey, coldkey };
}
