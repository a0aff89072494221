/** @file What somebody should be told of, as rules for Prometheus. */

/** One rule. */
export type Alert = {
  readonly name: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  /** What to do about it. */
  readonly next: string;
};

const NODE = "{{ $labels.node }} ({{ $labels.instance }})";

/** The held-out loss with its run: that of another run is no measure. */
const LOSS_OF_RUN = "assay_held_out_loss_nats * on (job, instance) group_left (run) assay_run_info";

/** All rules. `node` is a label of targets: the name of the process. */
export const ALERTS: readonly Alert[] = [
  {
    name: "AssayNodeSilent",
    expr: 'up{job="assay"} == 0',
    for: "30s",
    severity: "critical",
    summary: `${NODE} does not answer`,
    next: "Look at its log and start it again: it goes on from its saved state.",
  },
  {
    name: "AssayWindowsNull",
    expr: "assay_windows_null_in_a_row >= 3",
    for: "0s",
    severity: "critical",
    summary: `${NODE}: {{ $value }} windows in a row in which no update was accepted`,
    next: "Look at the verdicts and at how many validators vote: most of the counting stake must name the same parameters.",
  },
  {
    name: "AssayVotesMissed",
    expr: "assay_votes_missed_in_a_row >= 2",
    for: "0s",
    severity: "warning",
    summary: `${NODE} has not voted for {{ $value }} windows`,
    next: "See which step takes too long (assay_step_last_seconds), and whether the chain took its commitments.",
  },
  {
    name: "AssayUpdatesLeftOut",
    expr: "assay_updates_left_out_in_a_row >= 5",
    for: "0s",
    severity: "warning",
    summary: `${NODE}: {{ $value }} updates in a row were not accepted`,
    next: "Ask why: miner why, or the page of the uid.",
  },
  {
    name: "AssayWeightsNotSet",
    expr: "assay_weights_age_blocks > assay_tempo_blocks + assay_window_blocks",
    for: "1m",
    severity: "critical",
    summary: `${NODE} has set no weights for {{ $value }} blocks, which is more than a tempo and a window`,
    next: "Look in its log for the chain's refusal: stake, permit, version key, rate limit.",
  },
  {
    name: "AssayDiskLow",
    expr: "assay_disk_free_bytes / assay_disk_size_bytes < 0.05 or assay_disk_free_bytes < 2e9",
    for: "1m",
    severity: "critical",
    summary: `${NODE} has little room left on the disk of its state`,
    next: "Free some, or move the state: a node waits while it cannot write.",
  },
  {
    name: "AssayChainStalled",
    expr: "time() - assay_chain_block_timestamp_seconds > 120",
    for: "0s",
    severity: "critical",
    summary: `${NODE} has seen no new final block for {{ $value | humanizeDuration }}`,
    next: "See whether the chain makes blocks, and whether the node's endpoint answers (assay_chain_connected).",
  },
  {
    name: "AssayLossDiverged",
    expr: `${LOSS_OF_RUN} > 1.1 * min_over_time((${LOSS_OF_RUN})[1d:1m])`,
    for: "2m",
    severity: "critical",
    summary: `${NODE}: the held-out loss is {{ $value }} nats, a tenth above the best of its run and day`,
    next: "Compare own and noise gains by window: who was accepted when it rose? subnet audit re-derives everything.",
  },
  {
    name: "AssayEventLoopSlow",
    expr: "nodejs_eventloop_lag_p99_seconds > 0.05",
    for: "5m",
    severity: "warning",
    summary: `${NODE}: its event loop is late by {{ $value | humanizeDuration }} in one of a hundred turns`,
    next: "The machine is too busy for what runs on it, or a peer sends it too much.",
  },
];

/** As the formatter writes it: with the quotes that need no escape. */
const text = (words: string): string =>
  words.includes('"') ? `'${words.replaceAll("'", "''")}'` : JSON.stringify(words);

/** The rules as a file that Prometheus reads. */
export function rulesFile(head: string): string {
  const rules = ALERTS.map(({ name, expr, for: held, severity, summary, next }) =>
    [
      `      - alert: ${name}`,
      `        expr: ${text(expr)}`,
      `        for: ${held}`,
      `        labels: { severity: ${severity} }`,
      "        annotations:",
      `          summary: ${text(summary)}`,
      `          description: ${text(next)}`,
    ].join("\n"),
  );
  return `${head}groups:\n  - name: assay\n    rules:\n${rules.join("\n")}\n`;
}
