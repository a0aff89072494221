//! Yuma consensus in exact fixed point: what one epoch makes of stake, weights and bonds.
//!
//! Pure functions, `no_std`, no dependencies, no panics: the same inputs give the same integers on every machine.
//! The arithmetic follows upstream's (subtensor spec 425) bit for bit; the few departures are listed in the README.
//! Start at [`run_epoch`].
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod bonds;
mod bonds_yuma3;
mod epoch;
mod fixed;
mod matrix;
mod median;
mod terms;
mod weights;

pub use epoch::run_epoch;
pub use fixed::I32F32;
pub use median::weighted_median;
pub use terms::{EpochInput, EpochOutput, LiquidAlpha, UpstreamEmission};
pub use weights::{mask_committed, max_upscale};
