"""Tables of figures."""

from bopbot.evaluation.figures import Figure, Group, Value, merge_groups
from bopbot.evaluation.tables import REAL, table_of


def value(number: float, n: int = 4) -> Value:
    return Value(number, None, None, (), n)


def test_groups_of_two_models_become_one() -> None:
    figures = [Figure("jitter ratio", "", model, "GPT-2", "dances", value(1.0)) for model in "ab"]
    (group,) = merge_groups(Group("motion", "how", (figure,)) for figure in figures)
    assert list(group.rows) == [("a", "GPT-2"), ("b", "GPT-2")]
    assert [row.name for row in table_of(group).rows] == ["a: GPT-2", "b: GPT-2"]


def test_a_table_writes_as_many_digits_as_a_column_deserves() -> None:
    figures = [
        Figure("error", "torso lengths", "m", "GPT-2", "takes", Value(0.0512, 0.04, 0.061, (), 4), 0.05),
        Figure("error", "torso lengths", "m", "bigram", "takes", value(0.07, 2), 0.05),
        Figure("FID_k", "", "m", "GPT-2", "takes", value(123456.0), 38.4),
        Figure("FID_k", "", "m", "bigram", "takes", value(2.2e6, 2)),
    ]
    table = table_of(Group("variety", "how much", tuple(figures)))
    assert (table.title, table.over) == ("Variety: how much", "4 takes")
    assert table.columns == (("error", "torso lengths"), ("FID_k", ""))
    real, gpt2, bigram = table.rows
    assert (real.name, real.real, [cell.value for cell in real.cells]) == (REAL, True, ["0.050", "38"])
    assert [(cell.value, cell.low, cell.high) for cell in gpt2.cells] == [("0.051", "0.040", "0.061"), ("123k", "", "")]
    assert (bigram.name, [cell.value for cell in bigram.cells]) == ("bigram (2 takes)", ["0.070", "2.2M"])
