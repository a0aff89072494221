/** @file `subnet doctor`: what keeps an owner's subnet from its work: this machine, the chain, and all that `subnet status` finds. */
import type { Told } from "../src/command/command.ts";
import { occupantOf } from "../src/disk/folder-claim.ts";
import { examine } from "../src/doctor/doctor.ts";
import { type Finding, fine, type Patient, wrong } from "../src/doctor/finding.ts";
import type { Subnet } from "../src/run/subnet.ts";
import type { DoctorOptions } from "./doctor-options.ts";
import { PLACE_KEYS } from "./owner/options.ts";
import { type OwnerPlace, placeOf } from "./owner/place.ts";
import { PublicationFolder } from "./owner/publication.ts";
import { serveOptions } from "./serve/options.ts";
import { localNames, lookAt } from "./status/look.ts";
import { problemsOf } from "./status/problems.ts";

/** Everything that is wrong with the subnet as anybody sees it. What names no command of its own is looked at closer. */
async function subnetFindings(
  subnet: Subnet,
  { walletFolder }: DoctorOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const look = await lookAt(subnet, { names: await localNames(walletFolder), signal });
  const problems = problemsOf(look);
  if (problems.length === 0) return [fine("subnet", "its run goes on, and everybody takes part")];
  const closer = { ours: "subnet status", keep: ["file", ...PLACE_KEYS] };
  return problems.map(({ code, text, next }) =>
    wrong(["subnet", code], `${text}.`, next ?? closer),
  );
}

/** The owner's node, which is `subnet serve`. */
export function patientOf(
  options: DoctorOptions,
  place: Pick<OwnerPlace, "netuid" | "endpoint" | "genesis">,
): Patient {
  const keys = Object.keys(serveOptions.shape);
  const { netuid, endpoint, genesis } = place;
  return {
    role: "owner",
    options: { ...options, netuid, endpoint, genesis },
    state: options.folder,
    place: "folder",
    remembered(_ss58, chain) {
      // Which of its folders is this chain's is known once that is reached.
      if (chain === null) return { axonPort: null, genesis: null, pid: null };
      const { path } = new PublicationFolder(options.folder, netuid, chain);
      return { axonPort: null, genesis: null, pid: occupantOf(path)?.pid ?? null };
    },
    start: (set = {}, without = []) => ({
      ours: "subnet serve",
      keep: keys.filter((key) => !without.includes(key)),
      set,
    }),
  };
}

/** Looks, tells, and returns the exit code. @throws AssayError bad-option */
export async function doctor(
  options: DoctorOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<number> {
  const { afterBlock, json } = options;
  const place = placeOf(options);
  return examine({
    ...told,
    patient: patientOf(options, place),
    device: null,
    training: null,
    afterBlock,
    more: async (subnet, signal) => subnetFindings(subnet, options, signal),
    json,
  });
}
