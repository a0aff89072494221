/** @file What a command that sends says while its extrinsic waits: that it is sent, that the chain is lost, and on Ctrl-C that it may still be taken. */
import type { NextCommand } from "../../base/fault.ts";
import type { ConnectionNews, SubmitNews } from "../../chain/client/client.ts";
import { outageText } from "./outages.ts";

type Sent = SubmitNews["sent"];

/** A chain that makes blocks takes an extrinsic sooner. */
const QUIET_MS = 3000;
/** How long a read waits for a lost chain. */
const READ_S = 10;

const taken = ({ lastBlock }: Sent): string => `may still be taken, until block ${lastBlock}`;

/** On the standard error: the output may be JSON. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** How it writes commands. */
type Voice = {
  /** A next command as it runs here. */
  readonly line: (command: NextCommand) => string;
};

/** Tells a person what becomes of what they send. Make one for each connection, and close it with that. */
export class SendingTeller {
  readonly #voice: Voice;
  readonly #underWay = new Map<string, { readonly news: Sent; readonly timer: NodeJS.Timeout }>();
  #waitS = 0;

  constructor(voice: Voice) {
    this.#voice = voice;
  }

  /** What `connectChain` takes. */
  get connecting(): {
    readonly onNews: (news: ConnectionNews) => void;
    readonly onSubmit: (news: SubmitNews) => void;
  } {
    return {
      onNews: (news) => this.#heardOfChain(news),
      onSubmit: (news) => this.#heardOfSending(news),
    };
  }

  /** Ends it. */
  close(): void {
    for (const { timer } of this.#underWay.values()) clearTimeout(timer);
    this.#underWay.clear();
    process.off("SIGINT", this.#interrupted);
  }

  #heardOfSending(news: SubmitNews): void {
    const { sent } = news;
    if (news.kind === "settled") {
      clearTimeout(this.#underWay.get(sent.hash)?.timer);
      this.#underWay.delete(sent.hash);
      if (this.#underWay.size === 0) process.off("SIGINT", this.#interrupted);
      return;
    }
    this.#waitS = news.timeoutMs / 1000;
    const timer = setTimeout(() => {
      say(`sent as ${sent.hash}, waiting for a block (at most ${this.#waitS} s)`);
    }, QUIET_MS);
    if (this.#underWay.size === 0) process.on("SIGINT", this.#interrupted);
    this.#underWay.set(sent.hash, { news: sent, timer });
  }

  #heardOfChain(news: ConnectionNews): void {
    if (news.kind !== "lost" || news.fault !== undefined) say(outageText(news));
    else {
      const waiting = this.#underWay.size > 0 ? this.#waitS : READ_S;
      const what = [...this.#underWay.keys()].map((hash) => `; ${hash} may have been sent`);
      say(`${outageText(news)}; waiting up to ${waiting} s for it${what.join("")}`);
    }
  }

  /** Says what is under way, and leaves the end of the process to whoever decides on it otherwise. */
  readonly #interrupted = (): void => {
    const keep = ["wallet", "walletFolder", "endpoint", "genesis"];
    const look = this.#voice.line({ ours: "miner balance", keep });
    const sent = [...this.#underWay.values()].map(({ news }) => news);
    this.close();
    for (const one of sent)
      say(`stopped; ${one.hash} was sent and ${taken(one)}: look before you repeat it`);
    say(`  ${look}`);
    if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
  };
}
