# SPDX-License-Identifier: Apache-2.0
"""A client of the exchange; docs/PROTOCOL.md is what it speaks."""
from .client import Client, Receipt
from .errors import Conflict, HutongError, NotCanonical, Refused, SignatureWrong, Silence
from .keys import Keys
from .store import Delivery, Store
from .values import day, encode, fen, new_envelope, new_id, yuan

__all__ = ["Client", "Conflict", "Delivery", "HutongError", "Keys", "NotCanonical", "Receipt", "Refused", "SignatureWrong", "Silence",
           "Store", "day", "encode", "fen", "new_envelope", "new_id", "yuan"]
