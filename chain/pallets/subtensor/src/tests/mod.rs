//! Tests of the pallet; every one ends with `try_state`.
#![allow(clippy::arithmetic_side_effects)]

mod children;
mod commits;
mod dissolving;
mod drain;
mod emission;
mod emission_twin;
mod epoch;
mod fresh;
mod hotkeys;
mod limits;
mod mechanisms;
mod money;
mod moves;
mod own_subnet;
mod registration;
mod root;
mod runtime_info;
mod serving;
mod shares;
mod staking;
mod subnets;
mod swap_hotkey;
mod tempo;
mod timelocked;
mod trimming;
mod weight_matrix;
