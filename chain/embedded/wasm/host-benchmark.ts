/**
 * @file Host functions of `frame_benchmarking`: a clock, and a state that can be put back. Nothing but the benchmark runner
 * loads them, so that a runtime built with benchmarks cannot be started as a chain.
 */
import { ScaleReader, byteVector, compact } from "../codec/scale.ts";
import { bytesOfKey, concat, keyOf } from "../codec/bytes.ts";
import { Overlay } from "../state/overlay.ts";
import { type TrieRoot } from "../state/trie.ts";
import { type HostContext, type HostFunctions, giveFat, givePointer } from "./host-context.ts";

const U128_BYTES = 16;
/** Four counters: reads and writes are not counted, for to count them would be part of what is measured. */
const NO_COUNTS = new Uint8Array(16);
const NO_ITEMS = Uint8Array.of(0);
const NONE = Uint8Array.of(0);
const STATE_VERSION = 1;

/** What a benchmark begins from and goes back to, and the clock it is measured by. */
export type BenchmarkWorld = {
  state: TrieRoot;
  readonly nowNs: () => bigint;
};

/** `TrackedStorageKey` but its key: reads, writes, whether it is white, its child trie. */
const TRACKED_REST_BYTES = 4 + 4 + 1;

function clock(host: HostContext, world: BenchmarkWorld): HostFunctions {
  return {
    /** Nanoseconds as u128; only differences of it are used. */
    ext_benchmarking_current_time_version_1: () => {
      const time = new Uint8Array(U128_BYTES);
      new DataView(time.buffer).setBigUint64(0, world.nowNs(), true);
      return givePointer(host, time);
    },
    ext_benchmarking_read_write_count_version_1: () => giveFat(host, NO_COUNTS),
    ext_benchmarking_reset_read_write_count_version_1: () => undefined,
    ext_benchmarking_get_read_and_written_keys_version_1: () => giveFat(host, NO_ITEMS),
    ext_benchmarking_proof_size_version_1: () => giveFat(host, NONE),
  };
}

function states(host: HostContext, world: BenchmarkWorld): HostFunctions {
  let isHashed = false;
  return {
    ext_benchmarking_wipe_db_version_1: () => {
      host.overlay = new Overlay(world.state);
      isHashed = false;
    },
    /**
     * What is pending becomes the state. It is called before what is measured, and after it; the first time all of it is
     * hashed, so that the root asked for afterwards costs what the measured changes cost.
     */
    ext_benchmarking_commit_db_version_1: () => {
      host.overlay = new Overlay(host.overlay.root);
      if (!isHashed) host.overlay.stateRoot(STATE_VERSION);
      isHashed = true;
    },
  };
}

function tracked(reader: ScaleReader): readonly [key: string, rest: Uint8Array] {
  const key = reader.bytes();
  const rest = reader.take(TRACKED_REST_BYTES);
  const child = reader.u8() === 0 ? NONE : concat(Uint8Array.of(1), byteVector(reader.bytes()));
  return [keyOf(key), concat(rest, child)];
}

/** Keys that a node would not count. Here nothing is counted, but what was set is answered. */
function whitelist(host: HostContext): HostFunctions {
  let keys: ReadonlyMap<string, Uint8Array> = new Map();
  return {
    ext_benchmarking_get_whitelist_version_1: () => {
      const items = [...keys].map(([key, rest]) => concat(byteVector(bytesOfKey(key)), rest));
      return giveFat(host, concat(compact(items.length), ...items));
    },
    ext_benchmarking_set_whitelist_version_1: (list: bigint) => {
      keys = new Map(new ScaleReader(host.memory.copy(list)).list(tracked));
    },
    ext_benchmarking_add_to_whitelist_version_1: (item: bigint) => {
      keys = new Map([...keys, tracked(new ScaleReader(host.memory.copy(item)))]);
    },
    ext_benchmarking_remove_from_whitelist_version_1: (key: bigint) => {
      const gone = host.memory.key(key);
      keys = new Map([...keys].filter(([one]) => one !== gone));
    },
  };
}

/** All of `frame_benchmarking`'s functions. `world.state` may be exchanged between two calls. */
export function benchmarkFunctions(host: HostContext, world: BenchmarkWorld): HostFunctions {
  return { ...clock(host, world), ...states(host, world), ...whitelist(host) };
}
