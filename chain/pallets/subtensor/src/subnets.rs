//! Subnets: creation, start, identity, genesis, and small readers of their state.
use alloc::vec::Vec;
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult},
    traits::fungible::{Inspect, Mutate},
};
use frame_system::{ensure_signed, pallet_prelude::OriginFor};
use sp_runtime::traits::{UniqueSaturatedInto, Zero};

use crate::{pallet::*, types::*};

impl<T: Config> Pallet<T> {
    /// Number of the current block.
    pub fn current_block() -> u64 {
        frame_system::Pallet::<T>::block_number().unique_saturated_into()
    }

    /// Netuids in ascending order, without the root network.
    pub fn subnets() -> Vec<u16> {
        let added = NetworksAdded::<T>::iter().filter(|(netuid, added)| *added && *netuid != ROOT);
        let mut netuids: Vec<u16> = added.map(|(netuid, _)| netuid).collect();
        netuids.sort_unstable();
        netuids
    }

    /// Whether a hotkey has a uid on a subnet.
    pub fn is_registered(netuid: u16, hotkey: &T::AccountId) -> bool {
        Uids::<T>::contains_key(netuid, hotkey)
    }

    /// Number of epochs a subnet has had.
    pub fn epoch_index(netuid: u16) -> u64 {
        SubnetEpochIndex::<T>::get(netuid)
    }

    /// Key of the maps that are kept per mechanism.
    pub fn storage_index(netuid: u16, mecid: u8) -> u16 {
        u16::from(mecid).saturating_mul(MECHANISM_STRIDE).saturating_add(netuid)
    }

    /// The subnet that an index belongs to.
    pub fn netuid_of(index: u16) -> u16 {
        index.checked_rem(MECHANISM_STRIDE).unwrap_or(index)
    }

    /// Uid of the owner's hotkey, if it has one.
    pub fn owner_uid(netuid: u16) -> Option<u16> {
        Uids::<T>::get(netuid, SubnetOwnerHotkey::<T>::get(netuid))
    }

    /// Price of a subnet: twice the last one, falling in a line, never below the least.
    pub fn network_lock_cost() -> u64 {
        let last = NetworkLastLockCost::<T>::get();
        // The deposit of the subnet's account is a part of the price.
        let least = NetworkMinLockCost::<T>::get().max(T::Currency::minimum_balance());
        let registered = LastRateLimitedBlock::<T>::get(RateLimitKey::NetworkLastRegistered);
        if registered.is_zero() {
            return least;
        }
        let passed = Self::current_block().saturating_sub(registered);
        let step = last.checked_div(NetworkLockReductionInterval::<T>::get()).unwrap_or(0);
        last.saturating_mul(2).saturating_sub(step.saturating_mul(passed)).max(least)
    }

    /// Whether the chain's last new subnet lies far enough back. The pool asks before a block, the call again in it.
    pub fn check_network_rate() -> Result<(), Error<T>> {
        let last = LastRateLimitedBlock::<T>::get(RateLimitKey::NetworkLastRegistered);
        let waited = Self::current_block().saturating_sub(last) >= NetworkRateLimit::<T>::get();
        ensure!(last.is_zero() || waited, Error::<T>::NetworkTxRateLimitExceeded);
        Ok(())
    }

    fn free_netuid() -> Option<u16> {
        (1..MECHANISM_STRIDE).find(|netuid| !NetworksAdded::<T>::get(netuid))
    }

    /// Creates a subnet and gives uid 0 to `hotkey`; at the limit another one is dissolved for it, whose number it gets.
    pub(crate) fn do_register_network(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        identity: Option<SubnetIdentityV3>,
    ) -> Result<u16, DispatchError> {
        let known = Owner::<T>::contains_key(&hotkey);
        ensure!(!known || Owner::<T>::get(&hotkey) == coldkey, Error::<T>::NonAssociatedColdKey);
        ensure!(!Self::is_subnet_account(&hotkey), Error::<T>::CannotUseSystemAccount);
        let block = Self::current_block();
        ensure!(block >= NetworkRegistrationStartBlock::<T>::get(), Error::<T>::SubNetRegistrationDisabled);
        Self::check_network_rate()?;
        let is_full = Self::is_at_subnet_limit();
        let netuid = if is_full { Self::subnet_to_prune() } else { Self::free_netuid() };
        let netuid = netuid.ok_or(Error::<T>::SubnetLimitReached)?;
        let cost = Self::network_lock_cost();
        let deposit = T::Currency::minimum_balance();
        Self::burn_balance(&coldkey, cost.saturating_sub(deposit), Error::<T>::CannotAffordLockCost)?;
        if is_full {
            Self::do_dissolve_network(netuid)?;
        }
        Self::pay_into(netuid, &coldkey, deposit, Error::<T>::CannotAffordLockCost)?;
        NetworkLastLockCost::<T>::put(cost);
        LastRateLimitedBlock::<T>::insert(RateLimitKey::NetworkLastRegistered, block);
        Self::init_network(netuid, SubnetDefaults::<T>::get().tempo);
        RegisteredSubnetCounter::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        SubnetLocked::<T>::insert(netuid, cost);
        SubnetOwner::<T>::insert(netuid, &coldkey);
        SubnetOwnerHotkey::<T>::insert(netuid, &hotkey);
        Self::create_account_if_absent(&coldkey, &hotkey);
        Self::append_neuron(netuid, &hotkey);
        Self::deposit_event(Event::NetworkAdded(netuid, SubnetMechanism::<T>::get(netuid)));
        if let Some(identity) = identity {
            Self::store_identity(netuid, identity)?;
        }
        Ok(netuid)
    }

