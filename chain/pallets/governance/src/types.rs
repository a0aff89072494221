//! What is stored.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, PartialEqNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

use crate::Config;

/// Most keys.
pub type MaxKeys = ConstU32<32>;
/// Most positions that a coldkey names.
pub type MaxPositions = ConstU32<16>;
/// Most coldkeys that object to one call; another one takes the place of the least.
pub const MAX_OBJECTIONS: usize = 128;

/// Hotkey and netuid of positions.
pub type Positions<T> = BoundedVec<(<T as frame_system::Config>::AccountId, u16), MaxPositions>;

/// Who may approve.
#[derive(
    Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen, CloneNoBound, DebugNoBound, DefaultNoBound,
    PartialEqNoBound,
)]
#[scale_info(skip_type_params(T))]
pub struct CouncilOf<T: Config> {
    /// The n keys, in ascending order.
    pub keys: BoundedVec<T::AccountId, MaxKeys>,
    /// How many of them have to approve.
    pub threshold: u32,
}

/// A call on its way.
#[derive(
    Encode, Decode, DecodeWithMemTracking, TypeInfo, MaxEncodedLen, CloneNoBound, DebugNoBound, PartialEqNoBound,
)]
#[scale_info(skip_type_params(T))]
pub struct Proposal<T: Config> {
    /// Keys that approved it.
    pub approvals: BoundedVec<T::AccountId, MaxKeys>,
    /// Block of the first approval.
    pub since: BlockNumberFor<T>,
    /// Block in which it runs, once enough have.
    pub at: Option<BlockNumberFor<T>>,
}
