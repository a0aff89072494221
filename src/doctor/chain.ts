/** @file The chain as this machine sees it: reached, the right one, making blocks, and agreeing with the clock. */
import { z } from "zod";
import type { NextCommand } from "../../base/fault.ts";
import { hidden } from "../../base/hidden.ts";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { ChainError } from "../../chain/errors.ts";
import { NETWORKS } from "../command/endpoints.ts";
import type { Subnet } from "../run/subnet.ts";
import { after, fine, type Finding, type Patient, thrown, unknown, wrong } from "./finding.ts";
import { listenerOn, listenerText } from "./listener.ts";
import { lively } from "./own-chain.ts";

/** A chain without a new block for so long, or for four of its own blocks, stands still. */
const STILL_MS = 15_000;
const STILL_BLOCKS = 4;
/** Blocks from whose times the time of one follows. */
const BLOCKS_BACK = 8;
/** Peers refuse what was signed more than 10 s ago or 2 s ahead; a block is up to its own time old. */
const CLOCK_MS = 5000;
const OTHER_MS = 4000;

/** How fast blocks come: milliseconds of one as seen here; null: fewer than two came. */
export type Pulse = { readonly blockMs: number | null; readonly still: boolean };

/** The port of an endpoint on this machine, or null. */
function localPort(endpoint: string): number | null {
  const url = URL.parse(endpoint);
  const isHere = ["127.0.0.1", "localhost", "[::1]"].includes(url?.hostname ?? "");
  return isHere ? Number(url?.port ?? 0) : null;
}

/** A chain that could not be reached. A process of this machine that was merely stopped is told to go on. */
export function unreachedFinding({ options }: Patient, error: unknown): Finding {
  const endpoints = options.endpoint.split(",");
  const holders = endpoints.flatMap((one) => listenerOn(localPort(one) ?? 0) ?? []);
  const stopped = holders.find((one) => one.stopped);
  if (stopped !== undefined)
    return wrong(
      ["chain", "chain-stalled"],
      `The chain at ${hidden(options.endpoint)} answers nobody: ${listenerText(stopped)} was stopped.`,
      { system: ["kill", "-CONT", String(stopped.pid)] },
    );
  if (error instanceof ChainError && error.code === "wrong-genesis")
    return { ...thrown("network", error), code: "wrong-network" };
  return thrown("chain", error, { again: {} });
}

/** The chain is not the one that this node was last in a run on. */
export function networkFinding(
  { options, start }: Patient,
  { genesisHash, endpoint }: Pick<ChainClient, "genesisHash" | "endpoint">,
  remembered: string | null,
): Finding {
  const fits = remembered === null || remembered === genesisHash;
  if (fits || options.genesis !== undefined)
    return fine("network", `${endpoint} serves chain ${genesisHash.slice(0, 18)}`);
  return wrong(
    ["network", "wrong-network"],
    `${endpoint} serves chain ${genesisHash.slice(0, 18)}, but this node's run is on chain ${remembered.slice(0, 18)}: name its endpoint with --endpoint, or, if the change is meant, this chain with --genesis.`,
    start({ genesis: genesisHash }),
  );
}

/** Milliseconds of a block by the chain's own times; null where it keeps none. */
async function nominalMs({ chain, blocks }: Subnet): Promise<number | null> {
  const { number, hash } = blocks.current;
  const back = Math.min(BLOCKS_BACK, number - 1);
  if (back < 1) return null;
  const [now, then] = await Promise.all([
    chain.timestampMs(hash),
    chain.timestampMs(await blocks.hashOf(number - back)),
  ]).catch(() => [null, null]);
  return now === null || then === null ? null : (now - then) / back;
}

/** Watches until two blocks came, or it is clear that none does. */
export async function pulseOf(subnet: Subnet, signal: AbortSignal): Promise<Pulse> {
  const { blocks } = subnet;
  const limit = Math.max(STILL_MS, STILL_BLOCKS * ((await nominalMs(subnet)) ?? 0));
  const next = async (block: number): Promise<number | null> => {
    const over = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    const came = await blocks.reached(block + 1, over).catch(() => null);
    signal.throwIfAborted();
    return came === null ? null : came.number;
  };
  const first = await next(blocks.current.number);
  if (first === null) return { blockMs: null, still: true };
  const beganMs = performance.now();
  const second = await next(first);
  const blockMs = second === null ? null : (performance.now() - beganMs) / (second - first);
  return { blockMs, still: false };
}

