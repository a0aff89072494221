//! What the runtime supplies.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod config {
    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> + pallet_subtensor::Config {
        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }
}
