//! Tests of the pallet; every one ends with `try_state`.
#![allow(clippy::arithmetic_side_effects)]

mod children;
mod drain;
mod emission;
mod epoch;
mod hotkeys;
mod limits;
mod money;
mod moves;
mod own_subnet;
mod registration;
mod root;
mod serving;
mod shares;
mod staking;
mod subnets;
mod swap_hotkey;
mod weight_matrix;
