/**
 * @file Weights on a subnet with commit-reveal: committed to in one epoch, revealed in a later one, whatever happens to this process
 * meanwhile (docs/protocol.md#hidden-weights).
 */
import { randomFillSync } from "node:crypto";
import { type Commits, commitHash } from "../chain/client/commits.ts";
import type { Head } from "../chain/client/client.ts";
import { refusalNames } from "../chain/client/refusal.ts";
import { ChainError } from "../chain/errors.ts";
import type { Hex } from "../src/protocol/digest.ts";
import type { Run } from "../src/run/run.ts";
import type { Connected } from "../src/neuron/neuron.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import { HiddenBook, type HiddenCommit } from "./hidden-book.ts";
import type { Memory } from "./memory.ts";
import { type Vector, VERSION_KEY, weightsRefusal } from "../src/neuron/weights.ts";

/** 256 bits, which nobody tries out. */
const SALT_WORDS = 16;
/** Blocks after which a commit that was sent and is nowhere on the chain never will be: twice the life of an extrinsic. */
const LIFETIME_BLOCKS = 256;
/** Blocks between two tries of a reveal that is refused. */
const RETRY_BLOCKS = 4;
/** An epoch so close after the next window's weights may come before them. */
const SPARE_BLOCKS = 3;

/** The run that is validated now. */
type Current = {
  readonly run: Pick<Run, "runId" | "clock">;
  readonly memory: Pick<Memory, "hide" | "unhide" | "release" | "released">;
};

/** Commits, reveals, and says from when on a window's record may be served. One for each hotkey and subnet. */
export class HiddenWeights {
  readonly #node: Connected;
  readonly #book: HiddenBook;
  readonly #news: Reminder;
  #current: Current | null = null;
  #isOn = false;
  #leastVersion = 0n;
  /** A refused reveal is not tried again before. */
  #retryAt = 0;

  private constructor(node: Connected, book: HiddenBook) {
    this.#node = node;
    this.#book = book;
    this.#news = new Reminder(node.neuron.say);
  }

  /** Opens what an earlier process of this hotkey left on this subnet. @throws AssayError state-corrupt */
  static async open(node: Connected): Promise<HiddenWeights> {
    const { chain, netuid } = node.subnet;
    const about = { genesis: chain.genesisHash, netuid };
    return new HiddenWeights(node, await HiddenBook.open(node.neuron.state.folder, about));
  }

  /** A run is validated from now on. Before its records are served: whether they are hidden is known afterwards. */
  async joined(run: Current["run"], memory: Current["memory"]): Promise<void> {
    this.#current = { run, memory };
    this.#isOn = false;
    // Switched off while this process was away.
    if (!(await this.look()) && this.#book.public !== null) await this.#switchedOff();
    const { commits } = this.#book;
    if (commits.length > 0)
      this.#node.neuron.say(`still to be revealed: ${countText(commits)} of an earlier start`);
  }

  /** Reads whether the subnet hides weights now, and goes over when that has changed. @throws ChainError */
  async look(): Promise<boolean> {
    const { chain, netuid } = this.#node.subnet;
    const rules = await chain.hyperparameters(netuid);
    const { commitRevealEnabled: isOn, revealPeriodEpochs: period } = rules;
    if (isOn !== this.#isOn) await (isOn ? this.#switchedOn(period) : this.#switchedOff());
    this.#isOn = isOn;
    this.#leastVersion = rules.weightsVersion;
    return isOn;
  }

  async #switchedOn(period: number): Promise<void> {
    if (this.#current === null) return;
    const { run, memory } = this.#current;
    const { runId } = run;
    const known = this.#book.public;
    const window = known?.runId === runId ? known.window : memory.released;
    memory.hide(window);
    if (known?.runId !== runId) await this.#book.change(() => ({ public: { runId, window } }));
    const epochs = period === 1 ? "the next epoch" : `the ${period} epochs after it`;
    this.#node.neuron.say(
      `this subnet hides weights (commit-reveal): they are committed first and revealed in ${epochs}, and so are records`,
    );
  }

  async #switchedOff(): Promise<void> {
    this.#current?.memory.unhide();
    const { commits } = this.#book;
    const lost = commits.length === 0 ? "" : `; ${countText(commits)} will not be revealed`;
    await this.#book.change(() => ({ commits: [], held: [], public: null }));
    this.#node.neuron.say(`this subnet hides weights no longer: they are set at once${lost}`);
  }

