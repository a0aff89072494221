/**
 * @file When weights go out, so that no other validator can copy them for the epoch that counts them: where the chain's author opens encrypted calls,
 * encrypted, in the last block before the epoch and in none after it; anywhere else at once, since whoever reads the pool is as early as anybody.
 */
import { taoDigits, taoText } from "../base/tao.ts";
import type { Status } from "../src/api/types.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { WindowClock } from "../src/protocol/window.ts";
import type { Memory } from "./memory.ts";

/** What a hotkey must own to pay for carriers; one costs about 30,000 rao. */
const LEAST_RAO = 50_000_000n;
/** What it is told to be sent: for some three thousand. */
const ADVISED_RAO = 100_000_000n;
/** They are sent when this many blocks are left: the next block holds them, the one after it counts them. */
const BLOCKS_BEFORE = 2;
/** So many epochs in a row may pass without the weights that waited for them, whatever the reason; then those go out, read or not. */
const MOST_MISSED = 1;

/** How the weights of a window go out now; overtaken: those of a later window go out in their place. */
export type Way =
  | { readonly kind: "plain" | "overtaken" }
  /** Not in block `before` or later: there they would be read an epoch before they count. */
  | { readonly kind: "shielded"; readonly before: number };

/** Whether encrypted weights can be sent and paid for. */
type Means = "given" | "no-key" | "no-money";

/** Whose weights are sent: of a validator, its run, and what it holds back. */
type Sender = { readonly node: Participant; readonly memory: Pick<Memory, "hold"> };

/** What weights wait for: the last final block at which they may be sent, for an epoch; asked for in a run, by number. */
type Moment = {
  readonly run: number;
  readonly window: number;
  readonly epoch: number;
  readonly last: number;
};

/** What a validator knows about sending weights unseen; one for each process. */
export class Unseen {
  readonly #node: Connected;
  readonly #reminder: Reminder;
  /** Says what comes of epochs that were missed. */
  readonly #news: Reminder;
  /** Raised with every run: what was asked for in the one before must not hold up the next. */
  #run = 0;
  /** Epochs in a row that were missed, and the last of them. */
  #missed = 0;
  #missedEpoch = -1;
  /** The epoch for which weights wait, and the newest for which some were sent: what comes after those is for the next one. */
  #epoch: number | null = null;
  #served = -1;
  /**
   * Newest window whose weights stand ready for an epoch. One that was only scored would not do: too late for the epoch itself, it would
   * keep the window before from it, and so on in every epoch.
   */
  #newest = -1;
  /** Newest window whose vote is on its way, and who waits for one. */
  #voted = -1;
  #heard: (() => void)[] = [];

  constructor(node: Connected) {
    this.#node = node;
    this.#reminder = new Reminder(node.neuron.say);
    this.#news = new Reminder(node.neuron.say);
  }

  /** For whoever makes the blocks of a local network: the epoch's block before which the weights that wait are to be included. */
  get status(): Pick<Status, "weightsBefore"> {
    return this.#epoch === null ? {} : { weightsBefore: this.#epoch };
  }

  /** A run is validated from now on, from a window of its own. */
  joined(): void {
    this.#run++;
    this.#epoch = null;
    this.#voted = -1;
    this.#newest = -1;
    this.#news.over();
    this.#wake();
  }

  /** The vote of a window is on its way, or will not come: what is sent now comes after it. */
  voted(window: number): void {
    this.#voted = Math.max(this.#voted, window);
    this.#wake();
  }

