from pathlib import Path

import numpy as np
import pytest
import torch
from transformers.models.bert import BertConfig, BertModel
from transformers.models.gpt2 import GPT2Config, GPT2LMHeadModel
from word_dances import SEVERAL, change_config, cyclic_dance, layout_of, next_logits, truncate_weights

from models.language_model import mean_loss
from models.pretrained import gpt2_from_pretrained
from pose_vocab.errors import ModelError

SIZE = {"n_layer": 2, "n_head": 2, "n_embd": 16, "n_positions": 12, "vocab_size": 500}


@pytest.fixture
def text_model() -> GPT2LMHeadModel:
    """Return a random GPT-2 for text; each dimension of its embeddings has its own mean and standard deviation."""
    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config(**SIZE, bos_token_id=0, eos_token_id=None))
    with torch.no_grad():
        model.transformer.wte.weight.copy_(torch.arange(16) + torch.linspace(0.5, 2, 16) * torch.randn(500, 16))
        model.transformer.ln_f.bias.normal_()
    return model


@pytest.fixture
def checkpoint(text_model: GPT2LMHeadModel, tmp_path: Path) -> Path:
    text_model.save_pretrained(tmp_path / "text")
    return tmp_path / "text"


def test_all_weights_but_the_words_are_those_of_the_checkpoint(checkpoint: Path, text_model: GPT2LMHeadModel) -> None:
    model = gpt2_from_pretrained(checkpoint, SEVERAL, context_length=8)
    assert (model.layout, model.context_length) == (SEVERAL, 8)
    assert (model.size.layers, model.size.heads, model.size.width, model.size.dropout) == (2, 2, 16, 0.1)
    ours, theirs = model.network, text_model.transformer
    for name, weights in theirs.h.state_dict().items():
        assert torch.equal(ours.h.state_dict()[name], weights)
    assert torch.equal(ours.ln_f.bias, theirs.ln_f.bias)
    assert torch.equal(ours.wpe.weight, theirs.wpe.weight[:8])


def test_several_places_have_new_layers_of_their_own(checkpoint: Path) -> None:
    model = gpt2_from_pretrained(checkpoint, layout_of(3, 4))
    assert np.isfinite(mean_loss(model, [cyclic_dance(3, 4)]))
    assert any(name.startswith("words.places.") for name, _ in model.named_parameters())


@torch.inference_mode()
def test_with_the_old_words_it_has_the_logits_of_the_checkpoint(checkpoint: Path, text_model: GPT2LMHeadModel) -> None:
    model = gpt2_from_pretrained(checkpoint, layout_of(499))
    model.network.wte.weight.copy_(text_model.transformer.wte.weight)
    ids = np.arange(12)[:, None] * 40
    theirs = text_model.eval()(torch.from_numpy(ids.T)).logits[0, -1, :499]
    assert torch.allclose(next_logits(model, ids), theirs, atol=1e-4)


def test_new_words_lie_where_the_old_ones_lay(checkpoint: Path) -> None:
    model = gpt2_from_pretrained(checkpoint, layout_of(4000))
    words = model.network.wte.weight.detach()
    assert words.shape == (4001, 16)
    assert words.mean(0).numpy() == pytest.approx(np.arange(16), abs=0.3)
    assert words.std(0).numpy() == pytest.approx(np.linspace(0.5, 2, 16), rel=0.15)
    assert model.words.embedding.weight is model.network.wte.weight


def test_the_seed_sets_the_new_words_and_leaves_other_randomness_alone(checkpoint: Path) -> None:
    before = torch.get_rng_state()
    first, again, other = (
        gpt2_from_pretrained(checkpoint, layout_of(5), seed).words.embedding.weight for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_it_can_be_used_at_once(checkpoint: Path) -> None:
    model = gpt2_from_pretrained(checkpoint, layout_of(5), dropout=0.2)
    assert not model.training
    assert model.size.dropout == 0.2
    assert np.isfinite(mean_loss(model, [cyclic_dance(5)]))


def test_half_precision_checkpoints_become_single_precision(text_model: GPT2LMHeadModel, tmp_path: Path) -> None:
    text_model.half().save_pretrained(tmp_path / "half")
    assert {tensor.dtype for tensor in gpt2_from_pretrained(tmp_path / "half", layout_of(5)).parameters()} == {
        torch.float32
    }


def test_loading_prints_nothing(checkpoint: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    gpt2_from_pretrained(checkpoint, layout_of(5))
    assert capfd.readouterr() == ("", "")


def test_the_context_is_no_longer_than_the_checkpoints(checkpoint: Path) -> None:
    contexts = [gpt2_from_pretrained(checkpoint, layout_of(5), context_length=n).context_length for n in (7, 13, None)]
    assert contexts == [7, 12, 12]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "no GPT-2 can be read"),
        (truncate_weights, "no GPT-2 can be read"),
        (lambda folder: (folder / "config.json").unlink(), "no GPT-2"),
        (lambda folder: (folder / "config.json").write_text("{"), "no GPT-2 can be read"),
        (lambda folder: change_config(folder, n_layer="two"), "no GPT-2 can be read"),
        (lambda folder: change_config(folder, n_head=3), "no GPT-2 can be read"),
        (lambda folder: change_config(folder, n_layer=3), "do not fit its config.json, h.2"),
        (lambda folder: change_config(folder, n_positions=13), "do not fit its config.json, .*wpe"),
        (lambda folder: change_config(folder, activation_function="relu"), "its activation_function is relu"),
        (
            lambda folder: change_config(folder, scale_attn_by_inverse_layer_idx=True),
            "its scale_attn_by_inverse_layer_idx",
        ),
        (lambda folder: change_config(folder, model_type="bert"), "the model_type in its config.json is 'bert'"),
    ],
)
def test_a_damaged_checkpoint_is_rejected_in_one_line(checkpoint: Path, damage, complaint: str) -> None:
    damage(checkpoint)
    with pytest.raises(ModelError, match=complaint) as caught:
        gpt2_from_pretrained(checkpoint, layout_of(5))
    assert "\n" not in str(caught.value)


def test_another_kind_of_network_is_rejected(tmp_path: Path) -> None:
    config = BertConfig(vocab_size=9, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    BertModel(config).save_pretrained(tmp_path / "bert")
    with pytest.raises(ModelError, match=r"holds no GPT-2: the model_type in its config\.json is 'bert'"):
        gpt2_from_pretrained(tmp_path / "bert", layout_of(5))


def test_blocks_of_another_shape_are_rejected(tmp_path: Path) -> None:
    config = GPT2Config(**SIZE, n_inner=20, bos_token_id=0, eos_token_id=None)
    GPT2LMHeadModel(config).save_pretrained(tmp_path / "narrow")
    with pytest.raises(ModelError, match="its n_inner is 20"):
        gpt2_from_pretrained(tmp_path / "narrow", layout_of(5))


@pytest.mark.parametrize("name", ["nobody/no-such-model", "no-such-model", "/no/such/folder"])
def test_a_checkpoint_that_is_nowhere_is_rejected_in_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # what HF_HUB_OFFLINE=1 sets at the start
    with pytest.raises(ModelError, match=f"no GPT-2 can be read from {name}") as caught:
        gpt2_from_pretrained(name, layout_of(5))
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