    /// Values at creation, where they differ from the defaults of absent entries: upstream's, or the genesis's.
    /// Departure: commit-reveal begins switched off, since what clients send with it on needs a beacon.
    fn init_network(netuid: u16, tempo: u16) {
        let defaults = SubnetDefaults::<T>::get();
        let block = Self::current_block();
        NetworksAdded::<T>::insert(netuid, true);
        TotalNetworks::<T>::mutate(|total| *total = total.saturating_add(1));
        SubnetworkN::<T>::insert(netuid, 0);
        TokenSymbol::<T>::insert(netuid, Self::free_symbol(netuid));
        Tempo::<T>::insert(netuid, tempo);
        NetworkRegisteredAt::<T>::insert(netuid, block);
        let phase = u64::from(netuid).checked_rem(u64::from(tempo)).unwrap_or(0);
        LastEpochBlock::<T>::insert(netuid, block.saturating_sub(phase));
        MinAllowedWeights::<T>::insert(netuid, 1);
        MaxAllowedValidators::<T>::insert(netuid, 64);
        MaxAllowedUids::<T>::insert(netuid, 256);
        ImmunityPeriod::<T>::insert(netuid, defaults.immunity_period);
        Burn::<T>::insert(netuid, Self::bounded_price(netuid, defaults.burn));
        WeightsSetRateLimit::<T>::insert(netuid, defaults.weights_set_rate_limit);
        ServingRateLimit::<T>::insert(netuid, defaults.serving_rate_limit);
        CommitRevealWeightsEnabled::<T>::insert(netuid, false);
        Yuma3On::<T>::insert(netuid, true);
        SubnetEmissionEnabled::<T>::insert(netuid, true);
    }

    /// Lets the subnet emit from the next block on.
    pub(crate) fn do_start_call(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        let coldkey = ensure_signed(origin)?;
        ensure!(SubnetOwner::<T>::get(netuid) == coldkey, DispatchError::BadOrigin);
        ensure!(FirstEmissionBlockNumber::<T>::get(netuid).is_none(), Error::<T>::FirstEmissionBlockNumberAlreadySet);
        let block = Self::current_block();
        let earliest = NetworkRegisteredAt::<T>::get(netuid).saturating_add(StartCallDelay::<T>::get());
        ensure!(block >= earliest, Error::<T>::NeedWaitingMoreBlocksToStarCall);
        Self::start(netuid, block.saturating_add(1));
        Ok(())
    }

    fn start(netuid: u16, first: u64) {
        FirstEmissionBlockNumber::<T>::insert(netuid, first);
        SubtokenEnabled::<T>::insert(netuid, true);
        Self::deposit_event(Event::FirstEmissionBlockNumberSet(netuid, first));
    }

    /// Stores a subnet's identity.
    pub(crate) fn do_set_subnet_identity(
        coldkey: T::AccountId,
        netuid: u16,
        identity: SubnetIdentityV3,
    ) -> DispatchResult {
        let owned = NetworksAdded::<T>::get(netuid) && SubnetOwner::<T>::get(netuid) == coldkey;
        ensure!(owned, Error::<T>::NotSubnetOwner);
        Self::store_identity(netuid, identity)
    }

    fn store_identity(netuid: u16, identity: SubnetIdentityV3) -> DispatchResult {
        ensure!(identity.is_valid(), Error::<T>::InvalidIdentity);
        SubnetIdentitiesV3::<T>::insert(netuid, identity);
        Self::deposit_event(Event::SubnetIdentitySet(netuid));
        Ok(())
    }