  /** At the start: tells people that weights can be copied, and what to do about it. Nothing where the subnet hides them anyway. */
  async look(window: number): Promise<void> {
    const { chain, netuid } = this.#node.subnet;
    if ((await chain.hyperparameters(netuid)).commitRevealEnabled) return;
    if ((await this.#means(window)) !== "no-key") return;
    this.#node.neuron.say(
      "this chain opens no encrypted calls: others can copy weights before they count, unless the owner hides them (commit-reveal)",
    );
  }

  /**
   * Waits for the moment at which weights are unseen until they count, and says how to send them. What was judged too late for an
   * epoch waits for the next one: the weights of the window before count in it. No second epoch in a row passes without those that
   * wait: after one was missed they wait for no vote, and where they cannot go out unseen they go out all the same.
   */
  async way({ memory, node }: Sender, window: number): Promise<Way> {
    const run = this.#run;
    if ((await this.#means(window)) !== "given") return { kind: "plain" };
    const { chain, netuid, blocks } = node.subnet;
    const { signal } = node.neuron;
    memory.hold(window);
    for (let tooLate = 0; ;) {
      const epoch = await chain.nextEpoch(netuid);
      if (this.#isOvertaken(run, window)) return { kind: "overtaken" };
      if (epoch === null) return { kind: "plain" };
      if (this.#missed > MOST_MISSED) return this.#inTheOpen(window, "missed two epochs");
      // A final block is that many behind the newest.
      const last = epoch - BLOCKS_BEFORE - node.run.manifest.finalityLag;
      if (epoch > this.#served && blocks.current.number <= last) {
        tooLate = 0;
        const way = await this.#wayBefore(node, { run, window, epoch, last });
        if (way !== null) return way;
        continue;
      }
      // Too late for the first is chance; too late for the one that follows it at once, so would all be.
      if (epoch > this.#served && ++tooLate > MOST_MISSED)
        return this.#inTheOpen(window, "would come too late: epochs follow each other too soon");
      await blocks.reached(Math.max(epoch, blocks.current.number + 1), signal);
    }
  }

  /** What became of weights that were sent for an epoch: they are out, or are in no block and nobody has read them. */
  sent(areOut: boolean, { before }: { readonly before: number }): void {
    if (this.#epoch === before) this.#epoch = null;
    if (areOut) this.#missed = 0;
    else this.#miss(before);
  }

  /** They will not go out unseen after all. */
  givenUp(): void {
    this.#epoch = null;
  }

  async #means(window: number): Promise<Means> {
    const { neuron, subnet } = this.#node;
    if ((await subnet.chain.shieldKey()) === null) return "no-key";
    const { ss58 } = neuron.signer;
    const haveRao = await subnet.chain.balance(ss58);
    if (haveRao >= LEAST_RAO) {
      this.#reminder.over();
      return "given";
    }
    const line = neuron.line({
      ours: "miner transfer",
      keep: ["wallet", "walletFolder", "endpoint", "genesis"],
      set: { to: ss58, amount: taoDigits(ADVISED_RAO) },
    });
    const text = `others can copy the weights of this validator before they count: its hotkey has ${taoText(haveRao)}, and with ${taoDigits(LEAST_RAO)} TAO it would send them encrypted, for about 0.00003 TAO an epoch. Send it some:\n  ${line}`;
    this.#reminder.tell(window, "no-money", text);
    return "no-money";
  }

  #isOvertaken(run: number, window: number): boolean {
    return run !== this.#run || this.#newest > window;
  }

  /** Waits for the moment before an epoch; null where it was missed, or is another's, or the epoch has moved. */
  async #wayBefore(node: Participant, at: Moment): Promise<Way | null> {
    const { chain, netuid, blocks } = node.subnet;
    const { run, window, epoch, last } = at;
    this.#newest = window;
    await this.#moment(node, at);
    if (run !== this.#run) return { kind: "overtaken" };
    if (blocks.current.number <= last) this.#epoch = epoch;
    // An owner may have moved it meanwhile.
    const isMoved = (await chain.nextEpoch(netuid)) !== epoch;
    if (this.#isOvertaken(run, window)) return { kind: "overtaken" };
    if (isMoved || blocks.current.number > last) this.#miss(epoch);
    else if (epoch > this.#served) {
      this.#served = epoch;
      return { kind: "shielded", before: epoch };
    }
    return null;
  }

  #miss(epoch: number): void {
    if (this.#epoch === epoch) this.#epoch = null;
    if (epoch === this.#missedEpoch) return;
    this.#missedEpoch = epoch;
    this.#missed++;
  }

  #inTheOpen(window: number, why: string): Way {
    this.#missed = 0;
    this.#epoch = null;
    this.#newest = window;
    const text = `window ${window}: its weights go out in the open, where others can copy them, since encrypted ones ${why}`;
    this.#news.tell(window, "open", text);
    return { kind: "plain" };
  }

  #wake(): void {
    for (const hear of this.#heard.splice(0)) hear();
  }

  /** Waits until block `last`, and for the vote that goes first, unless an epoch was missed already. */
  async #moment(node: Participant, { run, window, epoch, last }: Moment): Promise<void> {
    const { neuron, subnet } = node;
    const vote = voteBefore(node.run.clock, { epoch, last });
    // Whoever makes the blocks must not wait for what needs the next block itself.
    if (vote === null || node.run.clock.firstJudgeBlock(vote) < epoch - 1) this.#epoch = epoch;
    await subnet.blocks.reached(last, neuron.signal);
    if (vote === null || run !== this.#run || this.#voted >= vote) return;
    if (this.#missed > 0) {
      const text = `window ${window}: its weights go out before the vote of window ${vote}, which may come too late for that: they missed an epoch already`;
      this.#news.tell(window, "unvoted", text);
      return;
    }
    const over = subnet.blocks.reached(last + 1, neuron.signal);
    over.catch(() => undefined); // heard below as long as anybody waits
    while (run === this.#run && this.#voted < vote && subnet.blocks.current.number <= last)
      await Promise.race([over, new Promise<void>((resolve) => this.#heard.push(resolve))]);
  }
}

/**
 * The window whose vote goes before the weights: what a carrier holds has a nonce of its own, so what is sent after it can only follow
 * in a later block, and this vote has none left after the epoch's. Null where there is none, or where it cannot be cast by then.
 */
function voteBefore(
  clock: WindowClock,
  { epoch, last }: { readonly epoch: number; readonly last: number },
): number | null {
  const window = clock.windowOf(epoch - 1);
  if (!clock.isInRun(window) || clock.lastJudgeBlock(window) > epoch) return null;
  return clock.firstJudgeBlock(window) - 1 > last ? null : window;
}
