/** @file One cast: validators, honest miners and strategies play some windows in one process. */
import { heldOutLoss } from "../src/run/held-out.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { WindowRecord } from "../src/protocol/record.ts";
import type { Material } from "../simulation/material.ts";
import type { SimulatedNode } from "../simulation/node.ts";
import { type ValidatorNode, World } from "../simulation/world.ts";
import { Crew } from "./tools/crew.ts";
import type { LeagueStrategy, Member } from "./tools/strategy.ts";
import { drawsFor } from "./tools/work.ts";

/** Who plays, and for how long. */
export type CastSpec = {
  readonly name: string;
  readonly seed: number;
  readonly windows: number;
  /** By name; each takes as many uids as it needs. They get the uids before the honest miners'. */
  readonly strategies: readonly string[];
  readonly honest: number;
  /** Of 100 windows, how many each worker misses: cheats too, and all uids of one worker the same. */
  readonly missPercent: number;
  /** Window in which one more honest miner registers; null: none. */
  readonly newcomer: number | null;
};

/** What became of a uid. */
export type Row = {
  readonly strategy: string;
  readonly uid: number;
  /** Share of the compute of all. */
  readonly compute: number;
  /** Share of what was paid to all, in the whole run and by window. */
  readonly share: number;
  readonly shares: readonly number[];
  /** How many windows ended in each verdict of the validator with most stake. */
  readonly verdicts: Readonly<Record<string, number>>;
};

/** What became of a cast. */
export type CastResult = {
  readonly rows: readonly Row[];
  /** Held-out loss at the end, in nats per token; null where losses are drawn and nothing is trained. */
  readonly loss: number | null;
  /** Windows in which an accepted set moved the parameters. */
  readonly moved: number;
};

/** A uid while it plays: whitewashers have several nodes. */
type Player = { readonly strategy: string; readonly nodes: SimulatedNode[] };

const STAKES_RAO = [600_000n * 10n ** 9n, 400_000n * 10n ** 9n] as const;
const HELD_OUT_SEQUENCES = 512;
/** Name of the strategy that others are measured against. */
export const HONEST = "honest";

/** One cast while it is set up. */
class Table {
  readonly world: World;
  readonly validators: readonly ValidatorNode[];
  readonly players: Player[] = [];
  readonly #known: ReadonlyMap<string, LeagueStrategy>;
  readonly #spec: CastSpec;
  /** Filled before the first window begins. */
  readonly #victims: Hex[] = [];

  constructor(spec: CastSpec, material: Material, known: ReadonlyMap<string, LeagueStrategy>) {
    this.#spec = spec;
    this.#known = known;
    this.world = new World({ seed: spec.seed, material });
    this.validators = STAKES_RAO.map((_, index) =>
      this.world.validator({ name: `validator ${index}` }),
    );
    for (const name of spec.strategies) this.#add(name);
    for (let i = 0; i < spec.honest; i++)
      for (const node of this.#add(HONEST)) this.#victims.push(node.hotkey);
  }

  #named(name: string): LeagueStrategy {
    const found = this.#known.get(name);
    if (found === undefined)
      throw new Error(`no strategy "${name}"; there are ${[...this.#known.keys()].join(", ")}`);
    return found;
  }

  /** The uids of a strategy; the nodes with which they begin. */
  #add(name: string): SimulatedNode[] {
    const strategy = this.#named(name);
    const hotkeys: Hex[] = [];
    const crew = new Crew(hotkeys);
    return Array.from({ length: strategy.uids ?? 1 }, (_, index) => {
      const member: Member = {
        index,
        crew,
        validators: this.validators.map(({ node }) => node.hotkey),
        victims: this.#victims,
      };
      const lives = Math.ceil(this.#spec.windows / (strategy.lifeWindows ?? Infinity)) || 1;
      const place = this.players.length;
      const nodes = Array.from({ length: lives }, (_life, life) =>
        this.#node(strategy, member, `${name} at ${place}, life ${life}`),
      );
      this.players.push({ strategy: name, nodes });
      for (const node of nodes) hotkeys.push(node.hotkey);
      return nodes.slice(0, 1);
    }).flat();
  }

  #node(strategy: LeagueStrategy, member: Member, name: string): SimulatedNode {
    const { serves } = strategy;
    return this.world.miner({
      name,
      strategy: (miner) => {
        const mine = strategy.mine(miner, member);
        return async (window) => (this.#misses(miner, member, window) ? null : mine(window));
      },
      ...(serves !== undefined && { serves: (_address, to) => serves(member, to) }),
    });
  }

