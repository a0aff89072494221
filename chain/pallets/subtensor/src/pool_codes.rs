//! Numbers by which the pool words a refusal: `InvalidTransaction::Custom(n)`, upstream's numbering.
use crate::pallet::*;

/// The number of every reason that has none of its own.
pub const BAD_REQUEST: u8 = 255;

impl<T: Config> Error<T> {
    /// The number that clients of the pool read instead of the error.
    pub fn pool_code(&self) -> u8 {
        match self {
            Self::AmountTooLow | Self::NotEnoughStakeToSetWeights => 1,
            Self::NotEnoughBalanceToStake => 2,
            Self::SubnetNotExists => 3,
            Self::HotKeyAccountNotExists => 4,
            Self::NotEnoughStakeToWithdraw => 5,
            Self::SettingWeightsTooFast | Self::CommittingWeightsTooFast | Self::NetworkTxRateLimitExceeded => 6,
            Self::InsufficientLiquidity => 7,
            Self::HotKeyNotRegisteredInNetwork => 10,
            Self::InvalidIpAddress => 11,
            Self::ServingRateLimitExceeded => 12,
            Self::InvalidPort => 13,
            Self::InvalidRevealRound => 15,
            Self::NoWeightsCommitFound | Self::InvalidRevealCommitHashNotMatch => 16,
            Self::RevealTooEarly | Self::ExpiredWeightCommit => 17,
            Self::InputLengthsUnequal => 18,
            Self::HotKeyNotRegisteredInSubNet => 19,
            Self::NonAssociatedColdKey => 25,
            _ => BAD_REQUEST,
        }
    }
}
