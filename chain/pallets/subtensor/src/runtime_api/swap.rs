//! Prices, as `SwapRuntimeApi` answers them.
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// A simulated swap between TAO and alpha: always one to one.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct SimSwapResult {
    /// Rao, given or got.
    pub tao_amount: u64,
    /// Alpha, got or given.
    pub alpha_amount: u64,
    /// Always 0.
    pub tao_fee: u64,
    /// Always 0.
    pub alpha_fee: u64,
    /// Always 0.
    pub tao_slippage: u64,
    /// Always 0.
    pub alpha_slippage: u64,
}

/// Price of a subnet's alpha.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct SubnetPrice {
    /// The subnet.
    pub netuid: u16,
    /// Rao that 10^9 units of alpha cost.
    pub price: u64,
}
