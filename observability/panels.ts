/** @file What the dashboards show: rows of panels, each with its expressions. */

/** One panel. Units are Grafana's. */
export type Panel = {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly kind?: "timeseries" | "stat" | "table";
  /** Legend -> expression. `$node` is the choice at the head of the dashboard. */
  readonly lines: Readonly<Record<string, string>>;
};

/** One dashboard. */
export type Board = {
  readonly uid: string;
  readonly title: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
};

const AT = '{node=~"$node"}';

const RUN: Board = {
  uid: "assay-run",
  title: "Assay: run",
  rows: [
    {
      title: "Where it stands",
      panels: [
        {
          title: "Window",
          about: "The window that runs.",
          unit: "none",
          kind: "stat",
          lines: { window: "max(assay_run_window)" },
        },
        {
          title: "Held-out loss",
          about: "On text that nobody trains on.",
          unit: "none",
          kind: "stat",
          lines: { "nats per token": "min(assay_held_out_loss_nats)" },
        },
        {
          title: "Neurons",
          about: "By what they do, as chain and records tell.",
          unit: "none",
          kind: "stat",
          lines: { "{{role}}": "max by (role) (assay_neurons)" },
        },
        {
          title: "Silent processes",
          about: "Targets that do not answer.",
          unit: "none",
          kind: "stat",
          lines: { silent: 'count(up{job="assay"} == 0) or vector(0)' },
        },
      ],
    },
    {
      title: "Learning",
      panels: [
        {
          title: "Loss on held-out text",
          about: "As each node knows it; in nats per token.",
          unit: "none",
          lines: { "{{node}}": `assay_held_out_loss_nats${AT}` },
        },
        {
          title: "Training loss",
          about: "Mean of the inner steps of each miner's newest update, in nats per token.",
          unit: "none",
          lines: { "{{node}}": `assay_training_loss_nats${AT}` },
        },
        {
          title: "Gain of an applied update",
          about:
            "Mean relative fall of the loss, on its own pages and on pages that nobody was assigned.",
          unit: "percentunit",
          lines: {
            own: "avg(assay_record_own_gain_ratio)",
            noise: "avg(assay_record_noise_gain_ratio)",
          },
        },
        {
          title: "Updates of a window",
          about: "Seen, and applied by the majority.",
          unit: "none",
          lines: {
            seen: "max(assay_record_updates_seen)",
            accepted: "max(assay_record_updates_accepted)",
          },
        },
        {
          title: "Verdicts",
          about: "Updates of the newest recorded window by what became of them.",
          unit: "none",
          lines: { "{{code}}": "max by (code) (assay_record_verdicts)" },
        },
        {
          title: "Bytes of a window",
          about: "Of all updates that came.",
          unit: "bytes",
          lines: { updates: "max(assay_record_updates_bytes)" },
        },
      ],
    },
    {
      title: "Pay",
      panels: [
        {
          title: "Incentive by uid",
          about: "Share of what the last epoch paid to miners.",
          unit: "percentunit",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_incentive_ratio)" },
        },
        {
          title: "Score by uid",
          about: "In the newest record.",
          unit: "none",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_score)" },
        },
        {
          title: "Weight by uid",
          about: "Part of what the newest record's weights give to all.",
          unit: "percentunit",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_weight_ratio)" },
        },
        {
          title: "Dividends by uid",
          about: "Share of what the last epoch paid to validators.",
          unit: "percentunit",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_dividends_ratio)" },
        },
        {
          title: "Agreement of validators",
          about: "How much of each one's weights the stake majority agreed with.",
          unit: "percentunit",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_agreement_ratio)" },
        },
        {
          title: "Newest verdict by uid",
          about: "What became of each miner's update.",
          unit: "none",
          kind: "table",
          lines: { "": "max by (uid, code) (assay_neuron_verdict)" },
        },
      ],
    },
    {
      title: "Economy",
      panels: [
        {
          title: "Stake by uid",
          about: "In alpha.",
          unit: "none",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_stake_alpha)" },
        },
        {
          title: "Pay of the last epoch by uid",
          about: "In alpha.",
          unit: "none",
          lines: { "uid {{uid}}": "max by (uid) (assay_neuron_epoch_pay_alpha)" },
        },
        {
          title: "Where the emission went",
          about: "In alpha, since the subnet's first block.",
          unit: "none",
          lines: { "{{part}}": "max by (part) (assay_ledger_alpha)" },
        },
        {
          title: "Price of a uid",
          about: "In TAO.",
          unit: "none",
          lines: { price: "max(assay_registration_price_tao)" },
        },
      ],
    },
  ],
};

