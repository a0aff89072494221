/** @file Table [hyperparameters]: what the owner sets on the chain beside [chain]; `subnet params push` does. */
import { between, key, oneOf, table, text, toggle, whole } from "./key.ts";

const MOST = 4_294_967_295;
const U16 = 65_535;

/** [hyperparameters] */
export const hyperparametersTable = table(
  "What subnet params push sets on the chain as well; what is left out stays as the chain has it",
  {
    activityCutoffFactorMilli: key(whole(1000, 50_000), 13_889, {
      description: "Time without weights after which a validator counts as inactive.",
      unit: "1/1000 tempo",
      effect: "Shorter: who is silent loses its say sooner, and so does who is slow.",
    }),
    minAllowedWeights: key(whole(0, U16), 1, {
      description: "Fewest entries of a weight vector, or as many as there are neurons.",
      unit: "weights",
      effect: "More: validators cannot weigh a few alone.",
    }),
    weightsVersion: key(whole(0, MOST), 0, {
      description: "Least version key that weights must name.",
      unit: "number",
      effect: "Higher than what nodes send: their weights are refused until they are updated.",
    }),
    commitReveal: key(toggle(), false, {
      description: "Whether weights are committed first and revealed some epochs later.",
      unit: "switch",
      effect: "On: copying weights pays less; weights count later.",
    }),
    revealPeriodEpochs: key(whole(1, 100), 1, {
      description: "Epochs between commit and reveal.",
      unit: "epochs",
      effect: "More: copied weights are older, and so are honest ones.",
    }),
    bondsMovingAverage: key(whole(0, 975_000), 900_000, {
      description: "How slowly bonds follow weights.",
      unit: "1/1000000",
      effect: "Higher: who found a good miner early earns longer by it.",
    }),
    bondsPenalty: key(whole(0, U16), 65_535, {
      description: "How far bonds follow weights beyond consensus.",
      unit: "1/65535",
      effect:
        "Higher: weights above the consensus earn less. Below the whole, copied weights earn more.",
    }),
    bondsReset: key(toggle(), false, {
      description: "Whether a miner's commitment may drop all bonds in it.",
      unit: "switch",
      effect: "On: a miner that changed what it serves can begin anew.",
    }),
    yuma3: key(toggle(), true, {
      description: "Whether bonds are those of Yuma 3, else of Yuma 2.",
      unit: "switch",
      effect: "Off: bonds are shares of a column, and small validators earn less.",
    }),
    liquidAlpha: key(toggle(), false, {
      description: "Whether bonds follow weights at a speed of their own (Yuma 3).",
      unit: "switch",
      effect: "On: the three keys below count.",
    }),
    alphaLow: key(whole(1638, U16), 45_875, {
      description: "Least such speed; not above alphaHigh.",
      unit: "1/65535",
      effect: "Set while liquidAlpha is on only.",
    }),
    alphaHigh: key(whole(1638, U16), 58_982, {
      description: "Greatest such speed.",
      unit: "1/65535",
      effect: "Set while liquidAlpha is on only.",
    }),
    alphaSteepness: key(whole(0, 32_767), 1000, {
      description: "How sharply the speed rises with the distance from consensus.",
      unit: "percent",
      effect: "Higher: nearly a switch between the two bounds.",
    }),
    minBurnRao: key(whole(0, 999_999_999), 500_000, {
      description: "Least price of a registration; below maxBurnRao.",
      unit: "rao (a billionth of a token)",
      effect: "Higher: new names for cheats cost more, and so does joining.",
    }),
    maxBurnRao: key(whole(100_000_001, 9_007_199_254_740_991), 100_000_000_000, {
      description: "Highest price of a registration.",
      unit: "rao (a billionth of a token)",
      effect: "Lower: a rush of registrations stays affordable.",
    }),
    burnHalfLife: key(whole(1, 36_100), 360, {
      description: "Blocks in which the price halves while nobody registers.",
      unit: "blocks",
      effect: "Longer: a price that demand raised stays.",
    }),
    burnIncrease: key(between(1, 3), 1.26, {
      description: "Factor of the price for each registration.",
      unit: "number",
      effect: "Higher: many registrations at once become dear sooner.",
    }),
    ownerHotkey: key(text(66), "unchanged", {
      description:
        "Address of the hotkey that receives the owner's cut; its coldkey is the owner's.",
      unit: "address",
      effect: "Once in 50,400 blocks. unchanged leaves it.",
    }),
    ownerCut: key(toggle(), true, {
      description: "Whether the owner gets its cut of the emission.",
      unit: "switch",
      effect: "Off: miners and validators share it.",
    }),
    ownerCutAutoLock: key(toggle(), false, {
      description: "Whether the owner's cut is locked stake.",
      unit: "switch",
      effect: "Stored only: Assay's chain locks no stake.",
    }),
    ownerImmuneUids: key(whole(1, 10), 1, {
      description: "Hotkeys of the owner that never lose their uid.",
      unit: "uids",
      effect: "More: fewer uids for others.",
    }),
    recycleOrBurn: key(oneOf(["Burn", "Recycle"]), "Burn", {
      description: "What becomes of what the owner's own miners would earn.",
      unit: "name",
      effect: "Stored only: Assay's chain burns it.",
    }),
    transfers: key(toggle(), true, {
      description: "Whether stake may be given to other coldkeys.",
      unit: "switch",
      effect: "Off: stake leaves its coldkey by unstaking only.",
    }),
    minChildkeyTake: key(whole(0, 11_796), 0, {
      description: "Least take of a hotkey to which others delegate their say.",
      unit: "1/65535",
      effect: "Higher: delegating costs more.",
    }),
    mechanisms: key(whole(1, 16), 1, {
      description: "Number of mechanisms; times maximumUids at most 256.",
      unit: "mechanisms",
      effect: "Assay uses the first.",
    }),
    mechanismShares: key(text(128), "even", {
      description: "Shares of the mechanisms in the emission: even, or numbers that sum to 65535.",
      unit: "1/65535, comma between",
      effect: "A share of 0 pays that mechanism nothing.",
    }),
    rho: key(whole(0, U16), 10, {
      description: "Kept for clients.",
      unit: "number",
      effect: "None.",
    }),
    activityCutoff: key(whole(360, U16), 5000, {
      description: "Kept for clients: activityCutoffFactorMilli has taken its place.",
      unit: "blocks",
      effect: "None.",
    }),
    adjustmentAlpha: key(whole(0, MOST), 0, {
      description: "Kept for clients.",
      unit: "number",
      effect: "None.",
    }),
    maxDifficulty: key(text(20), "4611686018427387903", {
      description: "Kept for clients: nobody registers by proof of work.",
      unit: "number",
      effect: "None.",
    }),
  },
);
