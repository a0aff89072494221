/** @file A terminal for tests: what stands on its screen after bytes that ours write, and whether everything was given back. */

const CONTROL = String.raw`${"\u001B"}\[`;
/** A mode, a control sequence, or any character. */
const SEQUENCES = new RegExp(
  String.raw`${CONTROL}\?(\d+)([hl])|${CONTROL}([\d;]*)([A-Za-z])|[\s\S]`,
  "gu",
);

/** The two screens of a terminal, its cursor and its modes, as far as our programs use them. */
export class Terminal {
  readonly columns: number;
  readonly rows: number;
  #main: string[][];
  #other: string[][] | null = null;
  #row = 0;
  #column = 0;
  #saved: readonly [number, number] = [0, 0];
  hasCursor = true;
  wraps = true;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#main = [[]];
  }

  /** Whether the other screen is shown. */
  get isOther(): boolean {
    return this.#other !== null;
  }

  /** The lines that are seen. */
  get lines(): readonly string[] {
    return this.#cells.map((line) =>
      Array.from(line, (cell) => cell ?? " ")
        .join("")
        .trimEnd(),
    );
  }

  get #cells(): string[][] {
    return this.#other ?? this.#main;
  }

  /** Takes what a program writes. @throws Error for a sequence that none of ours should write */
  write(text: string): void {
    for (const [whole, mode, set, params, code] of text.matchAll(SEQUENCES)) {
      if (mode !== undefined) this.#mode(mode, set === "h");
      else if (code !== undefined) this.#control(code, params ?? "");
      else this.#put(whole);
    }
  }

  #mode(mode: string, on: boolean): void {
    if (mode === "25") this.hasCursor = on;
    else if (mode === "7") this.wraps = on;
    else if (mode === "1049") {
      if (on) this.#saved = [this.#row, this.#column];
      this.#other = on ? [[]] : null;
      [this.#row, this.#column] = on ? [0, 0] : this.#saved;
    } else throw new Error(`mode ${mode}`);
  }

  #control(code: string, params: string): void {
    const cells = this.#cells;
    if (code === "m") return;
    if (code === "H") [this.#row, this.#column] = [0, 0];
    else if (code === "A") this.#row = Math.max(0, this.#row - Number(params === "" ? 1 : params));
    else if (code === "K") cells[this.#row] = (cells[this.#row] ?? []).slice(0, this.#column);
    else if (code === "J" && params === "2") cells.splice(0, cells.length, []);
    else if (code === "J") {
      cells[this.#row] = (cells[this.#row] ?? []).slice(0, this.#column);
      cells.splice(this.#row + 1);
    } else throw new Error(`sequence ${params}${code}`);
  }

  #put(character: string): void {
    const cells = this.#cells;
    if (character === "\r") this.#column = 0;
    else if (character === "\n") {
      this.#row += 1;
      // A real one scrolls: on the other screen that would be a fault of ours.
      if (this.isOther && this.#row >= this.rows) throw new Error("the other screen scrolled");
      cells[this.#row] ??= [];
    } else if (this.#column < this.columns) {
      const line = (cells[this.#row] ??= []);
      while (line.length < this.#column) line.push(" ");
      line[this.#column++] = character;
    } else if (this.isOther) throw new Error(`a line is wider than ${this.columns}`);
  }
}
