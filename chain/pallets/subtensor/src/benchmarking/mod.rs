//! Benchmarks of the calls, each at its worst: subnets are full, lists are long, everything that a call looks through is
//! there. A component is a number that a call's weight depends on; what it depends on otherwise is at its most.
//!
//! Start at `calls.rs`; `support.rs` makes subnets and accounts, the other files what the calls of their noun need.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod calls;
mod commits;
mod hotkeys;
mod moves;
mod owners;
mod registration;
mod serving;
mod staking;
mod subnets;
pub mod support;
