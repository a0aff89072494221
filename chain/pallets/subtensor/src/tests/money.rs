//! Thirty accounts do what they like. A model that knows only who paid what says what they may get; it never reads the
//! pallet's principals.
//!
//! `cargo test -p pallet-subtensor money` runs the short form; the long one, with 100,000 operations, is
//! `SEED=7 cargo test -p pallet-subtensor thirty_accounts_for_long -- --ignored --nocapture`: minutes. What it printed
//! stands in the README.
use alloc::collections::BTreeMap;
use frame_support::traits::fungible::Inspect;
use sp_runtime::DispatchResult;

use crate::{limits::PRICE, mock::*, pallet::*, swap_hotkey::*, types::ROOT};

mod delegation;

const ACCOUNTS: u64 = 30;
const BALANCE: u64 = 10_000_000_000_000;

fn coldkey(index: u64) -> Account {
    10_000 + Account::from(index)
}

fn hotkey(index: u64) -> Account {
    20_000 + Account::from(index)
}

fn signed(who: Account) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Who paid what, counted apart from the chain.
#[derive(Default)]
struct Model {
    balance: BTreeMap<Account, u64>,
    principal: BTreeMap<(Account, Account, u16), u64>,
    pot: BTreeMap<u16, u64>,
    issuance: u64,
    done: BTreeMap<&'static str, u32>,
    refused: u32,
}

struct World {
    random: Random,
    model: Model,
    /// Hotkeys there are, each with the index of its coldkey.
    hotkeys: Vec<(u64, Account)>,
    /// What subnets that are gone had paid to uids, from their pots, and burned.
    ended: [u64; 3],
}

fn sums_of(netuid: u16) -> [u64; 3] {
    [PaidToNeurons::<Test>::get(netuid), PaidFromPot::<Test>::get(netuid), BurnedEmission::<Test>::get(netuid)]
}

fn added(mut all: [u64; 3], one: [u64; 3]) -> [u64; 3] {
    all.iter_mut().zip(one).for_each(|(sum, part)| *sum += part);
    all
}

impl World {
    fn below(&mut self, limit: u64) -> u64 {
        self.random.next() % limit
    }

    fn anybody(&mut self) -> Account {
        coldkey(self.random.next() % ACCOUNTS)
    }

    /// Now and then the root network, or one that does not exist.
    fn subnet(&mut self) -> u16 {
        match self.below(16) {
            0 => ROOT,
            _ => 1 + self.below(5) as u16,
        }
    }

    /// Index of a coldkey, and one of its hotkeys.
    fn any_hotkey(&mut self) -> (u64, Account) {
        self.hotkeys[self.random.next() as usize % self.hotkeys.len()]
    }

    /// A price limit, and whether it allows anything to a buyer or a seller.
    fn limit(&mut self) -> (u64, bool) {
        (PRICE - 1 + self.below(3), self.below(2) == 0)
    }

    /// Small, usual and absurd amounts.
    fn amount(&mut self) -> u64 {
        match self.below(12) {
            0 => self.below(3_000_000),
            1 => self.random.next() << 16,
            _ => 2_000_000 + self.below(20_000_000_000),
        }
    }

    fn spend(&mut self, who: Account, amount: u64) {
        *self.model.balance.get_mut(&who).unwrap() -= amount;
    }

    fn counted(&mut self, what: &'static str, result: DispatchResult) -> bool {
        match result {
            Ok(()) => *self.model.done.entry(what).or_default() += 1,
            Err(_) => self.model.refused += 1,
        }
        result.is_ok()
    }

    fn stake(&mut self) {
        let (who, (_, onto), netuid) = (self.anybody(), self.any_hotkey(), self.subnet());
        let (amount, (limit, partial)) = (self.amount(), self.limit());
        let result = match self.below(3) {
            0 => Subtensor::add_stake_limit(signed(who), onto, netuid, amount, limit, partial),
            _ => Subtensor::add_stake(signed(who), onto, netuid, amount),
        };
        if self.counted("stake", result) {
            self.spend(who, amount);
            *self.model.principal.entry((onto, who, netuid)).or_default() += amount;
        }
    }

