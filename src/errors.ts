/** @file Every way in which Assay itself can fail, as one closed union, and the words a person reads about each. */

/** The details of each failure by its code. Hashes and keys are 0x-hex, sizes bytes, `window` a window of the run. */
type Details = {
  readonly "bad-option": { readonly detail: string; readonly next?: string };
  readonly "port-in-use": { readonly host: string; readonly port: number };
  readonly "data-unreadable": { readonly path: string; readonly reason: string };
  /** `found`: what was taken and left out, in words. */
  readonly "data-too-small": {
    readonly pages: number;
    readonly needed: number;
    readonly found?: string;
  };
  readonly "held-out-too-small": {
    readonly bytes: number;
    readonly needed: number;
    readonly found: string;
  };
  readonly "disk-full": { readonly path: string };
  readonly "blob-missing": { readonly digest: string };
  readonly "blob-corrupt": { readonly digest: string; readonly found: string };
  readonly "peer-timeout": { readonly url: string };
  readonly "peer-oversized": { readonly url: string; readonly limitBytes: number };
  readonly "peer-unreachable": { readonly url: string; readonly reason: string };
  readonly "manifest-invalid": { readonly reason: string };
  readonly "run-not-published": { readonly netuid: number };
  readonly "digest-mismatch": {
    readonly window: number;
    readonly expected: string;
    readonly found: string;
  };
  readonly "update-malformed": { readonly reason: string };
  readonly "record-corrupt": { readonly path: string; readonly reason: string };
  readonly "state-corrupt": { readonly path: string; readonly reason: string };
  readonly "not-registered": {
    readonly hotkey: string;
    readonly netuid: number;
    readonly wallet: string;
  };
  readonly "window-missed": { readonly window: number };
  readonly "node-died": {
    readonly role: string;
    readonly exitCode: number | null;
    readonly logPath: string;
  };
};

/** The code of any fault: stable and machine-readable. */
export type FaultCode = keyof Details;

/** One failure with the details needed to explain it; `FaultOf<"disk-full">` is the one with that code. */
export type FaultOf<C extends FaultCode> = {
  [K in C]: { readonly code: K } & Details[K];
}[C];

/** Any failure. */
export type Fault = FaultOf<FaultCode>;

/** What went wrong, and the next thing to do or the next command to run. One sentence each. */
export type Explanation = { readonly cause: string; readonly next: string };

type Texts = { readonly [C in FaultCode]: (fault: FaultOf<C>) => Explanation };

