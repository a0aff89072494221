/** @file The text that the convergence bench learns: type declarations of two packages whose versions the lock file pins, split by file. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { uint32Stream } from "../../kernels/random.ts";

const PACKAGES = ["@types/node", "typescript"];
/** Of 256 files by their digest, so many choose settings, and so many others judge. */
const VALIDATION = 16;
const TEST = 16;

/** Three texts without a file in common, and what they are. */
export type Text = {
  readonly training: Uint8Array;
  /** Settings are chosen on it. */
  readonly validation: Uint8Array;
  /** Never used to choose anything. */
  readonly test: Uint8Array;
  /** Digest of all three. */
  readonly digest: string;
};

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

function declarations(): Uint8Array[] {
  return PACKAGES.flatMap((name) => {
    const folder = dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(".d.ts"))
      .toSorted()
      .map((file) => new Uint8Array(readFileSync(join(folder, file))));
  });
}

/** Reads and splits the text; equal files count once. */
export function readText(): Text {
  const files = new Map(declarations().map((bytes) => [sha256(bytes).toString("hex"), bytes]));
  const part = (from: number, to: number): Uint8Array => {
    const chosen = [...files].filter(([digest]) => {
      const first = Number.parseInt(digest.slice(0, 2), 16);
      return first >= from && first < to;
    });
    return Buffer.concat(chosen.map(([, bytes]) => bytes));
  };
  const validation = part(0, VALIDATION);
  const test = part(VALIDATION, VALIDATION + TEST);
  const training = part(VALIDATION + TEST, 256);
  const digest = createHash("sha256");
  for (const one of [training, validation, test]) digest.update(sha256(one));
  return { training, validation, test, digest: digest.digest("hex").slice(0, 16) };
}

/** `count` sequences of `context + 1` bytes, evenly spaced. */
export function evenly(text: Uint8Array, context: number, count: number): Int32Array {
  const length = context + 1;
  const stride = Math.floor((text.length - length) / count);
  const tokens = new Int32Array(count * length);
  for (let i = 0; i < count; i++)
    tokens.set(text.subarray(i * stride, i * stride + length), i * length);
  return tokens;
}

/** Sequences that a miner trains on, drawn from its own share of the training text. */
export class Stream {
  readonly #share: Uint8Array;
  readonly #draw: () => number;
  readonly #length: number;

  constructor(
    { training }: Text,
    who: {
      readonly seed: number;
      readonly miner: number;
      readonly miners: number;
      readonly context: number;
    },
  ) {
    const size = Math.floor(training.length / who.miners);
    this.#share = training.subarray(who.miner * size, (who.miner + 1) * size);
    this.#draw = uint32Stream(who.seed, 1000 + who.miner);
    this.#length = who.context + 1;
  }

  /** The next `count` sequences. */
  next(count: number): Int32Array {
    const tokens = new Int32Array(count * this.#length);
    for (let i = 0; i < count; i++) {
      const at = this.#draw() % (this.#share.length - this.#length);
      tokens.set(this.#share.subarray(at, at + this.#length), i * this.#length);
    }
    return tokens;
  }
}
