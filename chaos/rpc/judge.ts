/** @file What the chain's own record says of a client that went through faults: what came, what came twice, what was read that is not there. */
import type { EmbeddedChain } from "../../chain/embedded/chain.ts";
import { Runtime } from "../../chain/client/runtime.ts";
import { hexOf } from "../../chain/wallet/hex.ts";
import { callsOf, type Duties, type Tempo } from "./duties.ts";
import type { Endpoint } from "./stage.ts";

/** Blocks in which an endpoint had a fault. */
export type Sickness = { readonly endpoint: number; readonly from: number; readonly to: number };

/** What is found. */
export type Judged = {
  /** Tempos through all of which one endpoint was well. */
  readonly due: number;
  /** Of those, in which the weights came in time. */
  readonly set: number;
  /** Signed extrinsics on the chain, and how many of them repeat the call of another. */
  readonly extrinsics: number;
  readonly duplicates: number;
  /** Heads that were read, and how many of them are not the chain's. */
  readonly heads: number;
  readonly foreignHeads: number;
  /** Reads at a block that was not final then. */
  readonly notFinal: number;
  readonly causes: readonly string[];
};

/** Nothing is signed with it. */
const NO_VERSION = { specVersion: 0, transactionVersion: 0 };

/** One signed extrinsic of the record. */
type Recorded = { readonly block: number; readonly method: string; readonly hex: string };

/** All signed extrinsics of a chain, by its metadata. */
function recordedOf(chain: EmbeddedChain): readonly Recorded[] {
  const { registry } = new Runtime(hexOf(metadataOf(chain)), NO_VERSION);
  const found: Recorded[] = [];
  for (let number = 1; number <= chain.head().number; number++) {
    const block = chain.block(chain.blockHash(number) ?? undefined);
    for (const bytes of block?.extrinsics ?? []) {
      const extrinsic = registry.createType("Extrinsic", bytes);
      const method = extrinsic.method.toHex();
      if (extrinsic.isSigned) found.push({ block: number, method, hex: hexOf(bytes) });
    }
  }
  return found;
}

/** Bytes of a compact number by its two lowest bits. */
const COMPACT_BYTES = [1, 2, 4];

/** The bytes of the metadata behind their length. */
function metadataOf(chain: EmbeddedChain): Uint8Array {
  const answer = chain.call("Metadata_metadata", new Uint8Array(), chain.head().hash);
  return answer.subarray(COMPACT_BYTES[(answer[0] ?? 0) & 3] ?? 1);
}

const wordsOf = (value: number): string => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes.toString("hex");
};

/** The values of a weight vector as they stand in its call. */
function weightsMark(tempo: Tempo): string {
  const { values } = callsOf(tempo).weights;
  return values.map(wordsOf).join("");
}

/** Whether one endpoint was well all through a tempo. */
function isDue({ first, last }: Tempo, endpoints: number, sick: readonly Sickness[]): boolean {
  return Array.from({ length: endpoints }, (_, endpoint) => endpoint).some(
    (endpoint) =>
      !sick.some((one) => one.endpoint === endpoint && one.from <= last && one.to >= first),
  );
}

/** Judges one play. */
export function judged(
  chain: EmbeddedChain,
  duties: Duties,
  {
    endpoints,
    sick,
  }: { readonly endpoints: readonly Endpoint[]; readonly sick: readonly Sickness[] },
): Judged {
  const record = recordedOf(chain);
  const height = chain.head().number;
  const counted = new Map<string, number>();
  for (const { method } of record) counted.set(method, (counted.get(method) ?? 0) + 1);
  const repeated = [...counted.values()].filter((times) => times > 1);
  const duplicates = repeated.reduce((sum, times) => sum + times - 1, 0);
  // The first tempo had begun before, the last is not over.
  const whole = duties.tempos.slice(1).filter(({ last }) => last < height);
  const due = whole.filter((tempo) => isDue(tempo, endpoints.length, sick));
  const isSet = (tempo: Tempo): boolean =>
    record.some(
      ({ block, method }) =>
        block >= tempo.first && block <= tempo.last && method.includes(weightsMark(tempo)),
    );
  const missed = due.filter((tempo) => !isSet(tempo));
  const foreign = duties.heads.filter(({ number, hash }) => chain.blockHash(number) !== hash);
  const notFinal = endpoints.flatMap(({ proxy }) => proxy.notFinal);
  const found = {
    due: due.length,
    set: due.length - missed.length,
    extrinsics: record.length,
    duplicates,
    heads: duties.heads.length,
    foreignHeads: foreign.length,
    notFinal: notFinal.length,
  };
  const causes = [
    ...duties.causes,
    ...missed.map(({ first, last }) => `no weights in the tempo of blocks ${first} to ${last}`),
    ...(duplicates > 0 ? [`${duplicates} extrinsics repeat the call of another`] : []),
    ...foreign.map(
      ({ number, hash }) => `block ${number} was read as ${hash}, which the chain has not`,
    ),
    ...notFinal.map((read) => `read before it was final: ${read}`),
    ...(due.length === 0 ? ["no tempo was whole"] : []),
  ];
  return { ...found, causes };
}