const TEXTS: Texts = {
  "bad-option": ({ detail, next }) => ({
    cause: detail,
    next: next ?? "Run the command with --help to see every option and its allowed values.",
  }),
  "port-in-use": ({ host, port }) => ({
    cause: `Something else already listens on ${host}:${port}.`,
    next: "Stop it, or choose another port with --port (0 takes any free one).",
  }),
  "data-unreadable": ({ path, reason }) => ({
    cause: `The training data at ${path} cannot be read: ${reason}.`,
    next: "Check that the path exists and is readable, or name another with --data.",
  }),
  "data-too-small": ({ pages, needed, found }) => ({
    cause: `The training data makes ${pages} pages, but this run needs at least ${needed}${found === undefined ? "" : `: ${found}`}.`,
    next: "Name a folder with more text with --data, or start fewer nodes (--miners, --attack none).",
  }),
  "held-out-too-small": ({ bytes, needed, found }) => ({
    cause: `Only ${bytes} bytes of the text are held out to measure the loss on, but at least ${needed} are needed: ${found}.`,
    next: "Name a folder with more text, in more files, with --data.",
  }),
  "disk-full": ({ path }) => ({
    cause: `There is no space left to write ${path}; what was recorded before is intact.`,
    next: "Free some disk space, then start the same command again: it resumes.",
  }),
  "blob-missing": ({ digest }) => ({
    cause: `No reachable node serves the blob ${digest}.`,
    next: "Wait for a node that holds it to come back, then start again: every node is asked.",
  }),
  "blob-corrupt": ({ digest, found }) => ({
    cause: `Bytes offered as ${digest} hash to ${found}, so they were thrown away.`,
    next: "Nothing to do: another peer is asked. If no peer helps, delete the local copy and retry.",
  }),
  "peer-timeout": ({ url }) => ({
    cause: `${url} did not answer in time.`,
    next: "It is tried again. If it stays silent, check that node and the network between.",
  }),
  "peer-oversized": ({ url, limitBytes }) => ({
    cause: `${url} sent more than the ${limitBytes} bytes allowed here, so the answer was cut off.`,
    next: "Nothing to do: the peer is ignored for this request.",
  }),
  "peer-unreachable": ({ url, reason }) => ({
    cause: `${url} cannot be reached: ${reason}.`,
    next: "Check that the node runs and that its published address and port are right.",
  }),
  "manifest-invalid": ({ reason }) => ({
    cause: `The run manifest is not valid: ${reason}.`,
    next: "Its owner must correct it and publish it again; nodes join by themselves then.",
  }),
  "run-not-published": ({ netuid }) => ({
    cause: `Subnet ${netuid} has published no run (no assay:run= in its identity).`,
    next: "Ask the subnet's owner to publish it, or check --netuid and --endpoint.",
  }),
  "digest-mismatch": ({ window, expected, found }) => ({
    cause: `The parameters of window ${window} hash to ${found}, but the network agreed on ${expected}.`,
    next: "Start again without local state to replay from the newest agreed checkpoint.",
  }),
  "update-malformed": ({ reason }) => ({
    cause: `The update is not a valid encoding: ${reason}.`,
    next: "Run the same release of Assay as the validators; the next window gets a new update.",
  }),
  "record-corrupt": ({ path, reason }) => ({
    cause: `The window record ${path} is damaged: ${reason}.`,
    next: "Restore it from a backup, or move it away: the validator then begins a new one.",
  }),
  "state-corrupt": ({ path, reason }) => ({
    cause: `The saved state ${path} is damaged: ${reason}.`,
    next: "Delete that file and start again: the node recovers from the newest agreed checkpoint.",
  }),
  "not-registered": ({ hotkey, netuid, wallet }) => ({
    cause: `Hotkey ${hotkey} is not registered on subnet ${netuid}.`,
    next: `Register it: \`miner register --netuid ${netuid} --wallet ${wallet}\``,
  }),
  "window-missed": ({ window }) => ({
    cause: `Window ${window} was over before this node had finished its part.`,
    next: "Nothing to do: it joins the next window. If it happens often, use a faster device.",
  }),
  "node-died": ({ role, exitCode, logPath }) => ({
    cause:
      exitCode === null
        ? `The ${role} was killed by a signal.`
        : `The ${role} ended with exit code ${exitCode}.`,
    next: `Read the end of its log: ${logPath}`,
  }),
};

/** What happened and what to do next, in words for a person. Never throws. */
export function describe<C extends FaultCode>(fault: FaultOf<C>): Explanation {
  const code: C = fault.code;
  return TEXTS[code](fault);
}

/** The one error class of src/, miner/, validator/ and subnet/. `fault` is typed, `cause` is kept. */
export class AssayError extends Error {
  override readonly name = "AssayError";
  readonly fault: Fault;

  constructor(fault: Fault, options?: { readonly cause?: unknown }) {
    const { cause, next } = describe(fault);
    super(`${fault.code}: ${cause} ${next}`, options);
    this.fault = fault;
  }

  /** The stable code of the fault. */
  get code(): FaultCode {
    return this.fault.code;
  }
}

/** Whether a caught value is an AssayError, optionally with this very code. */
export function isAssayError(error: unknown, code?: FaultCode): error is AssayError {
  return error instanceof AssayError && (code === undefined || error.fault.code === code);
}
