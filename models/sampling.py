"""Choosing the next word, and the next, and the next."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.language_model import LanguageModel
from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class GenerationOptions:
    """How a dance is continued.

    Parameters
    ----------
    n_rows : how many new rows `generate` gives; a `stream` has no end.
    temperature : 1 samples what the model says, less is tamer, more is wilder, 0 always takes the likeliest.
    top_k : only the so many likeliest words can come; None allows all.
    top_p : only the fewest words whose probabilities sum to this can come (after `top_k`), in 0..1.
        Holtzman et al., *The Curious Case of Neural Text Degeneration* (2020).
    max_hold : a word that stood at its place of so many rows on end does not come again at once; None
        allows any stillness.

    Raises
    ------
    ModelError : an option outside its range.
    """

    n_rows: int
    temperature: float = 1.0
    top_k: int | None = 8
    top_p: float = 0.9
    max_hold: int | None = None

    def __post_init__(self) -> None:
        if self.n_rows < 0:
            raise ModelError(f"cannot generate {self.n_rows} rows; 0 or more")
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise ModelError(f"the temperature must be 0 or more, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ModelError(f"top_k must be 1 or more, or None for all words, got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ModelError(f"top_p must be above 0 and at most 1, got {self.top_p}")
        if self.max_hold is not None and self.max_hold < 1:
            raise ModelError(f"max_hold must be 1 or more, or None for no limit, got {self.max_hold}")


def sample(logits: torch.Tensor, options: GenerationOptions, generator: torch.Generator) -> int:
    """Choose one word.

    Parameters
    ----------
    logits : float (words,) on the CPU; a word at -inf never comes.
    options : temperature, `top_k` and `top_p` are used.
    generator : where chance comes from, on the CPU.

    Raises
    ------
    ModelError : no finite logit is left to choose by.
    """
    n_candidates = len(logits) if options.top_k is None else min(options.top_k, len(logits))
    best, ids = logits.topk(n_candidates if options.temperature > 0 else 1)
    if not torch.isfinite(best[0]):
        raise ModelError(f"the model leaves no word to choose: its best logit is {best[0].item()}")
    if options.temperature == 0:
        return int(ids[0])
    probabilities = torch.softmax((best - best[0]).double() / options.temperature, dim=0)
    before = probabilities.cumsum(0) - probabilities
    probabilities[before >= options.top_p] = 0
    return int(ids[torch.multinomial(probabilities, 1, generator=generator)])


def stream(
    model: LanguageModel,
    prompt_ids: NDArray[np.int64],
    options: GenerationOptions,
    generator: torch.Generator,
    bias: NDArray[np.float32] | None = None,
) -> Iterator[int]:
    """Continue a dance without end, each new word chosen as it is asked for; `generate` gives the first of them.

    However long the dance, it needs no more memory than the model's reader.
    """
    prompt = model.layout.rows(np.asarray(prompt_ids, np.int64))
    if options.max_hold is not None and 1 in model.layout.vocabularies:
        raise ModelError("max_hold needs a second word to change to, but there is a place with one word")
    favour = np.zeros(model.layout.n_words, np.float32) if bias is None else bias
    if favour.shape != (model.layout.n_words,):
        raise ModelError(f"a bias has a number for each of the {model.layout.n_words} words, got {favour.shape}")
    return _stream(model, prompt, options, generator, torch.from_numpy(favour))


def _stream(
    model: LanguageModel,
    prompt: NDArray[np.int64],
    options: GenerationOptions,
    generator: torch.Generator,
    bias: torch.Tensor,
) -> Iterator[int]:
    reader = model.reader()
    unread = prompt.ravel() if len(prompt) else np.array([model.layout.n_words])
    holds = [_last_hold(words) for words in prompt.T]
    while True:
        for place, (word, held) in enumerate(holds):
            logits = reader.read(unread) + bias
            if options.max_hold is not None and held >= options.max_hold:
                logits = logits.index_fill(0, torch.tensor(word), -torch.inf)
            chosen = sample(logits, options, generator)
            holds[place] = chosen, held + 1 if chosen == word else 1
            unread = np.array([chosen])
            yield chosen


def generate(
    model: LanguageModel,
    prompt_ids: NDArray[np.int64],
    options: GenerationOptions,
    generator: torch.Generator,
    bias: NDArray[np.float32] | None = None,
    heard: Callable[[NDArray[np.int64]], None] | None = None,
) -> NDArray[np.int64]:
    """Continue a dance.

    Parameters
    ----------
    model : any language model.
    prompt_ids : (n,) the rows before; with none of them a dance begins from its beginning.
    options : how many rows, and how their words are chosen.
    generator : where chance comes from, on the CPU; the same state gives the same words.
    bias : (n_words,), added to the logits before anything else is done to them: words at more come oftener, and
        those at -inf never.
    heard : is given each new row (places,) as soon as it is chosen.

    Returns
    -------
    The new rows only, int64 (n_rows * places,).

    Raises
    ------
    ModelError : a prompt that is no whole rows of words that the model knows; `max_hold` where a place has a
        single word; a bias of another size.
    """
    places = model.layout.places
    ids = np.empty((options.n_rows, places), np.int64)
    words = stream(model, prompt_ids, options, generator, bias)
    for row in ids:
        row[:] = [next(words) for _ in range(places)]
        if heard is not None:
            heard(row)
    return ids.ravel()


def _last_hold(ids: NDArray[np.int64]) -> tuple[int, int]:
    """The last of the words at a place, and how often it stands there on end; (-1, 0) for no words."""
    if not len(ids):
        return -1, 0
    changes = np.flatnonzero(ids != ids[-1])
    return int(ids[-1]), len(ids) - 1 - int(changes[-1]) if len(changes) else len(ids)
