//! Values of storage, calls and runtime APIs, field by field in upstream's SCALE order.
use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_runtime::traits::{ConstU32, Get};

/// Number of the root network.
pub const ROOT: u16 = 0;
/// Storage index = `mecid * MECHANISM_STRIDE + netuid`.
pub const MECHANISM_STRIDE: u16 = 4096;

/// Where a neuron serves; written by `serve_axon`.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct AxonInfo {
    /// Block of the call.
    pub block: u64,
    /// Version of the server.
    pub version: u32,
    /// Address as a number, IPv4 in the low 32 bits.
    pub ip: u128,
    /// Port.
    pub port: u16,
    /// 4 or 6.
    pub ip_type: u8,
    /// Protocol by the server's own count.
    pub protocol: u8,
    /// Unused.
    pub placeholder1: u8,
    /// Unused.
    pub placeholder2: u8,
}

/// Where a neuron serves metrics.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct PrometheusInfo {
    /// Block of the call.
    pub block: u64,
    /// Version of the server.
    pub version: u32,
    /// Address as a number.
    pub ip: u128,
    /// Port.
    pub port: u16,
    /// 4 or 6.
    pub ip_type: u8,
}

/// TLS key of an axon.
#[derive(Clone, Debug, Default, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct NeuronCertificate {
    /// The key.
    pub public_key: BoundedVec<u8, ConstU32<64>>,
    /// Its algorithm.
    pub algorithm: u8,
}

impl NeuronCertificate {
    /// The algorithm is the first byte, the key the rest; none if that is not so.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (algorithm, key) = bytes.split_first()?;
        Some(Self { public_key: BoundedVec::try_from(key.to_vec()).ok()?, algorithm: *algorithm })
    }
}

/// Identity of a coldkey.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct ChainIdentityV2 {
    /// Name.
    pub name: Vec<u8>,
    /// Site.
    pub url: Vec<u8>,
    /// Repository.
    pub github_repo: Vec<u8>,
    /// Picture.
    pub image: Vec<u8>,
    /// Discord.
    pub discord: Vec<u8>,
    /// Description.
    pub description: Vec<u8>,
    /// Anything else.
    pub additional: Vec<u8>,
}

impl ChainIdentityV2 {
    /// Upstream's limits per field.
    pub fn is_valid(&self) -> bool {
        let short = [&self.name, &self.url, &self.github_repo, &self.discord];
        let long = [&self.image, &self.description, &self.additional];
        short.iter().all(|field| field.len() <= 256) && long.iter().all(|field| field.len() <= 1024)
    }
}

/// Identity of a subnet. `additional` carries the run id.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct SubnetIdentityV3 {
    /// Name.
    pub subnet_name: Vec<u8>,
    /// Repository.
    pub github_repo: Vec<u8>,
    /// Contact.
    pub subnet_contact: Vec<u8>,
    /// Site.
    pub subnet_url: Vec<u8>,
    /// Discord.
    pub discord: Vec<u8>,
    /// Description.
    pub description: Vec<u8>,
    /// Logo.
    pub logo_url: Vec<u8>,
    /// Anything else; Assay's run id.
    pub additional: Vec<u8>,
}

impl SubnetIdentityV3 {
    /// Upstream's limits per field.
    pub fn is_valid(&self) -> bool {
        let long = [
            &self.github_repo,
            &self.subnet_contact,
            &self.subnet_url,
            &self.description,
            &self.logo_url,
            &self.additional,
        ];
        self.subnet_name.len() <= 256 && self.discord.len() <= 256 && long.iter().all(|field| field.len() <= 1024)
    }
}

/// Upstream's share count: `mantissa * 10^exponent` (`shares.rs`).
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct SafeFloat {
    /// Number of shares.
    pub mantissa: u128,
    /// Digits before or, below 0, after the point.
    pub exponent: i64,
}

/// Bits of an unsigned fixed-point number with 64 fractional bits.
#[derive(
    Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct U64F64 {
    /// Value times 2^64.
    pub bits: u128,
}

/// Bits of an unsigned fixed-point number with 32 fractional bits.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct U96F32 {
    /// Value times 2^32.
    pub bits: u128,
}

/// Bits of a signed fixed-point number with 32 fractional bits.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct I96F32 {
    /// Value times 2^32.
    pub bits: i128,
}

/// Bits of a signed fixed-point number with 64 fractional bits.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct I64F64 {
    /// Value times 2^64.
    pub bits: i128,
}

/// Bits of a signed 64-bit fixed-point number with 32 fractional bits.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct I32F32 {
    /// Value times 2^32.
    pub bits: i64,
}

/// A conviction lock; kept for clients.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct LockState {
    /// Alpha under the lock.
    pub locked_mass: u64,
    /// Its conviction.
    pub conviction: U64F64,
    /// Block of its last change.
    pub last_update: u64,
}

/// How weights become payouts; above spec 424.
#[derive(Clone, Copy, Debug, Default, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum EpochConsensus {
    /// Yuma.
    #[default]
    Yuma,
    /// Without consensus; not here.
    Null,
}

/// What becomes of root dividends; kept for clients.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub enum RootClaimTypeEnum {
    /// Sold for TAO.
    #[default]
    Swap,
    /// Kept as alpha.
    Keep,
    /// Kept on some subnets.
    KeepSubnets {
        /// Those subnets.
        subnets: BTreeSet<u16>,
    },
}