/** An endpoint that serves the same chain and makes blocks; null where none is known. */
async function livingEndpoint(subnet: Subnet, { options }: Patient): Promise<string | null> {
  const used = subnet.chain.endpoint;
  const known = [...options.endpoint.split(","), ...Object.values(NETWORKS)];
  const stuck = subnet.blocks.current.number;
  for (const endpoint of new Set(known.filter((one) => hidden(one) !== used))) {
    try {
      const expectedGenesis = subnet.chain.genesisHash;
      const chain = await connectChain({
        endpoints: [endpoint],
        expectedGenesis,
        timeoutMs: OTHER_MS,
      });
      try {
        if ((await chain.head()).number > stuck) return endpoint;
      } finally {
        await chain.close();
      }
    } catch {
      // No help from there.
    }
  }
  return null;
}

/** Whether the chain makes blocks. */
export async function stalledFinding(
  subnet: Subnet,
  pulse: Pulse,
  patient: Patient,
): Promise<Finding> {
  const { number } = subnet.blocks.current;
  const every = pulse.blockMs === null ? "" : `, one in ${(pulse.blockMs / 1000).toFixed(1)} s`;
  if (!pulse.still) return fine("blocks", `block ${number} is final${every}`);
  const text = `The chain at ${subnet.chain.endpoint} stands still at block ${number}.`;
  const living = await livingEndpoint(subnet, patient);
  if (living !== null)
    return wrong(["blocks", "chain-stalled"], text, patient.start({ endpoint: living }));
  const port = localPort(subnet.chain.endpoint) ?? 0;
  const fix = lively(listenerOn(port), port) ?? [after(number + 1)];
  return wrong(["blocks", "chain-stalled"], text, ...fix);
}

const dateSchema = z
  .string()
  .transform((text) => Date.parse(text))
  .pipe(z.number());

/** How far this machine's clock is ahead of a peer's, in milliseconds; null: it does not say. */
async function aheadOfPeer(url: string): Promise<number | null> {
  try {
    const before = Date.now();
    const response = await fetch(url, { signal: AbortSignal.timeout(OTHER_MS), redirect: "error" });
    await response.body?.cancel();
    const date = dateSchema.safeParse(response.headers.get("date"));
    // The header has whole seconds: half of one is its mean.
    return date.success ? (before + Date.now()) / 2 - (date.data + 500) : null;
  } catch {
    return null;
  }
}

/** How far this machine's clock is ahead of the chain's newest block, and how old that may be; null: the chain keeps no time. */
async function aheadOfChain({ chain, blocks }: Subnet, { blockMs }: Pulse): Promise<number | null> {
  // The blocks of a development chain count time and do not keep it.
  if (await chain.isDevelopmentChain()) return null;
  const next = blocks.current.number + 1;
  await blocks.reached(next, AbortSignal.timeout(STILL_MS)).catch(() => undefined);
  const at = await chain.timestampMs(blocks.current.hash).catch(() => null);
  if (at === null) return null;
  const ahead = Date.now() - at;
  // Final blocks are some blocks old by nature.
  return ahead > 0 ? Math.max(0, ahead - STILL_BLOCKS * (blockMs ?? 0)) : ahead;
}

/** The command that sets a machine's clock by others'. */
function clockCommand(): NextCommand {
  if (process.platform === "darwin") return { system: "sudo sntp -sS time.apple.com".split(" ") };
  if (process.platform === "win32") return { system: "w32tm /resync".split(" ") };
  return { system: "sudo timedatectl set-ntp true".split(" ") };
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * Whether this machine's clock is right: by the chain's newest block, and on a development chain by what peers say.
 * @param peers addresses of axons of the subnet
 */
export async function clockFinding(
  subnet: Subnet,
  pulse: Pulse,
  peers: readonly string[],
): Promise<Finding> {
  const check = "clock";
  const byChain = pulse.still ? null : await aheadOfChain(subnet, pulse);
  const told = byChain === null ? await Promise.all(peers.map(aheadOfPeer)) : [];
  const ahead = byChain ?? medianOf(told.filter((one) => one !== null));
  if (ahead === undefined)
    return unknown(
      check,
      "nobody to compare the clock with: no chain that keeps time makes blocks, and no peer answers",
    );
  const whose = byChain === null ? "the peers'" : "the chain's";
  const seconds = (Math.abs(ahead) / 1000).toFixed(1);
  if (Math.abs(ahead) <= CLOCK_MS) return fine(check, `${seconds} s off ${whose}`);
  return wrong(
    [check, "clock-off"],
    `This machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} ${whose}, so that peers refuse what this node signs.`,
    clockCommand(),
  );
}
