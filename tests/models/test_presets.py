from dataclasses import replace

import numpy as np
import pytest
from word_dances import cyclic_dance, layout_of

from models.gpt2 import GPT2
from models.lstm import LSTM
from models.presets import ADAPTING, ADAPTING_ROWS, MOST_STEPS, PRESETS, adapting_to, find_preset
from models.training import TrainingOptions, train
from models.vocabulary_expansion import Expandable
from pose_vocab.errors import ModelError

CYCLE = cyclic_dance(5)


def test_the_seed_is_gpt2_small() -> None:
    """12 blocks of 12 d^2 + 13 d weights, the words and `bos`, the positions, and the last norm."""
    preset, d = PRESETS["seed"], 768
    blocks = 12 * (12 * d * d + 13 * d)
    expected = blocks + (preset.max_words + 1) * d + preset.gpt2.context_length * d + 2 * d
    model = GPT2(preset.gpt2, layout_of(preset.max_words))
    assert sum(weight.numel() for weight in model.parameters()) == expected


@pytest.mark.parametrize("name", ["gpt2", "lstm"])
def test_the_sizes_and_rates_of_the_starter_learn_and_adapt(name: str) -> None:
    preset = find_preset("starter")
    model: Expandable = GPT2(preset.gpt2, layout_of(5)) if name == "gpt2" else LSTM(preset.lstm, layout_of(5))
    train(model, [CYCLE], TrainingOptions(10, 4, preset.learning_rates[name]))
    before = model.losses(CYCLE).mean()
    train(model, [CYCLE], replace(ADAPTING, steps=10, batch_size=4))
    assert model.losses(CYCLE).mean() < before < np.log(5)


@pytest.mark.parametrize(
    ("share", "steps"),
    [(1, ADAPTING.steps), (2, 2 * ADAPTING.steps), (0.5, ADAPTING.steps / 2), (0, 1), (1000, MOST_STEPS)],
)
def test_steps_of_adaptation_grow_with_the_upload_up_to_a_bound(share: float, steps: int) -> None:
    assert adapting_to(round(share * ADAPTING_ROWS), seed=7) == replace(ADAPTING, steps=steps, seed=7)


def test_there_is_no_other_preset() -> None:
    with pytest.raises(ModelError, match="no preset 'huge'; choose one of starter, seed"):
        find_preset("huge")
