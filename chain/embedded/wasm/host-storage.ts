/** @file Host functions of `sp_io::storage` and of the ordered trie root. */
import { bytesOfKey, concat } from "../codec/bytes.ts";
import { ScaleReader, u32 } from "../codec/scale.ts";
import { layoutOf, orderedRoot } from "../state/trie-root.ts";
import {
  type HostContext,
  type HostFunctions,
  giveFat,
  giveOptionalBytes,
  givePointer,
} from "./host-context.ts";
import { sizeOfLast } from "./linear-memory.ts";

function readLimit(option: Uint8Array): number | null {
  const reader = new ScaleReader(option);
  return reader.u8() === 0 ? null : reader.u32();
}

/** The value under a key of the runtime's memory, found without making a text of the key. */
function valueOf({ memory, overlay }: HostContext, key: bigint): Uint8Array | null {
  const from = memory.begin(key);
  return overlay.getAt(memory.bytes(), from, sizeOfLast());
}

/** A key of the runtime's memory as text, the one that the state holds if there is a value. */
function keyOf({ memory, overlay }: HostContext, key: bigint): string {
  const from = memory.begin(key);
  return overlay.keyAt(memory.bytes(), from, sizeOfLast()) ?? memory.key(key);
}

function reading(host: HostContext): HostFunctions {
  const { memory } = host;
  return {
    ext_storage_get_version_1: (key: bigint) => giveOptionalBytes(host, valueOf(host, key)),
    ext_storage_exists_version_1: (key: bigint) => (valueOf(host, key) === null ? 0 : 1),
    /** Copies what fits into `out`; answers Option<u32> = bytes there are after `offset`. */
    ext_storage_read_version_1: (key: bigint, out: bigint, offset: number) => {
      const value = valueOf(host, key);
      if (value === null) return giveFat(host, Uint8Array.of(0));
      const rest = value.subarray(Math.min(offset >>> 0, value.length));
      const target = memory.look(out);
      target.set(rest.subarray(0, target.length));
      return giveFat(host, concat(Uint8Array.of(1), u32(rest.length)));
    },
    ext_storage_next_key_version_1: (key: bigint) => {
      const next = host.overlay.next(memory.key(key));
      return giveOptionalBytes(host, next === null ? null : bytesOfKey(next));
    },
  };
}

function writing(host: HostContext): HostFunctions {
  const { memory } = host;
  return {
    ext_storage_set_version_1: (key: bigint, value: bigint) => {
      host.overlay.set(keyOf(host, key), memory.copy(value));
    },
    ext_storage_clear_version_1: (key: bigint) => {
      host.overlay.remove(memory.key(key));
    },
    ext_storage_append_version_1: (key: bigint, item: bigint) => {
      host.overlay.append(keyOf(host, key), memory.look(item));
    },
    ext_storage_clear_prefix_version_1: (prefix: bigint) => {
      host.overlay.clearPrefix(memory.key(prefix), null);
    },
    /** KillStorageResult: 0 AllRemoved, 1 SomeRemaining, then the number of iterations. */
    ext_storage_clear_prefix_version_2: (prefix: bigint, limit: bigint) => {
      const { all, loops } = host.overlay.clearPrefix(
        memory.key(prefix),
        readLimit(memory.look(limit)),
      );
      return giveFat(host, concat(Uint8Array.of(all ? 0 : 1), u32(loops)));
    },
    ext_storage_start_transaction_version_1: () => {
      host.overlay.begin();
    },
    ext_storage_commit_transaction_version_1: () => {
      host.overlay.commit();
    },
    ext_storage_rollback_transaction_version_1: () => {
      host.overlay.rollback();
    },
  };
}

function roots(host: HostContext): HostFunctions {
  const ordered = (items: bigint, version: number): number => {
    const list = new ScaleReader(host.memory.look(items)).list((reader) => reader.bytes());
    return givePointer(host, orderedRoot(list, layoutOf(version)));
  };
  return {
    ext_storage_root_version_1: () => giveFat(host, host.overlay.stateRoot(0)),
    ext_storage_root_version_2: (version: number) =>
      giveFat(host, host.overlay.stateRoot(layoutOf(version))),
    ext_trie_blake2_256_ordered_root_version_1: (items: bigint) => ordered(items, 0),
    ext_trie_blake2_256_ordered_root_version_2: ordered,
  };
}

/** Storage functions over `host.overlay`. */
export function storageFunctions(host: HostContext): HostFunctions {
  return { ...reading(host), ...writing(host), ...roots(host) };
}
