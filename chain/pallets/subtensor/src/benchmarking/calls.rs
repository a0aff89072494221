//! The benchmarks of all calls, noun by noun; FRAME takes one module of them a pallet. Thin: state is made, and effects are
//! looked at, in the files next to it. Component names: see `weights.rs` and the calls' weights in `dispatches.rs`.
use frame_benchmarking::v2::*;

#[benchmarks]
mod calls {
    use alloc::{collections::BTreeSet, vec, vec::Vec};

    use codec::Compact;
    use frame_system::RawOrigin;

    use super::*;
    use crate::{
        benchmarking::{
            commits::*, hotkeys::*, moves::*, owners::*, registration::*, serving::*, staking::*, subnets::*,
            support::*,
        },
        commits::MOST_OPEN_COMMITS,
        pallet::*,
        types::*,
        Ciphertext, Revealed,
    };

    // Weights that are set openly.

    #[benchmark]
    fn set_weights(n: Linear<1, 256>) {
        let caller = validator::<T>(NETUID);
        let (dests, weights) = vector(n);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, dests, weights, 0);

        assert_eq!(Weights::<T>::get(NETUID, 0).len(), n as usize);
        assert_eq!(LastUpdate::<T>::get(NETUID)[0], u64::from(NOW));
    }

    #[benchmark]
    fn set_mechanism_weights(n: Linear<1, 128>) {
        two_mechanisms::<T>(NETUID);
        let caller = hotkey::<T>(0);
        children::<T>(NETUID, &caller);
        parents::<T>(NETUID, &caller, PARENTS);
        let (dests, weights) = vector(n);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, 1, dests, weights, 0);

        assert_eq!(Weights::<T>::get(Pallet::<T>::storage_index(NETUID, 1), 0).len(), n as usize);
    }

    /// Each of `b` subnets has 256 neurons, each vector an entry for all of them.
    #[benchmark]
    fn batch_set_weights(b: Linear<1, 8>) {
        let netuids: Vec<u16> = (NETUID..).take(b as usize).collect();
        netuids.iter().for_each(|netuid| {
            validator::<T>(*netuid);
        });
        let pairs: Vec<_> = (0..UIDS).map(|uid| (Compact(uid), Compact(uid + 1))).collect();
        let (weights, keys) = (vec![pairs; b as usize], vec![Compact(0_u64); b as usize]);
        let compact = netuids.iter().map(|netuid| Compact(*netuid)).collect();

        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey::<T>(0)), compact, weights, keys);

        for netuid in netuids {
            assert_eq!(Weights::<T>::get(netuid, 0)[1], (1, 511));
        }
    }

    // Weights that are committed first: salted, and timelocked.

    #[benchmark]
    fn commit_weights() {
        let caller = committer::<T>(NETUID, 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, T::Hash::default());

        assert_committed::<T>(NETUID, &caller);
    }

    #[benchmark]
    fn commit_mechanism_weights() {
        let caller = committer::<T>(NETUID, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, 1, T::Hash::default());

        assert_committed::<T>(Pallet::<T>::storage_index(NETUID, 1), &caller);
    }

    /// To each of `b` subnets a commit.
    #[benchmark]
    fn batch_commit_weights(b: Linear<1, 8>) {
        let netuids: Vec<u16> = (NETUID..).take(b as usize).collect();
        netuids.iter().for_each(|netuid| {
            committer::<T>(*netuid, 0);
        });
        let compact = netuids.iter().map(|netuid| Compact(*netuid)).collect();

        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey::<T>(0)), compact, vec![T::Hash::default(); b as usize]);

        netuids.iter().for_each(|netuid| assert_committed::<T>(*netuid, &hotkey::<T>(0)));
    }

    /// `n` weights with a salt of `s` numbers.
    #[benchmark]
    fn reveal_weights(n: Linear<1, 256>, s: Linear<0, 1024>) {
        let caller = committer::<T>(NETUID, 0);
        let ((uids, values), salt) = (vector(n), vec![7; s as usize]);
        commit_before::<T>((NETUID, 0), &caller, &[(&uids, &values, &salt, 0)]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, uids, values, salt, 0);

        assert_eq!(Weights::<T>::get(NETUID, 0).len(), n as usize);
        assert!(!WeightCommits::<T>::contains_key(NETUID, &caller));
    }

    /// As `reveal_weights`, of a second mechanism.
    #[benchmark]
    fn reveal_mechanism_weights(n: Linear<1, 128>, s: Linear<0, 1024>) {
        let caller = committer::<T>(NETUID, 1);
        children::<T>(NETUID, &caller);
        parents::<T>(NETUID, &caller, PARENTS);
        let ((uids, values), salt) = (vector(n), vec![7; s as usize]);
        commit_before::<T>((NETUID, 1), &caller, &[(&uids, &values, &salt, 0)]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, 1, uids, values, salt, 0);

        assert_eq!(Weights::<T>::get(Pallet::<T>::storage_index(NETUID, 1), 0).len(), n as usize);
    }

    /// `b` commits with 256 weights each, and salts of `s` numbers in all.
    #[benchmark]
    fn batch_reveal_weights(b: Linear<1, 10>, s: Linear<10, 1024>) {
        let caller = committer::<T>(NETUID, 0);
        let count = b as usize;
        let (uids, values) = vector(UIDS.into());
        let salt_of = |at: u32| if at == 0 { vec![0; (s - b + 1) as usize] } else { vec![at as u16] };
        let salts: Vec<Vec<u16>> = (0..b).map(salt_of).collect();
        let reveals: Vec<Revealed<'_>> = salts.iter().map(|salt| (&uids[..], &values[..], &salt[..], 0)).collect();
        commit_before::<T>((NETUID, 0), &caller, &reveals);
        let (all_uids, all_values) = (vec![uids; count], vec![values; count]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, all_uids, all_values, salts, vec![0; count]);

        let left = WeightCommits::<T>::get(NETUID, &caller).unwrap_or_default();
        assert_eq!(left.len(), MOST_OPEN_COMMITS - count);
        assert_eq!(Weights::<T>::get(NETUID, 0)[1], (1, 511));
    }

    /// A ciphertext of `b` bytes behind `q` others.
    #[benchmark]
    fn commit_timelocked_weights(b: Linear<0, 5_000>, q: Linear<0, 512>) {
        let caller = committer::<T>(NETUID, 0);
        let index = queue::<T>((NETUID, 0), q);
        let commit = Ciphertext::truncate_from(vec![7; b as usize]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, commit, 1_000, 4);

        assert_queued::<T>(index, q + 1);
    }

    /// As `commit_timelocked_weights`, of a second mechanism, in an older client's words.
    #[benchmark]
    fn commit_crv3_mechanism_weights(b: Linear<0, 5_000>, q: Linear<0, 512>) {
        let caller = committer::<T>(NETUID, 1);
        let index = queue::<T>((NETUID, 1), q);
        let commit = Ciphertext::truncate_from(vec![7; b as usize]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, 1, commit, 1_000);

        assert_queued::<T>(index, q + 1);
    }

    /// As `commit_timelocked_weights`, of a second mechanism.
    #[benchmark]
    fn commit_timelocked_mechanism_weights(b: Linear<0, 5_000>, q: Linear<0, 512>) {
        let caller = committer::<T>(NETUID, 1);
        let index = queue::<T>((NETUID, 1), q);
        let commit = Ciphertext::truncate_from(vec![7; b as usize]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), NETUID, 1, commit, 1_000, 4);

        assert_queued::<T>(index, q + 1);
    }

    // Where neurons serve.

    #[benchmark]
    fn serve_axon() {
        let caller = server::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, 1, u128::MAX - 1, 9_000, 6, 4, 0, 0);

        assert_eq!(Axons::<T>::get(NETUID, &caller).map(|axon| axon.port), Some(9_000));
    }

    /// A certificate of `c` bytes.
    #[benchmark]
    fn serve_axon_tls(c: Linear<1, 65>) {
        let caller = server::<T>();
        let certificate = vec![2; c as usize];

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, 1, u128::MAX - 1, 9_000, 6, 4, 0, 0, certificate);

        let stored = NeuronCertificates::<T>::get(NETUID, &caller).unwrap_or_default();
        assert_eq!(stored.public_key.len(), c as usize - 1);
    }

    #[benchmark]
    fn serve_prometheus() {
        let caller = server::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), NETUID, 1, u128::MAX - 1, 9_000, 6);

        assert_eq!(Prometheus::<T>::get(NETUID, &caller).map(|info| info.port), Some(9_000));
    }

    // Neurons that come: each takes the place of another, whose weights all others' rows name.

    #[benchmark]
    fn register() {
        let (coldkey, new) = newcomer::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), NETUID, 0, 0, vec![], new.clone(), owner::<T>());

        assert_replaced::<T>(&new);
    }

    #[benchmark]
    fn burned_register() {
        let (coldkey, new) = newcomer::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), NETUID, new.clone());

        assert_replaced::<T>(&new);
    }

    #[benchmark]
    fn register_limit() {
        let (coldkey, new) = newcomer::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), NETUID, new.clone(), u64::MAX);

        assert_replaced::<T>(&new);
    }

    /// The root network is full, too; the least staked of it gives way.
    #[benchmark]
    fn root_register() {
        let slots = MaxAllowedUids::<T>::get(ROOT);
        for uid in 0..slots {
            let hotkey = hotkey::<T>(uid);
            Pallet::<T>::create_account_if_absent(&coldkey::<T>(uid), &hotkey);
            Pallet::<T>::append_neuron(ROOT, &hotkey);
            stake::<T>(&hotkey, &coldkey::<T>(uid), ROOT, TAO);
            belongings::<T>(ROOT, &hotkey);
        }
        matrix::<T>(ROOT, 0);
        let coldkey = named::<T>("newcomer", 0);
        long_lists::<T>(&coldkey, ROOT);
        let new = named::<T>("listed", 0);
        stake::<T>(&new, &coldkey, ROOT, 2 * TAO);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), new.clone());

        assert!(Uids::<T>::contains_key(ROOT, &new));
        assert_eq!(SubnetworkN::<T>::get(ROOT), slots);
    }

    // Stake that comes, goes, and is given up.

    #[benchmark]
    fn add_stake() {
        let both = staker::<T>();
        let (coldkey, hotkey) = both.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey, NETUID, TAO);

        assert_eq!(held::<T>(&both), TAO);
    }

    #[benchmark]
    fn add_stake_limit() {
        let both = staker::<T>();
        let (coldkey, hotkey) = both.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey.clone(), NETUID, TAO, u64::MAX, false);

        assert_eq!(held::<T>(&both), TAO);
        assert!(Delegates::<T>::contains_key(&hotkey));
    }

    /// On a chain of `s` networks.
    #[benchmark]
    fn remove_stake(s: Linear<2, 129>) {
        let both = unstaker::<T>(s);
        let ((coldkey, hotkey), all) = (both.clone(), held::<T>(&both));

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey.clone(), NETUID, all);

        assert_eq!(held::<T>(&both), 0);
        assert!(all > TAO && !PendingChildKeys::<T>::contains_key(NETUID, &hotkey));
    }

    /// On a chain of `s` networks.
    #[benchmark]
    fn remove_stake_limit(s: Linear<2, 129>) {
        let both = unstaker::<T>(s);
        let ((coldkey, hotkey), all) = (both.clone(), held::<T>(&both));

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey, NETUID, all, 0, false);

        assert_eq!(held::<T>(&both), 0);
    }

    /// On a chain of `s` networks.
    #[benchmark]
    fn remove_stake_full_limit(s: Linear<2, 129>) {
        let both = unstaker::<T>(s);
        let (coldkey, hotkey) = both.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey, NETUID, Some(0));

        assert_eq!(held::<T>(&both), 0);
    }

    /// On a chain of `s` networks.
    #[benchmark]
    fn unstake_all(s: Linear<2, 129>) {
        let (coldkey, hotkey) = everywhere::<T>(s);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey.clone());

        assert!(AlphaV2::<T>::iter_prefix((&hotkey, &coldkey)).next().is_none());
    }

    /// On a chain of `s` networks.
    #[benchmark]
    fn unstake_all_alpha(s: Linear<2, 129>) {
        let (coldkey, hotkey) = everywhere::<T>(s);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey.clone());

        assert_eq!(AlphaV2::<T>::iter_prefix((&hotkey, &coldkey)).count(), 1);
        assert!(Pallet::<T>::alpha_of(&hotkey, &coldkey, ROOT) > u64::from(s) * TAO);
    }

    #[benchmark]
    fn recycle_alpha() {
        let both = unstaker::<T>(2);
        let (coldkey, hotkey) = both.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey, u64::MAX, NETUID);

        assert_eq!(held::<T>(&both), 0);
        assert!(DestroyedAlpha::<T>::get(NETUID) > 0);
    }

    #[benchmark]
    fn burn_alpha() {
        let both = unstaker::<T>(2);
        let (coldkey, hotkey) = both.clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey, u64::MAX, NETUID);

        assert_eq!(held::<T>(&both), 0);
        assert!(DestroyedAlpha::<T>::get(NETUID) > 0);
    }

    // Stake that changes its hotkey, its coldkey or its subnet: all of a position, to one that is new.

    #[benchmark]
    fn move_stake() {
        let (coldkey, from, all) = mover::<T>();
        let to = hotkey::<T>(1);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), from, to.clone(), NETUID, OTHER, all);

        assert_eq!(Pallet::<T>::alpha_of(&to, &coldkey, OTHER), all);
    }

    #[benchmark]
    fn transfer_stake() {
        let (coldkey, hotkey, all) = mover::<T>();
        let to = named::<T>("receiver", 0);
        long_lists::<T>(&to, NETUID);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), to.clone(), hotkey.clone(), NETUID, OTHER, all);

        assert_eq!(Pallet::<T>::alpha_of(&hotkey, &to, OTHER), all);
    }

    #[benchmark]
    fn swap_stake() {
        let (coldkey, hotkey, all) = mover::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey.clone(), NETUID, OTHER, all);

        assert_eq!(Pallet::<T>::alpha_of(&hotkey, &coldkey, OTHER), all);
    }

    #[benchmark]
    fn swap_stake_limit() {
        let (coldkey, hotkey, all) = mover::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey.clone(), NETUID, OTHER, all, 0, false);

        assert_eq!(Pallet::<T>::alpha_of(&hotkey, &coldkey, OTHER), all);
    }

    // What a coldkey says of its hotkeys: children, takes, identity, where emission is staked, and one in another's place.

    /// `c` children instead of five others, at once, on a chain of `s` networks.
    #[benchmark]
    fn set_children(c: Linear<0, 5>, s: Linear<2, 129>) {
        let hotkey = parent::<T>(s);
        let new: Vec<_> = possible_children::<T>("new_child").into_iter().take(c as usize).collect();
        for child in &new {
            Pallet::<T>::create_account_if_absent(&owner::<T>(), child);
            parents::<T>(NETUID, child, PARENTS);
        }
        SubtokenEnabled::<T>::insert(NETUID, false);
        let edges: Vec<_> = new.into_iter().map(|child| (u64::MAX / 8, child)).collect();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey.clone(), NETUID, edges);

        assert_eq!(ChildKeys::<T>::get(&hotkey, NETUID).len(), c as usize);
    }

    #[benchmark]
    fn set_childkey_take() {
        let hotkey = parent::<T>(2);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey.clone(), NETUID, 7);

        assert_eq!(ChildkeyTake::<T>::get(&hotkey, NETUID), 7);
    }

    #[benchmark]
    fn decrease_take() {
        let hotkey = parent::<T>(2);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey.clone(), 7);

        assert_eq!(Delegates::<T>::get(&hotkey), 7);
    }

    #[benchmark]
    fn increase_take() {
        let hotkey = parent::<T>(2);
        Delegates::<T>::insert(&hotkey, 7);
        LastTxBlockDelegateTake::<T>::insert(&hotkey, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey::<T>(0)), hotkey.clone(), 8);

        assert_eq!(Delegates::<T>::get(&hotkey), 8);
    }

    /// On all of `s` networks.
    #[benchmark]
    fn swap_hotkey(s: Linear<2, 129>) {
        full_subnet::<T>(NETUID);
        networks::<T>(s);
        Pallet::<T>::subnets().into_iter().for_each(burden::<T>);
        let (coldkey, new) = swapper::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey), hotkey::<T>(0), new.clone(), None);

        assert!(Pallet::<T>::subnets().into_iter().all(|netuid| Uids::<T>::get(netuid, &new) == Some(0)));
        assert_eq!(ChildKeys::<T>::get(&new, NETUID).len(), CHILDREN as usize);
    }

    /// On one subnet, where the new hotkey has stake already.
    #[benchmark]
    fn swap_hotkey_on_subnet() {
        full_subnet::<T>(NETUID);
        networks::<T>(129);
        burden::<T>(NETUID);
        nominate::<T>(NETUID, &hotkey::<T>(0), 128);
        let (coldkey, new) = swapper::<T>();
        Pallet::<T>::create_account_if_absent(&coldkey, &new);
        stake::<T>(&new, &coldkey, NETUID, TAO);

        #[extrinsic_call]
        swap_hotkey(RawOrigin::Signed(coldkey), hotkey::<T>(0), new.clone(), Some(NETUID));

        assert_eq!(Uids::<T>::get(NETUID, &new), Some(0));
        assert!(!TotalHotkeyAlpha::<T>::contains_key(hotkey::<T>(0), NETUID));
    }

    #[benchmark]
    fn try_associate_hotkey() {
        subnet::<T>(NETUID, FEW);
        let (coldkey, new) = swapper::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), new.clone());

        assert_eq!(Owner::<T>::get(&new), coldkey);
    }

    #[benchmark]
    fn set_coldkey_auto_stake_hotkey() {
        full_subnet::<T>(NETUID);
        burden::<T>(NETUID);
        let coldkey = named::<T>("auto_staker", LONG - 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), NETUID, hotkey::<T>(1));

        assert_eq!(AutoStakeDestination::<T>::get(&coldkey, NETUID), Some(hotkey::<T>(1)));
    }

    /// `b` bytes by a coldkey with many hotkeys, of which the last alone is registered.
    #[benchmark]
    fn set_identity(b: Linear<0, 4_096>) {
        subnet::<T>(NETUID, FEW);
        let coldkey = named::<T>("named", 0);
        long_lists::<T>(&coldkey, NETUID);
        OwnedHotkeys::<T>::append(&coldkey, hotkey::<T>(0));
        let mut field = fields(b);
        let [name, url, github, discord] = [field(256), field(256), field(256), field(256)];
        let [image, description, additional] = [field(1_024), field(1_024), field(1_024)];

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), name, url, github, image, discord, description, additional);

        assert!(IdentitiesV2::<T>::contains_key(&coldkey));
    }

    /// Of `k` subnets.
    #[benchmark]
    fn claim_root(k: Linear<1, 5>) {
        let coldkey = named::<T>("claimant", 0);
        let subnets: BTreeSet<u16> = (NETUID..).take(k as usize).collect();

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), subnets);

        assert!(StakingColdkeys::<T>::contains_key(&coldkey));
    }

    /// A choice that names `k` subnets.
    #[benchmark]
    fn set_root_claim_type(k: Linear<1, 128>) {
        let coldkey = named::<T>("claimant", 0);
        let choice = RootClaimTypeEnum::KeepSubnets { subnets: (NETUID..).take(k as usize).collect() };

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), choice.clone());

        assert_eq!(RootClaimType::<T>::get(&coldkey), choice);
    }

    // Subnets that come and go.

    /// Beside `s` other networks. What is dissolved for the new one at the limit is counted besides.
    #[benchmark]
    fn register_network(s: Linear<1, 129>) {
        SubnetLimit::<T>::put(1_000);
        let (coldkey, hotkey) = founder::<T>(s);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey);

        assert_eq!(SubnetOwner::<T>::get(s as u16), coldkey);
    }

    /// As `register_network`, with an identity of `b` bytes.
    #[benchmark]
    fn register_network_with_identity(s: Linear<1, 129>, b: Linear<0, 6_656>) {
        SubnetLimit::<T>::put(1_000);
        let (coldkey, hotkey) = founder::<T>(s);

        #[extrinsic_call]
        _(RawOrigin::Signed(coldkey.clone()), hotkey, Some(identity(b)));

        assert_eq!(SubnetOwner::<T>::get(s as u16), coldkey);
        assert_eq!(SubnetIdentitiesV3::<T>::get(s as u16), Some(identity(b)));
    }

    #[benchmark]
    fn dissolve_network() {
        doomed::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, owner::<T>(), NETUID);

        assert_dissolved::<T>();
    }

    #[benchmark]
    fn root_dissolve_network() {
        doomed::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID);

        assert_dissolved::<T>();
    }

    // What the owner of a subnet says of it.

    #[benchmark]
    fn start_call() {
        let owner = owned::<T>();
        FirstEmissionBlockNumber::<T>::remove(NETUID);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), NETUID);

        assert_eq!(FirstEmissionBlockNumber::<T>::get(NETUID), Some(u64::from(NOW) + 1));
    }

    /// An identity of `b` bytes.
    #[benchmark]
    fn set_subnet_identity(b: Linear<0, 6_656>) {
        let owner = owned::<T>();
        let all = identity(b);
        let SubnetIdentityV3 { subnet_name, github_repo, subnet_contact, subnet_url, .. } = all.clone();
        let SubnetIdentityV3 { discord, description, logo_url, additional, .. } = all.clone();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            NETUID,
            subnet_name,
            github_repo,
            subnet_contact,
            subnet_url,
            discord,
            description,
            logo_url,
            additional,
        );

        assert_eq!(SubnetIdentitiesV3::<T>::get(NETUID), Some(all));
    }

    /// On a chain of `s` networks, the last symbol that there is.
    #[benchmark]
    fn update_symbol(s: Linear<2, 129>) {
        let owner = owned::<T>();
        networks::<T>(s);
        let symbol = Pallet::<T>::symbol_of(438);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), NETUID, symbol.clone());

        assert_eq!(TokenSymbol::<T>::get(NETUID), symbol);
    }

    #[benchmark]
    fn set_tempo() {
        let owner = owned::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), NETUID, 720);

        assert_eq!(Tempo::<T>::get(NETUID), 720);
    }

    #[benchmark]
    fn set_activity_cutoff_factor() {
        let owner = owned::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), NETUID, 2_000);

        assert_eq!(ActivityCutoffFactorMilli::<T>::get(NETUID), 2_000);
    }

    #[benchmark]
    fn trigger_epoch() {
        let owner = owned::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), NETUID);

        assert!(PendingEpochAt::<T>::get(NETUID) >= u64::from(NOW));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
