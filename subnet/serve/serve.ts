/** @file `subnet serve`: hands out what the owner published, and keeps its address on the chain, until stopped. */
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import type { Status } from "../../src/api/types.ts";
import type { Told } from "../../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { openLog } from "../../src/command/log.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Axon } from "../../src/network/listening.ts";
import { serveAxon } from "../../src/network/server.ts";
import { type AxonServer, servePublicly } from "../../src/neuron/published-axon.ts";
import { OWNER_KEYS } from "../owner/options.ts";
import { parseRunText } from "../../src/protocol/run-text.ts";
import { nextOf, placeOf } from "../owner/place.ts";
import type { Publication, PublicationFolder } from "../owner/publication.ts";
import { type Reached, reachPlace } from "../owner/reach.ts";
import type { ServeOptions } from "./options.ts";

/** What serving needs besides the subnet. */
export type ServeParts = {
  readonly hotkey: Signer;
  readonly options: AxonServer["options"];
  readonly lifecycle: Lifecycle;
  readonly print: (text: string) => void;
};

/** What the node says about itself; the newest publication is looked for at every question. */
function statusOf(publications: PublicationFolder, hotkey: Signer): () => Status {
  return () => {
    const published = newest(publications);
    return {
      role: "owner",
      hotkey: hotkey.publicKey,
      runId: published?.runId ?? null,
      window: null,
      thetaDigest: null,
      rulesDigest: null,
      device: "none",
      heldOut: null,
      progress: null,
      activity:
        published === null
          ? "has nothing to hand out yet"
          : `hands out manifest, data and first parameters of ${published.name}`.slice(0, 200),
    };
  };
}

/** The newest publication; one that is being written or is damaged counts as none here: whoever reads it next says so. */
function newest(publications: PublicationFolder): Publication | null {
  try {
    return publications.read();
  } catch (error) {
    if (isAssayError(error, "state-corrupt")) return null;
    throw error;
  }
}

/** Brings what was published last to where others read it. @throws AssayError store-failed */
async function enterNewest({ subnet, publications }: Reached): Promise<void> {
  const published = newest(publications);
  if (published !== null) await subnet.blobs.enter?.(published.runId);
}

/** Claims the folder for as long as it is served. @throws AssayError bad-option when another process serves it */
async function claim(publications: PublicationFolder, lifecycle: Lifecycle): Promise<void> {
  try {
    lifecycle.onClose("claim", await publications.claim());
  } catch (cause) {
    if (!isAssayError(cause, "state-in-use") || cause.fault.code !== "state-in-use") throw cause;
    const { pid } = cause.fault;
    const who = pid === undefined ? "Another process" : `Process ${pid}`;
    throw new AssayError(
      {
        code: "bad-option",
        detail: `${who} serves ${publications.path} already`,
        next: "Leave it running, or stop it first; see whether others find it.",
        run: { ours: "subnet status", keep: ["netuid", "endpoint", "genesis"] },
      },
      { cause },
    );
  }
}

/**
 * Serves the folder's blobs as the owner's node; returns once it listens: its address follows on the chain.
 * @throws AssayError bad-option, port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveOwner(reached: Reached, parts: ServeParts): Promise<Axon> {
  const { subnet, publications } = reached;
  const { hotkey, options, lifecycle, print } = parts;
  await claim(publications, lifecycle);
  const server = {
    options,
    signer: hotkey,
    say: print,
    log: openLog({ name: "serve", level: "silent" }),
    signal: lifecycle.signal,
    state: publications,
  };
  const content = {
    blobs: subnet.blobs,
    status: statusOf(publications, hotkey),
    digests: () => [],
    checkpoint: () => null,
    record: () => null,
    verdict: () => null,
  };
  await enterNewest(reached);
  const axon = await servePublicly(subnet, server, (at) => serveAxon(content, at), lifecycle);
  print(`serving ${publications.path} on ${options.axonHost}:${axon.port}`);
  return axon;
}

/** @throws AssayError not-registered */
export async function requireNeuron(
  { chain, netuid }: Reached["subnet"],
  hotkey: Signer,
  wallet: string,
): Promise<void> {
  // Also refuses a subnet that does not exist.
  const hotkeys = await chain.hotkeys(netuid);
  if (!hotkeys.includes(hotkey.publicKey))
    throw new AssayError({ code: "not-registered", hotkey: hotkey.ss58, netuid, wallet });
}

/** What is handed out, and whether the chain names it: a folder may be older than its chain. */
async function runLine({ subnet, publications }: Reached, none: string): Promise<string> {
  const published = newest(publications);
  if (published === null) return none;
  const { runId, name, startBlock } = published;
  const named = parseRunText(await subnet.chain.subnetIdentity(subnet.netuid));
  const line = `run ${runId.slice(0, 18)} (${name}), from block ${startBlock} on`;
  return named.runId === runId ? line : `${line}; the chain does not name it`;
}

/** Says what is handed out, now and whenever that changes. */
async function tellRuns(
  reached: Reached,
  { print, none, signal }: { print: ServeParts["print"]; none: string; signal: AbortSignal },
): Promise<void> {
  const { blocks } = reached.subnet;
  for (let told = ""; !signal.aborted;) {
    const line = await runLine(reached, none);
    if (line !== told) await enterNewest(reached);
    if (line !== told) print(line);
    told = line;
    await blocks.reached(blocks.current.number + 1, signal);
  }
}

/** Serves until stopped. @throws AssayError not-registered, port-in-use, address-foreign; ChainError */
export async function runServe(
  options: ServeOptions,
  told: Told & { readonly print: ServeParts["print"] },
): Promise<void> {
  const { print } = told;
  const place = placeOf(options);
  const { wallet: name, walletFolder: folder, hotkey: which } = options;
  const hotkey = await openHotkey({ folder, name, hotkey: which });
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const reached = await reachPlace(
      place,
      { folder: options.folder, keep: true, say: print, store: options },
      lifecycle,
    );
    await requireNeuron(reached.subnet, hotkey, name);
    const axon = await serveOwner(reached, { hotkey, options, lifecycle, print });
    process.send?.({ port: axon.port });
    const next = told.line(nextOf("subnet publish", place, { keep: OWNER_KEYS }));
    const none = `nothing is published yet; next: ${next}`;
    await tellRuns(reached, { print, none, signal: lifecycle.signal });
  });
}