    /// Of what is held often all, or all but a little, of it.
    fn unstake(&mut self) {
        let (who, netuid) = (self.anybody(), self.subnet());
        let on = StakingHotkeys::<Test>::get(who);
        let from = match on.is_empty() {
            true => hotkey(0),
            false => on[self.below(on.len() as u64) as usize],
        };
        let held = Subtensor::alpha_of(&from, &who, netuid);
        let amount = match self.below(6) {
            0 => held,
            1 => held.saturating_sub(1 + self.below(600)),
            2 => Subtensor::redeemable(&from, &who, netuid),
            3 => self.amount(),
            _ => self.below(held.saturating_add(1)),
        };
        let (limit, partial) = self.limit();
        let (amount, result) = match self.below(4) {
            0 => (amount, Subtensor::remove_stake_limit(signed(who), from, netuid, amount, limit, partial)),
            1 => {
                let all = Subtensor::redeemable(&from, &who, netuid);
                let limit = (limit > PRICE).then_some(limit);
                (all, Subtensor::remove_stake_full_limit(signed(who), from, netuid, limit))
            }
            _ => (amount, Subtensor::remove_stake(signed(who), from, netuid, amount)),
        };
        if self.counted("unstake", result) {
            self.took_out((from, who, netuid), amount);
        }
    }

    /// The rule: one's own principal, then the pot; nothing else.
    fn took_out(&mut self, position: (Account, Account, u16), amount: u64) {
        let principal = self.model.principal.entry(position).or_default();
        let own = amount.min(*principal);
        *principal -= own;
        let pot = self.model.pot.entry(position.2).or_default();
        *pot = pot.checked_sub(amount - own).expect("only what sponsors paid in pays earned alpha");
        *self.model.balance.get_mut(&position.1).unwrap() += amount;
    }

    /// Another hotkey, another coldkey or another subnet, by one call of three.
    fn shift(&mut self) {
        let (who, netuid) = (self.anybody(), self.subnet());
        let on = StakingHotkeys::<Test>::get(who);
        if on.is_empty() {
            return;
        }
        let from = on[self.below(on.len() as u64) as usize];
        let ((_, to), heir, other) = (self.any_hotkey(), self.anybody(), self.subnet());
        let (limit, partial) = self.limit();
        let held = Subtensor::alpha_of(&from, &who, netuid);
        let amount = if self.below(4) == 0 { held } else { self.below(held.saturating_add(1)) };
        let (target, result) = match self.below(4) {
            3 => {
                let result = Subtensor::swap_stake_limit(signed(who), from, netuid, other, amount, limit, partial);
                ((from, who, other), result)
            }
            0 => ((to, who, other), Subtensor::move_stake(signed(who), from, to, netuid, other, amount)),
            1 => ((from, heir, other), Subtensor::transfer_stake(signed(who), heir, from, netuid, other, amount)),
            _ => ((from, who, other), Subtensor::swap_stake(signed(who), from, netuid, other, amount)),
        };
        if !self.counted("shift", result) {
            return;
        }
        let principal = self.model.principal.entry((from, who, netuid)).or_default();
        let own = amount.min(*principal);
        *principal -= own;
        let gained = if netuid == other { own } else { amount };
        *self.model.principal.entry(target).or_default() += gained;
        let pot = self.model.pot.entry(netuid).or_default();
        *pot = pot.checked_sub(gained - own).expect("only what sponsors paid in goes to another subnet");
    }

    fn take(&mut self) {
        let ((index, of), take) = (self.any_hotkey(), self.below(12_000) as u16);
        let who = signed(coldkey(index));
        let result = match self.below(2) {
            0 => Subtensor::decrease_take(who, of, take),
            _ => Subtensor::increase_take(who, of, take),
        };
        self.counted("take", result);
    }

    fn register(&mut self) {
        let ((index, of), netuid) = (self.any_hotkey(), self.subnet());
        // Now and then somebody else's hotkey.
        let who = if self.below(10) == 0 { self.anybody() } else { coldkey(index) };
        let price = Burn::<Test>::get(netuid);
        let result = match price % 3 {
            0 => Subtensor::register_limit(signed(who), netuid, of, price),
            1 => Subtensor::register(signed(who), netuid, 0, 0, Vec::new(), of, who),
            _ => Subtensor::burned_register(signed(who), netuid, of),
        };
        if self.counted("register", result) {
            self.spend(who, price);
            self.model.issuance -= price;
        }
    }

