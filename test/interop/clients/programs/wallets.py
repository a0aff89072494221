"""SDK 10.2.0, for wallets alone: `wallets.py ACT JSON`. Prints one line of JSON; an exception is the act's failure."""

import json
import sys
import traceback

from bittensor_wallet import Wallet

GIVEN = json.loads(sys.argv[2])
FOUND = Wallet(name=GIVEN["name"], hotkey="default", path=GIVEN["wallets"])


def wallet_create():
    FOUND.create_new_coldkey(use_password=False, suppress=True)
    FOUND.create_new_hotkey(use_password=False, suppress=True)
    return wallet_read()


def wallet_read():
    return {"coldkey": FOUND.coldkey.ss58_address, "hotkey": FOUND.hotkey.ss58_address}


def wallet_sign():
    return {"signature": FOUND.hotkey.sign(GIVEN["message"].encode()).hex()}


ACTS = {act.__name__: act for act in (wallet_create, wallet_read, wallet_sign)}

try:
    print(json.dumps(ACTS[sys.argv[1]]()))
except Exception as error:
    traceback.print_exc()
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
    sys.exit(1)
