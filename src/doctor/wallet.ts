/** @file A wallet's files: there, readable, and readable for their owner alone. */
import { type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { Signer } from "../../chain/wallet/signer.ts";
import { expandedFolder } from "../../chain/wallet/folder.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import { fine, type Finding, type Patient, thrown, unknown, wrong } from "./finding.ts";

const CHECK = "wallet";
/** Rights of group and others. */
const OTHERS = 0o077;
/** Others may look into a folder, but not change what is in it. */
const OTHERS_WRITE = 0o022;

function statOf(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

/** Whether somebody has one of these rights. */
function isOpen(path: string, rights: number): boolean {
  return ((statOf(path)?.mode ?? 0) & rights) !== 0;
}

/** Secret files of a wallet that others may read, and its folders that others may write. */
function openPaths({ wallet, hotkey, walletFolder }: Patient["options"]): {
  readonly files: readonly string[];
  readonly folders: readonly string[];
} {
  const home = join(expandedFolder(walletFolder), wallet);
  const hotkeys = join(home, "hotkeys");
  return {
    files: [join(home, "coldkey"), join(hotkeys, hotkey)].filter((path) => isOpen(path, OTHERS)),
    folders: [home, hotkeys].filter((path) => isOpen(path, OTHERS_WRITE)),
  };
}

/** What is to be said of the wallet's files. */
export function walletFindings(patient: Patient): readonly Finding[] {
  if (process.platform === "win32")
    return [unknown(CHECK, "who may read the wallet's files is not looked at on Windows")];
  const { files, folders } = openPaths(patient.options);
  const findings: Finding[] = [];
  if (files.length > 0)
    findings.push(
      wrong(
        [CHECK, "wallet-open"],
        `Other users of this machine may read the secret in ${files.join(" and ")}.`,
        { system: ["chmod", "600", ...files] },
      ),
    );
  if (folders.length > 0)
    findings.push(
      wrong(
        [CHECK, "wallet-folder-open"],
        `Other users of this machine may put other keys into ${folders.join(" and ")}.`,
        { system: ["chmod", "go-w", ...folders] },
      ),
    );
  return findings.length > 0 ? findings : [fine(CHECK, "only its owner reads the wallet's files")];
}

/** The hotkey, or why it cannot be opened. */
export async function hotkeyOf({ options }: Patient): Promise<Signer | Finding> {
  const { walletFolder, wallet, hotkey } = options;
  try {
    return await openHotkey({ folder: walletFolder, name: wallet, hotkey });
  } catch (error) {
    return thrown(CHECK, error);
  }
}
