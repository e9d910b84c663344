"""What the command line refuses before anything is imported or connected."""

import pytest

from cohort_worker.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--connect", "tcp://10.0.0.1:5555"], "--insecure"),
        (["--connect", "tcp://10.0.0.1:5555"], "cohort keygen NAME"),
        (["--connect", "tcp://10.0.0.1:5555", "--key", "a.key"], "belong together"),
        (
            ["--connect", "tcp://10.0.0.1:1", "--key", "none.key", "--learner-key", "l.pub"],
            "none.key cannot be read",
        ),
        (["--connect", "127.0.0.1:5555"], "expected tcp://HOST:PORT or ipc://PATH"),
        (["--connect", "tcp://127.0.0.1:5555", "--name", "a b"], "a b: a worker's name"),
        (["--connect", "tcp://127.0.0.1:5555", "--name", "-x"], "argument --name"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(arguments, sentence, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert sentence in f"{caught.value} {capsys.readouterr().err}"
