"""What words cost a language model."""

from builders import standing_px

from bopbot.dance_model import DanceModel
from bopbot.evaluation.contestants import counted
from bopbot.evaluation.foreseeing import bits_a_second
from pose_vocab.normalization import Clip, normalize


def test_a_second_costs_what_its_words_cost(model: DanceModel, clip: Clip) -> None:
    """A unigram that counted one word of each part a hundred times and no other foresees it nearly for nothing."""
    still = normalize(standing_px(100))
    unigram = counted(model, [still], seed=0)[0]
    assert unigram.name == "unigram"
    assert bits_a_second(unigram, [still]) < bits_a_second(unigram, [clip]) / 10