    fn weights(&mut self) {
        let ((_, who), netuid) = (self.any_hotkey(), self.subnet());
        let n = SubnetworkN::<Test>::get(netuid);
        let uids: Vec<u16> = (0..n).filter(|_| !self.random.next().is_multiple_of(3)).collect();
        let weights = uids.iter().map(|_| self.random.next() as u16).collect();
        self.counted("weights", Subtensor::set_weights(signed(who), netuid, uids, weights, 0));
    }

    /// Principals go back to their coldkeys, pot and deposit are burned.
    fn dissolved(&mut self, netuid: u16, sums: [u64; 3]) {
        self.ended = added(self.ended, sums);
        for ((_, who, subnet), own) in self.model.principal.iter_mut().filter(|(_, own)| **own > 0) {
            if *subnet == netuid {
                *self.model.balance.get_mut(who).unwrap() += core::mem::take(own);
            }
        }
        let pot = self.model.pot.remove(&netuid).unwrap_or(0);
        self.model.issuance -= pot + EXISTENTIAL_DEPOSIT;
    }

    fn dissolve(&mut self) {
        let netuid = self.subnet();
        let sums = sums_of(netuid);
        if self.counted("dissolve", Subtensor::root_dissolve_network(RuntimeOrigin::root(), netuid)) {
            self.dissolved(netuid, sums);
        }
    }

    fn found(&mut self) {
        let (index, hotkey) = self.any_hotkey();
        let cost = Subtensor::network_lock_cost();
        let pruned = Subtensor::subnet_to_prune().filter(|_| Subtensor::is_at_subnet_limit());
        let pruned = pruned.map(|netuid| (netuid, sums_of(netuid)));
        let who = signed(coldkey(index));
        let result = match self.below(2) {
            0 => Subtensor::register_network(who, hotkey),
            _ => Subtensor::register_network_with_identity(who, hotkey, Some(Default::default())),
        };
        if self.counted("found", result) {
            self.spend(coldkey(index), cost);
            self.model.issuance -= cost - EXISTENTIAL_DEPOSIT;
            if let Some((netuid, sums)) = pruned {
                *self.model.done.entry("prune").or_default() += 1;
                self.dissolved(netuid, sums);
            }
        }
    }

    fn start(&mut self) {
        for netuid in Subtensor::subnets() {
            let owner = SubnetOwner::<Test>::get(netuid);
            self.counted("start", Subtensor::start_call(signed(owner), netuid));
        }
    }

    /// Subnets come and go, but seldom enough for stakers to earn on them and leave by themselves.
    fn turn_over(&mut self) {
        match self.below(12) {
            0 | 1 => self.dissolve(),
            2 => self.found(),
            _ if Subtensor::is_at_subnet_limit() => {}
            _ => self.found(),
        }
    }

    fn sponsor(&mut self) {
        let (who, netuid) = (self.anybody(), self.subnet());
        let account = Subtensor::subnet_account(netuid);
        let amount = self.below(1_000_000_000) + 1;
        if NetworksAdded::<Test>::get(netuid)
            && self.counted("sponsor", Balances::transfer_keep_alive(signed(who), account, amount))
        {
            self.spend(who, amount);
            *self.model.pot.entry(netuid).or_default() += amount;
        }
    }

    fn act(&mut self) {
        match self.below(100) {
            0..=19 => self.stake(),
            20..=39 => self.unstake(),
            40..=48 => self.register(),
            49..=63 => self.weights(),
            64..=73 => self.shift(),
            74 => self.take(),
            75 => self.turn_over(),
            76 => self.start(),
            77..=79 => self.sponsor(),
            80..=81 => self.unstake_all(),
            82..=83 => self.give_up(),
            84 => self.swap(),
            85..=87 => self.children(),
            88 => self.destination(),
            89 => self.root(),
            _ => {
                run(1);
                assert_eq!(TotalIssuance::<Test>::get(), self.model.issuance);
                if System::block_number().is_multiple_of(100) {
                    self.compare();
                }
            }
        }
    }

