//! Answers of `SwapRuntimeApi`: one alpha is one TAO, on every subnet, for any amount, without fee.
use alloc::vec::Vec;

use crate::{
    pallet::*,
    runtime_api::swap::{SimSwapResult, SubnetPrice},
};

/// Rao that 10^9 units of alpha cost.
pub const ALPHA_PRICE: u64 = 1_000_000_000;

impl<T: Config> Pallet<T> {
    /// The price on every subnet.
    pub fn alpha_price() -> u64 {
        ALPHA_PRICE
    }

    /// The price of each listed subnet.
    pub fn alpha_prices() -> Vec<SubnetPrice> {
        Self::listed_subnets().into_iter().map(|netuid| SubnetPrice { netuid, price: ALPHA_PRICE }).collect()
    }

    /// Both directions of a swap.
    pub fn simulated_swap(amount: u64) -> SimSwapResult {
        SimSwapResult {
            tao_amount: amount,
            alpha_amount: amount,
            tao_fee: 0,
            alpha_fee: 0,
            tao_slippage: 0,
            alpha_slippage: 0,
        }
    }
}
