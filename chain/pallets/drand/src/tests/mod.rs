//! Tests of the pallet, with pulses that drand's quicknet published and ciphertexts that Bittensor's client made.
#![allow(clippy::arithmetic_side_effects)]

mod ciphertexts;
mod pulses;

use crate::types::Pulse;

/// Two rounds with their signatures, from drand's quicknet.
pub const ROUND_123: &str =
    "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92";
/// As `ROUND_123`.
pub const ROUND_1000: &str =
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";

/// Bytes of hexadecimal digits.
pub fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// A pulse as the beacon sends it.
pub fn pulse(round: u64, signature: &str) -> Pulse {
    let signature = bytes(signature);
    let randomness = sp_io::hashing::sha2_256(&signature).to_vec().try_into().unwrap();
    Pulse { round, randomness, signature: signature.try_into().unwrap() }
}
