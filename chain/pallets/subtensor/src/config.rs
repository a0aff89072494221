//! What the runtime supplies.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod config {
    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// TAO: burned by registrations, turned into stake one to one.
        type Currency: frame_support::traits::fungible::Mutate<Self::AccountId, Balance = u64>;
        /// The account that absent map entries decode to; upstream's is all zeros.
        type DefaultAccount: Get<Self::AccountId>;
        /// The beacon that timelocked weights are encrypted to.
        type Beacon: Beacon;
        /// Upstream's: the accounts of subnets are derived from it.
        #[pallet::constant]
        type SubtensorPalletId: Get<frame_support::PalletId>;
        /// What is kept elsewhere for hotkeys of a subnet: their commitments.
        type Belongings: Belongings<Self::AccountId>;
        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }
}
