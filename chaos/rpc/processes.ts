/**
 * @file A validator and a miner as processes, as people run them, behind two endpoints of their chain of which one fails: judged by the
 * chain's own record.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RpcConnection } from "../../chain/client/rpc.ts";
import { Ledger } from "../real/ledger.ts";
import { type Network, openNetwork } from "../real/network.ts";
import { FaultProxy, type Fault } from "./proxy.ts";
import { type SignedCall, signedCalls } from "./record.ts";
import { ChainView } from "./view.ts";

/** How it is played. */
export type ProcessPlay = {
  readonly windowMs: number;
  /** Where its folder is made. */
  readonly output: string;
  readonly say: (text: string) => void;
};

/** What was found. */
export type PlayedProcesses = {
  /** Tempos that were whole, and those of them in which the validator's weights came. */
  readonly tempos: number;
  readonly weighed: number;
  /** Windows, and those of them whose parameters went on. */
  readonly windows: number;
  readonly trained: number;
  /** Signed extrinsics, and how many of them repeat one of the same tempo. */
  readonly extrinsics: number;
  readonly duplicates: number;
  /** Reads of blocks that were not final then. */
  readonly notFinal: number;
  readonly causes: readonly string[];
};

type Endpoint = { readonly proxy: FaultProxy; readonly view: ChainView };
/** Blocks of a tempo, whose weights count in the epoch after it. */
type Tempo = { readonly first: number; readonly last: number };

const FAULTS: readonly Fault[] = [{ kind: "drop" }, { kind: "half-open" }, { kind: "stale" }];
const CAST = { validators: 1, miners: 1, attack: "none" } as const;
const TIMEOUT_MS = 30_000;
/** Windows through which a fault lasts, and through which both endpoints are well after it. */
const FAULT_WINDOWS = 3;
const REST_WINDOWS = 2;
/** Calls that set weights, now or when they are revealed. */
const WEIGHTS = /^subtensorModule\.(?:set|commit).*Weights$/;

