/** @file What a link to a chain tells of its connection. */
import type { ChainError } from "../errors.ts";

/** What happened to a link after it was open; it goes on searching until it is closed. */
export type ConnectionNews =
  /** `fault`: why it was left, where it did not end by itself. */
  | { readonly kind: "lost"; readonly endpoint: string; readonly fault?: ChainError }
  /** Why the search fails; told again only when the reason changes. */
  | { readonly kind: "searching"; readonly fault: ChainError }
  /** `from`: the endpoint that was used before, where it is another. */
  | {
      readonly kind: "back";
      readonly endpoint: string;
      readonly from?: string;
      readonly awayMs: number;
    }
  /** Another endpoint than the one in use is of no use; told again only when the reason changes. */
  | { readonly kind: "unused"; readonly fault: ChainError };