    fn compare(&self) {
        Subtensor::do_try_state().unwrap();
        let mut all = 0;
        for (who, balance) in &self.model.balance {
            assert_eq!(Balances::free_balance(who), *balance, "balance of {who}");
            all += balance;
        }
        for netuid in Subtensor::networks() {
            let account = Subtensor::subnet_account(netuid);
            assert_eq!(Subtensor::pot(netuid), self.model.pot.get(&netuid).copied().unwrap_or(0), "pot of {netuid}");
            all += Balances::balance(&account);
        }
        assert_eq!(all, self.model.issuance, "nobody else has anything");
        assert_eq!(Balances::total_issuance(), self.model.issuance);
    }

    /// In the end everybody gets back all that is still theirs, whatever others did.
    fn everybody_leaves(&mut self) {
        let positions: Vec<_> = self.model.principal.iter().map(|(position, own)| (*position, *own)).collect();
        for ((from, who, netuid), own) in positions.into_iter().filter(|(_, own)| *own > 0) {
            let amount = Subtensor::redeemable(&from, &who, netuid);
            assert!(amount >= own, "{who} can take out what it staked on {from}");
            Subtensor::remove_stake(signed(who), from, netuid, amount).unwrap();
            self.took_out((from, who, netuid), amount);
        }
        assert!(self.model.principal.values().all(|own| *own == 0));
        assert_eq!(TotalStake::<Test>::get(), 0);
        self.compare();
    }
}

fn live(seed: u64, operations: u64) {
    let genesis = crate::GenesisConfig::<Test> {
        default_tempo: Some(6),
        default_immunity_period: Some(30),
        default_weights_set_rate_limit: Some(0),
        network_rate_limit: Some(0),
        network_min_lock_cost: Some(1_000_000_000),
        network_immunity_period: Some(90),
        ..Default::default()
    };
    with_genesis(genesis, || {
        for index in 0..ACCOUNTS {
            let paid = Balances::force_set_balance(RuntimeOrigin::root(), coldkey(index), BALANCE);
            paid.unwrap();
        }
        SubnetLimit::<Test>::put(4);
        TxRateLimit::<Test>::put(0);
        PendingChildKeyCooldown::<Test>::put(5);
        TxChildkeyTakeRateLimit::<Test>::put(10);
        NetworkLockReductionInterval::<Test>::put(20);
        let hotkeys = (0..ACCOUNTS).map(|index| (index, hotkey(index))).collect();
        let mut world = World { random: Random(seed), model: Model::default(), hotkeys, ended: [0; 3] };
        world.model.balance = (0..ACCOUNTS).map(|index| (coldkey(index), BALANCE)).collect();
        world.model.balance.extend([(OWNER, ENDOWMENT), (RICH, ENDOWMENT)]);
        // The root network's account holds its deposit from the genesis on.
        world.model.issuance = world.model.balance.values().sum::<u64>() + EXISTENTIAL_DEPOSIT;
        for _ in 0..operations {
            world.act();
            for netuid in Subtensor::subnets() {
                MaxAllowedUids::<Test>::insert(netuid, 12);
                MinNonImmuneUids::<Test>::insert(netuid, 2);
            }
        }
        let sums = Subtensor::subnets().into_iter().map(sums_of).fold(world.ended, added);
        println!(
            "seed {seed}: {operations} operations, {} blocks, {:?}, {} refused; rao paid to uids {}, from pots {}, burned {}",
            System::block_number(),
            world.model.done,
            world.model.refused,
            sums[0],
            sums[1],
            sums[2]
        );
        assert_eq!(world.model.done.len(), 19, "everything happened");
        let parents = ParentKeys::<Test>::iter().count();
        assert!(parents > 0, "there are children in the end");
        assert!(sums.iter().all(|sum| *sum > 0));
        world.everybody_leaves();
    });
}

fn seed() -> u64 {
    std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_261_122)
}

#[test]
fn thirty_accounts_never_touch_what_others_put_in() {
    live(seed(), 3_000);
}

#[test]
#[ignore = "minutes; the command is at the top of this file"]
fn thirty_accounts_for_long() {
    live(seed(), 100_000);
}
