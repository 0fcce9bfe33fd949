"""Choosing the next word, and the next, and the next."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.language_model import LanguageModel, Progress
from pose_vocab.errors import ModelError


@dataclass(frozen=True)
class GenerationOptions:
    """How a dance is continued.

    Parameters
    ----------
    n_words : how many new words.
    temperature : 1 samples what the model says, less is tamer, more is wilder, 0 always takes the likeliest.
    top_k : only the so many likeliest words can come; None allows all.
    top_p : only the fewest words whose probabilities sum to this can come (after `top_k`), in 0..1.
        Holtzman et al., *The Curious Case of Neural Text Degeneration* (2020).
    max_hold : a word that stood so often in a row does not come again at once; None allows any stillness.

    Raises
    ------
    ModelError : an option outside its range.
    """

    n_words: int
    temperature: float = 1.0
    top_k: int | None = 8
    top_p: float = 0.9
    max_hold: int | None = None

    def __post_init__(self) -> None:
        if self.n_words < 0:
            raise ModelError(f"cannot generate {self.n_words} words; 0 or more")
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
    model: LanguageModel, prompt_ids: NDArray[np.int64], options: GenerationOptions, generator: torch.Generator
) -> Iterator[int]:
    """Continue a dance and give each new word as it is chosen; see `generate`."""
    prompt = np.asarray(prompt_ids)
    if prompt.ndim != 1 or (len(prompt) and (prompt.min() < 0 or prompt.max() >= model.vocab_size)):
        raise ModelError(
            f"a prompt for a model of {model.vocab_size} words is a row of ids 0 to {model.vocab_size - 1}, "
            f"got shape {prompt.shape}" + (f", ids {prompt.min()} to {prompt.max()}" if prompt.size else "")
        )
    if options.max_hold is not None and model.vocab_size == 1:
        raise ModelError("max_hold needs a second word to change to, but the model knows one word")
    return _stream(model, prompt.astype(np.int64), options, generator)


def _stream(
    model: LanguageModel, prompt: NDArray[np.int64], options: GenerationOptions, generator: torch.Generator
) -> Iterator[int]:
    reader = model.reader()
    unread = prompt if len(prompt) else np.array([model.vocab_size])
    word, held = _last_hold(prompt)
    for _ in range(options.n_words):
        logits = reader.read(unread)
        if options.max_hold is not None and held >= options.max_hold:
            logits = logits.index_fill(0, torch.tensor(word), -torch.inf)
        chosen = sample(logits, options, generator)
        word, held = chosen, held + 1 if chosen == word else 1
        unread = np.array([chosen])
        yield chosen


def generate(
    model: LanguageModel,
    prompt_ids: NDArray[np.int64],
    options: GenerationOptions,
    generator: torch.Generator,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Continue a dance.

    Parameters
    ----------
    model : any language model.
    prompt_ids : (n,) the words before; with none of them a dance begins from its beginning.
    options : how many words, and how they are chosen.
    generator : where chance comes from, on the CPU; the same state gives the same words.
    progress : told (words done, words in all) after each word.

    Returns
    -------
    The new words only, int64 (n_words,).

    Raises
    ------
    ModelError : a word in the prompt that the model does not know; `max_hold` with a single word.
    """
    ids = np.empty(options.n_words, np.int64)
    for i, word in enumerate(stream(model, prompt_ids, options, generator)):
        ids[i] = word
        if progress is not None:
            progress(i + 1, options.n_words)
    return ids


def _last_hold(ids: NDArray[np.int64]) -> tuple[int, int]:
    """The last word and how often it stands in a row at the end; (-1, 0) for no words."""
    if not len(ids):
        return -1, 0
    changes = np.flatnonzero(ids != ids[-1])
    return int(ids[-1]), len(ids) - 1 - int(changes[-1]) if len(changes) else len(ids)
