/** @file `subnet publish`: makes a run of the owner's file, stores what it starts from, and names it on the chain. */
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey, readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import type { Told } from "../../src/command/command.ts";
import { confirm, type Terminal } from "../../src/command/confirm.ts";
import { aborted, Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { fetchBlob } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { encodeManifest, MAXIMUM_MANIFEST_BYTES } from "../../src/protocol/manifest-file.ts";
import { windowClock } from "../../src/protocol/window.ts";
import { manifestOf } from "../config/manifest.ts";
import { onChain } from "../config/of-manifest.ts";
import { additionalText } from "../owner/additional.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { requireOwner } from "../owner/keys.ts";
import { OWNER_KEYS, PLACE_KEYS } from "../owner/options.ts";
import { nextOf, type OwnerPlace, placeOf, requireFile } from "../owner/place.ts";
import { type Reached, reachPlace } from "../owner/reach.ts";
import { readRunNow } from "../owner/run-now.ts";
import { requireNeuron, serveOwner } from "../serve/serve.ts";
import type { PublishOptions } from "./options.ts";
import { judgeRun, seedOf } from "./prepare.ts";
import type { Seed } from "./seed.ts";
import { joiningBlocks, type Predecessor, predecessorOf } from "./start.ts";

/** Where results and progress go, and whom to ask. */
export type PublishParts = Told & {
  readonly print: (text: string) => void;
  readonly step: (text: string) => void;
  /** How far a long step is. */
  readonly far?: TellFar;
  /** Told what came of it, for programs. */
  readonly result?: (value: object) => void;
  readonly terminal: Terminal;
};

/** Everything that the steps of one publication share. */
type Publishing = {
  readonly options: PublishOptions;
  readonly place: OwnerPlace;
  readonly reached: Reached;
  readonly parts: PublishParts;
  readonly lifecycle: Lifecycle;
};

/** A run that was named. */
type Published = { readonly runId: Hex; readonly manifest: RunManifest };

const AXON_LIMITS = { limitBytes: MAXIMUM_MANIFEST_BYTES, timeoutMs: 3000 };

/** What may be published now. @throws AssayError run-live, bad-option */
async function predecessor({ options, reached, lifecycle }: Publishing): Promise<Predecessor> {
  const found = await readRunNow(reached.subnet, lifecycle.signal);
  return predecessorOf(reached.subnet.netuid, found, options.afterWindow);
}

/** Bytes that every node downloads before it can begin. */
function downloadBytes({ trainingBytes, heldOut, parameters }: Seed): number {
  return trainingBytes + heldOut.length + 4 * parameters;
}

/** Fixes the first block, as late as possible: the person may have thought about it. */
function manifestNow(
  { options, place, reached }: Publishing,
  seed: Seed,
  { notBefore }: Predecessor,
): RunManifest {
  const { subnet } = reached;
  const load = { bytes: downloadBytes(seed), neurons: options.neurons };
  const lead = options.startIn ?? joiningBlocks(place.config, load);
  return manifestOf(place.config, {
    netuid: subnet.netuid,
    startBlock: Math.max(subnet.blocks.current.number, notBefore) + lead,
    genesisCheckpoint: seed.genesisCheckpoint,
    dataManifest: seed.dataManifest,
    tokenizerFile: seed.tokenizerFile,
    pages: seed.pages,
  });
}

/** What is about to be named, for the person who is asked. */
function planText(manifest: RunManifest, seed: Seed, head: number): string {
  const { name, netuid, windows, startBlock } = manifest;
  const length = windowClock(manifest).blocksPerWindow;
  const many = windows === 0 ? "endless" : `${windows} windows`;
  return [
    `run ${name} of subnet ${netuid}: ${many} of ${length} blocks`,
    `${seed.parameters} parameters, ${seed.pages} pages of text`,
    `window 0 begins about block ${startBlock}, ${startBlock - head} blocks from now`,
  ].join("\n");
}

/** Stores the manifest, notes it in the folder, and names it in the identity. */
async function nameRun(
  { reached, place }: Publishing,
  { seed, coldkey, before }: { seed: Seed; coldkey: Signer; before: Predecessor },
  manifest: RunManifest,
): Promise<Published> {
  const { subnet, publications } = reached;
  const { chain, netuid, blobs } = subnet;
  const runId = await blobs.put(encodeManifest(manifest));
  const { name, startBlock, windows } = manifest;
  const { dataManifest, genesisCheckpoint } = seed;
  const genesis = chain.genesisHash;
  // The folder first: whoever reads the chain may ask for it at once.
  await publications.write({
    genesis,
    netuid,
    name,
    runId,
    startBlock,
    windows,
    dataManifest,
    genesisCheckpoint,
  });
  await subnet.blobs.enter?.(runId);
  const identity = await chain.identity(netuid);
  const additional = additionalText({ runId, ...before.text }, identity?.additional ?? null);
  await chain.setSubnetIdentity(coldkey, netuid, {
    name: place.config.name,
    ...identity,
    additional,
  });
  return { runId, manifest };
}

/** Whether the owner's node hands out the run already. */
async function isServed({ subnet }: Reached, hotkey: Signer, runId: Hex): Promise<boolean> {
  const axon = (await subnet.chain.neuronOf(subnet.netuid, hotkey.publicKey))?.axon;
  if (axon === null || axon === undefined) return false;
  return fetchBlob(axon, runId, AXON_LIMITS).then(
    (bytes) => bytes !== null,
    () => false,
  );
}

/** Says what was done and what comes next. */
async function tell(
  { options, place, reached, parts }: Publishing,
  { runId, manifest }: Published,
  hotkey: Signer,
): Promise<void> {
  const { print } = parts;
  const { startBlock, windows, name, netuid } = manifest;
  parts.result?.({ runId, name, netuid, startBlock, windows });
  print(`run ${runId}`);
  print(
    `window 0 begins at block ${startBlock}; the chain is at ${reached.subnet.blocks.current.number}`,
  );
  if (!options.serve && !(await isServed(reached, hotkey, runId))) {
    const keep = OWNER_KEYS;
    print("nobody hands it out yet, so nobody can join: start this now, and keep it running");
    print(`next: ${parts.line(nextOf("subnet serve", place, { keep }))}`);
  } else print(`next: ${parts.line(nextOf("subnet status", place, { keep: PLACE_KEYS }))}`);
}

/** Waits until the run before has begun: whoever joins earlier would join the one that is named. */
async function mayBeNamed(publishing: Publishing): Promise<void> {
  const { reached, parts, lifecycle } = publishing;
  const { blocks } = reached.subnet;
  const { namedFrom } = await predecessor(publishing);
  if (namedFrom <= blocks.current.number) return;
  parts.step(`waiting until the run before it has begun, at block ${namedFrom}`);
  await blocks.reached(namedFrom, lifecycle.signal);
}

/** Puts the owner's node up before the run is named, so that who waits for a run finds it served. */
async function serveFirst(
  { options, reached, parts, lifecycle }: Publishing,
  hotkey: Signer,
): Promise<void> {
  if (!options.serve) return;
  await serveOwner(reached, { hotkey, options, lifecycle, print: parts.print });
}

async function publish(publishing: Publishing, hotkey: Signer): Promise<void> {
  const { options, place, reached, parts, lifecycle } = publishing;
  const { subnet } = reached;
  await requireNeuron(subnet, hotkey, options.wallet);
  // What is in the way is said before minutes are spent on data.
  await predecessor(publishing);
  const { step, far, terminal, print } = parts;
  const seed = await seedOf(place.config, options, {
    blobs: subnet.blobs,
    step,
    ...(far && { far }),
    signal: lifecycle.signal,
  });
  const found = await subnet.chain.hyperparameters(subnet.netuid);
  await judgeRun(onChain(place.config, found), seed, { options, step });
  const first = manifestNow(publishing, seed, await predecessor(publishing));
  print(planText(first, seed, subnet.blocks.current.number));
  await confirm("Publish it?", { yes: options.yes, terminal });
  const coldkey = await unlockColdkey(options);
  await serveFirst(publishing, hotkey);
  await mayBeNamed(publishing);
  const before = await predecessor(publishing);
  const manifest = manifestNow(publishing, seed, before);
  const published = await nameRun(publishing, { seed, coldkey, before }, manifest);
  await tell(publishing, published, hotkey);
  process.send?.({ runId: published.runId });
  if (options.serve) await aborted(lifecycle.signal);
}

/**
 * Publishes a run of the owner's file.
 * @throws AssayError not-owner, run-live, declined, bad-option, data-unreadable, data-too-small, disk-full; ChainError
 */
export async function publishRun(options: PublishOptions, parts: PublishParts): Promise<void> {
  const { wallet: name, walletFolder: folder } = options;
  const place = placeOf(options);
  requireFile(place);
  const [owner, hotkey] = await Promise.all([
    readColdkeyPublic({ folder, name }),
    openHotkey({ folder, name, hotkey: options.hotkey }),
  ]);
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    // One that goes on to serve for days waits for a chain that is away, and says so.
    const serving = options.serve && { say: parts.step };
    const told = { line: parts.line, store: options, ...serving };
    const reach = { folder: options.folder, keep: true, ...told };
    const reached = await reachPlace(place, reach, lifecycle);
    await requireOwner(reached.subnet.chain, place.netuid, {
      coldkey: owner,
      walletFolder: folder,
    });
    await publish({ options, place, reached, parts, lifecycle }, hotkey);
  });
}