  /** Holds back the record of a window that was judged just now, until its weights cannot be hidden any more. */
  async hold(window: number): Promise<void> {
    const runId = this.#current?.run.runId;
    if (runId === undefined) return;
    const { epoch } = await this.#commits();
    // Of an epoch, the newest window says when all may be served.
    const others = this.#book.held.filter((one) => one.runId === runId && one.epoch !== epoch);
    await this.#book.change(() => ({ held: [...others, { runId, window, epoch }] }));
  }

  /**
   * Commits to a window's weights; weights and salt are on disk before. In the course of an epoch that is done once at its beginning,
   * in case this process does not see its end, and once before its end: a reveal makes the others of its epoch void.
   * @returns whether it was sent. @throws ChainError, AssayError disk-full
   */
  async commit(window: number, { uids, values }: Vector): Promise<boolean> {
    if (this.#current === null) return false;
    // A commit says nothing about its weights: the chain would refuse them only when they are revealed.
    if (this.#leastVersion > VERSION_KEY) throw refusalOf("IncorrectWeightVersionKey");
    const { neuron, subnet } = this.#node;
    const { chain, netuid, blocks } = subnet;
    const { runId } = this.#current.run;
    const hasOne = await this.#hasCommitted();
    const { number } = blocks.current;
    if (hasOne && !(await this.#isLastOfEpoch(number))) return false;
    const salt = [...randomFillSync(new Uint16Array(SALT_WORDS))];
    const weights = { uids, values, salt, versionKey: VERSION_KEY };
    const hash = commitHash(neuron.signer.publicKey, netuid, weights);
    const lastBlock = number + LIFETIME_BLOCKS;
    const made = { runId, window, hash, uids, values, salt, lastBlock, revealEpoch: null };
    await this.#book.change(({ commits }) => ({ commits: [...commits, made] }));
    try {
      await chain.commitWeights(neuron.signer, netuid, weights);
      return true;
    } catch (error) {
      // What was refused is nowhere. After any other failure it may be on the chain, or come there yet.
      if (isRefused(error)) await this.#forget((one) => one.hash === hash);
      if (hasOne && refusalNames(error).includes("CommittingWeightsTooFast")) return false;
      throw error;
    }
  }

  /** Whether a commit of this epoch waits already. */
  async #hasCommitted(): Promise<boolean> {
    const { epoch, open, revealPeriod } = await this.#commits();
    return open.some(({ revealEpoch }) => revealEpoch === epoch + revealPeriod);
  }

  /** Whether the epoch may be over before the next window's weights. */
  async #isLastOfEpoch(block: number): Promise<boolean> {
    const { chain, netuid } = this.#node.subnet;
    const next = await chain.nextEpoch(netuid);
    const blocksPerWindow = this.#current?.run.clock.blocksPerWindow ?? 0;
    return next === null || next <= block + blocksPerWindow + SPARE_BLOCKS;
  }

  /** Reveals what is due and serves what is public, block by block, until the neuron is told to stop. */
  async follow(): Promise<void> {
    const { neuron, subnet } = this.#node;
    const { signal } = neuron;
    try {
      for (let head = subnet.blocks.current; ;) {
        if (!this.#book.isIdle) await this.#tried(head);
        head = await subnet.blocks.reached(head.number + 1, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** A step that the chain did not answer is taken again some blocks later. */
  async #tried(head: Head): Promise<void> {
    const { log, signal } = this.#node.neuron;
    await this.step(head).catch((error: unknown) => {
      if (signal.aborted || !(error instanceof ChainError)) throw error;
      log.warn({ error }, "hidden weights");
      this.#retryAt = head.number + RETRY_BLOCKS;
    });
  }

  /** What is to be done after one block. @throws ChainError */
  async step({ number, hash }: Head): Promise<void> {
    const found = await this.#commits(hash);
    await this.#noteSeen(found);
    await this.#forgetGone(found, number);
    if (number >= this.#retryAt) await this.#reveal(found, number);
    await this.#serve(found);
  }

  async #commits(at?: Hex): Promise<Commits> {
    const { neuron, subnet } = this.#node;
    return subnet.chain.commits(subnet.netuid, neuron.signer.publicKey, at);
  }

  /** Notes which are on the chain: one that is gone from there later was revealed, or has expired. */
  async #noteSeen({ open }: Commits): Promise<void> {
    const epochOf = new Map(open.map(({ hash, revealEpoch }) => [hash, revealEpoch]));
    const isNew = (one: HiddenCommit): boolean => one.revealEpoch === null && epochOf.has(one.hash);
    if (!this.#book.commits.some(isNew)) return;
    await this.#book.change(({ commits }) => ({
      commits: commits.map((one) =>
        isNew(one) ? { ...one, revealEpoch: epochOf.get(one.hash) ?? null } : one,
      ),
    }));
  }

  /** Drops what nobody can reveal any more, with a word, and what an earlier process revealed last of all. */
  async #forgetGone({ epoch, open }: Commits, block: number): Promise<void> {
    const isOpen = new Set(open.map(({ hash }) => hash));
    const gone = this.#book.commits.filter(
      (one) => !isOpen.has(one.hash) && (one.revealEpoch !== null || block > one.lastBlock),
    );
    if (gone.length === 0) return;
    const hashes = new Set(gone.map(({ hash }) => hash));
    const isRevealed = ({ revealEpoch }: HiddenCommit): boolean =>
      revealEpoch !== null && revealEpoch >= epoch;
    const revealed = gone.findLast(isRevealed);
    if (revealed !== undefined) await this.#publish(revealed);
    await this.#forget(({ hash }) => hashes.has(hash));
    const lost = gone.filter((one) => one.revealEpoch !== null && !isRevealed(one));
    if (lost.length > 0)
      this.#node.neuron.say(
        `${windowsText(lost)}: too late to reveal ${countText(lost)}; newer weights follow`,
      );
    const never = gone.filter(({ revealEpoch }) => revealEpoch === null);
    if (never.length > 0)
      this.#node.neuron.say(`${windowsText(never)}: ${countText(never)} never came on the chain`);
  }

