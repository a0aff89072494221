/** @file What a page is about: a subnet, the run on it, and what the process that serves the page knows itself. */
import type { LocalView, NowView } from "../api/page.ts";
import type { Losses } from "../api/types.ts";
import type { PageText } from "../network/page-route.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Standing } from "../protocol/standing.ts";
import type { AmendedRun } from "../run/amendments.ts";
import type { Subnet } from "../run/subnet.ts";

/** Who a hotkey is on this machine. */
export type Known = { readonly name: string; readonly kind: string };

/**
 * What is known of a run's amendments. A node only looks at what it holds, since an older window would make its own fold begin anew;
 * null where it does not know.
 */
export type Standings = { standingAt(window: number): Standing | null | Promise<Standing> };

/** What a page shows, and how it learns of it. */
export type Subject = {
  readonly subnet: Subnet;
  /** The run that this process is in, and what its owner has amended; null before it joined one. */
  run(): { readonly run: AmendedRun; readonly amendments: Standings } | null;
  node(): NowView["node"] & { readonly publicKey: Hex };
  /** Its own record of a window, as it serves it. */
  record(window: number): string | null;
  /** Its own held-out losses. */
  losses(from: number): Losses;
  /** Who others are, where this process started them. */
  who(hotkey: Hex): Known | null;
  local(): LocalView | null;
  /** Told what keeps the page from looking, beside a chain or a validator that does not answer: a mistake of ours. */
  fault(error: unknown): void;
  /** What the model writes after a prompt, or (null) its samples, where this process holds it. */
  readonly text?: (prompt: string | null) => Promise<PageText>;
  /** How long a window took, where this process made its blocks. */
  seconds(window: number): number | null;
};
