/** @file A node's full screen (`--tui`): looks at the node's own page every second, and keeps what it said. */
import { styleText } from "node:util";
import { FullScreen, type TerminalOutput } from "../command/full-screen.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { OpenPage } from "../page/page.ts";
import { nodeLines, type NodeMoment, type Paint, type Tone } from "../view/screen.ts";

const LOOK_MS = 1000;
const PATIENCE_MS = 3000;
/** More fit on no terminal. */
const MOST_SAID = 50;

const STYLES = {
  quiet: "dim",
  good: "green",
  bad: "red",
  title: "bold",
  bar: "cyan",
} as const satisfies Readonly<Record<Exclude<Tone, "plain">, string>>;

/** Colours as far as `stream` shows them. NO_COLOR and FORCE_COLOR are heard (node:util). */
function paintFor(stream: NodeJS.WritableStream): Paint {
  return (tone, text) =>
    tone === "plain" || text === ""
      ? text
      : styleText(STYLES[tone], text, { stream, validateStream: true });
}

/** Whether a full screen can be shown. */
export function canShow(output: TerminalOutput = process.stdout): boolean {
  return output.isTTY === true;
}

/** The screen of one node, from its start to its end. */
export class NodeScreen {
  readonly #screen: FullScreen;
  readonly #paint: Paint;
  readonly #plain: (line: string) => void;
  readonly #began = performance.now();
  readonly #who: Pick<NodeMoment, "role" | "ss58">;
  #moment: Pick<NodeMoment, "now" | "losses"> = { now: null, losses: [] };
  #said: readonly string[] = [];
  #isOver = false;

  constructor(
    who: Pick<NodeMoment, "role" | "ss58">,
    { lifecycle, print }: { readonly lifecycle: Lifecycle; readonly print: (line: string) => void },
    output: TerminalOutput = process.stdout,
  ) {
    this.#who = who;
    this.#screen = new FullScreen(output);
    this.#paint = paintFor(output);
    this.#plain = print;
    lifecycle.onClose("screen", () => {
      this.#isOver = true;
      this.#screen.close();
      // What was said last stays in the terminal.
      const last = this.#said.at(-1);
      if (last !== undefined) print(last);
    });
  }

  /** What the node tells people. */
  readonly print = (line: string): void => {
    if (this.#isOver) return this.#plain(line);
    this.#said = [...this.#said, ...line.split("\n")].slice(-MOST_SAID);
    this.#show();
  };

  /** Looks at the page from now on, until the lifecycle ends. */
  follow(page: Pick<OpenPage, "seen">, lifecycle: Lifecycle): void {
    const look = async (): Promise<void> => {
      const { now, losses } = await page.seen(PATIENCE_MS);
      this.#moment = { now, losses };
      if (!this.#isOver) this.#show();
    };
    let looking = false;
    const timer = setInterval(() => {
      if (looking) return;
      looking = true;
      // A page that could not look says so by itself.
      look()
        .catch(() => undefined)
        .finally(() => (looking = false));
    }, LOOK_MS);
    lifecycle.onClose("looks of the screen", () => clearInterval(timer));
  }

  #show(): void {
    this.#screen.show(({ columns, rows }) =>
      nodeLines(
        {
          ...this.#who,
          ...this.#moment,
          said: this.#said,
          seconds: (performance.now() - this.#began) / 1000,
        },
        { columns, rows },
        this.#paint,
      ),
    );
  }
}
