"""Cost of words under a language model."""

from builders import standing_px

from bopbot.dance_model import DanceModel
from bopbot.evaluation.generators import baseline_generators
from bopbot.evaluation.prediction import bits_per_second
from pose_vocab.normalization import Clip, normalize


def test_a_second_costs_what_its_words_cost(model: DanceModel, clip: Clip) -> None:
    """A unigram that counted one word of each part a hundred times and no other predicts it at almost no cost."""
    still = normalize(standing_px(100))
    unigram = baseline_generators(model, [still], seed=0)[0]
    assert unigram.name == "unigram"
    assert bits_per_second(unigram, [still]) < bits_per_second(unigram, [clip]) / 10
