/** @file One fault of each code, for tests that must hold for all of them; the compiler requires that none is forgotten. */
import type { FaultOf } from "../../base/fault.ts";
import type { ChainFault } from "../../chain/errors.ts";
import type { KernelErrorCode } from "../../kernels/errors.ts";
import type { Fault, FaultCode } from "../../src/faults.ts";

const WHERE = { service: "axon", host: "127.0.0.1", port: 1 } as const;
const ENDPOINT = "ws://127.0.0.1:1";

/** Faults of src/ by code. */
export const ASSAY_FAULTS: { readonly [C in FaultCode]: FaultOf<Fault, C> } = {
  "bad-option": { code: "bad-option", detail: "There is no option --netiud." },
  "port-in-use": { code: "port-in-use", ...WHERE },
  "port-privileged": { code: "port-privileged", ...WHERE },
  "address-foreign": { code: "address-foreign", ...WHERE },
  "host-unknown": { code: "host-unknown", ...WHERE },
  "data-unreadable": { code: "data-unreadable", path: "/data", reason: "gone" },
  "data-malformed": { code: "data-malformed", path: "/data/x.bin", reason: "cut short" },
  "data-source-failed": {
    code: "data-source-failed",
    address: "http://127.0.0.1:1/x.bin",
    reason: "HTTP 404",
  },
  "token-outside": {
    code: "token-outside",
    path: "/data/x.bin",
    place: 7,
    token: 50_256,
    vocabulary: 256,
  },
  "tokenizer-invalid": { code: "tokenizer-invalid", path: "/data/t.json", reason: "no JSON" },
  "page-corrupt": {
    code: "page-corrupt",
    page: 3,
    expected: "00",
    found: "01",
    source: "http://127.0.0.1:1/x.bin",
  },
  "data-too-small": { code: "data-too-small", pages: 1, needed: 2 },
  "held-out-too-small": { code: "held-out-too-small", bytes: 1, needed: 2, found: "x" },
  "disk-full": { code: "disk-full", path: "/x" },
  "file-refused": {
    code: "file-refused",
    path: "/x/y",
    standing: "/x",
    reason: "permission denied",
    flag: "--state",
  },
  "blob-missing": { code: "blob-missing", digest: "0x00" },
  "blob-corrupt": { code: "blob-corrupt", digest: "0x00", found: "0x01" },
  "queue-unavailable": { code: "queue-unavailable", place: "redis://host", reason: "no answer" },
  "worker-refused": { code: "worker-refused", url: "http://127.0.0.1:1", reason: "it lies" },
  "blob-oversized": { code: "blob-oversized", digest: "0x00", bytes: 2, limitBytes: 1 },
  "peer-timeout": { code: "peer-timeout", url: "http://127.0.0.1:1" },
  "peer-oversized": { code: "peer-oversized", url: "http://127.0.0.1:1", limitBytes: 1 },
  "peer-unreachable": { code: "peer-unreachable", url: "http://127.0.0.1:1", reason: "refused" },
  "peer-refused": {
    code: "peer-refused",
    url: "http://127.0.0.1:1",
    refusal: "stale-request",
    reason: "old",
  },
  "manifest-invalid": { code: "manifest-invalid", reason: "name: too long" },
  "checkpoint-invalid": { code: "checkpoint-invalid", reason: "trailing bytes", path: "/x" },
  "run-damaged": { code: "run-damaged", path: "/x", reason: "gone", exportable: true },
  "pages-too-few": { code: "pages-too-few", pages: 16, neurons: 13 },
  "run-unsupported": { code: "run-unsupported", found: "assay/run/9", known: "assay/run/3" },
  "run-not-published": { code: "run-not-published", netuid: 1 },
  "update-malformed": { code: "update-malformed", reason: "length" },
  "record-corrupt": { code: "record-corrupt", path: "/x", reason: "line 3" },
  "state-corrupt": { code: "state-corrupt", path: "/x", reason: "digest" },
  "state-in-use": { code: "state-in-use", path: "/x" },
  "not-registered": { code: "not-registered", hotkey: "5F", netuid: 1, wallet: "w" },
  "not-enough-funds": {
    code: "not-enough-funds",
    account: "5F",
    haveRao: 1n,
    needRao: 2n,
    purpose: "Registering",
  },
  "not-owner": { code: "not-owner", netuid: 1, owner: "5F", found: "5G" },
  "run-live": { code: "run-live", netuid: 1, runId: "0x00", reason: "endless", earliest: 7 },
  "parameter-refused": {
    code: "parameter-refused",
    netuid: 1,
    refused: [{ key: "hyperparameters.rho", reason: "too early" }],
    next: "Push again later.",
    run: { again: {} },
  },
  "amendment-refused": {
    code: "amendment-refused",
    reason: "too late",
    next: "Look.",
    run: { ours: "subnet status" },
  },
  "not-enough-stake": {
    code: "not-enough-stake",
    hotkey: "5F",
    netuid: 1,
    haveRao: 1n,
    needRao: 2n,
  },
  "stake-unbacked": { code: "stake-unbacked", netuid: 1, redeemableRao: 2_500_000_000n },
  "no-faucet": { code: "no-faucet", endpoint: ENDPOINT, chain: "Bittensor", account: "5F" },
  "verdict-missing": { code: "verdict-missing", window: 3, hotkey: "5F", reason: "nobody answers" },
  "output-lost": { code: "output-lost", reason: "no space", look: { help: true } },
  declined: { code: "declined" },
  "simulation-failed": { code: "simulation-failed", reason: "out of memory" },
  "node-died": { code: "node-died", role: "miner-1", exitCode: 1, logPath: "/log" },
};

