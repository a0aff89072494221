/** @file Made by `npm run reference:build` of the schema of subnet.toml: what the page says about the keys of a run. */

/** Tables with their keys. */
export const TABLES = [
  {
    table: null, description: "The run",
    keys: [
      {"key":"name","path":"name","unit":"text","description":"Name of the run.","effect":"Stands in the manifest and on screens; nothing depends on it."},
      {"key":"windows","path":"windows","unit":"windows","description":"Windows of the run; 0 is endless.","effect":"More: lower loss, longer run."},
    ],
  },
  {
    table: "data", description: "The text to learn, and how it is dealt out",
    keys: [
      {"key":"sequencesPerPage","path":"data.sequencesPerPage","unit":"sequences","description":"Sequences of a page. A page is contiguous text, the unit of assignment.","effect":"More: a page is more recognisable (clearer scores), but there are fewer pages."},
      {"key":"pagesPerWindow","path":"data.pagesPerWindow","unit":"pages","description":"Pages that a miner is assigned in a window.","effect":"More: each is seen less often in a window, so the proof of work on it is weaker."},
      {"key":"noisePages","path":"data.noisePages","unit":"pages","description":"Pages assigned to nobody, on which every update is compared.","effect":"More: less luck in the comparison."},
    ],
  },
  {
    table: "model", description: "What is trained: a preset, or a preset with some sizes replaced",
    keys: [
      {"key":"architecture","path":"model.architecture","unit":"name","description":"llama: RMSNorm, rotary positions, SwiGLU; gpt2: LayerNorm, learned positions.","effect":"llama exports to Hugging Face as LlamaForCausalLM; gpt2 is there to compare."},
      {"key":"layers","path":"model.layers","unit":"layers","description":"Transformer layers.","effect":"More: more parameters and slower steps, both in proportion."},
      {"key":"heads","path":"model.heads","unit":"heads","description":"Attention heads; must divide the width.","effect":"More heads are narrower; 32 to 64 wide is usual."},
      {"key":"keyValueHeads","path":"model.keyValueHeads","unit":"heads","description":"Heads of keys and values; must divide the heads.","effect":"Fewer than heads is grouped-query attention: smaller, a little worse."},
      {"key":"width","path":"model.width","unit":"features","description":"Width of the residual stream.","effect":"Twice the width: four times the parameters and the work; lower the learning rate."},
      {"key":"hidden","path":"model.hidden","unit":"features","description":"Width inside the feed-forward layer; 8/3 of the width is usual.","effect":"Wider: more parameters and slower steps."},
      {"key":"context","path":"model.context","unit":"tokens","description":"Tokens the model sees at once; a sequence of the data has this length.","effect":"Longer: lower loss on long texts; attention costs its square; fewer pages."},
      {"key":"vocabulary","path":"model.vocabulary","unit":"tokens","description":"Entries of the embedding; the byte tokenizer needs 256.","effect":"More than the tokenizer has is wasted."},
      {"key":"ropeBase","path":"model.ropeBase","unit":"number","description":"Base of the rotary frequencies (llama).","effect":"Raise it for contexts of many thousand tokens."},
      {"key":"normEpsilon","path":"model.normEpsilon","unit":"number","description":"Added to the variance in the norms.","effect":"Too small divides by zero, too large flattens small activations."},
      {"key":"bias","path":"model.bias","unit":"switch","description":"Whether norms and products have biases (gpt2 only); those of Hugging Face do.","effect":"true: a few more parameters, and GPT-2 models of others can be gone on with."},
      {"key":"untied","path":"model.untied","unit":"switch","description":"Whether the head is a matrix of its own instead of the embedding.","effect":"true: vocabulary times width more parameters, as Llama models from 7 B on have."},
    ],
  },
  {
    table: "phases", description: "The clock of a window, in blocks",
    keys: [
      {"key":"train","path":"phases.train","unit":"blocks","description":"Miners train and compress; validators finish scoring the window before.","effect":"Too short: miners on slow machines are late. Longer: fewer windows an hour."},
      {"key":"commit","path":"phases.commit","unit":"blocks","description":"Miners put the digest of the finished update on chain.","effect":"One block leaves no second try when a transaction slips."},
      {"key":"reveal","path":"phases.reveal","unit":"blocks","description":"Miners serve the payload, validators fetch it.","effect":"Must be long enough for the update to cross the slowest honest uplink."},
      {"key":"judge","path":"phases.judge","unit":"blocks","description":"Validators compare losses and vote; the last block counts the votes.","effect":"Too short: votes are late, nothing is accepted and the window is lost."},
      {"key":"deadlineOffset","path":"phases.deadlineOffset","unit":"blocks","description":"Block of the window, counted from 0, after which a commitment is late.","effect":"Earlier leaves validators more time, miners less."},
      {"key":"finalityLag","path":"phases.finalityLag","unit":"blocks","description":"Blocks between the best and the final block: 0 embedded chain, 3 GRANDPA.","effect":"Must be what the chain really does: nobody may draw from a block that can vanish."},
    ],
  },
  {
    table: "inner", description: "What a miner does in a window: inner steps of AdamW or Muon",
    keys: [
      {"key":"optimizer","path":"inner.optimizer","unit":"name","description":"Inner optimiser; muon moves the matrices inside the layers, AdamW all else.","effect":"muon: often a lower loss for the same steps, but each takes longer: 1.6 times as long at nano, 5 times at 10m with 4 sequences; larger batches make up for it."},
      {"key":"steps","path":"inner.steps","unit":"steps","description":"Inner steps of a window (H).","effect":"More: less traffic per token. Fewer, in more windows: lower loss, clearer scores."},
      {"key":"batch","path":"inner.batch","unit":"sequences","description":"Sequences of an inner step.","effect":"More: steadier steps that take longer and more memory."},
      {"key":"learningRate","path":"inner.learningRate","unit":"number","description":"Highest learning rate of the schedule.","effect":"Too high: training diverges. Too low: the loss falls slowly."},
      {"key":"minimumLearningRate","path":"inner.minimumLearningRate","unit":"number","description":"Learning rate at the end of the schedule (flat never reaches it).","effect":"Lower: a quieter end of the run."},
      {"key":"schedule","path":"inner.schedule","unit":"name","description":"How the learning rate goes on after the warm-up.","effect":"cosine falls over totalSteps. flat stays, for runs without an end. wsd stays and falls in a straight line at the end: the run may be prolonged until then."},
      {"key":"decaySteps","path":"inner.decaySteps","unit":"steps","description":"Steps over which wsd lets the learning rate fall.","effect":"Fewer: longer at the full rate, a steeper end. A tenth to a fifth of totalSteps is usual."},
      {"key":"warmupSteps","path":"inner.warmupSteps","unit":"steps","description":"Steps in which the learning rate rises from 0.","effect":"Too few: the first windows may diverge. Too many: they learn little."},
      {"key":"totalSteps","path":"inner.totalSteps","unit":"steps","description":"Steps after which the learning rate is at its minimum (flat: of no effect).","effect":"Should be steps * windows: else it stops falling too soon, or too late."},
      {"key":"momentum","path":"inner.momentum","unit":"share","description":"Muon: decay of the momentum; read by muon alone.","effect":"Higher: smoother, slower to turn."},
      {"key":"beta1","path":"inner.beta1","unit":"share","description":"AdamW: decay of the mean gradient.","effect":"Higher: smoother, slower to turn."},
      {"key":"beta2","path":"inner.beta2","unit":"share","description":"AdamW: decay of the mean squared gradient.","effect":"Higher: steadier step sizes, slower to adapt."},
      {"key":"epsilon","path":"inner.epsilon","unit":"number","description":"AdamW: added to the root of the squared gradient.","effect":"Higher: smaller steps where gradients are tiny."},
      {"key":"weightDecay","path":"inner.weightDecay","unit":"share","description":"AdamW: decay of matrices, per step and unit of learning rate.","effect":"Higher: smaller weights, less overfitting; 0 switches it off."},
      {"key":"clip","path":"inner.clip","unit":"norm","description":"Largest norm of a gradient; longer ones are shortened to it.","effect":"Lower: safer against bad batches, slower."},
      {"key":"errorDecay","path":"inner.errorDecay","unit":"share","description":"What is kept of the unsent part of the update from window to window (beta).","effect":"Higher: what several miners hold back is sent by each of them, and the outer step makes it several times over (worse). 0 forgets it."},
    ],
  },
  {
    table: "codec", description: "How an update is compressed",
    keys: [
      {"key":"k","path":"codec.k","unit":"coordinates","description":"Coordinates of an update that are sent of each chunk.","effect":"More: lower loss in few windows, larger updates; windows * k / chunk of 2 is enough."},
      {"key":"chunk","path":"codec.chunk","unit":"parameters","description":"Length of a chunk.","effect":"Longer: a freer choice of coordinates; what counts is k / chunk."},
    ],
  },
  {
    table: "outer", description: "How accepted updates move the shared parameters",
    keys: [
      {"key":"optimizer","path":"outer.optimizer","unit":"name","description":"What the mean of the accepted updates does to the parameters.","effect":"sparseloco: plain descent. diloco: every coordinate is sent (2 bits each) and Nesterov momentum is kept by all nodes (checkpoints of twice the size); for long windows. demo: updates are cosine coefficients, and parameters move by the sign."},
      {"key":"momentum","path":"outer.momentum","unit":"share","description":"Momentum of diloco; 0 is plain averaging. Others have none.","effect":"Higher: faster over many windows; in short runs it overshoots (0.6 and less then)."},
      {"key":"alpha","path":"outer.alpha","unit":"number","description":"Outer learning rate; for demo what every parameter moves in a window.","effect":"Higher: faster, until it overshoots; above 1 seldom pays, above 0.01 with demo."},
      {"key":"mean","path":"outer.mean","unit":"name","description":"Divide a coordinate's sum by the updates that chose it, or by all updates.","effect":"choosers reaches a clearly lower loss; all is gentler with few honest miners."},
    ],
  },
  {
    table: "evaluation", description: "How much data validators judge an update on",
    keys: [
      {"key":"ownSequences","path":"evaluation.ownSequences","unit":"sequences","description":"Sequences of the miner's own pages that its update is evaluated on.","effect":"16 to 32 give a right verdict 97 to 99 % of the time; more costs validators time."},
      {"key":"noiseSequences","path":"evaluation.noiseSequences","unit":"sequences","description":"Sequences of unassigned pages that every update is evaluated on.","effect":"More: the vote and the ranking depend less on luck; costs validators time."},
      {"key":"factor","path":"evaluation.factor","unit":"share","description":"Share of the outer step at which a single update is tried.","effect":"Higher: little work that was scaled up is worth less, but good updates overshoot alone."},
      {"key":"usualShare","path":"evaluation.usualShare","unit":"share","description":"Which of the norms of the updates applied last, in ascending order, is the usual one that each tensor is clipped to before it is judged.","effect":"Lower: where many do part of the work, all of it is judged as if it were as little. Higher: who scales its updates up gains more. 0.5 is the lower median; never above 1.25 of that."},
      {"key":"usualGrowth","path":"evaluation.usualGrowth","unit":"switch","description":"Whether the usual norms grow with the learning rate from one window to the next while it warms up.","effect":"false: in the windows of the warm-up half of the work is worth nearly what all of it is."},
    ],
  },
  {
    table: "scoring", description: "What earns: mode, trust, rating, copies, pay",
    keys: [
      {"key":"mode","path":"scoring.mode","unit":"text","description":"The form in which updates are paid. A run keeps it: it cannot be amended.","effect":"credit pays by how much the loss fell, above a floor, times trust, and reads [credit]; published, kept for comparison, pays rating times trust, raised to a power, and reads trustAlpha, trustThreshold, trustWarmupWindows, ratingBeta, ratingTau and power instead."},
      {"key":"trustAlpha","path":"scoring.trustAlpha","unit":"share","description":"How fast trust follows the newest window (moving average).","effect":"Higher: cheats are found sooner, and honest miners lose more by one bad window."},
      {"key":"trustThreshold","path":"scoring.trustThreshold","unit":"share","description":"Trust below which a hotkey earns nothing once it has warmed up.","effect":"Higher: fewer copiers get through, and newcomers wait longer."},
      {"key":"trustWarmupWindows","path":"scoring.trustWarmupWindows","unit":"windows","description":"Windows of its own in which the threshold does not yet hold for a hotkey.","effect":"More: kinder to newcomers, and to cheats under new names."},
      {"key":"ratingBeta","path":"scoring.ratingBeta","unit":"rating","description":"Luck that the rating expects in one window's result.","effect":"Higher: the rating moves more slowly and is fairer to unlucky miners."},
      {"key":"ratingTau","path":"scoring.ratingTau","unit":"rating","description":"How much a miner's skill may drift in a window.","effect":"Higher: the rating forgets faster and never settles."},
      {"key":"minimumNormRatio","path":"scoring.minimumNormRatio","unit":"share","description":"Norm, against that of the last applied updates, below which one is refused as empty.","effect":"Higher: lazy small updates are refused, and so are honest quiet ones."},
      {"key":"maximumOverlap","path":"scoring.maximumOverlap","unit":"share","description":"Share of equal coordinates from which two updates are tried on each other's pages.","effect":"Lower: more copies are found, and validators compare more honest pairs."},
      {"key":"overlapWindows","path":"scoring.overlapWindows","unit":"windows","description":"Earlier windows whose updates are compared as well.","effect":"More: old work sent again is found later too; costs memory."},
      {"key":"power","path":"scoring.power","unit":"number","description":"Exponent from score to pay.","effect":"1 pays in proportion, 2 favours the better, 4 pays nearly only the best."},
    ],
  },
  {
    table: "credit", description: "What earns in scoring.mode credit; without effect otherwise",
    keys: [
      {"key":"alpha","path":"credit.alpha","unit":"share","description":"How fast pay follows the newest window (moving average of credits).","effect":"Higher: newcomers count sooner, and equal work is paid less equally."},
      {"key":"attendanceAlpha","path":"credit.attendanceAlpha","unit":"share","description":"How fast pay follows absence and return (moving average of presence).","effect":"Higher: who is away is paid less at once, and more as soon as it is back."},
      {"key":"priorWindows","path":"credit.priorWindows","unit":"windows","description":"While no hotkey is trusted, credit begins with the mean credit, as if earned in so many windows.","effect":"Higher: the luck of a run's first windows counts less, and cheats are paid in them as well."},
      {"key":"priorRatio","path":"credit.priorRatio","unit":"number","description":"How many times its own first credit the credit of a hotkey begins with at most.","effect":"Higher: equal work is paid more equally in a run's first windows, little and split work more."},
      {"key":"windowBound","path":"credit.windowBound","unit":"typical falls","description":"Most that one window counts, in typical falls of a window.","effect":"Lower: one lucky or forged window is worth less, and so is more work than others do."},
      {"key":"floor","path":"credit.floor","unit":"share","description":"Share of the reference, the credit of the strongest, up to which credit earns nothing.","effect":"Higher: little work and work split over uids pay less, and equal work is paid less equally."},
      {"key":"referenceShare","path":"credit.referenceShare","unit":"share","description":"Share of all trusted credit that is held by those at the reference or above it.","effect":"Higher: the reference lies lower, and takes more strong hotkeys to move."},
      {"key":"shortfall","path":"credit.shortfall","unit":"number","description":"How many times what credit lacks to the reference is taken from it, at most the floor.","effect":"Higher: three quarters of the work earn less of what all of it does, and equal work is paid less equally. 0: the floor is taken from all."},
      {"key":"scaleAlpha","path":"credit.scaleAlpha","unit":"share","description":"How fast the scale follows a window's typical fall (moving average).","effect":"Higher: the scale forgets strong windows faster."},
      {"key":"scaleShare","path":"credit.scaleShare","unit":"share","description":"Share of the scale below which a window's typical fall does not divide.","effect":"Higher: windows in which the loss falls little pay less; 0 makes every window worth the same."},
      {"key":"marginSlope","path":"credit.marginSlope","unit":"number","description":"Credit is whole from a margin of 1 / marginSlope of the usual one on.","effect":"Higher: work on other pages keeps more of its credit, and honest luck counts less."},
      {"key":"decidedMargin","path":"credit.decidedMargin","unit":"standard errors","description":"Usual margin from which one margin alone takes credit from its window.","effect":"Higher: luck takes less credit when evaluation is noisy, and so does cheating."},
      {"key":"oddsStart","path":"credit.oddsStart","unit":"log-odds","description":"Log-odds of trust of a new hotkey: -2 is trust 0.12, 0 is 0.5.","effect":"Higher: newcomers earn sooner, and so do cheats under new names."},
      {"key":"oddsBound","path":"credit.oddsBound","unit":"log-odds","description":"Log-odds of trust never go beyond it: 3 is trust 0.95.","effect":"Higher: old merit outlasts more bad windows."},
      {"key":"oddsRise","path":"credit.oddsRise","unit":"log-odds","description":"Most that one window adds to the log-odds.","effect":"Higher: fewer good windows make a hotkey trusted."},
      {"key":"oddsFall","path":"credit.oddsFall","unit":"log-odds","description":"Most that one window takes from the log-odds by its margin.","effect":"Higher: cheating in one window of some costs more, and so does bad luck."},
      {"key":"oddsTheft","path":"credit.oddsTheft","unit":"log-odds","description":"What an update that is proven to be another's work takes from the log-odds.","effect":"Higher: a copier is out sooner, and a victim of a wrong verdict as well. A window of other work takes about 1.2."},
      {"key":"oddsReturn","path":"credit.oddsReturn","unit":"share","description":"Share of the way back to oddsStart that log-odds below it go in a window in which the usual margin is not above 0.","effect":"Higher: an honest miner with a chance bad window is voted for sooner, and so is a cheat. 0: never, while that lasts."},
      {"key":"oddsMargin","path":"credit.oddsMargin","unit":"standard errors","description":"Margin that work on the assigned pages is expected to have.","effect":"Higher: a small margin speaks against a hotkey; half of it is neutral."},
      {"key":"oddsVariance","path":"credit.oddsVariance","unit":"standard errors squared","description":"Variance of margins from window to window.","effect":"Higher: one margin moves trust less."},
      {"key":"trustedAbove","path":"credit.trustedAbove","unit":"share","description":"Trust above which a hotkey counts for a plateau, and ends the time in which all begin alike.","effect":"Higher: newcomers and doubtful hotkeys count later."},
      {"key":"voteTrust","path":"credit.voteTrust","unit":"share","description":"Trust from which a hotkey's updates are voted for.","effect":"Higher: doubtful updates are left out sooner; at most the trust of a new hotkey."},
    ],
  },
  {
    table: "checkpoint", description: "When nodes keep the parameters for newcomers",
    keys: [
      {"key":"everyWindows","path":"checkpoint.everyWindows","unit":"windows","description":"Windows between two checkpoints.","effect":"Fewer: newcomers replay less; every node writes the whole model that often."},
    ],
  },
  {
    table: "retention", description: "How long nodes keep what a window left behind",
    keys: [
      {"key":"payloadWindows","path":"retention.payloadWindows","unit":"windows","description":"Windows whose updates nodes keep and serve; 0 keeps all.","effect":"Fewer: less disk, and the run can be re-derived from its newest checkpoints on only. At least 2 * checkpoint.everyWindows + 4 and scoring.overlapWindows + 8."},
      {"key":"recordWindows","path":"retention.recordWindows","unit":"windows","description":"Windows whose records validators keep and serve; 0 keeps all.","effect":"Fewer: less disk and a faster start of validators; older scores cannot be looked up or audited. At least what payloadWindows must be."},
    ],
  },
  {
    table: "tokenizer", description: "How text becomes tokens",
    keys: [
      {"key":"kind","path":"tokenizer.kind","unit":"name","description":"bytes: a token is a byte of UTF-8, so every text can be written; huggingface: as the file says; tokens: shards whose tokenizer nobody names.","effect":"With tokens nobody can read what the model writes: it is shown as numbers."},
    ],
  },
];
