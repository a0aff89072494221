/**
 * @file When weights go out, so that no other validator can copy them for the epoch that counts them: where the chain's author opens encrypted calls,
 * encrypted, in the last block before the epoch and in none after it; anywhere else at once, since whoever reads the pool is as early as anybody.
 */
import { taoDigits, taoText } from "../base/tao.ts";
import type { Status } from "../src/api/types.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Memory } from "./memory.ts";

/** What a hotkey must own to pay for carriers; one costs about 30,000 rao. */
const LEAST_RAO = 50_000_000n;
/** What it is told to be sent: for some three thousand. */
const ADVISED_RAO = 100_000_000n;
/**
 * They are sent when this many blocks are left: the next block holds them, the one after it counts them. Where they come too late again and
 * again (a machine that needs longer than a block), a block earlier, and no earlier than that.
 */
const BLOCKS_BEFORE = { least: 2, most: 4 } as const;

/** How the weights of a window go out now; overtaken: those of a later window go out in their place. */
export type Way =
  | { readonly kind: "plain" | "overtaken" }
  /** Not in block `before` or later: there they would be read an epoch before they count. */
  | { readonly kind: "shielded"; readonly before: number };

/** Whether encrypted weights can be sent and paid for. */
type Means = "given" | "no-key" | "no-money";

/** Whose weights are sent: of a validator, its run, and what it holds back. */
type Sender = { readonly node: Participant; readonly memory: Pick<Memory, "hold"> };

/** What a validator knows about sending weights unseen; one for each process. */
export class Unseen {
  readonly #node: Connected;
  readonly #reminder: Reminder;
  #blocksBefore: number = BLOCKS_BEFORE.least;
  #wasLate = false;
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
  }

  /** For whoever makes the blocks of a local network: the epoch's block before which the weights that wait are to be included. */
  get status(): Pick<Status, "weightsBefore"> {
    return this.#epoch === null ? {} : { weightsBefore: this.#epoch };
  }

  /** A run is validated from now on, from a window of its own. */
  joined(): void {
    this.#voted = -1;
    this.#newest = -1;
  }

  /** The vote of a window is on its way, or will not come: what is sent now comes after it. */
  voted(window: number): void {
    this.#voted = Math.max(this.#voted, window);
    for (const hear of this.#heard.splice(0)) hear();
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
   * epoch waits for the next one: the weights of the window before count in it.
   */
  async way({ memory, node }: Sender, window: number): Promise<Way> {
    if ((await this.#means(window)) !== "given") return { kind: "plain" };
    const { chain, netuid, blocks } = node.subnet;
    const { signal } = node.neuron;
    memory.hold(window);
    // A final block is that many behind the newest.
    const { finalityLag } = node.run.manifest;
    for (;;) {
      const epoch = await chain.nextEpoch(netuid);
      if (epoch === null) return { kind: "plain" };
      const due = epoch - this.#blocksBefore - finalityLag;
      if (blocks.current.number > due || epoch <= this.#served) {
        await blocks.reached(epoch, signal);
        continue;
      }
      this.#epoch = epoch;
      this.#newest = Math.max(this.#newest, window);
      await blocks.reached(due, signal);
      const last = epoch - BLOCKS_BEFORE.least - finalityLag;
      await this.#afterVote(node, last);
      if (this.#newest > window) return { kind: "overtaken" };
      if (blocks.current.number > last || epoch <= this.#served) continue;
      this.#served = epoch;
      return { kind: "shielded", before: epoch };
    }
  }

  /** What became of weights: the block that has them, or null where they came too late and nobody has read them. */
  sent(block: number | null, { before }: { readonly before: number }): void {
    if (this.#epoch === before) this.#epoch = null;
    if (block === null) {
      if (this.#wasLate) this.#blocksBefore = Math.min(BLOCKS_BEFORE.most, this.#blocksBefore + 1);
    } else if (block < before - 1)
      this.#blocksBefore = Math.max(BLOCKS_BEFORE.least, this.#blocksBefore - 1);
    this.#wasLate = block === null;
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

  /**
   * What a carrier holds has a nonce of its own, so what is sent after it can only follow in a later block. A vote that has no such
   * block left goes first; until block `last` is over.
   */
  async #afterVote({ neuron, run, subnet }: Participant, last: number): Promise<void> {
    const { clock, manifest } = run;
    const [including, counting] = [
      last + 1 + manifest.finalityLag,
      last + 2 + manifest.finalityLag,
    ];
    const window = clock.windowOf(including);
    const lastVote = clock.lastJudgeBlock(window);
    if (!clock.isInRun(window) || lastVote > counting + manifest.finalityLag) return;
    const over = subnet.blocks.reached(last + 1, neuron.signal);
    over.catch(() => undefined); // heard below as long as anybody waits
    while (this.#voted < window && subnet.blocks.current.number <= last)
      await Promise.race([over, new Promise<void>((resolve) => this.#heard.push(resolve))]);
  }
}
