/** @file Looks at a subnet for whoever has the page open: the newest block, new records, held-out losses. */
import type { EmissionLedger } from "../../chain/client/subnet.ts";
import { ChainError } from "../../chain/errors.ts";
import type { LossView, NowView, WindowView } from "../api/page.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import { rulesDigest, rulesOf } from "../protocol/rules.ts";
import { modeOf, type ScoringRules } from "../protocol/scoring.ts";
import type { AmendedRun } from "../run/amendments.ts";
import { Earnings } from "../run/earnings.ts";
import { History, KEPT_WINDOWS } from "./history.ts";
import { type Judge, judgesOf } from "./judges.ts";
import { Links } from "./links.ts";
import { ledgerView, parametersOf, participantViews, runView } from "./now.ts";
import { RecordReader } from "./record-reader.ts";
import type { Standings, Subject } from "./subject.ts";

/** Epochs that one look reads: each is seven questions to the chain. */
const EPOCHS_AT_ONCE = 2;
/** Pay is counted from so many epochs before the first look on, and so many are kept one by one. */
const KEPT_EPOCHS = 512;
/** Looks in a row that a chain does not answer for an epoch before it counts as forgotten: one may be refused. */
const FORGOTTEN_AFTER = 4;

/** What is known of one run. */
type Observed = {
  readonly run: AmendedRun;
  readonly parameters: number;
  readonly history: History;
  readonly reader: RecordReader;
  readonly amendments: Standings;
  /** How updates are scored under the newest rules that a record named, and the digest of those. */
  rules: { readonly digest: Hex; readonly scoring: ScoringRules };
};

/** Parts of a block that change little: null where a chain does not say. */
type Economy = {
  readonly ledger: EmissionLedger | null;
  readonly burnRao: bigint | null;
  readonly agreement: readonly number[] | null;
};

/** What another runtime does not keep is left out. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (error instanceof ChainError && error.code === "runtime-incompatible") return null;
    throw error;
  });
}

/** Takes the rules that the newest record names, where they are others and known. */
async function renewRules(observed: Observed): Promise<void> {
  const { history, amendments } = observed;
  const newest = history.newest;
  const record = newest && history.recordOf(newest.judge);
  if (record === undefined || record.configDigest === observed.rules.digest) return;
  const standing = await amendments.standingAt(record.window);
  if (standing === null) return;
  const { rules } = standing;
  observed.rules = { digest: rulesDigest(rules), scoring: rules.scoring };
}

/** Everything that pages of one process are made from. */
export class Observer {
  readonly #subject: Subject;
  #observed: Observed | null = null;
  #earnings: Earnings | null = null;
  #paidSince = 0;
  #unpaidLooks = 0;
  #judges: readonly Judge[] = [];
  #links = new Links(new Map());
  #now: NowView | null = null;
  /** Window that the newest look saw, and when windows were seen to begin, by performance.now(). */
  #window = Number.NEGATIVE_INFINITY;
  readonly #begun = new Map<number, number>();
  /** uid -> hotkey. */
  #hotkeys: readonly Hex[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** The newest block that was looked at. */
  get now(): NowView | null {
    return this.#now;
  }

  get history(): History | null {
    return this.#observed?.history ?? null;
  }

  get links(): Links {
    return this.#links;
  }

  get earnings(): Earnings | null {
    return this.#earnings;
  }

  /** The hotkey of a uid now. */
  hotkeyOf(uid: number): Hex | undefined {
    return this.#hotkeys[uid];
  }

  /** How updates are scored under these rules; null where they are not the newest. */
  scoringBy(digest: Hex): ScoringRules | null {
    const rules = this.#observed?.rules;
    return rules?.digest === digest ? rules.scoring : null;
  }

  /** Windows that are over, ascending. */
  windows(): readonly WindowView[] {
    return (this.history?.windows ?? []).map(({ line, judge }) => ({
      ...line,
      record: this.#links.record(judge, line.window),
      recordedBy: this.#uidOf(judge),
      seconds: this.#subject.seconds(line.window) ?? this.#seconds(line.window),
    }));
  }

  /** Held-out losses, ascending by window. */
  losses(): readonly LossView[] {
    const losses = this.#observed?.reader.losses ?? new Map<number, number>();
    return [...losses]
      .map(([window, loss]) => ({ window, loss }))
      .toSorted((a, b) => a.window - b.window);
  }

  /** How long a window took, where its beginning and its end were looked at. */
  #seconds(window: number): number | null {
    const [begun, ended] = [this.#begun.get(window), this.#begun.get(window + 1)];
    return begun === undefined || ended === undefined ? null : (ended - begun) / 1000;
  }

  /** Notes that `window` has begun, where the one before was looked at until now. */
  #begin(window: number): void {
    if (window === this.#window + 1) this.#begun.set(window, performance.now());
    this.#window = window;
    this.#begun.delete(window - KEPT_WINDOWS);
  }

