"""Where networks run."""

from __future__ import annotations

from in_the_wild.errors import InputError, did_you_mean

DEVICES = ("auto", "cpu", "cuda")


def choose(device: str = "auto") -> str:
    """The device that torch is told, of one of DEVICES: auto takes CUDA where there is one.

    Raises:
        InputError: another name, or CUDA is asked for and there is none.
    """
    import torch  # help and errors need the names alone

    if device.partition(":")[0] not in DEVICES:
        raise InputError(f'A device "{device}" is not known. {did_you_mean(device, DEVICES)}')
    found = torch.cuda.is_available()
    if device.startswith("cuda") and not found:
        raise InputError(f'The device "{device}" was asked for, but torch finds no CUDA device here; leave it at auto.')
    return ("cuda" if found else "cpu") if device == "auto" else device
