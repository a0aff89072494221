//! Tests of the pallet; every one ends with `try_state`.
#![allow(clippy::arithmetic_side_effects)]

mod commits;
mod drain;
mod emission;
mod emission_twin;
mod epoch;
mod fresh;
mod mechanisms;
mod money;
mod moves;
mod own_subnet;
mod registration;
mod serving;
mod shares;
mod staking;
mod subnets;
mod timelocked;
mod weight_matrix;
