/** @file The words a person reads about each way in which Assay itself can fail, and the one error that carries them. */
import { DISK_TEXTS } from "../base/files.ts";
import { after, explain, FaultError, inLine, type Texts } from "../base/fault.ts";
import { FORMAT_TEXTS } from "../base/formats.ts";
import { taoDigits, taoText } from "../base/tao.ts";
import { LISTEN_TEXTS } from "../base/listen.ts";
import type { Fault, FaultCode } from "./faults.ts";

const KEYS = ["wallet", "hotkey", "walletFolder"] as const;
const NETWORK = ["netuid", "endpoint", "genesis"] as const;
/** What a command about a coldkey on a chain takes. */
const COLDKEY = ["wallet", "walletFolder", "endpoint", "genesis"] as const;
/** Beside the amount itself: fees, and what an account must keep to exist. */
const RESERVE_RAO = 10_000_000n;
/** Entries that an embedding may have. */
const MOST_VOCABULARY = 4_194_304;
const releaseOf = (format: string): number => Number(/\d+$/.exec(format)?.[0]);

const TEXTS: Texts<Fault> = {
  ...LISTEN_TEXTS,
  ...DISK_TEXTS,
  ...FORMAT_TEXTS,
  "held-out-too-small": ({ bytes, needed, found }) => ({
    cause: `Only ${bytes} bytes of the text are held out to measure the loss on, but at least ${needed} are needed${after(found)}.`,
    next: "Name a folder with more text, in more files, with --data.",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "bad-option": ({ detail, next, run }) => ({
    cause: `${inLine(detail)}.`,
    next: next ?? "See every option and its allowed values.",
    commands: [run ?? { help: true }],
  }),
  "data-unreadable": ({ path, reason }) => ({
    cause: `The training data at ${path} cannot be read${after(reason)}.`,
    next: "Check that the path exists and is readable, or name another with --data.",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "data-malformed": ({ path, reason, next, run }) => ({
    cause: `The training data ${path} cannot be used${after(reason)}.`,
    next: next ?? "Make it anew, or name other data with --data.",
    commands: [run ?? { again: { data: "node_modules" } }],
  }),
  "data-source-failed": ({ address, reason, next, run }) => ({
    cause: `${address} does not hand out its data${after(reason)}.`,
    next: next ?? "Check the address and try again; a copy on this machine works as well.",
    commands: [run ?? { again: {} }],
  }),
  "token-outside": ({ path, place, token, vocabulary }) => ({
    cause: `Token ${place} of ${path} is ${token}, but the model's vocabulary ends at ${vocabulary - 1}.`,
    next: "Give the model the vocabulary of the data's tokenizer, or check data.tokenType.",
    commands: [{ again: { set: `model.vocabulary=${Math.min(token + 1, MOST_VOCABULARY)}` } }],
  }),
  "tokenizer-invalid": ({ path, reason }) => ({
    cause: `The tokenizer ${path} cannot be used${after(reason)}.`,
    next: "Name the tokenizer.json of a Hugging Face model, or leave it out: then a token is a byte.",
    commands: [{ help: true }],
  }),
  "page-corrupt": ({ page, expected, found, source }) => ({
    cause: `Page ${page} from ${source} is not what the run's data manifest names: its SHA-256 is ${found}, not ${expected}.`,
    next: "Another source is asked where there is one; else delete that copy and start again.",
    commands: [{ again: {} }],
  }),
  "data-too-small": ({ pages, needed, found = "" }) => ({
    cause: `The training data makes ${pages} pages, but this run needs at least ${needed}${after(found)}.`,
    next: "Name a folder with more text with --data, or start fewer nodes (--miners, --attack none).",
    commands: [{ again: { data: "node_modules" } }],
  }),
  "file-refused": ({ path, standing, reason, flag }) => ({
    cause: `The system refuses ${path}${flag === undefined ? "" : ` (from ${flag})`}${after(reason)}.`,
    next: `Look at what stands in the way, then mend it${flag === undefined ? "" : `, or name another place with ${flag}`}.`,
    commands: [{ system: ["ls", "-ld", standing] }],
  }),
  "blob-missing": ({ digest, late }) => ({
    cause:
      late === undefined
        ? `No reachable node serves the blob ${digest}.`
        : `No node handed out the blob ${digest} in time${after(late)}.`,
    next:
      late === undefined
        ? "Wait for a node that holds it to come back, then start again: every node is asked."
        : "Check this machine's connection, or wait until those nodes are less busy, then start again.",
    commands: [{ again: {} }],
  }),
  "blob-corrupt": ({ digest, found, place }) => ({
    cause: `Bytes offered as ${digest}${place === undefined ? "" : ` at ${place}`} hash to ${found}, so they were thrown away.`,
    next: "Nothing to do: another peer is asked. If no peer helps, delete the local copy and retry.",
    commands: [{ again: {} }],
  }),
  "store-failed": ({ place, reason, next, run }) => ({
    cause: `${place} cannot be used${after(reason)}.`,
    next:
      next ??
      "Check AWS_ENDPOINT_URL_S3, the bucket's name and this machine's connection, then start again.",
    commands: [run ?? { again: {} }],
  }),
  "blob-oversized": ({ digest, bytes, limitBytes }) => ({
    cause: `The blob ${digest} has ${bytes} bytes, more than the ${limitBytes} that are allowed here.`,
    next: "Nothing to do: it cannot be what it was named as, so it was not read.",
  }),
  "peer-timeout": ({ url, came = "" }) => ({
    cause: `${url} did not answer in time${after(came)}.`,
    next: "It is tried again. If it stays silent, check that node and the network between.",
    commands: [{ again: {} }],
  }),
  "peer-oversized": ({ url, limitBytes }) => ({
    cause: `${url} sent more than the ${limitBytes} bytes allowed here, so the answer was cut off.`,
    next: "Nothing to do: the peer is ignored for this request.",
  }),
  "peer-unreachable": ({ url, reason }) => ({
    cause: `${url} cannot be reached${after(reason)}.`,
    next: "Check that the node runs and that its published address and port are right.",
    commands: [{ again: {} }],
  }),
  "peer-refused": ({ url, refusal, reason }) => ({
    cause: `${url} refuses this node's signed request (${refusal})${after(reason)}.`,
    ...(refusal === "denied" || refusal === "no-such-question"
      ? { next: "Ask it something else, or whoever runs it.", commands: [{ help: true }] }
      : {
          next: "Compare this machine's clock with others; until then the peer is asked as a stranger.",
          commands: [{ system: ["date", "-u"] }],
        }),
  }),
  "queue-unavailable": ({ place, reason }) => ({
    cause: `The queue of evaluations cannot be opened at ${place}${after(reason)}.`,
    next: "Start that Redis or correct REDIS_URL; without it a redis-server of this machine is used, or a database inside the validator.",
    commands: [{ again: {} }],
  }),
  "worker-refused": ({ url, reason }) => ({
    cause: `The validator at ${url} refuses this worker${after(reason)}.`,
    next: "Mend what it names on this machine, or have the validator allow this hotkey (--worker-hotkeys), then start again.",
    commands: [{ again: {} }],
  }),
  "manifest-invalid": ({ reason }) => ({
    cause: `The run manifest is not valid${after(reason)}.`,
    next: "Its owner must correct it and publish it again.",
    commands: [{ again: {} }],
  }),
  "checkpoint-invalid": ({ reason, path }) => ({
    cause: `${path === undefined ? "The checkpoint" : `The checkpoint ${inLine(path)}`} cannot be used${after(reason)}.`,
    next: "Name a safetensors file of this very model, as subnet export writes it, or a Hugging Face folder whose sizes the configuration has (subnet init --from).",
    commands: [{ help: true }],
  }),
  "run-damaged": ({ path, reason, exportable = false }) => ({
    cause: `The run in ${path} is damaged${after(reason)}.`,
    next: exportable
      ? "This run cannot go on, but its model can be exported."
      : "Put a backup in its place or name another run; export and generate also take a --checkpoint with its --manifest.",
    commands: exportable
      ? [{ ours: "subnet export", set: { run: path, output: "model" } }]
      : [{ help: true }],
  }),
  "pages-too-few": ({ pages, neurons }) => ({
    cause: `The run has ${pages} pages of text, too few for the ${neurons} neurons of its subnet: three quarters of them are dealt out in a window, at least one to each.`,
    next: "Ask the subnet's owner to publish a run with more text or smaller pages; then start again.",
    commands: [{ again: {} }],
  }),
  "run-unsupported": ({ found, known }) => ({
    cause: `The run is written in ${found}, but this release of Assay takes part in runs of ${known}.`,
    next:
      releaseOf(found) > releaseOf(known)
        ? "Update Assay (git pull && npm ci); then start again."
        : "Ask the subnet's owner to publish a run of this release, or take part with the release that the run was published with; then start again.",
    commands: [{ again: {} }],
  }),
  "run-not-published": ({ netuid }) => ({
    cause: `Subnet ${netuid} has published no run (no assay:run= in its identity).`,
    next: "Ask the subnet's owner to publish it, or check --netuid and --endpoint.",
    commands: [{ again: {} }],
  }),
  "update-malformed": ({ reason }) => ({
    cause: `The update is not a valid encoding${after(reason)}.`,
    next: "Run the same release of Assay as the validators; the next window gets a new update.",
  }),
  "record-corrupt": ({ path, reason }) => ({
    cause: `The window record ${path} is damaged${after(reason)}.`,
    next: "Put a backup in its place, or move it away: the validator then begins a new one.",
    commands: [{ system: ["mv", path, `${path}.damaged`] }, { again: {} }],
  }),
  "scorer-invalid": ({ path, reason }) => ({
    cause: `The scorer ${path} cannot be used${after(reason)}.`,
    next: "It has to export a pure function weigh that gives one weight from 0 to 65535 for each score.",
    commands: [{ again: {} }],
  }),
  "state-corrupt": ({ path, reason }) => ({
    cause: `The saved state ${path} is damaged${after(reason)}.`,
    next: "Move it away: the node recovers from the newest agreed checkpoint.",
    commands: [{ system: ["mv", path, `${path}.damaged`] }, { again: {} }],
  }),
  "backup-damaged": ({ path, reason }) => ({
    cause: `The backup ${path} is damaged${after(reason)}.`,
    next: "Restore another one; this shows everything in it that is not as it was kept.",
    commands: [{ system: ["cd", path] }, { system: ["sha256sum", "--quiet", "-c", "SHA256SUMS"] }],
  }),
  "backup-busy": ({ path }) => ({
    cause: `What lies in ${path} changes faster than it can be copied.`,
    next: "Try again, or stop what works in it first.",
    commands: [{ again: {} }],
  }),
  "state-in-use": ({ path, pid }) => ({
    cause: `${pid === undefined ? "Another process" : `Process ${pid}`} works in the state folder ${path}; two in one folder would overwrite each other.`,
    next: "Stop it, or give this one another hotkey, or another folder with --state.",
    commands: [{ again: { state: "./assay-state" } }],
  }),
  "not-registered": ({ hotkey, netuid, wallet }) => ({
    cause: `Hotkey ${hotkey} is not registered on subnet ${netuid}.`,
    next: "Register it.",
    commands: [{ ours: "miner register", keep: [...KEYS, ...NETWORK], set: { wallet, netuid } }],
  }),
  "not-enough-funds": ({ account, haveRao, needRao, purpose, faucet = false }) => ({
    cause: `${inLine(purpose)} costs ${taoText(needRao)}, but ${account} has ${taoText(haveRao)}.`,
    next: `Send it at least ${taoText(needRao - haveRao)}${faucet ? " (this chain gives tokens away)" : ""}, then run this again.`,
    commands: faucet
      ? [
          {
            ours: "miner faucet",
            keep: COLDKEY,
            set: { amount: taoDigits(needRao - haveRao + RESERVE_RAO) },
          },
          { again: {} },
        ]
      : [{ again: {} }],
  }),
  "not-enough-stake": ({ hotkey, netuid, haveRao, needRao }) => ({
    cause: `${taoText(needRao, "alpha")} cannot be unstaked: this coldkey has ${taoText(haveRao, "alpha")} on ${hotkey} on subnet ${netuid}.`,
    next: haveRao === 0n ? "See where its stake is." : "Name less, or take all of it.",
    commands:
      haveRao === 0n
        ? [{ ours: "miner balance", keep: COLDKEY }]
        : [{ again: { amount: taoDigits(haveRao) } }],
  }),
  "stake-unbacked": ({ netuid, redeemableRao }) => ({
    cause: `Only ${taoText(redeemableRao, "alpha")} of it has TAO behind it on subnet ${netuid}: what was staked has, what was earned has none until somebody pays into the subnet.`,
    next: redeemableRao === 0n ? "This shows what there is." : "Take off that much and no more.",
    commands:
      redeemableRao === 0n
        ? [{ ours: "miner balance", keep: COLDKEY }]
        : [{ again: { amount: taoDigits(redeemableRao), all: false } }],
  }),
  "no-faucet": ({ endpoint, chain, account }) => ({
    cause: `${endpoint} is ${chain}, not a development chain: nobody gives tokens away there.`,
    next: `Have TAO sent to ${account}, then look at its balance.`,
    commands: [{ ours: "miner balance", keep: COLDKEY }],
  }),
  "verdict-missing": ({ window, hotkey, reason }) => ({
    cause: `There is no verdict on ${hotkey}${window === null ? "" : ` in window ${window}`}${after(reason)}.`,
    next: "See where this hotkey and the run stand.",
    commands: [{ ours: "miner status", keep: [...KEYS, ...NETWORK] }],
  }),
  "output-lost": ({ reason, look }) => ({
    cause: `What it printed is lost: standard output cannot be written${after(reason)}. Everything else was done.`,
    next: "Look at what it did before you run it again. A phrase that is shown once is not shown again: back the key files up, or make new ones.",
    commands: [look],
  }),
  declined: ({ secret = false }) =>
    secret
      ? {
          cause: "Nothing was done, since the prompt was left without an answer.",
          next: "Run it again and type it, or set the variable that --help names.",
          commands: [{ again: {} }],
        }
      : {
          cause: "Nothing was done, since the answer was not yes.",
          next: "Run it again and answer y, or add --yes.",
          commands: [{ again: { yes: true } }],
        },
  "not-owner": ({ netuid, owner, found, wallet }) => ({
    cause: `Subnet ${netuid} belongs to coldkey ${owner}, not to ${found}.`,
    next:
      wallet === undefined
        ? "Name the owner's wallet with --wallet; these are here."
        : `Name the owner's wallet with --wallet: it is ${wallet}.`,
    commands: [
      wallet === undefined
        ? { ours: "miner wallet list", keep: ["walletFolder"] }
        : { again: { wallet } },
    ],
  }),
  "run-live": ({ netuid, runId, reason, earliest }) => ({
    cause: `Run ${runId.slice(0, 18)} of subnet ${netuid} goes on: ${inLine(reason)}.`,
    next:
      earliest === null
        ? "See where it stands, and publish the next run later."
        : "A live run is not replaced under its participants. Name the window in which the next one follows it.",
    commands: [
      earliest === null
        ? { ours: "subnet status", keep: ["netuid", "endpoint", "genesis"] }
        : { again: { afterWindow: earliest } },
    ],
  }),
  "parameter-refused": ({ netuid, refused, next, run }) => ({
    cause: `Of the parameters of subnet ${netuid} these were not set: ${refused.map(({ key, reason }) => `${key} (${inLine(reason)})`).join("; ")}.`,
    next,
    commands: [run],
  }),
  "amendment-refused": ({ reason, next, run }) => ({
    cause: `${inLine(reason)}.`,
    next,
    commands: [run],
  }),
  "simulation-failed": ({ reason }) => ({
    cause: `The simulation failed: ${inLine(reason)}.`,
    next: "Mend what it names; then start it again.",
    commands: [{ again: {} }],
  }),
  "node-died": ({ role, exitCode, logPath }) => ({
    cause:
      exitCode === null
        ? `The ${role} was killed by a signal.`
        : `The ${role} ended with exit code ${exitCode}.`,
    next: "Read the end of its log.",
    commands: [{ system: ["tail", "-n", "40", logPath] }],
  }),
};

/** The one error class of src/, miner/, validator/ and subnet/. `fault` is typed, `cause` is kept. */
export class AssayError extends FaultError<Fault> {
  override readonly name = "AssayError";

  constructor(fault: Fault, options?: { readonly cause?: unknown }) {
    super(fault, explain(TEXTS, fault.code, fault), options);
  }
}

/** Whether a caught value is an AssayError, optionally with this very code. */
export function isAssayError(error: unknown, code?: FaultCode): error is AssayError {
  return error instanceof AssayError && (code === undefined || error.fault.code === code);
}
