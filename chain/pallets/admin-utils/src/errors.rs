//! Why a setter refuses.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    /// Why a setter refuses. Names and indexes are upstream's; freeze, rate limit and some bounds are errors of
    /// SubtensorModule.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such subnet.
        SubnetDoesNotExist,
        /// More validators than slots.
        MaxValidatorsLargerThanMaxUIds,
        /// Fewer slots than there are neurons: trim them first.
        MaxAllowedUIdsLessThanCurrentUIds,
        /// An owner sets the moving average to 975000 at most.
        BondsMovingAverageMaxReached,
        /// An owner sets the steepness to 0 at least.
        NegativeSigmoidSteepness,
        /// The value lies outside its bounds.
        ValueNotInBounds,
        /// The lower bound of the slots is not below the number of neurons.
        MinAllowedUidsGreaterThanCurrentUids,
        /// The lower bound of the slots is not below their number.
        MinAllowedUidsGreaterThanMaxAllowedUids,
        /// Fewer slots than their lower bound.
        MaxAllowedUidsLessThanMinAllowedUids,
        /// More than 256 slots.
        MaxAllowedUidsGreaterThanDefaultMaxAllowedUids,
        /// The value makes no sense here.
        InvalidValue,
        /// The root network has no such parameter.
        NotPermittedOnRootSubnet,
        /// There is no registration by proof of work.
        POWRegistrationDisabled,
        /// The call is gone.
        Deprecated,
    }
}