  #uidOf(hotkey: Hex): number | null {
    const uid = this.#hotkeys.indexOf(hotkey);
    return uid < 0 ? null : uid;
  }

  /** Looks once. What the chain or a validator does not answer stays as it was, and the view says so. */
  async look(signal: AbortSignal): Promise<void> {
    try {
      await this.#look(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ChainError || error instanceof AssayError))
        throw error;
      const trouble = error.explanation.cause;
      const local = this.#subject.local();
      if (this.#now !== null) this.#now = { ...this.#now, local, trouble };
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { subnet } = this.#subject;
    const { chain, netuid, blocks, finder } = subnet;
    const head = blocks.current;
    // Nothing that others say changes between two blocks; what this process knows does.
    if (this.#now !== null && this.#now.blockHash === head.hash && this.#now.trouble === null) {
      await this.#observed?.reader.readOlder(this.#judges, signal);
      this.#now = { ...this.#now, ...this.#said() };
      return;
    }
    const [graph, axons, economy] = await Promise.all([
      chain.metagraph(netuid, head.hash),
      finder.axons(),
      this.#economy(head.hash),
    ]);
    this.#links = new Links(axons);
    this.#hotkeys = graph.neurons.map(({ hotkey }) => hotkey);
    if (this.#earnings === null) {
      this.#paidSince = Math.max(0, head.number - KEPT_EPOCHS * (graph.tempo + 1));
      this.#earnings = new Earnings(subnet, this.#paidSince, KEPT_EPOCHS);
    }
    await this.#readPay(this.#earnings, head);
    const observed = this.#follow();
    if (observed !== null) {
      const window = observed.run.clock.windowOf(head.number);
      this.#begin(window);
      this.#judges = judgesOf(graph.neurons, axons);
      await observed.reader.read(this.#judges, window, signal);
      await renewRules(observed);
    }
    this.#now = this.#nowView({ graph, economy, head, observed });
  }

  /** Reads some more epochs; pay stays as it is when that fails, and is counted anew where a chain has forgotten the state of those of before. */
  async #readPay(earnings: Earnings, head: Subject["subnet"]["blocks"]["current"]): Promise<void> {
    try {
      await earnings.read(head, EPOCHS_AT_ONCE);
      this.#unpaidLooks = 0;
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== "rpc-failed") throw error;
      this.#unpaidLooks += 1;
      if (this.#unpaidLooks < FORGOTTEN_AFTER) return;
      this.#unpaidLooks = 0;
      this.#paidSince = head.number;
      this.#earnings = new Earnings(this.#subject.subnet, head.number, KEPT_EPOCHS);
    }
  }

  async #economy(at: Hex): Promise<Economy> {
    const { chain, netuid } = this.#subject.subnet;
    const [ledger, hyperparameters, agreement] = await Promise.all([
      orNull(chain.emissionLedger(netuid, at)),
      orNull(chain.hyperparameters(netuid, at)),
      orNull(chain.validatorTrust(netuid, at)),
    ]);
    return { ledger, burnRao: hyperparameters?.burnRao ?? null, agreement };
  }

  /** What is known of the run that the process is in: anew when it is another one. */
  #follow(): Observed | null {
    const found = this.#subject.run();
    if (found === null) return null;
    const { run, amendments } = found;
    if (this.#observed?.run.runId === run.runId) return this.#observed;
    const { scoring } = run.manifest;
    const history = new History(modeOf(scoring));
    const reader = new RecordReader({ subject: this.#subject, runId: run.runId, history });
    const rules = { digest: rulesDigest(rulesOf(run.manifest)), scoring };
    const parameters = parametersOf(run);
    this.#observed = { run, parameters, history, reader, amendments, rules };
    return this.#observed;
  }

  #nowView(seen: {
    readonly graph: Awaited<ReturnType<Subject["subnet"]["chain"]["metagraph"]>>;
    readonly economy: Economy;
    readonly head: Subject["subnet"]["blocks"]["current"];
    readonly observed: Observed | null;
  }): NowView {
    const { graph, economy, head, observed } = seen;
    const { subnet } = this.#subject;
    const from = observed?.reader.lossesFrom ?? null;
    return {
      ...this.#said(),
      block: head.number,
      blockHash: head.hash,
      genesis: subnet.chain.genesisHash,
      netuid: subnet.netuid,
      tempo: graph.tempo,
      run: observed && runView(observed.run, head.number, observed.parameters),
      participants: participantViews({
        graph,
        history: observed?.history ?? null,
        earnings: this.#earnings ?? { paidTo: () => 0n },
        agreement: economy.agreement,
        links: this.#links,
        who: (hotkey) => this.#subject.who(hotkey),
      }),
      paidSince: this.#paidSince,
      ledger: economy.ledger && ledgerView(economy.ledger),
      burnRao: economy.burnRao === null ? null : String(economy.burnRao),
      losses: from === null ? null : this.#links.losses(from),
      trouble: null,
    };
  }

  /** What this process says of itself. */
  #said(): Pick<NowView, "node" | "local"> {
    const { publicKey: _publicKey, ...node } = this.#subject.node();
    return { node, local: this.#subject.local() };
  }
}
