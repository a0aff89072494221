/** @file `miner wallet` and `miner register`: keys on disk, and a uid on the subnet. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { connectChain } from "../chain/client/client.ts";
import { createWallet, openColdkey, openHotkey } from "../chain/wallet/wallet.ts";
import type { RegisterOptions, WalletOptions } from "../src/command/options.ts";
import { isHex } from "../src/protocol/digest.ts";

type Print = (line: string) => void;

/** Asks for a password without showing it; undefined where nobody can be asked or nothing is typed. */
async function askPassword(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  const password = await reader.question("");
  reader.close();
  process.stderr.write("\n");
  return password === "" ? undefined : password;
}

/** The password from `ASSAY_PASSWORD` or from the person. Never from a flag: flags show in process lists. */
async function passwordFor(question: string): Promise<string | undefined> {
  return process.env["ASSAY_PASSWORD"] ?? (await askPassword(question));
}

/** Makes a wallet; the two phrases are printed once and stored nowhere else. @throws ChainError wallet-exists */
export async function makeWallet(options: WalletOptions, print: Print): Promise<void> {
  const { wallet, hotkey, walletFolder } = options;
  const password = await passwordFor("password for the coldkey (empty: store it unencrypted): ");
  const made = await createWallet({
    folder: walletFolder,
    name: wallet,
    hotkey,
    ...(password !== undefined && { password }),
  });
  print(
    `wallet ${wallet} in ${walletFolder}, coldkey ${password === undefined ? "NOT encrypted" : "encrypted"}`,
  );
  print(`coldkey ${made.coldkeySs58}\n  phrase: ${made.mnemonic}`);
  print(`hotkey  ${made.hotkeySs58}\n  phrase: ${made.hotkeyMnemonic}`);
  print("Write both phrases down: they are shown this once.");
}

/** Registers the hotkey; the coldkey pays the burn. @throws ChainError wallet-wrong-password, extrinsic-failed */
export async function register(options: RegisterOptions, print: Print): Promise<void> {
  const { wallet, hotkey, walletFolder, netuid, endpoint, genesis } = options;
  const access = { folder: walletFolder, name: wallet };
  const { publicKey, ss58 } = await openHotkey({ ...access, hotkey });
  const password = await passwordFor(`password of coldkey ${wallet} (empty if it has none): `);
  const coldkey = await openColdkey({ ...access, ...(password !== undefined && { password }) });
  const chain = await connectChain({
    endpoints: endpoint.split(","),
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  try {
    const { block } = await chain.burnedRegister(coldkey, netuid, publicKey);
    const uid = (await chain.hotkeys(netuid)).indexOf(publicKey);
    print(`hotkey ${ss58} is uid ${uid} of subnet ${netuid} since block ${block.number}`);
    print(`next: miner --wallet ${wallet} --netuid ${netuid}`);
  } finally {
    await chain.close();
  }
}
