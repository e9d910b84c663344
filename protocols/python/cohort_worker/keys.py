"""CURVE keys in files, as `cohort keygen` writes them: lines of `key = "value"` with Z85 inside."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import zmq
import zmq.utils.z85

LINE = re.compile(r'([a-z]{1,32})[ \t]*=[ \t]*"([^"\\\x00-\x1f]*)"')
IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
BYTES_MAX = 4_096
TEST_KEYS = {
    b"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
}
"""Printed in libzmq's manual with their secrets."""


class KeyFileError(ValueError):
    """A key file that is refused, with its path and the reason."""


@dataclass(frozen=True)
class Security:
    """What a worker proves, and whom it believes. All keys are Z85."""

    identity: str
    """What the key was made for; the learner lists it under the name of a file."""
    public: bytes
    secret: bytes = field(repr=False)
    learner: bytes

    @classmethod
    def read(cls, key: Path, learner_key: Path) -> Security:
        """From NAME.key and learner.pub. Raises `KeyFileError`."""
        own = _fields(key, stat.S_IRWXG | stat.S_IRWXO, "can be read by others; chmod 600 it")
        public, secret = _public(own, key), own.get("secret", "").encode()
        if not _is_z85(secret):
            raise KeyFileError(f'{key} has no line secret = "…" with 40 characters of Z85')
        if zmq.curve_public(secret) != public:
            raise KeyFileError(f"{key} holds two halves that do not belong together")
        if not IDENTITY.fullmatch(own.get("name", "")):
            raise KeyFileError(f'{key} has no line name = "…" with letters, digits and . _ -')
        theirs = _fields(learner_key, stat.S_IWOTH, "can be changed by everyone; chmod go-w it")
        if "secret" in theirs:
            raise KeyFileError(f"{learner_key} holds a secret key; use the .pub file")
        return cls(own["name"], public, secret, _public(theirs, learner_key))

    def apply(self, socket: zmq.Socket) -> None:
        """Makes the socket a CURVE client; before it connects."""
        socket.curve_serverkey = self.learner
        socket.curve_publickey = self.public
        socket.curve_secretkey = self.secret


def _public(fields: dict[str, str], path: Path) -> bytes:
    key = fields.get("public", "").encode()
    if not _is_z85(key):
        raise KeyFileError(f'{path} has no line public = "…" with 40 characters of Z85')
    if key in TEST_KEYS:
        raise KeyFileError(f"{path} holds a test key of libzmq's manual")
    return key


def _is_z85(text: bytes) -> bool:
    if len(text) != 40:
        return False
    try:
        return len(zmq.utils.z85.decode(text)) == 32
    except Exception:  # Whatever the decoder makes of it, it is no key.
        return False


def _fields(path: Path, refused: int, refusal: str) -> dict[str, str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise KeyFileError(f"{path} is no file")
            if mode & refused:
                raise KeyFileError(f"{path} {refusal}")
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > BYTES_MAX:
        raise KeyFileError(f"{path} has more than {BYTES_MAX} bytes and is no key file")
    fields: dict[str, str] = {}
    for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        # The line itself may be a secret, so no message shows it.
        if not found:
            raise KeyFileError(f'{path} has a line {number} that is not key = "value"')
        if found[1] in fields:
            raise KeyFileError(f"{path} says {found[1]} twice, the second time in line {number}")
        fields[found[1]] = found[2]
    return fields
