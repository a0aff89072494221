//! Who may set what, and when. Refusals come in upstream's order: origin, rate limit, freeze, subnet, then the value's bounds.
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult},
};
use frame_system::{ensure_root, pallet_prelude::OriginFor};
use pallet_subtensor::{owner::LimitedAct, NetworksAdded, Pallet as Subtensor};

use crate::pallet::*;

/// Who set a parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Setter {
    /// The subnet's owner.
    Owner,
    /// Root.
    Root,
}

impl<T: Config> Pallet<T> {
    fn require_subnet(netuid: u16) -> Result<(), Error<T>> {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetDoesNotExist);
        Ok(())
    }

    /// Sets a parameter for the owner, once in some tempos, or for Root; for neither near an epoch.
    pub(crate) fn by_owner(
        origin: OriginFor<T>,
        netuid: u16,
        act: LimitedAct,
        set: impl FnOnce(Setter) -> DispatchResult,
    ) -> DispatchResult {
        let owner = Subtensor::<T>::ensure_owner_or_root(origin, netuid)?;
        if let Some(who) = &owner {
            Subtensor::<T>::check_limit(act, who, netuid)?;
        }
        Subtensor::<T>::ensure_not_frozen(netuid)?;
        Self::require_subnet(netuid)?;
        set(if owner.is_some() { Setter::Owner } else { Setter::Root })?;
        if let Some(who) = &owner {
            Subtensor::<T>::record_act(act, who, netuid);
        }
        Ok(())
    }

    /// Sets a parameter for the owner as often as it likes, or for Root; for neither near an epoch.
    pub(crate) fn by_owner_any_time(
        origin: OriginFor<T>,
        netuid: u16,
        set: impl FnOnce() -> DispatchResult,
    ) -> DispatchResult {
        Subtensor::<T>::ensure_owner_or_root(origin, netuid)?;
        Subtensor::<T>::ensure_not_frozen(netuid)?;
        Self::require_subnet(netuid)?;
        set()
    }

    /// Sets a subnet's parameter for Root, not near an epoch.
    pub(crate) fn by_root_unfrozen(
        origin: OriginFor<T>,
        netuid: u16,
        set: impl FnOnce() -> DispatchResult,
    ) -> DispatchResult {
        ensure_root(origin)?;
        Subtensor::<T>::ensure_not_frozen(netuid)?;
        Self::require_subnet(netuid)?;
        set()
    }

    /// Sets a subnet's parameter for Root at any time.
    pub(crate) fn by_root(origin: OriginFor<T>, netuid: u16, set: impl FnOnce() -> DispatchResult) -> DispatchResult {
        ensure_root(origin)?;
        Self::require_subnet(netuid)?;
        set()
    }

    /// Says in SubtensorModule's words what was set.
    pub(crate) fn tell(event: pallet_subtensor::Event<T>) -> Result<(), DispatchError> {
        Subtensor::<T>::announce(event);
        Ok(())
    }
}
