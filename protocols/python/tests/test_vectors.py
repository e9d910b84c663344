"""The vectors of protocols/, read and written by this package."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from cohort_worker import cohort_pb2
from cohort_worker.crc import crc32c
from cohort_worker.frames import FrameError
from cohort_worker.messages import BODIES, decode, describe, encode

PROTOCOLS = Path(__file__).resolve().parents[2]
SENDERS = ("worker", "learner", "fetcher", "holder")


def vectors(kind):
    files = sorted((PROTOCOLS / "vectors").glob(f"*-{kind}.json"))
    found = [v for file in files for v in json.loads(file.read_text())]
    return [pytest.param(v, id=f"{v['from']} {v['name']}") for v in found]


VALID, INVALID = vectors("valid") + vectors("1.0"), vectors("invalid")


def error_of(frame, sender):
    with pytest.raises(FrameError) as caught:
        decode(frame, sender)
    return caught.value.code


def split(vector):
    expected = dict(vector["decoded"])
    canonical = expected.pop("canonical", True)
    return bytes.fromhex(vector["frame"]), vector["from"], expected, canonical


@pytest.mark.parametrize("vector", VALID)
def test_a_valid_frame_decodes_to_the_object_beside_it(vector):
    frame, sender, expected, _ = split(vector)
    assert describe(decode(frame, sender)) == expected


@pytest.mark.parametrize("vector", VALID)
def test_a_canonical_frame_is_what_the_encoder_writes(vector):
    frame, sender, expected, canonical = split(vector)
    again = encode(decode(frame, sender))
    assert describe(decode(again, sender)) == expected
    assert again == frame or not canonical


@pytest.mark.parametrize("vector", INVALID)
def test_an_invalid_frame_gives_the_error_that_it_names(vector):
    assert error_of(bytes.fromhex(vector["frame"]), vector["from"]) == vector["error"]


@pytest.mark.parametrize("vector", VALID)
def test_a_valid_frame_is_refused_from_any_other_sender(vector):
    frame, sender, _, _ = split(vector)
    for another in set(SENDERS) - {sender}:
        assert error_of(frame, another) == "unknown_type"


@pytest.mark.parametrize("vector", VALID)
def test_every_truncation_and_every_changed_byte_is_an_error(vector):
    frame, sender, _, _ = split(vector)
    if len(frame) > 600:
        # The tail of a long payload says nothing new, and takes the square of its length.
        cuts = [*range(300), len(frame) - 1]
    else:
        cuts = range(len(frame))
    for cut in cuts:
        error_of(frame[:cut], sender)
        error_of(frame[:cut] + bytes([frame[cut] ^ 0x40]) + frame[cut + 1 :], sender)


def test_the_vectors_contain_every_command():
    kinds = {type(decode(*split(p.values[0])[:2]).body).KIND for p in VALID}
    assert kinds == set(BODIES)


def test_the_checksum_is_castagnolis_whatever_the_length():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    data = bytes(index * 7 % 251 for index in range(70_001))
    for length in (0, 1, 1_023, 1_024, 1_025, 4_096, 70_001):
        # Byte after byte, by the definition.
        state = 0xFFFFFFFF
        for byte in data[:length]:
            state ^= byte
            for _ in range(8):
                state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
        assert crc32c(data[:length]) == state ^ 0xFFFFFFFF


def test_the_generated_code_is_that_of_the_schema(tmp_path):
    if not shutil.which("protoc"):
        pytest.skip("protoc is not installed")
    output = tmp_path / "set"
    command = [
        "protoc",
        f"--proto_path={PROTOCOLS}",
        f"--descriptor_set_out={output}",
        "cohort.proto",
    ]
    subprocess.run(command, check=True)
    schema = FileDescriptorSet.FromString(output.read_bytes()).file[0]
    committed = FileDescriptorProto.FromString(cohort_pb2.DESCRIPTOR.serialized_pb)
    for file in (schema, committed):
        for message in file.message_type:
            for field in message.field:
                field.ClearField("json_name")
    remedy = (
        "protoc --proto_path=protocols --python_out=protocols/python/cohort_worker cohort.proto"
    )
    assert committed == schema, f"run {remedy}"
