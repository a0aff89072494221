//! Tests of the pallet; every one ends with `try_state`.
#![allow(clippy::arithmetic_side_effects)]

mod dissolving;
mod drain;
mod emission;
mod epoch;
mod money;
mod moves;
mod own_subnet;
mod registration;
mod serving;
mod shares;
mod staking;
mod subnets;
mod tempo;
mod trimming;
mod weight_matrix;