/// 1.26, the growth of the burn price per registration.
pub struct DefaultBurnIncrease;
impl Get<U64F64> for DefaultBurnIncrease {
    fn get() -> U64F64 {
        U64F64 { bits: 0x0001_428f_5c28_f5c2_9000 }
    }
}

/// 0.7 and 0.9 of 65535, the bounds of liquid alpha.
pub struct DefaultAlphaValues;
impl Get<(u16, u16)> for DefaultAlphaValues {
    fn get() -> (u16, u16) {
        (45_875, 58_982)
    }
}

/// 500 000 rao.
pub struct DefaultRootClaimableThreshold;
impl Get<I96F32> for DefaultRootClaimableThreshold {
    fn get() -> I96F32 {
        I96F32 { bits: 500_000 << 32 }
    }
}

/// The symbol of a subnet without one of its own.
pub struct DefaultTokenSymbol;
impl Get<Vec<u8>> for DefaultTokenSymbol {
    fn get() -> Vec<u8> {
        alloc::vec![0xf0, 0x9d, 0x9c, 0x8f]
    }
}

/// What a rate limit counts.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum RateLimitKey<AccountId> {
    /// Changes of a subnet's owner hotkey.
    #[codec(index = 0)]
    SetSNOwnerHotkey(u16),
    /// Changes of one hyperparameter of a subnet by its owner.
    #[codec(index = 1)]
    OwnerHyperparamUpdate(u16, Hyperparameter),
    /// The chain's last `register_network`.
    #[codec(index = 2)]
    NetworkLastRegistered,
    /// A coldkey's last swap of a hotkey.
    #[codec(index = 3)]
    LastTxBlock(AccountId),
    /// Kept for clients.
    #[codec(index = 4)]
    LastTxBlockChildKeyTake(AccountId),
    /// Kept for clients.
    #[codec(index = 5)]
    LastTxBlockDelegateTake(AccountId),
    /// Kept for clients.
    #[codec(index = 6)]
    AddStakeBurn(u16),
}

/// A hyperparameter whose changes by the owner are limited, each on its own.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
#[allow(missing_docs)] // each is the setter, or the call, of its name
pub enum Hyperparameter {
    Unknown = 0,
    ServingRateLimit = 1,
    MaxDifficulty = 2,
    AdjustmentAlpha = 3,
    MaxWeightLimit = 4,
    ImmunityPeriod = 5,
    MinAllowedWeights = 6,
    Kappa = 7,
    Rho = 8,
    ActivityCutoff = 9,
    PowRegistrationAllowed = 10,
    MinBurn = 11,
    MaxBurn = 12,
    BondsMovingAverage = 13,
    BondsPenalty = 14,
    CommitRevealEnabled = 15,
    LiquidAlphaEnabled = 16,
    AlphaValues = 17,
    WeightCommitInterval = 18,
    TransferEnabled = 19,
    AlphaSigmoidSteepness = 20,
    Yuma3Enabled = 21,
    BondsResetEnabled = 22,
    ImmuneNeuronLimit = 23,
    RecycleOrBurn = 24,
    MaxAllowedUids = 25,
    BurnHalfLife = 26,
    BurnIncreaseMult = 27,
    SubnetEmissionEnabled = 28,
    MinChildkeyTake = 29,
    ActivityCutoffFactorMilli = 30,
    TriggerEpoch = 31,
}

/// What becomes of miner emission to the owner's own hotkeys. Stored for clients: it is burned whatever this says.
#[derive(Clone, Copy, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, PartialEq, TypeInfo)]
pub enum RecycleOrBurnEnum {
    /// Stays issued.
    #[default]
    Burn,
    /// Would return to the issuance to come.
    Recycle,
}

/// What a new subnet begins with, where upstream has constants. Absent in storage it is upstream's; a genesis may name
/// others, so that a subnet made on a development chain has its epochs within seconds.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct SubnetParameters {
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Blocks in which a new neuron is not pruned.
    pub immunity_period: u16,
    /// Price of the first registration, in rao.
    pub burn: u64,
    /// Blocks between two weight vectors of one neuron.
    pub weights_set_rate_limit: u64,
    /// Blocks between two `serve_axon` of one neuron.
    pub serving_rate_limit: u64,
}

impl Default for SubnetParameters {
    fn default() -> Self {
        Self {
            tempo: 360,
            immunity_period: 5000,
            burn: 1_000_000_000,
            weights_set_rate_limit: 100,
            serving_rate_limit: 50,
        }
    }
}

/// A subnet of the genesis, started and ready: no commit-reveal, Yuma3.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisNetwork<AccountId> {
    /// Its number, from 1.
    pub netuid: u16,
    /// Coldkey of the owner.
    pub owner_coldkey: AccountId,
    /// Hotkey that receives the owner's cut; it has a uid only if it is among the neurons.
    pub owner_hotkey: AccountId,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Blocks between two weight vectors of one neuron; left out, that of new subnets.
    #[serde(default)]
    pub weights_set_rate_limit: Option<u64>,
    /// Blocks between two `serve_axon` of one neuron; left out, that of new subnets.
    #[serde(default)]
    pub serving_rate_limit: Option<u64>,
    /// Neurons in the order of their uids.
    pub neurons: Vec<GenesisNeuron<AccountId>>,
    /// `additional` of the identity: the run id, or "".
    pub additional: alloc::string::String,
}

/// A neuron of a genesis subnet.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisNeuron<AccountId> {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its coldkey.
    pub coldkey: AccountId,
    /// Rao of the coldkey's balance that are staked on the hotkey.
    pub stake: u64,
    /// Whether it may set weights before the first epoch.
    pub validator_permit: bool,
}
