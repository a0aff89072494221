/**
 * @file A terminal's other screen: drawn as a whole, anew where the window changes its size, and given back however the process
 * ends or is put aside (Ctrl-Z, Ctrl-\), so that a shell never stays without its cursor. What stood in the terminal before stands
 * there again.
 */

/** A terminal. */
export type TerminalOutput = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Columns and lines. */
type Size = { readonly columns: number; readonly rows: number };

/** Lines for a size; longer and more ones are cut. */
type DrawLines = (size: Size) => readonly string[];

const ENTER = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const LEAVE = "\u001B[?7h\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const TO_END_OF_LINE = "\u001B[K";
const TO_END_OF_SCREEN = "\u001B[J";
/** A terminal that does not know its size. */
const USUAL: Size = { columns: 80, rows: 24 };

/** One screen; nothing else may write to the terminal while it is open. */
export class FullScreen {
  readonly #output: TerminalOutput;
  #draw: DrawLines | null = null;
  /** Given back for as long as the process is put aside. */
  #isAside = false;

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  /** Whether it is shown. */
  get isOpen(): boolean {
    return this.#draw !== null;
  }

  /** Shows lines; the first time, it takes the terminal. */
  show(draw: DrawLines): void {
    if (this.#draw === null) {
      // An end that nobody planned passes here too.
      process.on("exit", this.#leave);
      process.on("SIGTSTP", this.#putAside);
      process.on("SIGCONT", this.#goOn);
      process.on("SIGQUIT", this.#quit);
      this.#output.on("resize", this.#redraw);
      this.#output.write(ENTER);
    }
    this.#draw = draw;
    this.#redraw();
  }

  /** Gives the terminal back. */
  close(): void {
    if (this.#draw === null) return;
    process.off("exit", this.#leave);
    process.off("SIGTSTP", this.#putAside);
    process.off("SIGCONT", this.#goOn);
    process.off("SIGQUIT", this.#quit);
    this.#output.off("resize", this.#redraw);
    this.#leave();
  }

  readonly #leave = (): void => {
    this.#draw = null;
    this.#output.write(LEAVE);
  };

  readonly #putAside = (): void => {
    this.#isAside = true;
    this.#output.write(LEAVE);
    // Whoever listens for the first signal must stop by itself; this one cannot be listened for.
    process.kill(process.pid, "SIGSTOP");
  };

  /** Also after a stop that nobody could see coming: the terminal was not given back then. */
  readonly #goOn = (): void => {
    if (this.#isAside) this.#output.write(ENTER);
    this.#isAside = false;
    this.#redraw();
  };

  /** Ends as it would have without a screen. */
  readonly #quit = (): void => {
    this.close();
    process.kill(process.pid, "SIGQUIT");
  };

  readonly #redraw = (): void => {
    if (this.#isAside) return;
    const { columns = 0, rows = 0 } = this.#output;
    const size = columns > 0 && rows > 0 ? { columns, rows } : USUAL;
    const lines = (this.#draw?.(size) ?? []).slice(0, size.rows);
    // No line end behind the last one: it would push the first one out.
    this.#output.write(
      `${HOME}${lines.map((line) => `${line}${TO_END_OF_LINE}`).join("\r\n")}${TO_END_OF_SCREEN}`,
    );
  };
}
