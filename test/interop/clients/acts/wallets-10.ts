/** @file What SDK 10.2.0 does: wallets alone, whose files it reads more strictly than later ones. */
import { z } from "zod";
import { publicKeyOf, verifySignature } from "../../../../chain/wallet/account.ts";
import { check, checkReadable, checkSame } from "../checks.ts";
import type { SdkAct } from "./sdk-11-words.ts";

const signedSchema = z.object({ signature: z.string() });

/** In their order. */
export const WALLETS_10: readonly SdkAct[] = [
  {
    act: "wallet created, read by ours",
    run: async ({ stage, ask }) => {
      const name = "theirs";
      await checkReadable(stage, name, await ask("wallet_create", { name }));
    },
  },
  {
    act: "wallet of ours read",
    run: async ({ stage, ask }) =>
      checkSame("the wallet", await ask("wallet_read", { name: "guest" }), stage.cast.guest),
  },
  {
    act: "message signed with a hotkey of ours",
    run: async ({ stage, ask }) => {
      const message = "hello";
      const { signature } = signedSchema.parse(
        await ask("wallet_sign", { name: "guest", message }),
      );
      const bytes = new TextEncoder().encode(message);
      const key = publicKeyOf(stage.cast.guest.hotkey);
      check(verifySignature(bytes, Buffer.from(signature, "hex"), key), "the signature is wrong");
    },
  },
];
