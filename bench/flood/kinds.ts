/** @file What strangers flood a chain with. */

/** Kinds of flood, by name. */
export const KINDS = [
  "metadata",
  "runtime-calls",
  "history",
  "old-states",
  "small",
  "nested",
  "malformed",
  "forged",
  "subscriptions",
  "never-read",
  "idle",
] as const;

/** A kind of flood. */
export type Kind = (typeof KINDS)[number];

/** What a stranger knows of the chain. */
export type Known = {
  readonly genesis: string;
  /** Hash of a block by its number. */
  readonly blocks: readonly string[];
  /** A signed extrinsic, in hex, without 0x. */
  readonly extrinsic: string;
};

/** Who comes, and how. */
export type Manner = {
  readonly sockets: number;
  readonly isReading: boolean;
  /** Requests of each; then it is silent. */
  readonly requests: number;
};

/** System.Events and System.Number. */
const KEYS = [
  "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7",
  "0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac",
];
const FLOODERS = 4;
const CROWD = 256;
const NESTED_BYTES = 7_900_000;
const WEEDS = ["{", "[]", "nonsense", '{"jsonrpc":"2.0"}', `[${"[".repeat(200)}`, '"\\', "\u0000"];
/** Where a v4 extrinsic with a signature of 64 bytes has it: length, version, kind and account before it. */
const SIGNATURE_AT = 2 * (2 + 1 + 1 + 32 + 1);
const SIGNATURE_DIGITS = 16;

/** How many come, whether they read, and how much they ask. */
export function mannerOf(kind: Kind): Manner {
  if (kind === "never-read") return { sockets: CROWD, isReading: false, requests: Infinity };
  if (kind === "idle") return { sockets: CROWD, isReading: true, requests: 0 };
  if (kind === "malformed") return { sockets: FLOODERS, isReading: true, requests: 5000 };
  return { sockets: FLOODERS, isReading: true, requests: Infinity };
}

function request(id: number, method: string, params: readonly unknown[] = []): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

function hexOf(id: number): string {
  return `0x${id.toString(16).padStart(16, "0")}`;
}

function forged(extrinsic: string, id: number): string {
  const digits = id.toString(16).padStart(SIGNATURE_DIGITS, "0");
  const end = SIGNATURE_AT + SIGNATURE_DIGITS;
  return `0x${extrinsic.slice(0, SIGNATURE_AT)}${digits}${extrinsic.slice(end)}`;
}

const NESTED = "[".repeat(NESTED_BYTES);
/** As wide as a request may be, and not deep. */
const WIDE = `[${"0,".repeat(NESTED_BYTES / 2)}0]`;

type Maker = (id: number, known: Known) => string;
const MAKERS: Readonly<Record<Kind, Maker>> = {
  metadata: (id) => request(id, "state_getMetadata"),
  // Calls that trap, and long ones on states that nobody asked about yet.
  "runtime-calls": (id, { blocks }) =>
    id % 2 === 0
      ? request(id, "state_call", ["Metadata_metadata", hexOf(id)])
      : request(id, "state_call", ["Metadata_metadata", "0x", blocks.at(-1 - (id % 200))]),
  history: (id, { blocks }) =>
    request(id, "state_queryStorage", [KEYS, blocks[id % 2 === 0 ? 1 : blocks.length - 256]]),
  "old-states": (id, { blocks }) =>
    request(id, "state_getStorage", [KEYS[1], blocks[(id * 7919) % blocks.length]]),
  small: (id) => request(id, "system_health"),
  nested: (id) => (id % 2 === 0 ? NESTED : WIDE),
  malformed: (id) => WEEDS[id % WEEDS.length] ?? "",
  forged: (id, { extrinsic }) => request(id, "author_submitExtrinsic", [forged(extrinsic, id)]),
  subscriptions: (id) =>
    id % 2 === 0
      ? request(id, "state_subscribeStorage", [KEYS])
      : request(id, "chain_subscribeNewHeads"),
  "never-read": (id) => request(id, "state_getMetadata"),
  idle: () => "",
};

/** The `id`-th request of a flood; ids differ between strangers. */
export function requestOf(kind: Kind, id: number, known: Known): string {
  return MAKERS[kind](id, known);
}