  /** Reveals the newest commit of those whose epoch it is; the chain drops the ones before. */
  async #reveal({ epoch, open }: Commits, block: number): Promise<void> {
    const isOpen = new Set(open.map(({ hash }) => hash));
    const due = this.#book.commits.findLast(
      (one) => one.revealEpoch === epoch && isOpen.has(one.hash),
    );
    if (due === undefined) return;
    const { neuron, subnet } = this.#node;
    try {
      await subnet.chain.revealWeights(neuron.signer, subnet.netuid, {
        ...due,
        versionKey: VERSION_KEY,
      });
    } catch (error) {
      if (neuron.signal.aborted) return;
      const reason = weightsRefusal(error);
      neuron.log.warn({ window: due.window, reason }, "reveal refused");
      this.#news.tell(due.window, reason, `window ${due.window}: weights not revealed: ${reason}`);
      this.#retryAt = block + RETRY_BLOCKS;
      return;
    }
    this.#news.over();
    await this.#publish(due);
    const before = this.#book.commits.indexOf(due);
    const past = new Set(this.#book.commits.slice(0, before + 1));
    await this.#forget((one) => past.has(one) && one.revealEpoch !== null);
  }

  /** Lets the records up to that of these weights be served. */
  async #publish({ runId, window }: Pick<HiddenCommit, "runId" | "window">): Promise<void> {
    const known = this.#book.public;
    if (known?.runId !== runId || known.window >= window) return;
    await this.#book.change(() => ({ public: { runId, window } }));
    // Before a run is joined there is no memory yet; it will begin with what is noted.
    if (this.#current?.run.runId === runId) this.#current.memory.release(window);
  }

  /** Serves what lies so far back that its weights were revealed, or never will be. */
  async #serve({ epoch, revealPeriod }: Commits): Promise<void> {
    // A commit may have come an epoch after its window was judged.
    const isPast = (one: { readonly epoch: number }): boolean =>
      one.epoch + 1 + revealPeriod < epoch;
    const past = this.#book.held.filter(isPast);
    if (past.length === 0) return;
    for (const one of past) await this.#publish(one);
    await this.#book.change(({ held }) => ({ held: held.filter((one) => !isPast(one)) }));
  }

  async #forget(which: (commit: HiddenCommit) => boolean): Promise<void> {
    await this.#book.change(({ commits }) => ({ commits: commits.filter((one) => !which(one)) }));
  }
}

function refusalOf(reason: string): ChainError {
  return new ChainError({ code: "extrinsic-invalid", reason, detail: "" });
}

function isRefused(error: unknown): boolean {
  const code = error instanceof ChainError ? error.fault.code : null;
  return code === "extrinsic-invalid" || code === "extrinsic-failed";
}

function countText({ length }: { readonly length: number }): string {
  return length === 1 ? "one committed weight vector" : `${length} committed weight vectors`;
}

function windowsText(commits: readonly HiddenCommit[]): string {
  const [first, last] = [commits[0]?.window, commits.at(-1)?.window];
  return first === last ? `window ${first}` : `windows ${first} to ${last}`;
}
