"""SDK 10.5.0: one act a run, `sdk_10.py ACT JSON`. Prints one line of JSON; an exception is the act's failure.

Every act is what a person would write who has only read the SDK's documentation: its public names, nothing patched.
"""

import dataclasses
import json
import sys
import traceback

sys.argv, WORDS = sys.argv[:1], sys.argv[1:]

import bittensor as bt  # noqa: E402  it reads the words of the command line itself

GIVEN = json.loads(WORDS[1])


def wallet(name):
    return bt.Wallet(name=name, hotkey="default", path=GIVEN["wallets"])


def plain(value):
    """Anything of the SDK as JSON."""
    if isinstance(value, bt.Balance):
        return int(value.rao)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name, None)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return str(value)


def given_value(value):
    """{"tao": 1} is an amount; {"rao": 1, "netuid": 2} one of a subnet's alpha; the rest is as it is."""
    if isinstance(value, dict) and "tao" in value:
        return bt.Balance.from_tao(value["tao"])
    if isinstance(value, dict) and "rao" in value:
        return bt.Balance.from_rao(value["rao"], value.get("netuid", 0))
    return value


def arguments():
    args = {name: given_value(value) for name, value in GIVEN.get("args", {}).items()}
    return {**args, "wallet": wallet(GIVEN["wallet"])} if "wallet" in GIVEN else args


def done(response):
    if not response.success:
        raise RuntimeError(str(response.message or response.error))
    return {"success": True}


def wallet_create(_):
    created = wallet(GIVEN["name"])
    created.create_new_coldkey(use_password=False, suppress=True)
    created.create_new_hotkey(use_password=False, suppress=True)
    return wallet_read(_)


def wallet_read(_):
    found = wallet(GIVEN["name"])
    return {"coldkey": found.coldkey.ss58_address, "hotkey": found.hotkey.ss58_address}


def read(sub):
    """Any method that reads."""
    return plain(getattr(sub, GIVEN["method"])(**arguments()))


def submit(sub):
    """Any method that submits."""
    return done(getattr(sub, GIVEN["method"])(**arguments()))


def compose(sub):
    """Any call as it stands in the metadata."""
    call = sub.compose_call(GIVEN["pallet"], GIVEN["call"], GIVEN["args"])
    return done(sub.sign_and_send_extrinsic(call, wallet(GIVEN["wallet"]), **GIVEN.get("with", {})))


def through_proxy(sub):
    """A transfer of another account's, by its proxy."""
    call = sub.compose_call("Balances", "transfer_keep_alive", GIVEN["args"])
    return done(
        sub.proxy(wallet(GIVEN["wallet"]), real_account_ss58=GIVEN["real"], force_proxy_type=None, call=call)
    )


def subnet_identity(sub):
    identity = bt.SubnetIdentity(**GIVEN["identity"])
    return done(sub.set_subnet_identity(wallet(GIVEN["wallet"]), GIVEN["netuid"], identity))


def serve_axon(sub):
    axon = bt.Axon(wallet=wallet(GIVEN["wallet"]), ip=GIVEN["ip"], port=GIVEN["port"], external_ip=GIVEN["ip"])
    return done(sub.serve_axon(GIVEN["netuid"], axon))


def metagraph(sub):
    found = sub.metagraph(GIVEN["netuid"])
    return {"hotkeys": list(found.hotkeys), "n": int(found.n), "axons": [axon.ip for axon in found.axons]}


def sealed(_):
    """Weights sealed for a beacon's round, by the SDK's own library."""
    import bittensor_drand

    data, _ = bittensor_drand.encrypt_at_round(bytes.fromhex(GIVEN["payload"]), GIVEN["round"])
    # Its own length (two bytes) and the round (u64) stand around what a call carries.
    return {"commit": bytes(data)[2:-8].hex()}


ACTS = {
    act.__name__: act
    for act in (
        wallet_create,
        wallet_read,
        read,
        submit,
        compose,
        through_proxy,
        subnet_identity,
        serve_axon,
        metagraph,
        sealed,
    )
}
OFFLINE = {wallet_create, wallet_read, sealed}


def main():
    act = ACTS[WORDS[0]]
    if act in OFFLINE:
        return act(None)
    with bt.Subtensor(network=GIVEN["endpoint"]) as sub:
        return act(sub)


try:
    print(json.dumps(main()))
except Exception as error:
    traceback.print_exc()
    print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
    sys.exit(1)
