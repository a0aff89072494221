//! AdminUtils: hyperparameters of subnets, set by their owners, and of the chain, set by Root.
//!
//! Names, indexes, arguments, bounds and the order of refusals are upstream's (spec 424). The pallet stores nothing: it
//! writes the items of SubtensorModule. Start reading at `guards.rs`, then `calls.rs`.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

use frame_support::pallet_macros::import_section;

pub use pallet::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonds;
mod calls;
mod config;
mod errors;
mod events;
mod guards;
mod network;
mod neurons;
mod prices;
mod weight_rules;
pub mod weights;

#[cfg(test)]
mod tests;

// FRAME expands to `expect` (our own code has none).
#[allow(clippy::expect_used)]
#[import_section(config::config)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[import_section(calls::calls)]
#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use pallet_subtensor::{
        owner::LimitedAct,
        types::{Hyperparameter, RecycleOrBurnEnum, U64F64},
    };

    use crate::weights::WeightInfo;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);
}