/** Plays the faults, the first on the endpoint that the nodes use, the next on the one that they have gone over to, and so on. */
export async function playProcesses({
  windowMs,
  output,
  say,
}: ProcessPlay): Promise<PlayedProcesses> {
  const folder = join(output, `rpc-processes-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const endpoints: Endpoint[] = [];
  let behind = "";
  const reachedBy = async (endpoint: string): Promise<string> => {
    behind = endpoint;
    for (let count = 0; count < 2; count++) {
      const view = await ChainView.open(endpoint, 0);
      endpoints.push({ view, proxy: await FaultProxy.open(view) });
    }
    return endpoints.map(({ proxy }) => proxy.endpoint).join(",");
  };
  try {
    const net = await openNetwork({ folder, windowMs, set: [], step: say, cast: CAST, reachedBy });
    const found = await played(net, { endpoints, behind, say });
    if (found.causes.length === 0) rmSync(folder, { recursive: true, force: true });
    else say(`logs, chain and state: ${folder}`);
    return found;
  } finally {
    for (const { proxy, view } of endpoints) {
      await proxy.close();
      view.close();
    }
  }
}

type Scene = {
  readonly endpoints: readonly Endpoint[];
  /** The chain itself. */
  readonly behind: string;
  readonly say: (text: string) => void;
};

async function played(net: Network, scene: Scene): Promise<PlayedProcesses> {
  const { endpoints, say } = scene;
  const ledger = new Ledger(net);
  const connection = await RpcConnection.open(scene.behind, TIMEOUT_MS);
  const causes: string[] = [];
  try {
    const begun = net.subnet.blocks.current.number;
    await ledger.through(1);
    for (const [index, fault] of FAULTS.entries()) {
      const [hit, other] = index % 2 === 0 ? endpoints : endpoints.toReversed();
      if (hit === undefined || other === undefined)
        throw new RangeError("two endpoints are needed");
      say(`endpoint ${1 + (index % 2)}: ${fault.kind}`);
      const asked = other.proxy.asked.length;
      hit.proxy.set(fault);
      await ledger.through(ledger.now + FAULT_WINDOWS - 1);
      const more = other.proxy.asked.length - asked;
      say(`the other one was asked ${more} times meanwhile`);
      if (more === 0) causes.push(`${fault.kind}: nobody went over to the other endpoint`);
      hit.proxy.set({ kind: "none" });
      await ledger.through(ledger.now + REST_WINDOWS - 1);
    }
    const tempos = await temposOf(net, begun);
    const last = net.subnet.blocks.current.number;
    const calls = await signedCalls(connection, { first: begun + 1, last });
    const found = judged(net, { ledger, tempos, calls });
    const notFinal = endpoints.flatMap(({ proxy }) => proxy.notFinal);
    causes.push(...found.causes, ...notFinal.map((read) => `read before it was final: ${read}`));
    for (const [name, code] of await net.close())
      if (code !== 0) causes.push(`${name} ended with ${code ?? "a signal"}`);
    const report = { ...found, notFinal: notFinal.length, causes };
    for (const line of linesOf(report)) say(line);
    return report;
  } finally {
    connection.close();
    await net.close();
  }
}

/** Whole tempos from block `begun` on, by the epochs that were. */
async function temposOf({ subnet }: Network, begun: number): Promise<readonly Tempo[]> {
  const { chain, netuid, blocks } = subnet;
  const epochs: number[] = [];
  for (let at = blocks.current.number; ;) {
    const epoch = await chain.lastEpoch(netuid, await chain.blockHash(at));
    if (epoch <= begun) break;
    epochs.unshift(epoch);
    at = epoch - 1;
  }
  // An epoch runs before the extrinsics of its block, which are the first of the next tempo.
  return epochs.slice(1).map((next, index) => ({ first: epochs[index] ?? 0, last: next - 1 }));
}

function judged(
  net: Network,
  {
    ledger,
    tempos,
    calls,
  }: {
    readonly ledger: Ledger;
    readonly tempos: readonly Tempo[];
    readonly calls: readonly SignedCall[];
  },
): Omit<PlayedProcesses, "notFinal"> {
  const validators = net.members.filter(({ kind }) => kind === "validator");
  const isIn = ({ first, last }: Tempo, { block }: SignedCall): boolean =>
    block >= first && block <= last;
  const isWeighed = (tempo: Tempo): boolean =>
    validators.every(({ hotkey }) =>
      calls.some(
        (call) => isIn(tempo, call) && call.account === hotkey.ss58 && WEIGHTS.test(call.name),
      ),
    );
  const unweighed = tempos.filter((tempo) => !isWeighed(tempo));
  const tempoOf = (call: SignedCall): number => tempos.findIndex((tempo) => isIn(tempo, call));
  const counted = new Map<string, number>();
  for (const call of calls) {
    const one = `${call.account} ${call.method} ${tempoOf(call)}`;
    counted.set(one, (counted.get(one) ?? 0) + 1);
  }
  const duplicates = calls.length - counted.size;
  const trained = ledger.rows.filter(({ thetaDigest }) => thetaDigest !== null);
  const isLastWhole = ledger.rows.at(-1)?.accepted.length === CAST.miners;
  const gone = net.nodes.filter((node) => !node.process.runs);
  return {
    tempos: tempos.length,
    weighed: tempos.length - unweighed.length,
    windows: ledger.rows.length,
    trained: trained.length,
    extrinsics: calls.length,
    duplicates,
    causes: [
      ...unweighed.map(
        ({ first, last }) => `no weights in the tempo of blocks ${first} to ${last}`,
      ),
      ...(tempos.length === 0 ? ["no tempo was whole"] : []),
      ...(duplicates > 0 ? [`${duplicates} extrinsics repeat another of their tempo`] : []),
      ...(isLastWhole ? [] : ["the last window is not whole again"]),
      ...(ledger.difference === null ? [] : [ledger.difference]),
      ...gone.map(({ name }) => `${name} ended by itself`),
    ],
  };
}

function linesOf(found: PlayedProcesses): string[] {
  const { tempos, weighed, windows, trained, extrinsics, duplicates, notFinal, causes } = found;
  return [
    `weights in ${weighed} of ${tempos} whole tempos`,
    `${trained} of ${windows} windows went on`,
    `${extrinsics} extrinsics signed, ${duplicates} of them twice; ${notFinal} reads of blocks that were not final`,
    ...causes.map((cause) => `FAILED: ${cause}`),
  ];
}
