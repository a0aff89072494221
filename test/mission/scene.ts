/** @file What a row looks at: a local network that runs, whoever looks at it, a newcomer's machine beside it. All of it ends with the test. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ApiPromise } from "@polkadot/api";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import { type Nodes, RunningLocalnet } from "../support/localnet.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";
import { Onlooker } from "./onlooker.ts";
import { openPublicClient } from "./public-client.ts";

/** A network that runs, and its two onlookers: our own client and a foreign one. */
export type Scene = {
  readonly net: RunningLocalnet;
  readonly nodes: Nodes;
  readonly onlooker: Onlooker;
  readonly api: ApiPromise;
};

/** A machine with an empty home, and the wallet that our own command made in it. */
export type Arrival = {
  readonly newcomer: Newcomer;
  readonly hotkey: Awaited<ReturnType<typeof openHotkey>>;
  readonly coldkey: Signer;
};

/** A busy machine takes minutes until all nodes are up. */
const START_MS = 400_000;

/** Starts `subnet localnet --json` with these words and looks at it once it runs. */
export async function openScene(t: TestContext, words: readonly string[]): Promise<Scene> {
  const net = new RunningLocalnet([...words, "--json"]);
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
  return { net, nodes, onlooker, api };
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
