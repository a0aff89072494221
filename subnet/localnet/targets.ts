/** @file Where Prometheus finds the processes of a local network: a file that its file_sd_configs reads. */
import { join } from "node:path";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Member } from "./members.ts";

const FILE = "targets.json";

/** One process. */
type Target = {
  readonly targets: readonly [string];
  readonly labels: { readonly node: string; readonly kind: string };
};

/** Writes the addresses of chain, owner and nodes, with their names. */
export async function writeTargets({
  folder,
  members,
  endpoint,
  subnet,
  isNative,
}: {
  readonly folder: string;
  readonly members: readonly Member[];
  readonly endpoint: string;
  readonly isNative: boolean;
  readonly subnet: Pick<Subnet, "chain" | "netuid">;
}): Promise<void> {
  const { neurons } = await subnet.chain.metagraph(subnet.netuid);
  const axons = new Map(neurons.map(({ hotkey, axon }) => [hotkey, axon]));
  const nodes = members.flatMap(({ name, kind, hotkey }): Target[] => {
    const axon = axons.get(hotkey.publicKey);
    if (!axon) return [];
    return [{ targets: [`${axon.ip}:${axon.port}`], labels: { node: name, kind } }];
  });
  // The nodes of a native chain have metrics of their own, of another form.
  const chains = isNative
    ? []
    : [{ targets: [new URL(endpoint).host], labels: { node: "chain", kind: "chain" } }];
  await writeAtomically(join(folder, FILE), `${JSON.stringify([...chains, ...nodes], null, 2)}\n`);
}