const NODES: Board = {
  uid: "assay-nodes",
  title: "Assay: nodes",
  rows: [
    {
      title: "Windows",
      panels: [
        {
          title: "Window of each node",
          about: "Whose parameters it holds; a line below the others is a node that lags.",
          unit: "none",
          lines: { "{{node}}": `assay_window${AT}` },
        },
        {
          title: "Seconds of a window",
          about: "Where a process saw its blocks come.",
          unit: "s",
          lines: { "{{node}}": `assay_record_window_seconds${AT}` },
        },
        {
          title: "Seconds to each step",
          about: "From the step before it, waiting for blocks included.",
          unit: "s",
          lines: { "{{node}} {{step}}": `assay_step_last_seconds${AT}` },
        },
        {
          title: "Seconds to make an update",
          about: "Inner steps, compression, encoding.",
          unit: "s",
          lines: { "{{node}}": `assay_update_last_seconds${AT}` },
        },
        {
          title: "Null windows, missed votes, updates left out",
          about: "In a row; 0 is well.",
          unit: "none",
          lines: {
            "{{node}} null": `assay_windows_null_in_a_row${AT}`,
            "{{node}} votes": `assay_votes_missed_in_a_row${AT}`,
            "{{node}} updates": `assay_updates_left_out_in_a_row${AT}`,
          },
        },
        {
          title: "Blocks since weights were set",
          about: "By each validator, beside the tempo.",
          unit: "none",
          lines: { "{{node}}": `assay_weights_age_blocks${AT}`, tempo: "max(assay_tempo_blocks)" },
        },
      ],
    },
    {
      title: "Chain",
      panels: [
        {
          title: "Seconds since the newest block",
          about: "As each process saw it.",
          unit: "s",
          lines: { "{{node}}": `time() - assay_chain_block_timestamp_seconds${AT}` },
        },
        {
          title: "Blocks a minute",
          about: "As each process saw them.",
          unit: "none",
          lines: { "{{node}}": `60 * deriv(assay_chain_block_height${AT}[5m])` },
        },
        {
          title: "Extrinsics",
          about: "That wait, and that blocks of the embedded chain held in a second.",
          unit: "none",
          lines: {
            waiting: "assay_chain_pool_extrinsics",
            "a second": "rate(assay_chain_extrinsics_total[1m])",
          },
        },
        {
          title: "Outages",
          about: "How often each node lost its chain.",
          unit: "none",
          lines: { "{{node}}": `assay_chain_outages_total${AT}` },
        },
      ],
    },
    {
      title: "Machine",
      panels: [
        {
          title: "Processor",
          about: "Cores that each process keeps busy.",
          unit: "none",
          lines: { "{{node}}": `rate(process_cpu_seconds_total${AT}[1m])` },
        },
        {
          title: "Memory",
          about: "Resident.",
          unit: "bytes",
          lines: { "{{node}}": `process_resident_memory_bytes${AT}` },
        },
        {
          title: "Event loop",
          about:
            "Delay that one of a hundred turns exceeds; ten milliseconds of it are the clock's.",
          unit: "s",
          lines: { "{{node}}": `nodejs_eventloop_lag_p99_seconds${AT}` },
        },
        {
          title: "Open files",
          about: "Descriptors, sockets among them.",
          unit: "none",
          lines: { "{{node}}": `process_open_fds${AT}` },
        },
        {
          title: "Free disk",
          about: "Of the disk that each node's state lies on.",
          unit: "bytes",
          lines: { "{{node}}": `assay_disk_free_bytes${AT}` },
        },
        {
          title: "Chain's database",
          about: "SQLite file and its log.",
          unit: "bytes",
          lines: { database: "assay_chain_database_bytes" },
        },
      ],
    },
  ],
};

/** All dashboards. */
export const BOARDS: readonly Board[] = [RUN, NODES];
