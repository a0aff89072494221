//! Why a call is refused.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    /// Why a call is refused. Names and indexes are upstream's.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no root network.
        #[codec(index = 0)]
        RootNetworkDoesNotExist,
        /// The address type is neither 4 nor 6.
        #[codec(index = 1)]
        InvalidIpType,
        /// The address is unroutable: broadcast, or loopback where loopback is not allowed.
        #[codec(index = 2)]
        InvalidIpAddress,
        /// The port is 0.
        #[codec(index = 3)]
        InvalidPort,
        /// The hotkey has no uid on this subnet.
        #[codec(index = 4)]
        HotKeyNotRegisteredInSubNet,
        /// The hotkey was never registered anywhere.
        #[codec(index = 5)]
        HotKeyAccountNotExists,
        /// The hotkey has no uid on the network it wants to serve.
        #[codec(index = 6)]
        HotKeyNotRegisteredInNetwork,
        /// The hotkey belongs to another coldkey.
        #[codec(index = 7)]
        NonAssociatedColdKey,
        /// The coldkey has less stake on the hotkey than it wants to withdraw.
        #[codec(index = 9)]
        NotEnoughStakeToWithdraw,
        /// The hotkey's stake is below the threshold for setting weights.
        #[codec(index = 10)]
        NotEnoughStakeToSetWeights,
        /// The hotkey has too little stake to have children.
        #[codec(index = 11)]
        NotEnoughStakeToSetChildkeys,
        /// The coldkey's balance does not cover the amount.
        #[codec(index = 12)]
        NotEnoughBalanceToStake,
        /// The balance could not be withdrawn.
        #[codec(index = 13)]
        BalanceWithdrawalError,
        /// The neuron had no validator permit in the last epoch.
        #[codec(index = 15)]
        NeuronNoValidatorPermit,
        /// There are not as many weights as uids.
        #[codec(index = 16)]
        WeightVecNotEqualSize,
        /// A uid occurs twice.
        #[codec(index = 17)]
        DuplicateUids,
        /// A uid does not exist on the subnet.
        #[codec(index = 18)]
        UidVecContainInvalidOne,
        /// The vector has fewer entries than the subnet demands.
        #[codec(index = 19)]
        WeightVecLengthIsLow,
        /// The root network took a hotkey in this block already.
        #[codec(index = 20)]
        TooManyRegistrationsThisBlock,
        /// The hotkey already has a uid on this subnet.
        #[codec(index = 21)]
        HotKeyAlreadyRegisteredInSubNet,
        /// A hotkey cannot take its own place.
        #[codec(index = 22)]
        NewHotKeyIsSameWithOld,
        /// The new hotkey has stake or dividends on the root network.
        #[codec(index = 23)]
        NewHotKeyNotCleanForRootSwap,
        /// Too few blocks since the neuron's last weights or its registration.
        #[codec(index = 29)]
        SettingWeightsTooFast,
        /// The version key is below the subnet's.
        #[codec(index = 30)]
        IncorrectWeightVersionKey,
        /// Too few blocks since the neuron last served.
        #[codec(index = 31)]
        ServingRateLimitExceeded,
        /// The vector has more entries than the subnet has neurons.
        #[codec(index = 32)]
        UidsLengthExceedUidsInSubNet,
        /// Too few blocks since the chain's last new subnet.
        #[codec(index = 33)]
        NetworkTxRateLimitExceeded,
        /// Too few blocks since the hotkey's last higher take.
        #[codec(index = 34)]
        DelegateTxRateLimitExceeded,
        /// Too few blocks since the coldkey last swapped a hotkey.
        #[codec(index = 35)]
        HotKeySetTxRateLimitExceeded,
        /// Registration is switched off.
        #[codec(index = 37)]
        SubNetRegistrationDisabled,
        /// The root network took as many hotkeys as it may before its next epoch.
        #[codec(index = 38)]
        TooManyRegistrationsThisInterval,
        /// The signer does not own the subnet.
        #[codec(index = 41)]
        NotSubnetOwner,
        /// Neurons do not register on the root network.
        #[codec(index = 42)]
        RegistrationNotPermittedOnRootSubnet,
        /// The root network is full of hotkeys with as much stake.
        #[codec(index = 43)]
        StakeTooLowForRoot,
        /// The balance does not cover the price of a swap.
        #[codec(index = 45)]
        NotEnoughBalanceToPaySwapHotKey,
        /// The root network takes no weights.
        #[codec(index = 47)]
        CanNotSetRootNetworkWeights,
        /// The subnet is full and no neuron can be pruned.
        #[codec(index = 48)]
        NoNeuronIdAvailable,
        /// The take is below the least, or not on the side of the present one that the call is for.
        #[codec(index = 49)]
        DelegateTakeTooLow,
        /// The take is above the highest.
        #[codec(index = 50)]
        DelegateTakeTooHigh,
        /// The hotkey has no commit that could be revealed.
        #[codec(index = 51)]
        NoWeightsCommitFound,
        /// The hotkey committed to other weights.
        #[codec(index = 52)]
        InvalidRevealCommitHashNotMatch,
        /// Weights must be committed and revealed on this subnet.
        #[codec(index = 53)]
        CommitRevealEnabled,
        /// Weights are set at once on this subnet, not committed.
        #[codec(index = 54)]
        CommitRevealDisabled,
        /// Liquid alpha is off: switch it on, then set its bounds.
        #[codec(index = 55)]
        LiquidAlphaDisabled,
        /// The upper bound of liquid alpha is below 1638.
        #[codec(index = 56)]
        AlphaHighTooLow,
        /// The lower bound of liquid alpha is below 1638 or above the upper one.
        #[codec(index = 57)]
        AlphaLowOutOfRange,
        /// A hotkey cannot be its own child.
        #[codec(index = 60)]
        InvalidChild,
        /// A child occurs twice.
        #[codec(index = 61)]
        DuplicateChild,
        /// The children have more than the whole.
        #[codec(index = 62)]
        ProportionOverflow,
        /// A hotkey has at most 5 children on a subnet.
        #[codec(index = 63)]
        TooManyChildren,
        /// Too few blocks since the last such call.
        #[codec(index = 64)]
        TxRateLimitExceeded,
        /// The take of the child is outside its bounds.
        #[codec(index = 71)]
        InvalidChildkeyTake,
        /// Too few blocks since the child last changed its take.
        #[codec(index = 72)]
        TxChildkeyTakeRateLimitExceeded,
        /// A field of the identity is too long.
        #[codec(index = 73)]
        InvalidIdentity,
        /// The subnet has no such mechanism.
        #[codec(index = 74)]
        MechanismDoesNotExist,
        /// The subnet does not exist.
        #[codec(index = 76)]
        SubnetNotExists,
        /// The hotkey has ten commits that wait to be revealed.
        #[codec(index = 77)]
        TooManyUnrevealedCommits,
        /// The epoch in which the commit could be revealed is over.
        #[codec(index = 78)]
        ExpiredWeightCommit,
        /// The epoch in which the commit can be revealed has not come.
        #[codec(index = 79)]
        RevealTooEarly,
        /// The lists of a batch differ in length.
        #[codec(index = 80)]
        InputLengthsUnequal,
        /// Too few blocks since the neuron's last commit or its registration.
        #[codec(index = 81)]
        CommittingWeightsTooFast,
        /// The amount is below the least stake.
        #[codec(index = 82)]
        AmountTooLow,
        /// The amount is more than the principal and what the subnet's pot pays of earned alpha.
        #[codec(index = 83)]
        InsufficientLiquidity,
        /// The price of 1 TAO is outside the limit.
        #[codec(index = 84)]
        SlippageTooHigh,
        /// The subnet forbids giving stake to other coldkeys.
        #[codec(index = 85)]
        TransferDisallowed,
        /// The activity cutoff is below the least.
        #[codec(index = 86)]
        ActivityCutoffTooLow,
        /// `start_call` was made before.
        #[codec(index = 88)]
        FirstEmissionBlockNumberAlreadySet,
        /// `start_call` came too early (sic).
        #[codec(index = 89)]
        NeedWaitingMoreBlocksToStarCall,
        /// Stake of the root network can be withdrawn; it is not burned.
        #[codec(index = 91)]
        CannotBurnOrRecycleOnRootSubnet,
        /// Stake of the subnet may not move before `start_call`.
        #[codec(index = 94)]
        SubtokenDisabled,
        /// Too few blocks since the coldkey last swapped a hotkey on this network.
        #[codec(index = 95)]
        HotKeySwapOnSubnetIntervalNotPassed,
        /// The stake would stay where it is.
        #[codec(index = 96)]
        SameNetuid,
        /// A sum left its type.
        #[codec(index = 104)]
        Overflow,
        /// An epoch is near: parameters are frozen until it has run.
        #[codec(index = 107)]
        AdminActionProhibitedDuringWeightsWindow,
        /// There is no such symbol.
        #[codec(index = 108)]
        SymbolDoesNotExist,
        /// Another subnet has the symbol.
        #[codec(index = 109)]
        SymbolAlreadyInUse,
        /// Clients of this version encrypt otherwise.
        #[codec(index = 110)]
        IncorrectCommitRevealVersion,
        /// The round is out already, or the chain follows no beacon.
        #[codec(index = 111)]
        InvalidRevealRound,
        /// More than 100 epochs between commit and reveal.
        #[codec(index = 112)]
        RevealPeriodTooLarge,
        /// Not one epoch between commit and reveal.
        #[codec(index = 113)]
        RevealPeriodTooSmall,
        /// A parameter lies outside its bounds.
        #[codec(index = 114)]
        InvalidValue,
        /// There is no number left for a subnet.
        #[codec(index = 115)]
        SubnetLimitReached,
        /// The coldkey's balance does not cover the price of a subnet.
        #[codec(index = 116)]
        CannotAffordLockCost,
        /// This hotkey is the destination already.
        #[codec(index = 118)]
        SameAutoStakeHotkeyAlreadySet,
        /// 80 % or more of the slots that stay would be immune neurons.
        #[codec(index = 120)]
        TrimmingWouldExceedMaxImmunePercentage,
        /// A hotkey cannot be parent and child of the same one.
        #[codec(index = 121)]
        ChildParentInconsistency,
        /// None, or too many subnets are named.
        #[codec(index = 124)]
        InvalidSubnetNumber,
        /// All mechanisms together would have more than 256 uids.
        #[codec(index = 125)]
        TooManyUIDsPerMechanism,
        /// The registration costs more than the limit.
        #[codec(index = 134)]
        RegistrationPriceLimitExceeded,
        /// The account is one that holds the TAO of a subnet.
        #[codec(index = 139)]
        CannotUseSystemAccount,
        /// The tempo is below 360 or above 50400 blocks.
        #[codec(index = 141)]
        TempoOutOfBounds,
        /// The activity cutoff is below 1 or above 50 tempos.
        #[codec(index = 142)]
        ActivityCutoffFactorMilliOutOfBounds,
        /// An epoch was triggered already.
        #[codec(index = 143)]
        EpochTriggerAlreadyPending,
        /// The next epoch is as near as a triggered one would be.
        #[codec(index = 144)]
        AutoEpochAlreadyImminent,
        /// Commits are revealed by epochs: none is triggered while commit-reveal is on.
        #[codec(index = 145)]
        DynamicTempoBlockedByCommitReveal,
    }
}
