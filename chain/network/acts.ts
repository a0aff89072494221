/** @file What a network of authorities is put through, and what is printed of it. */
import { readFileSync } from "node:fs";
import { connectChain } from "../client/client.ts";
import { authorityChange, setStorageCall } from "../native/authority-set.ts";
import { Replay } from "../native/replay.ts";
import { publicKeyOf } from "../wallet/account.ts";
import { signerFromUri } from "../wallet/signer.ts";
import { type Finality, type Spread, watchFinality } from "./finality.ts";
import type { Network } from "./network.ts";
import type { NetworkNode } from "./node-process.ts";
import { blockOf, hashOf, heightOf } from "./rpc.ts";

/** A line for people. */
export type Print = (line: string) => void;

/** Finality follows within a few slots; a busy machine may take many. */
const FINAL_MS = 120_000;
/** So many slots without a new final block are no accident. */
const STALLED_SLOTS = 20;
/** Blocks between the call and the new voters. */
const CHANGE_BLOCKS = 10;
const RICH = "//Alice";

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const spreadText = ({ median, p95, most }: Spread): string =>
  `${seconds(median)} (95 of 100 within ${seconds(p95)}, longest ${seconds(most)})`;

/** The first node that runs. @throws Error */
function running(network: Network): NetworkNode {
  const node = network.nodes.find(({ isRunning }) => isRunning);
  if (node === undefined) throw new Error("no node runs");
  return node;
}

/** Blocks and finality of a network that is left alone. */
export async function measureFinality(
  network: Network,
  blocks: number,
  print: Print,
): Promise<Finality> {
  const node = running(network);
  await network.until(node, ({ final }) => final > 0, FINAL_MS);
  const found = await watchFinality(node.rpcPort, blocks);
  const { blockMs, finalMs, lag } = found;
  const { blockMs: slot } = network.options;
  print(
    `slot ${slot} ms: a block every ${spreadText(blockMs)}; final after ${spreadText(finalMs)}, ${lag.median} blocks behind (most ${lag.most})`,
  );
  return found;
}

/** Memory of each node's process. */
export function describeMemory(network: Network, print: Print): void {
  const sizes = network.nodes.flatMap(({ pid }) => {
    if (pid === null) return [];
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return [Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024];
  });
  print(`memory a node: ${sizes.map((mib) => `${mib.toFixed(0)} MiB`).join(", ")}`);
}

/** Waits for `more` final blocks at a node; gives the milliseconds. */
async function moreFinal(network: Network, node: NetworkNode, more: number): Promise<number> {
  const { final } = await heightOf(node.rpcPort);
  return network.until(node, (height) => height.final >= final + more, FINAL_MS);
}

/** One authority is killed: the others go on. */
export async function killOne(network: Network, print: Print): Promise<void> {
  const victim = network.nodes.at(-1);
  if (victim === undefined) return;
  await victim.kill();
  const ms = await moreFinal(network, running(network), 10);
  print(`one of ${network.nodes.length} killed: 10 more blocks final in ${seconds(ms)}`);
}

/** A second one is killed: blocks go on, finality must not. @throws Error when it does */
export async function killTwo(network: Network, print: Print): Promise<void> {
  const victim = network.nodes.at(-2);
  if (victim === undefined) return;
  await victim.kill();
  const node = running(network);
  // What was voted on before may yet become final.
  await network.until(node, ({ best, final }) => best - final >= 4, FINAL_MS);
  const before = await heightOf(node.rpcPort);
  await new Promise((done) => setTimeout(done, STALLED_SLOTS * network.options.blockMs));
  const after = await heightOf(node.rpcPort);
  if (after.final !== before.final)
    throw new Error(`with two of ${network.nodes.length} away block #${after.final} became final`);
  print(
    `two of ${network.nodes.length} killed: in ${STALLED_SLOTS} slots ${after.best - before.best} blocks were made and none became final (#${after.final}, ${after.best - after.final} behind)`,
  );
}

/** Both come back: finality goes on, all agree. */
export async function bringBack(network: Network, print: Print): Promise<void> {
  const stood = await heightOf(running(network).rpcPort);
  const began = performance.now();
  const away = network.nodes.filter(({ isRunning }) => !isRunning);
  await Promise.all(away.map(async (node) => network.run(node)));
  for (const node of network.nodes)
    await network.until(node, ({ final }) => final > stood.best, FINAL_MS);
  const hash = await network.agreed(stood.best);
  print(
    `both back: block #${stood.best} final on all ${network.nodes.length} after ${seconds(performance.now() - began)}, ${hash}`,
  );
}

/** Every final block so far is executed again in V8. @throws ChainError, Error at the first that differs */
export async function replayAll(network: Network, print: Print): Promise<number> {
  const { rpcPort } = running(network);
  const { final } = await heightOf(rpcPort);
  const replay = new Replay(network.genesis);
  let ms = 0;
  let extrinsics = 0;
  for (let number = 1; number <= final; number++) {
    const block = await blockOf(rpcPort, await hashOf(rpcPort, number));
    const began = performance.now();
    const root = replay.execute(block);
    ms += performance.now() - began;
    extrinsics += block.extrinsics.length;
    if (root !== block.header.stateRoot)
      throw new Error(
        `block #${number}: state root ${root} in V8, ${block.header.stateRoot} on the network`,
      );
  }
  print(
    `executed again in V8: ${final} blocks with ${extrinsics} extrinsics, ${final} equal state roots, ${(ms / final).toFixed(2)} ms a block`,
  );
  return final;
}

/** A node that the genesis does not name becomes an authority through the chain itself. */
export async function addAuthority(network: Network, print: Print): Promise<void> {
  const node = network.newcomer();
  await network.run(node);
  const began = performance.now();
  const authorities = [...network.nodes, node].map(({ authority }) => authority);
  const chain = await connectChain({ endpoints: [running(network).endpoint] });
  try {
    const head = await chain.head();
    const scheduledAt = head.number + CHANGE_BLOCKS;
    const now = await chain.authorities(head.hash);
    const call = setStorageCall(authorityChange({ ...now, authorities, scheduledAt }));
    await chain.submit(signerFromUri(RICH), { pallet: "Sudo", name: "sudo", args: [call] });
    await network.until(node, ({ final }) => final > scheduledAt + 2, FINAL_MS);
    const then = await chain.authorities();
    const wanted = authorities.map(({ grandpa }) => publicKeyOf(grandpa));
    if (then.voters.join() !== wanted.join())
      throw new Error(`the voters are ${then.voters.join()}`);
    const ms = performance.now() - began;
    print(
      `${node.name} added through the chain: ${then.voters.length} vote (set ${then.setId}) after ${seconds(ms)}, no node restarted`,
    );
  } finally {
    await chain.close();
  }
}

/** Of five authorities one may be away, and the new one is needed when another is. */
export async function killWithNewcomer(network: Network, print: Print): Promise<void> {
  const victim = network.nodes.at(-1);
  await victim?.kill();
  const ms = await moreFinal(network, running(network), 5);
  print(`one of the old killed, the new one votes: 5 more blocks final in ${seconds(ms)}`);
}
