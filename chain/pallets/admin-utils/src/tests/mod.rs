//! Tests of the setters, on a chain of System, Balances, SubtensorModule and AdminUtils.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing)]

mod bounds;
pub mod mock;
mod origins;
mod values;
