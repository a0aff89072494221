//! Runtime APIs, in upstream's words and shapes: the traits here, their types one file each. Who answers:
//! `runtime_info`. Balances are rao, `netuid` and `mecid` upstream's `NetUid` and `MechId` (u16 and u8).
#![allow(missing_docs)] // sp_api's macro writes items without any
use alloc::{collections::BTreeMap, vec::Vec};
use sp_runtime::AccountId32;

use crate::types::{LockState, U64F64};

pub mod delegate;
pub mod dynamic;
pub mod hyperparams;
pub mod metagraph;
pub mod neuron;
pub mod stake;
pub mod state;
pub mod subnet;
pub mod swap;

use delegate::DelegateInfo;
use dynamic::DynamicInfo;
use hyperparams::{HyperparamEntry, SubnetHyperparams, SubnetHyperparamsV2};
use metagraph::{Metagraph, SelectiveMetagraph};
use neuron::{NeuronInfo, NeuronInfoLite};
use stake::{StakeAvailability, StakeInfo};
use state::SubnetState;
use subnet::{SubnetInfo, SubnetInfov2};
use swap::{SimSwapResult, SubnetPrice};

sp_api::decl_runtime_apis! {
    /// Hotkeys that others may stake on.
    pub trait DelegateInfoRuntimeApi {
        /// All of them, with those who staked.
        fn get_delegates() -> Vec<DelegateInfo<AccountId32>>;
        /// One of them.
        fn get_delegate(delegate_account: AccountId32) -> Option<DelegateInfo<AccountId32>>;
        /// Those a coldkey staked on, with its (netuid, stake); without the others who staked.
        fn get_delegated(
            delegatee_account: AccountId32,
        ) -> Vec<(DelegateInfo<AccountId32>, (codec::Compact<u16>, codec::Compact<u64>))>;
    }

    /// Neurons.
    pub trait NeuronInfoRuntimeApi {
        /// All neurons of a subnet, by uid, with weights and bonds.
        fn get_neurons(netuid: u16) -> Vec<NeuronInfo<AccountId32>>;
        /// One neuron, with weights and bonds.
        fn get_neuron(netuid: u16, uid: u16) -> Option<NeuronInfo<AccountId32>>;
        /// All neurons of a subnet, by uid.
        fn get_neurons_lite(netuid: u16) -> Vec<NeuronInfoLite<AccountId32>>;
        /// One neuron.
        fn get_neuron_lite(netuid: u16, uid: u16) -> Option<NeuronInfoLite<AccountId32>>;
    }

    /// Subnets: what they are, hold and demand.
    pub trait SubnetInfoRuntimeApi {
        /// The oldest form.
        fn get_subnet_info(netuid: u16) -> Option<SubnetInfo<AccountId32>>;
        /// The oldest form of all.
        fn get_subnets_info() -> Vec<Option<SubnetInfo<AccountId32>>>;
        /// With the identity.
        fn get_subnet_info_v2(netuid: u16) -> Option<SubnetInfov2<AccountId32>>;
        /// All, with their identities.
        fn get_subnets_info_v2() -> Vec<Option<SubnetInfov2<AccountId32>>>;
        /// Hyperparameters, the oldest form.
        fn get_subnet_hyperparams(netuid: u16) -> Option<SubnetHyperparams>;
        /// Hyperparameters as a struct.
        fn get_subnet_hyperparams_v2(netuid: u16) -> Option<SubnetHyperparamsV2>;
        /// Pools and schedule of all subnets; the root network first.
        fn get_all_dynamic_info() -> Vec<Option<DynamicInfo<AccountId32>>>;
        /// The first mechanism of all subnets.
        fn get_all_metagraphs() -> Vec<Option<Metagraph<AccountId32>>>;
        /// The first mechanism of a subnet.
        fn get_metagraph(netuid: u16) -> Option<Metagraph<AccountId32>>;
        /// All mechanisms of all subnets.
        fn get_all_mechagraphs() -> Vec<Option<Metagraph<AccountId32>>>;
        /// A mechanism of a subnet.
        fn get_mechagraph(netuid: u16, mecid: u8) -> Option<Metagraph<AccountId32>>;
        /// Pool and schedule of a subnet.
        fn get_dynamic_info(netuid: u16) -> Option<DynamicInfo<AccountId32>>;
        /// Neurons of a subnet in columns.
        fn get_subnet_state(netuid: u16) -> Option<SubnetState<AccountId32>>;
        /// Parts of a metagraph, by their numbers.
        fn get_selective_metagraph(
            netuid: u16,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId32>>;
        /// Hotkey on which a coldkey's incentive is to be staked.
        fn get_coldkey_auto_stake_hotkey(coldkey: AccountId32, netuid: u16) -> Option<AccountId32>;
        /// Parts of a mechanism's metagraph, by their numbers.
        fn get_selective_mechagraph(
            netuid: u16,
            subid: u8,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId32>>;
        /// Subnet that the next new one would replace.
        fn get_subnet_to_prune() -> Option<u16>;
        /// Account that holds the TAO of a subnet; a transfer to it pays for earned alpha.
        fn get_subnet_account_id(netuid: u16) -> Option<AccountId32>;
        /// Block in which the next epoch starts.
        fn get_next_epoch_start_block(netuid: u16) -> Option<u64>;
        /// Hyperparameters by name.
        fn get_subnet_hyperparams_v3(netuid: u16) -> Option<Vec<HyperparamEntry>>;
    }

    /// Stake.
    pub trait StakeInfoRuntimeApi {
        /// All positions of a coldkey.
        fn get_stake_info_for_coldkey(coldkey_account: AccountId32) -> Vec<StakeInfo<AccountId32>>;
        /// All positions of several coldkeys.
        fn get_stake_info_for_coldkeys(
            coldkey_accounts: Vec<AccountId32>,
        ) -> Vec<(AccountId32, Vec<StakeInfo<AccountId32>>)>;
        /// One position, empty or not.
        fn get_stake_info_for_hotkey_coldkey_netuid(
            hotkey_account: AccountId32,
            coldkey_account: AccountId32,
            netuid: u16,
        ) -> Option<StakeInfo<AccountId32>>;
        /// What coldkeys have and can take out, by subnet; without netuids of all subnets.
        fn get_stake_availability_for_coldkeys(
            coldkey_accounts: Vec<AccountId32>,
            netuids: Option<Vec<u16>>,
        ) -> BTreeMap<AccountId32, BTreeMap<u16, StakeAvailability>>;
        /// Rao that moving stake costs beside the fee of the extrinsic.
        fn get_stake_fee(
            origin: Option<(AccountId32, u16)>,
            origin_coldkey_account: AccountId32,
            destination: Option<(AccountId32, u16)>,
            destination_coldkey_account: AccountId32,
            amount: u64,
        ) -> u64;
        /// A coldkey's conviction lock.
        fn get_coldkey_lock(coldkey: AccountId32, netuid: u16) -> Option<LockState>;
        /// Conviction of a hotkey.
        fn get_hotkey_conviction(hotkey: AccountId32, netuid: u16) -> U64F64;
        /// Hotkey of the largest conviction.
        fn get_most_convicted_hotkey_on_subnet(netuid: u16) -> Option<AccountId32>;
    }

    /// Price of subnets.
    pub trait SubnetRegistrationRuntimeApi {
        /// Rao that `register_network` costs in the next block.
        fn get_network_registration_cost() -> u64;
    }

    /// Price of alpha.
    pub trait SwapRuntimeApi {
        /// Rao that 10^9 units of a subnet's alpha cost.
        fn current_alpha_price(netuid: u16) -> u64;
        /// That price of all subnets, the root network's first.
        fn current_alpha_price_all() -> Vec<SubnetPrice>;
        /// What staking this TAO would give.
        fn sim_swap_tao_for_alpha(netuid: u16, tao: u64) -> SimSwapResult;
        /// What unstaking this alpha would give, if it can be paid.
        fn sim_swap_alpha_for_tao(netuid: u16, alpha: u64) -> SimSwapResult;
    }

    /// Baskets of root dividends. Above spec 424; clients of the newer runtime cannot do without.
    pub trait BetaBasketRuntimeApi {
        /// Rao that claiming all of a coldkey's baskets would give.
        fn get_root_basket_owed(coldkey: AccountId32) -> u64;
        /// Rao that claiming a coldkey's basket of one validator would give.
        fn get_basket_payout(hotkey: AccountId32, coldkey: AccountId32) -> u64;
        /// Worth of a validator's basket in rao.
        fn get_validator_basket_nav(hotkey: AccountId32) -> u64;
        /// A validator's basket as (netuid, alpha, rao).
        fn get_validator_basket(hotkey: AccountId32) -> Vec<(u16, u64, u64)>;
        /// Worth of all baskets in rao.
        fn get_root_basket_total_nav() -> u64;
        /// A coldkey's parts of baskets as (hotkey, shares, rao).
        fn get_root_basket_positions(coldkey: AccountId32) -> Vec<(AccountId32, u64, u64)>;
    }
}
