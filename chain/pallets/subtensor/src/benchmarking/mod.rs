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

#[cfg(test)]
mod tests {
    use super::support::*;
    use crate::mock::{new_test_ext, Subtensor, Test};

    #[test]
    fn what_is_measured_is_a_state_that_can_be() {
        new_test_ext().execute_with(|| {
            full_subnet::<Test>(NETUID);
            networks::<Test>(4);
            two_mechanisms::<Test>(9);
            children::<Test>(NETUID, &hotkey::<Test>(0));
            parents::<Test>(NETUID, &hotkey::<Test>(0), PARENTS);
            nominate::<Test>(NETUID, &hotkey::<Test>(0), NOMINATORS.into());
            long_lists::<Test>(&named::<Test>("staker", 0), NETUID);
            Subtensor::do_try_state().unwrap();
        });
    }
}
