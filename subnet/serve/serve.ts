/** @file `subnet serve`: hands out what the owner published, and keeps its address on the chain, until stopped. */
import { isPrivateAddress } from "../../src/network/address.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import type { Status } from "../../src/api/types.ts";
import type { Told } from "../../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import { type Axon, serveAxon } from "../../src/network/server.ts";
import { OWNER_KEYS } from "../owner/options.ts";
import { parseRunText } from "../../src/protocol/run-text.ts";
import { nextOf, placeOf } from "../owner/place.ts";
import type { Publication, PublicationFolder } from "../owner/publication.ts";
import { type Reached, reachPlace } from "../owner/reach.ts";
import type { ServeOptions } from "./options.ts";
import { publishAxon } from "./publish-axon.ts";

/** What serving needs besides the subnet. */
export type ServeParts = {
  readonly hotkey: Signer;
  readonly host: string;
  /** 0: the port of last time, else any free one. */
  readonly port: number;
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

/** Listens on the wanted port; on that of last time only if nobody took it since. @throws AssayError port-in-use, ... */
async function listen(
  { subnet, publications }: Reached,
  { hotkey, host, port }: ServeParts,
): Promise<Axon> {
  const content = {
    blobs: subnet.blobs,
    status: statusOf(publications, hotkey),
    digests: () => [],
    checkpoint: () => null,
    record: () => null,
    verdict: () => null,
  };
  const last = publications.port();
  if (port !== 0 || last === null) return serveAxon(content, { host, port });
  try {
    return await serveAxon(content, { host, port: last });
  } catch (error) {
    if (!isAssayError(error, "port-in-use")) throw error;
    return serveAxon(content, { host, port });
  }
}

/** Serves the folder's blobs as the owner's node; returns once others can find it, or will. @throws AssayError not-registered, port-in-use */
export async function serveOwner(reached: Reached, parts: ServeParts): Promise<Axon> {
  const { subnet, publications } = reached;
  const { hotkey, host, lifecycle, print } = parts;
  const { chain, blocks, netuid } = subnet;
  const axon = await listen(reached, parts);
  lifecycle.onClose("axon", () => axon.close());
  await publications.keepPort(axon.port);
  print(`serving ${publications.path} on ${host}:${axon.port}`);
  if (isPrivateAddress(host) && !(await chain.isDevelopmentChain()))
    print(
      `${host} is a private address: nodes elsewhere do not ask there; name a public one with --axon-host`,
    );
  const published = publishAxon(
    hotkey,
    { netuid, axon: { ip: host, port: axon.port } },
    { chain, blocks, signal: lifecycle.signal, say: print },
  ).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("address", () => published);
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
    const reached = await reachPlace(place, { folder: options.folder, keep: true }, lifecycle);
    await requireNeuron(reached.subnet, hotkey, name);
    const { axonHost: host, axonPort: port } = options;
    const axon = await serveOwner(reached, { hotkey, host, port, lifecycle, print });
    process.send?.({ port: axon.port });
    const next = told.line(nextOf("subnet publish", place, { keep: OWNER_KEYS }));
    const none = `nothing is published yet; next: ${next}`;
    await tellRuns(reached, { print, none, signal: lifecycle.signal });
  });
}
