"""Sampling: choose words from logits, row after row, to continue a dance or to fill its gaps."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from models.language_model import LanguageModel, Reader
from pose_vocab.errors import ModelError
from pose_vocab.ids import GAP, Ids

CANDIDATES = 8
"""Ways in which a row is filled where words are seen behind a gap; one of them is chosen."""


@dataclass(frozen=True)
class GenerationOptions:
    """How words are sampled.

    Parameters
    ----------
    n_rows : count of the rows that `generate` returns; a `stream` has no end.
    temperature : 1 samples the model's own distribution, less is tamer, more is wilder, 0 takes the likeliest word.
    top_k : only the `top_k` likeliest words can be chosen; None allows all.
    top_p : only the fewest words whose probabilities sum to this can be chosen (after `top_k`), in 0..1.
        Holtzman et al., *The Curious Case of Neural Text Degeneration* (2020).
    max_hold : rows after which a word that repeats at its place must change; None for no limit.

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
            raise ModelError(f"cannot generate {self.n_rows} rows; give 0 or more")
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            raise ModelError(f"the temperature must be 0 or more, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ModelError(f"top_k must be 1 or more, or None for all words, got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise ModelError(f"top_p must be above 0 and at most 1, got {self.top_p}")
        if self.max_hold is not None and self.max_hold < 1:
            raise ModelError(f"max_hold must be 1 or more, or None for no limit, got {self.max_hold}")


def sample(logits: torch.Tensor, options: GenerationOptions, generator: torch.Generator) -> int:
    """Return the id of one sampled word.

    Parameters
    ----------
    logits : float (words,) on the CPU; a word at -inf is never chosen.
    options : `temperature`, `top_k` and `top_p` are used.
    generator : source of randomness, on the CPU.

    Raises
    ------
    ModelError : no logit is finite.
    """
    n_candidates = len(logits) if options.top_k is None else min(options.top_k, len(logits))
    best, ids = logits.topk(n_candidates if options.temperature > 0 else 1)
    if not torch.isfinite(best[0]):
        raise ModelError(f"the model gives no finite logit to sample from: the largest is {best[0].item()}")
    if options.temperature == 0:
        return int(ids[0])
    probabilities = torch.softmax((best - best[0]).double() / options.temperature, dim=0)
    before = probabilities.cumsum(0) - probabilities
    probabilities[before >= options.top_p] = 0
    return int(ids[torch.multinomial(probabilities, 1, generator=generator)])


def stream(
    model: LanguageModel,
    prompt: Ids,
    options: GenerationOptions,
    generator: torch.Generator,
    bias: NDArray[np.float32] | None = None,
) -> Iterator[Ids]:
    """Continue a dance without end: yield rows (places,), each sampled when it is asked for.

    Parameters and errors are those of `generate`, which returns the first of these rows. Memory does not grow with the
    length of the dance.
    """
    layout = model.layout
    sampler = _RowSampler(model, layout.check(np.asarray(prompt, np.int64)), options, generator, bias)
    return _endless(sampler, layout.gap_row)


def _endless(sampler: "_RowSampler", gap_row: Ids) -> Iterator[Ids]:
    while True:
        yield sampler.complete(gap_row)


def generate(
    model: LanguageModel,
    prompt: Ids,
    options: GenerationOptions,
    generator: torch.Generator,
    bias: NDArray[np.float32] | None = None,
    on_row: Callable[[Ids], None] | None = None,
) -> Ids:
    """Continue a dance.

    Parameters
    ----------
    model : any language model.
    prompt : int64 (rows, places), what comes before; with no row a dance begins from its beginning.
    options : how many rows, and how their words are sampled.
    generator : source of randomness, on the CPU; the same state gives the same words.
    bias : (n_words,), added to the logits before anything else: a word with more is chosen more often, and one at
        -inf never.
    on_row : called with each new row (places,) as soon as it is sampled.

    Returns
    -------
    The new rows only, int64 (n_rows, places), without a GAP.

    Raises
    ------
    ModelError : a prompt of unknown words; `max_hold` where a place has a single word; a bias of another size.
    """
    ids = np.empty((options.n_rows, model.layout.places), np.int64)
    rows = stream(model, prompt, options, generator, bias)
    for row in ids:
        row[:] = next(rows)
        if on_row is not None:
            on_row(row)
    return ids


def fill_gaps(
    model: LanguageModel,
    ids: Ids,
    options: GenerationOptions,
    generator: torch.Generator,
    bias: NDArray[np.float32] | None = None,
) -> Ids:
    """Return ids (rows, places) with a sampled word in place of each GAP, given the words that are there.

    A word is sampled from the rows before it, which are filled first, and the words of its own row: the ones before it
    directly, the ones behind it by choosing among `CANDIDATES`. Parameters and errors are those of `generate`.
    """
    sampler = _RowSampler(model, ids[:0], options, generator, bias)
    filled = [sampler.complete(row) for row in model.layout.check(ids)]
    return np.array(filled, np.int64).reshape(ids.shape)


class _RowSampler:
    """Completes one row after another, each from all rows before it."""

    def __init__(
        self,
        model: LanguageModel,
        prompt: Ids,
        options: GenerationOptions,
        generator: torch.Generator,
        bias: NDArray[np.float32] | None,
    ) -> None:
        layout = model.layout
        if options.max_hold is not None and 1 in layout.sizes:
            raise ModelError("max_hold needs a second word to change to, but a place has one word only")
        added = np.zeros(layout.n_words, np.float32) if bias is None else bias
        if added.shape != (layout.n_words,):
            raise ModelError(f"a bias has a number for each of the {layout.n_words} words, got shape {added.shape}")
        self._options, self._generator, self._bias = options, generator, torch.from_numpy(added)
        self._reader: Reader = model.reader()
        self._unread = [prompt if len(prompt) else layout.bos_row[None]]
        self._holds = [_last_hold(words) for words in prompt.T]

    def complete(self, row: Ids) -> Ids:
        """Return a row (places,) with a sampled word in place of each GAP."""
        gaps = np.flatnonzero(row == GAP)
        if len(gaps):
            self._reader.read(np.concatenate(self._unread))
            self._unread = []
            row = self._likely(row, gaps[0]) if (row[gaps[0] :] != GAP).any() else self._sample(row, gaps[0])[0]
        for place, (word, held) in enumerate(self._holds):
            self._holds[place] = int(row[place]), held + 1 if row[place] == word else 1
        self._unread.append(row[None].copy())  # the caller may change the row
        return row

    def _likely(self, row: Ids, first_gap: int) -> Ids:
        """Sample a few candidates, and one of them by how well it predicts the words that are seen behind a gap.

        This is importance resampling: D. Rubin, *Using the SIR algorithm to simulate posterior distributions* (1988).
        """
        candidates = [self._sample(row, first_gap) for _ in range(CANDIDATES)]
        weights = torch.softmax(torch.tensor([likelihood for _, likelihood in candidates], dtype=torch.float64), dim=0)
        return candidates[int(torch.multinomial(weights, 1, generator=self._generator))][0]

    def _sample(self, row: Ids, first_gap: int) -> tuple[Ids, float]:
        """Return a completed row, and the log-likelihood of the seen words behind its first gap."""
        row, likelihood = row.copy(), 0.0
        for place in range(first_gap, len(row)):
            word, held = self._holds[place]
            logits = self._reader.logits(row[:place]) + self._bias
            if row[place] != GAP:
                likelihood += float(torch.log_softmax(logits, 0)[row[place]])
                continue
            if self._options.max_hold is not None and held >= self._options.max_hold:
                logits = logits.index_fill(0, torch.tensor(word), -torch.inf)
            row[place] = sample(logits, self._options, self._generator)
        return row, likelihood


def _last_hold(words: Ids) -> tuple[int, int]:
    """Return the last of the words (n,) at a place, and for how many rows it stands there; (GAP, 0) for no word."""
    if not len(words) or words[-1] == GAP:
        return GAP, 0
    changes = np.flatnonzero(words != words[-1])
    return int(words[-1]), len(words) - 1 - int(changes[-1]) if len(changes) else len(words)
