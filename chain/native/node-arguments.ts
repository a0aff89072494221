/** @file The command line of a native node. */

/** How a node is started. */
export type NodeOptions = {
  /** The raw chain spec. */
  readonly spec: string;
  /** Folder of its database. */
  readonly folder: string;
  /** In logs and metrics. */
  readonly name: string;
  /** Address to listen on for other nodes, 0.0.0.0 for all. */
  readonly host: string;
  /** For other nodes. */
  readonly port: number;
  /** JSON-RPC, WebSocket and HTTP. */
  readonly rpcPort: number;
  /** Whether others than this machine reach the JSON-RPC; an authority's never is. */
  readonly rpcExternal: boolean;
  readonly prometheusPort: number;
  /** File of its identity in the network. */
  readonly nodeKeyFile: string;
  /** Folder of an authority's keys; null: it follows the chain, and makes nothing. */
  readonly keystore: string | null;
  readonly bootnodes: readonly string[];
  /** Whether the states of old blocks are kept, which reading them takes. */
  readonly archive: boolean;
  /** Whether it opens encrypted calls. */
  readonly shield: boolean;
  readonly log: string;
};

function addressOf(host: string, port: number): string {
  return `/${host.includes(":") ? "ip6" : "ip4"}/${host}/tcp/${port}`;
}

/** A node on loopback alone finds and tells no other machines. */
function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.");
}

/** What stands behind the program's name. */
export function nodeArguments(options: NodeOptions): readonly string[] {
  const { spec, folder, name, keystore, bootnodes, archive, shield } = options;
  const isExternal = options.rpcExternal && keystore === null;
  const words: readonly (readonly string[])[] = [
    ["--chain", spec],
    ["--base-path", folder],
    ["--name", name],
    ["--database", "paritydb"],
    ["--state-pruning", archive ? "archive" : "256"],
    ["--blocks-pruning", archive ? "archive" : "archive-canonical"],
    ["--listen-addr", addressOf(options.host, options.port)],
    ["--rpc-port", String(options.rpcPort)],
    ["--rpc-cors", "all"],
    isExternal ? ["--rpc-external", "--rpc-methods", "safe"] : ["--rpc-methods", "unsafe"],
    ["--prometheus-port", String(options.prometheusPort)],
    ["--no-telemetry"],
    ["--node-key-file", options.nodeKeyFile],
    keystore === null ? [] : ["--validator", "--keystore-path", keystore],
    shield ? [] : ["--no-shield"],
    isLoopback(options.host) ? ["--no-mdns", "--allow-private-ip"] : [],
    bootnodes.length === 0 ? [] : ["--bootnodes", ...bootnodes],
    ["--log", options.log],
  ];
  return words.flat();
}

/** A word of a command line as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command for people: an option and its values a line. */
export function commandText(program: string, words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    if (word.startsWith("--") || lines.length === 0) lines.push(quoted(word));
    else lines[lines.length - 1] += ` ${quoted(word)}`;
  }
  return [quoted(program), ...lines].join(" \\\n  ");
}