const SENT = { hash: "0x00", lastBlock: 129 };

/** Faults of chain/ by code. */
export const CHAIN_FAULTS: { readonly [C in ChainFault["code"]]: FaultOf<ChainFault, C> } = {
  "chain-unreachable": { code: "chain-unreachable", endpoint: ENDPOINT },
  "wrong-genesis": { code: "wrong-genesis", expected: "0x00", found: "0x01", endpoint: ENDPOINT },
  "extrinsic-invalid": { code: "extrinsic-invalid", reason: "Payment", detail: "" },
  "extrinsic-failed": {
    code: "extrinsic-failed",
    pallet: "Balances",
    error: "X",
    docs: "two\nlines",
  },
  "extrinsic-timeout": {
    code: "extrinsic-timeout",
    endpoint: ENDPOINT,
    sent: SENT,
    timeoutMs: 1000,
  },
  "rpc-failed": { code: "rpc-failed", endpoint: ENDPOINT, method: "m", reason: "r" },
  "runtime-incompatible": { code: "runtime-incompatible", item: "i", expected: "a", found: "b" },
  "port-in-use": { code: "port-in-use", ...WHERE, service: "chain" },
  "port-privileged": { code: "port-privileged", ...WHERE, service: "chain" },
  "address-foreign": { code: "address-foreign", ...WHERE },
  "host-unknown": { code: "host-unknown", ...WHERE },
  "disk-full": { code: "disk-full", path: "/x" },
  "database-unreadable": { code: "database-unreadable", path: "/x" },
  "database-foreign": {
    code: "database-foreign",
    path: "/x",
    found: "0x00",
    expected: "0x01",
    foundMs: 400,
    expectedMs: 401,
  },
  "database-in-use": { code: "database-in-use", path: "/x" },
  "database-refused": { code: "database-refused", path: "/x", reason: "unable to open" },
  "shield-keys-unreadable": {
    code: "shield-keys-unreadable",
    path: "/x",
    reason: "unable to open",
  },
  "runtime-import-missing": { code: "runtime-import-missing", names: ["a"] },
  "runtime-trap": { code: "runtime-trap", call: "c", log: "l" },
  "runtime-unreadable": { code: "runtime-unreadable", path: "/x" },
  "genesis-invalid": { code: "genesis-invalid", reason: "r" },
  "wallet-missing": { code: "wallet-missing", path: "/x", wallet: "w", known: [] },
  "key-missing": { code: "key-missing", path: "/x", wallet: "w", kind: "coldkey", known: [] },
  "wallet-forbidden": { code: "wallet-forbidden", path: "/x" },
  "wallet-unreadable": { code: "wallet-unreadable", path: "/x", reason: "r" },
  "wallet-wrong-password": { code: "wallet-wrong-password", path: "/x" },
  "wallet-locked": { code: "wallet-locked", path: "/x", kind: "hotkey" },
  "wallet-exists": { code: "wallet-exists", path: "/x" },
  "wallet-unsupported": { code: "wallet-unsupported", path: "/x", format: "Fernet" },
  "wallet-folder-refused": { code: "wallet-folder-refused", path: "/x", reason: "r" },
  "phrase-invalid": { code: "phrase-invalid" },
  "invalid-name": { code: "invalid-name", name: "a/b", option: "wallet" },
  "invalid-address": { code: "invalid-address", text: "t" },
  "subnet-missing": { code: "subnet-missing", netuid: 7 },
};

/** More chain faults: those whose words depend on their fields. */
export const CHAIN_VARIANTS: readonly ChainFault[] = [
  ...(
    ["refused", "host-unknown", "silent", "not-a-node", "tls", "certificate", "lost"] as const
  ).map((trouble): ChainFault => ({ code: "chain-unreachable", endpoint: ENDPOINT, trouble })),
  { code: "chain-unreachable", endpoint: ENDPOINT, trouble: "lost", sent: SENT },
  {
    code: "database-foreign",
    path: "/x",
    found: "0x00",
    expected: "0x01",
    foundMs: 400,
    expectedMs: 400,
  },
  { code: "wallet-forbidden", path: "/x/y", folder: "/x" },
  { code: "subnet-missing", netuid: 7, known: [] },
  { code: "subnet-missing", netuid: 7, known: [1, 2] },
  { code: "genesis-invalid", reason: "r", option: "--genesis /x" },
  { code: "wallet-missing", path: "/x", wallet: "w", known: ["a/default"] },
  {
    code: "key-missing",
    path: "/x",
    wallet: "w",
    kind: "hotkey",
    hotkey: "h",
    known: ["default"],
  },
  { code: "wallet-locked", path: "/x", kind: "coldkey" },
  { code: "wallet-unreadable", path: "/w/coldkey", reason: "r" },
  { code: "invalid-name", name: "/", option: "hotkey" },
];

/** Codes of kernels/: all have the same fields. */
export const KERNEL_CODES: { readonly [C in KernelErrorCode]: C } = {
  "bad-config": "bad-config",
  "bad-argument": "bad-argument",
  "shape-mismatch": "shape-mismatch",
  "graph-invalid": "graph-invalid",
  "device-refused": "device-refused",
  "device-lost": "device-lost",
  "worker-crashed": "worker-crashed",
  "not-finite": "not-finite",
  closed: "closed",
  "artifact-missing": "artifact-missing",
};
