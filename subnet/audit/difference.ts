/** @file A place where the record of a run and what follows from the chain are not the same. */
import type { Hex } from "../../src/protocol/digest.ts";

/** What is compared, in the order in which one follows from the other. */
type Part =
  | "blobs"
  | "parameters"
  | "records"
  | "scores"
  | "weights"
  | "log"
  | "losses"
  | "payouts";

/** One difference. What does not apply is null. */
export type Difference = {
  readonly part: Part;
  readonly window: number | null;
  /** Hotkey of the validator whose record it is. */
  readonly validator: Hex | null;
  readonly uid: number | null;
  readonly field: string;
  readonly recorded: string;
  readonly derived: string;
  /** The file, where it is one. */
  readonly path: string | null;
};

/** A difference of which only what applies is given. */
export type Found = Pick<Difference, "part" | "field"> &
  Partial<Omit<Difference, "recorded" | "derived">> & {
    readonly recorded: unknown;
    readonly derived: unknown;
  };

const SHOWN = 200;

/** A value as text: what is text already as it is, the rest as JSON. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

/** A difference with null for what does not apply. */
export function difference(found: Found): Difference {
  const { part, field, window = null, validator = null, uid = null, path = null } = found;
  const [recorded, derived] = [shown(found.recorded), shown(found.derived)];
  return { part, window, validator, uid, field, recorded, derived, path };
}

const PARTS: readonly Part[] = [
  "blobs",
  "parameters",
  "records",
  "scores",
  "weights",
  "log",
  "losses",
  "payouts",
];

/** Differences, the one that comes first in the run at the front; in a window, what others follow from. */
export function inOrder(differences: readonly Difference[]): readonly Difference[] {
  const windowOf = ({ window }: Difference): number => window ?? -1;
  return differences.toSorted(
    (a, b) => windowOf(a) - windowOf(b) || PARTS.indexOf(a.part) - PARTS.indexOf(b.part),
  );
}

/** A difference as one line. */
export function differenceText(one: Difference): string {
  const place = [
    one.window === null ? null : `window ${one.window}`,
    one.validator === null ? null : `validator ${one.validator}`,
    one.uid === null ? null : `uid ${one.uid}`,
    one.field,
  ].filter((part) => part !== null);
  const file = one.path === null ? "" : ` (${one.path})`;
  return `${one.part}: ${place.join(", ")}: recorded ${one.recorded}, derived ${one.derived}${file}`;
}
