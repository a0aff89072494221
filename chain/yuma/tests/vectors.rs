//! Every epoch of the published vectors, to the last bit. Also the vector of the classic runtime.

use assay_yuma::{run_epoch, EpochInput, EpochOutput, LiquidAlpha, I32F32};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    stakes: Vec<u64>,
    max_validators: u16,
    kappa: u16,
    bonds_penalty: u16,
    bonds_moving_average: u64,
    yuma3: bool,
    liquid_alpha: Option<(u16, u16, i16)>,
    tempo: u64,
    registered_at: u64,
    pool: u64,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    block: u64,
    set_weights: Vec<(usize, Vec<u16>, Vec<u16>)>,
    reset_bonds_of: Option<u16>,
    bonds: Vec<Vec<(u16, u16)>>,
    dividends: Vec<u16>,
    incentive: Vec<u16>,
    emission: Vec<u64>,
    server: Vec<u64>,
    validator: Vec<u64>,
    consensus_bits: Vec<i64>,
    incentive_bits: Vec<i64>,
    dividend_bits: Vec<i64>,
    trust_bits: Vec<i64>,
}

fn bits(shares: &[I32F32]) -> Vec<i64> {
    shares.iter().map(|share| share.bits()).collect()
}

fn input_of(scenario: &Scenario) -> EpochInput {
    let n = scenario.stakes.len();
    EpochInput {
        tempo: scenario.tempo,
        activity_cutoff: 5000,
        kappa: scenario.kappa,
        bonds_penalty: scenario.bonds_penalty,
        bonds_moving_average: scenario.bonds_moving_average,
        yuma3: scenario.yuma3,
        liquid_alpha: scenario.liquid_alpha.map(|(low, high, steepness)| LiquidAlpha { low, high, steepness }),
        max_validators: scenario.max_validators,
        stake: scenario.stakes.clone(),
        last_update: vec![scenario.registered_at; n],
        registered_at: vec![scenario.registered_at; n],
        weights: vec![vec![]; n],
        bonds: vec![vec![]; n],
        ..EpochInput::default()
    }
}

/// What the pallet does between epochs: stores weights, applies a bonds reset.
fn apply(input: &mut EpochInput, step: &Step) {
    input.block = step.block;
    for (uid, uids, values) in &step.set_weights {
        input.weights[*uid] = uids.iter().copied().zip(values.iter().copied()).collect();
        // The first vector sets weights in the epoch's own block; a neuron of block 0 needs an update after it.
        input.last_update[*uid] = step.block.saturating_sub(1).max(input.registered_at[*uid] + 1);
    }
    if let Some(reset) = step.reset_bonds_of {
        input.bonds.iter_mut().for_each(|row| row.retain(|(uid, _)| *uid != reset));
    }
}

fn check(name: &str, step: &Step, pool: u64, output: &EpochOutput) {
    let at = format!("{name}, block {}", step.block);
    assert_eq!(bits(&output.consensus_share), step.consensus_bits, "consensus bits, {at}");
    assert_eq!(bits(&output.validator_trust_share), step.trust_bits, "trust bits, {at}");
    assert_eq!(bits(&output.incentive_share), step.incentive_bits, "incentive bits, {at}");
    assert_eq!(bits(&output.dividend_share), step.dividend_bits, "dividend bits, {at}");
    assert_eq!(output.incentive, step.incentive, "incentive, {at}");
    assert_eq!(output.dividends, step.dividends, "dividends, {at}");
    assert_eq!(output.bonds, step.bonds, "bonds, {at}");
    let emission = output.upstream_emission(pool);
    assert_eq!(emission.server, step.server, "server emission, {at}");
    assert_eq!(emission.validator, step.validator, "validator emission, {at}");
    assert_eq!(output.combined_emission(pool), step.emission, "combined emission, {at}");
}

#[test]
fn every_epoch_of_the_published_vectors_is_exact() {
    let fixture: Fixture = serde_json::from_str(include_str!("fixtures/yuma.json")).unwrap();
    let mut epochs = 0;
    for scenario in &fixture.scenarios {
        let mut input = input_of(scenario);
        // An epoch without weights hands out the permits.
        input.block = scenario.registered_at;
        input.permits = run_epoch(&input).permits;
        for step in &scenario.steps {
            apply(&mut input, step);
            let output = run_epoch(&input);
            check(&scenario.name, step, scenario.pool, &output);
            input.permits = output.permits;
            input.bonds = output.bonds;
            epochs += 1;
        }
    }
    assert_eq!((fixture.scenarios.len(), epochs), (5, 67));
}

/// Measured on the classic runtime (spec 103) by two executors: tempo 10, two validators, two miners.
///
/// That runtime stored weights divided by their sum (60000, 20000 as 49151, 16383), where today's scale to the largest:
/// the rows here are the ones it stored.
#[test]
fn the_classic_runtime_agrees() {
    let input = EpochInput {
        block: 20,
        tempo: 10,
        activity_cutoff: 5000,
        kappa: 32767,
        bonds_penalty: 65535,
        bonds_moving_average: 900_000,
        max_validators: 64,
        stake: vec![2_000_000_000_000, 1_000_000_000_000, 0, 0],
        last_update: vec![13, 13, 1, 1],
        registered_at: vec![1; 4],
        permits: vec![true, true, false, false],
        weights: vec![vec![(2, 49151), (3, 16383)], vec![(2, 40959), (3, 24575)], vec![], vec![]],
        bonds: vec![vec![]; 4],
        ..EpochInput::default()
    };
    let output = run_epoch(&input);
    assert_eq!(output.incentive, [0, 0, 48439, 17095]);
    assert_eq!(output.dividends, [45589, 19945, 0, 0]);
    assert_eq!(output.consensus, [0, 0, 49151, 16383]);
}