  #misses(miner: Participant, { crew }: Member, window: number): boolean {
    const [worker] = crew.hotkeys;
    return drawsFor(miner, window, "miss", worker).below(100) < this.#spec.missPercent;
  }

  /** Seats and starts everybody, and plans who comes later. */
  open(): void {
    const { world, validators, players } = this;
    const first = players.flatMap(({ nodes }) => nodes.slice(0, 1));
    world.seat([
      ...validators.map(({ node }, index) => ({ node, stakeRao: STAKES_RAO[index] ?? 0n })),
      ...first.map((node) => ({ node })),
    ]);
    for (const { node } of validators) node.start();
    for (const node of first) node.start();
    for (const [place, { strategy, nodes }] of players.entries())
      for (const [life, node] of nodes.entries())
        if (life > 0) this.#follow(place, node, life * (this.#named(strategy).lifeWindows ?? 0));
    const { newcomer } = this.#spec;
    if (newcomer === null) return;
    const place = players.length;
    this.#add(HONEST);
    const [node] = players[place]?.nodes ?? [];
    players[place] = { strategy: "newcomer", nodes: node === undefined ? [] : [node] };
    if (node !== undefined) this.#follow(place, node, newcomer);
  }

  /** A node takes a uid so that it is there in a window. */
  #follow(place: number, node: SimulatedNode, window: number): void {
    const { world, validators } = this;
    world.atBlock(world.run.clock.seedBlock(window) - 2, () => {
      world.register(node, validators.length + place);
      node.start();
    });
  }
}

/** Paid to each player up to the end of a window, in rao. */
function paidTo(table: Table, window: number): number[] {
  const { chain, run } = table.world;
  const { paidRao } = chain.at(run.clock.lastJudgeBlock(window) + 1).state;
  return table.players.map(({ nodes }) =>
    nodes.reduce((sum, { hotkey }) => sum + Number(paidRao.get(hotkey) ?? 0n), 0),
  );
}

const sharesOf = (values: readonly number[]): number[] => {
  const sum = values.reduce((all, one) => all + one, 0);
  return values.map((one) => (sum > 0 ? one / sum : 0));
};

function verdictsOf(table: Table, { nodes }: Player): Record<string, number> {
  const hotkeys = new Set(nodes.map(({ hotkey }) => hotkey));
  const counts: Record<string, number> = {};
  for (const { miners } of table.validators[0]?.records() ?? [])
    for (const { hotkey, verdict } of miners)
      if (hotkeys.has(hotkey)) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

async function resultOf(table: Table, windows: number): Promise<CastResult> {
  const paid = Array.from({ length: windows }, (_, window) => paidTo(table, window));
  const byWindow = paid.map((now, window) =>
    sharesOf(now.map((rao, place) => rao - (paid[window - 1]?.[place] ?? 0))),
  );
  const shares = sharesOf(paid.at(-1) ?? []);
  const trained = table.players.map(({ nodes }) =>
    nodes.reduce((sum, { trainedTokens }) => sum + trainedTokens, 0),
  );
  const compute = sharesOf(trained);
  const rows = table.players.map((player, place): Row => ({
    strategy: player.strategy,
    uid: table.validators.length + place,
    compute: compute[place] ?? 0,
    share: shares[place] ?? 0,
    shares: byWindow.map((window) => window[place] ?? 0),
    verdicts: verdictsOf(table, player),
  }));
  const [judge] = table.validators;
  const participant = judge?.node.participant;
  if (judge === undefined || participant === undefined || participant === null)
    throw new Error("the validator is gone");
  const loss = await heldOutLoss(participant.engine, participant.run, HELD_OUT_SEQUENCES);
  const moved = judge.records().filter(({ accepted }) => accepted.length > 0).length;
  return { rows, loss, moved };
}

/** Plays a cast to its end. @throws Error for an unknown strategy, and when a process ended by itself */
export async function playCast(
  spec: CastSpec,
  material: Material,
  parts: {
    readonly strategies: ReadonlyMap<string, LeagueStrategy>;
    readonly onWindow?: (window: number) => void;
    /** Gets the log of the validator with most stake at the end. */
    readonly onRecords?: (records: readonly WindowRecord[]) => void;
  },
): Promise<CastResult> {
  const table = new Table(spec, material, parts.strategies);
  try {
    table.open();
    for (let window = 0; window < spec.windows; window++) {
      await table.world.runWindow(window);
      parts.onWindow?.(window);
    }
    parts.onRecords?.(table.validators[0]?.records() ?? []);
    return await resultOf(table, spec.windows);
  } finally {
    await table.world.close();
  }
}
