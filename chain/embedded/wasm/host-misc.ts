/** @file The remaining host functions (heap, log, a code's version), and those that may be imported but trap when called. */
import { toHex } from "../codec/bytes.ts";
import { versionInCode } from "./code.ts";
import { type HostContext, type HostFunctions, giveOptionalBytes } from "./host-context.ts";

const PRINT_LEVEL = 3;

/** Heap and log functions. */
export function miscFunctions(host: HostContext): HostFunctions {
  const { memory, allocator } = host;
  const print = (message: string): void => {
    host.onLog({ level: PRINT_LEVEL, target: "print", message });
  };
  return {
    ext_allocator_malloc_version_1: (size: number) => allocator.allocate(size >>> 0),
    ext_allocator_free_version_1: (pointer: number) => {
      allocator.release(pointer >>> 0);
    },
    ext_logging_log_version_1: (level: number, target: bigint, message: bigint) => {
      host.onLog({ level, target: memory.text(target), message: memory.text(message) });
    },
    ext_logging_max_level_version_1: () => host.maxLogLevel,
    ext_misc_print_num_version_1: (value: bigint) => {
      print(BigInt.asUintN(64, value).toString());
    },
    ext_misc_print_utf8_version_1: (text: bigint) => {
      print(memory.text(text));
    },
    ext_misc_print_hex_version_1: (bytes: bigint) => {
      print(toHex(memory.look(bytes)));
    },
    /** What an upgrade compares with the present version. */
    ext_misc_runtime_version_version_1: (code: bigint) =>
      giveOptionalBytes(host, versionInCode(memory.copy(code))),
    /** Proof recording is off: no proof, no size. */
    ext_storage_proof_size_storage_proof_size_version_1: () =>
      BigInt.asIntN(64, 0xffff_ffff_ffff_ffffn),
  };
}

/**
 * Functions a runtime may import although this host lacks them, because nothing the chain calls reaches them:
 * session keys (keystore), offchain workers, child tries. Calling one is a trap.
 */
export const TRAPPING_IMPORTS: ReadonlySet<string> = new Set([
  "ext_crypto_ed25519_generate_version_1",
  "ext_crypto_ed25519_public_keys_version_1",
  "ext_crypto_ed25519_sign_version_1",
  "ext_crypto_sr25519_generate_version_1",
  "ext_crypto_sr25519_public_keys_version_1",
  "ext_crypto_sr25519_sign_version_1",
  "ext_crypto_ecdsa_generate_version_1",
  "ext_crypto_ecdsa_public_keys_version_1",
  "ext_crypto_ecdsa_sign_version_1",
  "ext_offchain_index_set_version_1",
  "ext_offchain_index_clear_version_1",
  "ext_offchain_is_validator_version_1",
  "ext_offchain_local_storage_get_version_1",
  "ext_offchain_local_storage_set_version_1",
  "ext_offchain_local_storage_clear_version_1",
  "ext_offchain_local_storage_compare_and_set_version_1",
  "ext_offchain_network_state_version_1",
  "ext_offchain_random_seed_version_1",
  "ext_offchain_sleep_until_version_1",
  "ext_offchain_submit_transaction_version_1",
  "ext_offchain_timestamp_version_1",
  "ext_offchain_worker_start_version_1",
  "ext_transaction_index_index_version_1",
  "ext_transaction_index_renew_version_1",
  "ext_default_child_storage_get_version_1",
  "ext_default_child_storage_read_version_1",
  "ext_default_child_storage_set_version_1",
  "ext_default_child_storage_clear_version_1",
  "ext_default_child_storage_clear_prefix_version_2",
  "ext_default_child_storage_exists_version_1",
  "ext_default_child_storage_next_key_version_1",
  "ext_default_child_storage_root_version_2",
  "ext_default_child_storage_storage_kill_version_3",
]);

/** A function that throws its own name. */
export function trappingFunction(name: string): () => never {
  return () => {
    throw new Error(`the runtime called ${name}, which this host does not have`);
  };
}
