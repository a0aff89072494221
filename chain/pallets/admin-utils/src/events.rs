//! What happened, where SubtensorModule has no event for it.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// What happened. Names, fields and indexes are upstream's.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Yuma3 was switched.
        #[codec(index = 1)]
        Yuma3EnableToggled {
            /// Subnet.
            netuid: u16,
            /// On or off.
            enabled: bool,
        },
        /// Whether miners may reset bonds was switched.
        #[codec(index = 2)]
        BondsResetToggled {
            /// Subnet.
            netuid: u16,
            /// On or off.
            enabled: bool,
        },
        /// The burn price halves in other times.
        #[codec(index = 3)]
        BurnHalfLifeSet {
            /// Subnet.
            netuid: u16,
            /// Blocks.
            burn_half_life: u16,
        },
        /// The burn price grows by another factor.
        #[codec(index = 4)]
        BurnIncreaseMultSet {
            /// Subnet.
            netuid: u16,
            /// Factor of each registration.
            burn_increase_mult: U64F64,
        },
        /// A subnet's emission was switched.
        #[codec(index = 5)]
        SubnetEmissionEnabledSet {
            /// Subnet.
            netuid: u16,
            /// On or off.
            enabled: bool,
        },
    }
}
