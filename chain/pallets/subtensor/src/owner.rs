//! Who may change a subnet, when, and how often (as upstream).
//!
//! An owner's change is refused near an epoch, so that validators know the rules under which their weights will count,
//! and each parameter may change only once in some tempos. Root is bound by neither, except where a setter says so.
use frame_support::{ensure, pallet_prelude::DispatchError};
use frame_system::{ensure_signed, ensure_signed_or_root, pallet_prelude::OriginFor};

use crate::{pallet::*, tempo::MIN_TEMPO, types::*};

/// Blocks between two changes of a subnet's owner hotkey.
const OWNER_HOTKEY_BLOCKS: u64 = 50_400;
/// Blocks between two changes of the number of mechanisms, or of their shares.
const MECHANISM_BLOCKS: u64 = 7_200;
/// Blocks between two trims of a subnet's slots.
const TRIMMING_BLOCKS: u64 = 216_000;

/// What is limited: once in some blocks for a subnet, or for an account on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LimitedAct {
    /// Changing a hyperparameter as the owner.
    Parameter(Hyperparameter),
    /// Changing the weights version key as the owner.
    WeightsVersionKey,
    /// Changing the owner's hotkey.
    OwnerHotkey,
    /// Changing the number of mechanisms.
    MechanismCount,
    /// Changing the mechanisms' shares.
    MechanismSplit,
    /// Trimming the slots.
    Trimming,
    /// Changing the tempo as the owner.
    Tempo,
}

impl LimitedAct {
    /// Upstream's number in `TransactionKeyLastBlock`, for acts that are counted by account.
    fn kind(self) -> u16 {
        match self {
            Self::WeightsVersionKey => 4,
            Self::OwnerHotkey => 5,
            Self::Parameter(_) => 6,
            Self::MechanismCount => 7,
            Self::MechanismSplit => 8,
            Self::Trimming => 9,
            Self::Tempo => 11,
        }
    }

    /// Key of those that are counted by subnet.
    fn by_subnet<AccountId>(self, netuid: u16) -> Option<RateLimitKey<AccountId>> {
        match self {
            Self::Parameter(parameter) => Some(RateLimitKey::OwnerHyperparamUpdate(netuid, parameter)),
            Self::OwnerHotkey => Some(RateLimitKey::SetSNOwnerHotkey(netuid)),
            _ => None,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Blocks between two such acts on a subnet.
    pub fn blocks_between(act: LimitedAct, netuid: u16) -> u64 {
        let tempo = u64::from(Tempo::<T>::get(netuid));
        match act {
            LimitedAct::Parameter(_) => tempo.saturating_mul(u64::from(OwnerHyperparamRateLimit::<T>::get())),
            LimitedAct::WeightsVersionKey => tempo.saturating_mul(WeightsVersionKeyRateLimit::<T>::get()),
            LimitedAct::OwnerHotkey => OWNER_HOTKEY_BLOCKS,
            LimitedAct::MechanismCount | LimitedAct::MechanismSplit => MECHANISM_BLOCKS,
            LimitedAct::Trimming => TRIMMING_BLOCKS,
            LimitedAct::Tempo => u64::from(MIN_TEMPO),
        }
    }

    /// Refuses an act that comes too soon after the last one of its kind.
    pub fn check_limit(act: LimitedAct, who: &T::AccountId, netuid: u16) -> Result<(), Error<T>> {
        let last = match act.by_subnet(netuid) {
            Some(key) => LastRateLimitedBlock::<T>::get(key),
            None => TransactionKeyLastBlock::<T>::get((who, netuid, act.kind())),
        };
        let waited = Self::current_block().saturating_sub(last);
        ensure!(last == 0 || waited >= Self::blocks_between(act, netuid), Error::<T>::TxRateLimitExceeded);
        Ok(())
    }

    /// Remembers that an act happened now.
    pub fn record_act(act: LimitedAct, who: &T::AccountId, netuid: u16) {
        let block = Self::current_block();
        match act.by_subnet(netuid) {
            Some(key) => LastRateLimitedBlock::<T>::insert(key, block),
            None => TransactionKeyLastBlock::<T>::insert((who, netuid, act.kind()), block),
        }
    }

    /// The owner's coldkey; none for Root; BadOrigin for anybody else.
    pub fn ensure_owner_or_root(origin: OriginFor<T>, netuid: u16) -> Result<Option<T::AccountId>, DispatchError> {
        let who = ensure_signed_or_root(origin)?;
        ensure!(who.is_none() || who == Some(SubnetOwner::<T>::get(netuid)), DispatchError::BadOrigin);
        Ok(who)
    }

    /// The owner's coldkey; BadOrigin for anybody else, Root included.
    pub fn ensure_owner(origin: OriginFor<T>, netuid: u16) -> Result<T::AccountId, DispatchError> {
        let who = ensure_signed(origin)?;
        ensure!(SubnetOwner::<T>::get(netuid) == who, DispatchError::BadOrigin);
        Ok(who)
    }

    /// Whether parameters are frozen: the next epoch is less than `AdminFreezeWindow` blocks away, or one was triggered.
    pub fn is_frozen(netuid: u16) -> bool {
        let tempo = u64::from(Tempo::<T>::get(netuid));
        if tempo == 0 {
            return false;
        }
        let block = Self::current_block();
        PendingEpochAt::<T>::get(netuid) > block
            || Self::blocks_until_regular_epoch(netuid) < u64::from(AdminFreezeWindow::<T>::get())
    }

    /// Refuses a change while parameters are frozen.
    pub fn ensure_not_frozen(netuid: u16) -> Result<(), Error<T>> {
        ensure!(!Self::is_frozen(netuid), Error::<T>::AdminActionProhibitedDuringWeightsWindow);
        Ok(())
    }

    /// Emits an event of this pallet for the pallet that sets its parameters.
    pub fn announce(event: Event<T>) {
        Self::deposit_event(event);
    }

    /// Names the hotkey that receives the owner's cut. Departure: a hotkey of another coldkey is refused, since a miner
    /// that counts as the owner's is paid nothing: an owner could take a stranger's pay away by naming it.
    pub fn do_set_owner_hotkey(origin: OriginFor<T>, netuid: u16, hotkey: T::AccountId) -> Result<(), DispatchError> {
        Self::ensure_owner_or_root(origin, netuid)?;
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        let act = LimitedAct::OwnerHotkey;
        Self::check_limit(act, &hotkey, netuid)?;
        ensure!(!Self::is_subnet_account(&hotkey), Error::<T>::CannotUseSystemAccount);
        let is_anothers =
            Owner::<T>::contains_key(&hotkey) && Owner::<T>::get(&hotkey) != SubnetOwner::<T>::get(netuid);
        ensure!(!is_anothers, Error::<T>::NonAssociatedColdKey);
        Self::record_act(act, &hotkey, netuid);
        SubnetOwnerHotkey::<T>::insert(netuid, &hotkey);
        Self::deposit_event(Event::SubnetOwnerHotkeySet(netuid, hotkey));
        Ok(())
    }
}
