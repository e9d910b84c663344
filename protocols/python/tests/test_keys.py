"""Key files, and a worker's link to a learner that encrypts and knows its workers by their keys."""

import threading

import pytest
import zmq
import zmq.utils.z85
from test_link import Learner, Worker, ends

from cohort_worker.group import Group
from cohort_worker.keys import TEST_KEYS, KeyFileError, Security


def write(folder, name, public, secret=None, mode=None):
    lines = ["# A comment", f'name = "{name}"', f'public = "{public.decode()}"', ""]
    if secret:
        lines.insert(3, f'secret = "{secret.decode()}"')
    path = folder / (name + (".key" if secret else ".pub"))
    path.write_text("\n".join(lines))
    path.chmod(mode or (0o600 if secret else 0o644))
    return path


@pytest.fixture
def pair():
    return zmq.curve_keypair()


@pytest.fixture
def learner_pair():
    return zmq.curve_keypair()


def test_files_of_keygen_are_read(tmp_path, pair, learner_pair):
    key = write(tmp_path, "node1", *pair)
    learner = write(tmp_path, "learner", learner_pair[0])
    found = Security.read(key, learner)
    assert (found.identity, found.public, found.secret) == ("node1", *pair)
    assert found.learner == learner_pair[0]
    assert pair[1].decode() not in repr(found)


def test_what_is_no_key_file_is_refused_and_no_secret_shown(tmp_path, pair, learner_pair):
    learner = write(tmp_path, "learner", learner_pair[0])
    secret = pair[1].decode()
    good = f'name = "a"\npublic = "{pair[0].decode()}"\nsecret = "{secret}"\n'
    manual = sorted(TEST_KEYS)[0].decode()
    table = [
        ("", "no line public"),
        (good.replace("secret =", "secrets ="), "no line secret"),
        (good.replace("name =", "names ="), "no line name"),
        (good.replace('"a"', '"a@1"'), "no line name"),
        (good + 'name = "b"\n', "says name twice"),
        (good.replace(secret, secret[1:]), "no line secret"),
        (good.replace(secret, "~" * 40), "no line secret"),
        (good.replace(f'"{secret}"', secret), "line 3 that is not"),
        (good.replace(pair[0].decode(), learner_pair[0].decode()), "belong together"),
        (good.replace(pair[0].decode(), manual), "test key"),
        ("#" * 5_000, "more than 4096 bytes"),
    ]
    for text, reason in table:
        path = tmp_path / "a.key"
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(KeyFileError, match=reason) as caught:
            Security.read(path, learner)
        assert secret[1:] not in str(caught.value)


def test_rights_are_checked(tmp_path, pair, learner_pair):
    learner = write(tmp_path, "learner", learner_pair[0])
    for mode in (0o640, 0o604, 0o644):
        with pytest.raises(KeyFileError, match="chmod 600"):
            Security.read(write(tmp_path, "a", *pair, mode=mode), learner)
    key = write(tmp_path, "a", *pair)
    with pytest.raises(KeyFileError, match="secret key"):
        Security.read(key, key)
    with pytest.raises(KeyFileError, match="changed by everyone"):
        Security.read(key, write(tmp_path, "learner", learner_pair[0], mode=0o666))


class Gate(threading.Thread):
    """The learner's ZAP handler, in the test's context: lets one key in, under one identity."""

    def __init__(self, context, public, identity):
        super().__init__(daemon=True)
        # The socket is handed to the thread, which alone uses and closes it.
        self.socket = context.socket(zmq.REP)
        self.socket.linger = 0
        self.socket.bind("inproc://zeromq.zap.01")
        self.closing = threading.Event()
        self.known = {zmq.utils.z85.decode(public): identity}
        self.refused = 0

    def run(self):
        while not self.closing.is_set():
            if self.socket.poll(20):
                self.answer()
        self.socket.close()

    def answer(self):
        version, request, _, _, _, mechanism, *keys = self.socket.recv_multipart()
        identity = self.known.get(keys[0]) if mechanism == b"CURVE" else None
        answer = [b"200", b"OK", identity, b""] if identity else [b"300", b"no", b"", b""]
        self.refused += identity is None
        self.socket.send_multipart([version, request, *answer])


ZAP_ENFORCE_DOMAIN = 93


@pytest.fixture
def gate(pair):
    with zmq.Context() as context:
        found = Gate(context, pair[0], b"node1")
        found.start()
        yield found, context
        found.closing.set()
        found.join(20)
        assert not found.is_alive()


@pytest.fixture
def played(gate, learner_pair):
    def secure(found):
        found.curve_server = True
        found.curve_secretkey = learner_pair[1]
        found.zap_domain = b"cohort"
        found.setsockopt(ZAP_ENFORCE_DOMAIN, 1)

    found = Learner(gate[1], secure)
    yield found
    found.close()


def worker_of(played, security, **options):
    return Worker(played.address, security=security, **options)


def test_a_worker_with_a_listed_key_works_encrypted(tmp_path, gate, played, pair, learner_pair):
    key, learner = write(tmp_path, "node1", *pair), write(tmp_path, "learner", learner_pair[0])
    worker = worker_of(played, Security.read(key, learner))
    worker.start()
    hello = played.welcomes()
    assert hello.worker == "w"
    assert played.rollouts.getsockopt(zmq.MECHANISM) == zmq.CURVE
    played.leases(1)
    played.hears(Group)
    ends(played, worker)
    assert gate[0].refused == 0


@pytest.mark.parametrize("case", ["no key", "unknown key", "wrong learner key"])
def test_every_other_worker_gives_up_with_a_sentence(
    case, gate, played, pair, learner_pair, monkeypatch
):
    monkeypatch.setattr("cohort_worker.link.HANDSHAKE", 200)
    other = zmq.curve_keypair()
    security = {
        "no key": None,
        "unknown key": Security("a", *other, learner_pair[0]),
        "wrong learner key": Security("node1", *pair, other[0]),
    }[case]
    worker = worker_of(played, security, reconnect_deadline=1.0)
    worker.start()
    worker.join(20)
    assert worker.error.startswith("no session for 1 s; ")
    assert ("authorized_workers" if security else "wants --key") in worker.error
    assert (gate[0].refused > 0) == (case == "unknown key")
