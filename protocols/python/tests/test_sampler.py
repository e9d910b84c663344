"""Random numbers, drawing, and whole groups against a plain forward pass. Needs PyTorch for the most."""

import numpy as np
import pytest
from conftest import CONFIGURATION, ticket

from cohort_worker.configuration import SamplingParameters, WorkerConfiguration
from cohort_worker.learner_messages import Ticket
from cohort_worker.randomness import philox, uniforms
from cohort_worker.values import RewardPlacement, TicketKey, Version


@pytest.mark.parametrize(
    ("key", "counter", "answer"),
    [
        ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF, 0xFFFFFFFF),
            (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0xA4093822, 0x299F31D0),
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_answers_of_the_random123_distribution(key, counter, answer):
    assert tuple(int(word) for word in philox(key, counter)) == answer


def test_every_completion_and_position_has_a_number_of_its_own():
    key = TicketKey(1, 2, 3)
    found = uniforms(7, key, 8, 64)
    assert found.shape == (8, 64) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() < 1 and len(np.unique(found)) > 500
    assert np.array_equal(uniforms(7, key, 4, 32), found[:4, :32])
    for other in (TicketKey(0, 2, 3), TicketKey(1, 0, 3), TicketKey(1, 2, 0)):
        assert not np.array_equal(uniforms(7, other, 8, 64), found)


def test_the_configuration_is_read():
    found = WorkerConfiguration.parse(CONFIGURATION)
    assert found.sampling == SamplingParameters(1.0, 0, 1.0, 4, (2,))
    assert (found.seed, found.group_size, found.dtype) == (7, 2, "float32")
    assert found.reward_placement is RewardPlacement.LEARNER and found.model == dict(
        model_type="llama"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seed": 1}', CONFIGURATION.replace("7", '"x"')])
def test_a_configuration_that_cannot_be_read_is_an_error(text):
    with pytest.raises(ValueError, match="configuration cannot be read"):
        WorkerConfiguration.parse(text)


torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
import safetensors.torch  # noqa: E402

from cohort_worker.drawing import draw  # noqa: E402
from cohort_worker.sampler import Sampler, WeightsError  # noqa: E402

FULL = SamplingParameters(1.0, 0, 1.0, 6, (2,))
LOGITS = torch.tensor([[1.0, 3.0, 2.0, 0.0]])


def drawn(uniform, parameters, logits=LOGITS):
    found = draw(logits, torch.tensor([uniform]), parameters)
    return int(found.tokens), float(found.logprobs), float(found.kept_log_masses)


def test_a_token_is_the_first_whose_cumulative_probability_exceeds_the_number():
    probabilities = torch.softmax(LOGITS[0], 0).tolist()
    for token, below in enumerate(np.cumsum([0, *probabilities])[:4]):
        assert drawn(below + 1e-6, FULL)[0] == token
    assert drawn(0.0, FULL)[0] == 0 and drawn(1 - 2**-24, FULL)[0] == 3


def test_log_probabilities_are_at_the_temperature_over_the_full_vocabulary():
    parameters = SamplingParameters(0.5, 2, 1.0, 1, ())
    expected = torch.log_softmax(LOGITS[0] / 0.5, 0)
    token, logprob, mass = drawn(0.0, parameters)
    assert token == 1 and logprob == pytest.approx(float(expected[1]))
    assert mass == pytest.approx(float(torch.logsumexp(expected[[1, 2]], 0)))


def test_top_p_keeps_the_smallest_set_that_reaches_it_of_what_top_k_left():
    probabilities = torch.softmax(LOGITS[0], 0)
    parameters = SamplingParameters(1.0, 0, float(probabilities[1]) + 0.01, 1, ())
    assert {drawn(u / 100, parameters)[0] for u in range(100)} == {1, 2}
    narrow = SamplingParameters(1.0, 2, 0.7, 1, ())
    assert {drawn(u / 100, narrow)[0] for u in range(100)} == {1}
    wide = SamplingParameters(1.0, 9, 1.0, 1, ())
    assert drawn(0.5, wide)[2] == 0


def test_temperature_zero_takes_the_largest_logit():
    token, logprob, mass = drawn(0.99, SamplingParameters(0.0, 0, 1.0, 1, ()))
    assert (token, mass) == (1, 0) and logprob == pytest.approx(
        float(torch.log_softmax(LOGITS[0], 0)[1])
    )


SIZES = dict(
    vocab_size=64,
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=8,
    max_position_embeddings=64,
)


@pytest.fixture(params=["llama", "qwen2", "qwen3", "mistral"])
def config(request):
    return dict(SIZES, model_type=request.param, tie_word_embeddings=request.param != "llama")


def model_and_sampler(config):
    torch.manual_seed(0)
    kinds = {k: v for k, v in config.items() if k != "model_type"}
    found = transformers.AutoConfig.for_model(config["model_type"], **kinds)
    model = transformers.AutoModelForCausalLM.from_config(found).eval()
    # Far from uniform, so that a mistake shows.
    for parameter in model.parameters():
        parameter.data.mul_(6)
    state = model.state_dict()
    if config["tie_word_embeddings"]:
        del state["lm_head.weight"]
    image = safetensors.torch.save({k: v.contiguous() for k, v in state.items()})
    sampler = Sampler(config, "cpu", "float32")
    sampler.load(image)
    return model, sampler


def tickets():
    prompts = [[3, 4, 5], [9], [7, 8, 9, 10, 11, 12]]
    return [
        Ticket(i + 1, TicketKey(0, i, 0), i, Version(1, 0), 1_000, prompt, "")
        for i, prompt in enumerate(prompts)
    ]


def test_a_groups_log_probabilities_are_those_of_a_forward_pass(config):
    model, sampler = model_and_sampler(config)
    parameters = SamplingParameters(0.8, 0, 1.0, 12, (2, 5))
    groups = sampler.sample(tickets(), 5, parameters, seed=3)
    assert [len(g) for g in groups] == [5, 5, 5]
    for found, group in zip(tickets(), groups):
        for completion in group:
            ids = torch.tensor([found.prompt + completion.tokens])
            with torch.inference_mode():
                logits = model(ids).logits[0, len(found.prompt) - 1 : -1]
            expected = torch.log_softmax(logits / 0.8, -1).gather(
                1, ids[0, len(found.prompt) :, None]
            )
            assert completion.behavior_logprobs == pytest.approx(expected[:, 0].tolist(), abs=2e-4)
    completions = [c for g in groups for c in g]
    assert {c.finish_reason for c in completions} == {0, 1}
    for c in completions:
        stopped = c.tokens[-1] in (2, 5)
        assert c.finish_reason == (0 if stopped else 1) and (stopped or len(c.tokens) == 12)
        assert not {2, 5} & set(c.tokens[:-1])


def test_what_a_ticket_gives_does_not_depend_on_what_is_sampled_beside_it(config):
    _, sampler = model_and_sampler(config)
    together = sampler.sample(tickets(), 4, FULL, seed=3)
    alone = [sampler.sample([t], 4, FULL, seed=3)[0] for t in tickets()]
    assert [[c.tokens for c in g] for g in together] == [[c.tokens for c in g] for g in alone]
    another = sampler.sample(tickets(), 4, FULL, seed=4)
    assert [[c.tokens for c in g] for g in another] != [[c.tokens for c in g] for g in together]


def test_weights_that_do_not_fit_are_refused():
    config = dict(SIZES, model_type="llama", tie_word_embeddings=False)
    model, sampler = model_and_sampler(config)
    state = model.state_dict()
    del state["model.norm.weight"]
    with pytest.raises(WeightsError, match="model.norm.weight"):
        sampler.load(safetensors.torch.save(state))
    with pytest.raises(WeightsError, match="extra"):
        sampler.load(safetensors.torch.save(model.state_dict() | dict(extra=torch.zeros(1))))


def test_a_sequence_beyond_the_models_positions_is_refused():
    _, sampler = model_and_sampler(dict(SIZES, model_type="llama", tie_word_embeddings=False))
    with pytest.raises(ValueError, match="64 positions"):
        sampler.sample([ticket(1)], 1, SamplingParameters(1.0, 0, 1.0, 63, ()), seed=1)
