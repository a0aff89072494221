"""SDK 11.3.0: one act a run, `sdk_11.py ACT JSON`. Prints one line of JSON; an exception is the act's failure.

Every act is what a person would write who has only read the SDK's documentation: its public names, nothing patched.
"""

import dataclasses
import json
import sys
import traceback

import bittensor as bt

GIVEN = json.loads(sys.argv[2])
SIGNED_BY_HOTKEY = {"signer": "hotkey"}


def wallet(name):
    return bt.Wallet(name, "default", path=GIVEN["wallets"])


def plain(value):
    """Anything of the SDK as JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, bt.Balance):
        return int(value.rao)
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return str(value)


def done(result):
    """The result of a submission, which raises what the chain said."""
    return {"success": result.raise_for_failure().success}


def wallet_create(_):
    created = bt.Wallet(GIVEN["name"], "default", path=GIVEN["wallets"])
    created.create_new_coldkey(use_password=False, suppress=True)
    created.create_new_hotkey(use_password=False, suppress=True)
    return wallet_read(_)


def wallet_read(_):
    found = wallet(GIVEN["name"])
    return {"coldkey": found.coldkey.ss58_address, "hotkey": found.hotkey.ss58_address}


def read(sub):
    """Any read of the registry by its name."""
    return plain(sub.read(GIVEN["read"], **GIVEN.get("args", {})))


def execute(sub):
    """Any intent by its class."""
    intent = getattr(bt, GIVEN["intent"])(**GIVEN.get("args", {}))
    return done(sub.execute(intent, wallet(GIVEN["wallet"]), **GIVEN.get("with", {})))


def batch(sub):
    """Two intents in one extrinsic."""
    intent = bt.Batch(intents=GIVEN["intents"])
    return done(sub.execute(intent, wallet(GIVEN["wallet"])))


def submit(sub):
    """Any call as it stands in the metadata."""
    call = getattr(getattr(bt.calls, GIVEN["pallet"]), GIVEN["call"])(**GIVEN["args"])
    return done(sub.submit_call(call, wallet(GIVEN["wallet"]), **GIVEN.get("with", {})))


def metagraph(sub):
    found = sub.subnets.metagraph(GIVEN["netuid"])
    return {
        "hotkeys": [neuron.hotkey for neuron in found.neurons],
        "block": found.block,
        "tempo": found.tempo,
        "axons": [plain(neuron.axon) for neuron in found.neurons],
    }


def sealed(_):
    """Weights sealed for a beacon's round, by the SDK's own core."""
    import bittensor_core

    data, actual = bittensor_core.encrypt_at_round(bytes.fromhex(GIVEN["payload"]), GIVEN["round"])
    return {"commit": bt.Timelocked(ciphertext=bytes(data), reveal_round=actual).encrypted.hex()}


ACTS = {
    act.__name__: act
    for act in (wallet_create, wallet_read, read, execute, batch, submit, metagraph, sealed)
}
OFFLINE = {wallet_create, wallet_read, sealed}


def main():
    act = ACTS[sys.argv[1]]
    if act in OFFLINE:
        return act(None)
    with bt.SyncClient(GIVEN["endpoint"], fallback_endpoints=[], archive_endpoints=[]) as sub:
        return act(sub)


try:
    print(json.dumps(main()))
except Exception as error:
    traceback.print_exc()
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
    sys.exit(1)