    /// Stores what the genesis names instead of upstream's constants and initial values.
    pub(crate) fn build_defaults(genesis: &GenesisConfig<T>) {
        let upstream = SubnetParameters::default();
        let named = SubnetParameters {
            tempo: genesis.default_tempo.unwrap_or(upstream.tempo),
            immunity_period: genesis.default_immunity_period.unwrap_or(upstream.immunity_period),
            burn: genesis.default_burn.unwrap_or(upstream.burn),
            weights_set_rate_limit: genesis.default_weights_set_rate_limit.unwrap_or(upstream.weights_set_rate_limit),
            serving_rate_limit: genesis.default_serving_rate_limit.unwrap_or(upstream.serving_rate_limit),
        };
        assert!(named.tempo != 0, "genesis: a subnet with a defaultTempo of 0 would never pay");
        if named != upstream {
            SubnetDefaults::<T>::put(named);
        }
        if let Some(blocks) = genesis.network_rate_limit {
            NetworkRateLimit::<T>::put(blocks);
        }
        if let Some(rao) = genesis.network_min_lock_cost {
            NetworkMinLockCost::<T>::put(rao);
        }
        if let Some(blocks) = genesis.start_call_delay {
            StartCallDelay::<T>::put(blocks);
        }
        if let Some(blocks) = genesis.network_immunity_period {
            NetworkImmunityPeriod::<T>::put(blocks);
        }
        if let Some(blocks) = genesis.admin_freeze_window {
            AdminFreezeWindow::<T>::put(blocks);
        }
        if let Some(tempos) = genesis.owner_hyperparam_rate_limit {
            OwnerHyperparamRateLimit::<T>::put(tempos);
        }
    }

    /// A subnet of the genesis: started, at the least burn price.
    pub(crate) fn build_network(network: &GenesisNetwork<T::AccountId>) {
        let netuid = network.netuid;
        assert!(netuid != ROOT && netuid < MECHANISM_STRIDE, "genesis: a netuid lies in 1..4095");
        assert!(!NetworksAdded::<T>::get(netuid), "genesis: a netuid is given twice");
        Self::init_network(netuid, network.tempo);
        SubnetOwner::<T>::insert(netuid, &network.owner_coldkey);
        SubnetOwnerHotkey::<T>::insert(netuid, &network.owner_hotkey);
        Self::create_account_if_absent(&network.owner_coldkey, &network.owner_hotkey);
        if let Some(blocks) = network.weights_set_rate_limit {
            WeightsSetRateLimit::<T>::insert(netuid, blocks);
        }
        if let Some(blocks) = network.serving_rate_limit {
            ServingRateLimit::<T>::insert(netuid, blocks);
        }
        Burn::<T>::insert(netuid, MinBurn::<T>::get(netuid));
        let opened = T::Currency::mint_into(&Self::subnet_account(netuid), T::Currency::minimum_balance());
        assert!(opened.is_ok(), "genesis: the account of a subnet cannot be opened");
        Self::start(netuid, 1);
        let slots = usize::from(MaxAllowedUids::<T>::get(netuid));
        assert!(network.neurons.len() <= slots, "genesis: more neurons than slots");
        for neuron in &network.neurons {
            assert!(!Uids::<T>::contains_key(netuid, &neuron.hotkey), "genesis: a hotkey is given twice");
            Self::create_account_if_absent(&neuron.coldkey, &neuron.hotkey);
            Self::append_neuron(netuid, &neuron.hotkey);
            Self::build_stake(netuid, neuron);
        }
        ValidatorPermit::<T>::insert(netuid, network.neurons.iter().map(|n| n.validator_permit).collect::<Vec<_>>());
        if !network.additional.is_empty() {
            let additional = network.additional.clone().into_bytes();
            SubnetIdentitiesV3::<T>::insert(netuid, SubnetIdentityV3 { additional, ..Default::default() });
        }
    }

    /// Stake of the genesis is a principal like any other: it comes out of its coldkey's balance. The first epoch counts it.
    fn build_stake(netuid: u16, neuron: &GenesisNeuron<T::AccountId>) {
        if neuron.stake == 0 {
            return;
        }
        let paid = Self::pay_into(netuid, &neuron.coldkey, neuron.stake, Error::<T>::NotEnoughBalanceToStake);
        assert!(paid.is_ok(), "genesis: the balance of {:?} does not cover its stake and itself", neuron.coldkey);
        Self::deposit(&neuron.hotkey, &neuron.coldkey, netuid, neuron.stake);
        Self::set_fresh(&neuron.hotkey, netuid, 0);
    }

    /// `TotalIssuance` is what Balances has issued, staked or not; written only when it changed.
    pub(crate) fn refresh_total_issuance() {
        let total = T::Currency::total_issuance();
        if TotalIssuance::<T>::get() != total {
            TotalIssuance::<T>::put(total);
        }
    }
}
