"""``bopbot evaluate``: compare words, language models and dances with held-out real dances."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bopbot.cli.console import NO_WRAP_COLUMNS, complain, say, showing_progress
from bopbot.cli.option_groups import CleaningOptions, PoseFileOptions, PoseModelOptions, takes_option_groups
from bopbot.cli.options import Json, LanguageModels, Quiet, Seconds, Seed

if TYPE_CHECKING:
    from rich.table import Table as Drawn

    from bopbot.evaluation.evaluation_report import EvaluationReport
    from bopbot.evaluation.tables import Table


@takes_option_groups
def evaluate(
    real: Annotated[
        list[Path],
        typer.Argument(help="Real dances that no model was trained on: pose files and videos, or folders of them."),
    ],
    model: Annotated[
        list[Path] | None,
        typer.Option(help="The folder of a trained model; repeat it to compare two. By default the starter."),
    ] = None,
    lm: LanguageModels = "all",
    dances: Annotated[
        list[Path] | None,
        typer.Option(help="Dances to measure as well, or without --model only these: a file or a folder."),
    ] = None,
    learned_from: Annotated[
        list[Path] | None,
        typer.Option(help="What the models were trained on, a file or a folder; without it novelty is not measured."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, max=1000, help="How many dances each model generates.")] = 8,
    seconds: Seconds = 20.0,
    seed: Seed = 0,
    page: Annotated[Path | None, typer.Option(help="Write a page (.html) with tables, plots and videos.")] = None,
    *,
    cleaning: CleaningOptions,
    pose_model: PoseModelOptions,
    pose_files: PoseFileOptions,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Measure words, language models and dances against REAL dances that no model was trained on."""
    from bopbot.evaluation.dataset import Sources
    from bopbot.evaluation.evaluation_options import EvaluationOptions
    from bopbot.evaluation.evaluation_run import evaluate

    about = pose_files.pose_input(pose_model.pose_model)
    sources = Sources(real, learned_from or (), dances or (), about)
    if page is not None:
        from bopbot.evaluation.page import check_page_path, write_page

        check_page_path(page)
    options = EvaluationOptions(sources, model or (), lm, samples, seconds, seed, cleaning.cleaning())
    with showing_progress(quiet or json) as progress:
        evaluation = evaluate(options, complain, progress)
        if page is not None:
            write_page(evaluation, page, progress)
    if json:
        say(evaluation.report.to_json())
    elif not quiet:
        _show(evaluation.report)
        if page is not None:
            say(str(page))


def _show(report: "EvaluationReport") -> None:
    from rich.console import Console

    from bopbot.evaluation.tables import CAPTION, table_of

    stdout = Console(highlight=False, soft_wrap=True)
    for about, said in report.lines():
        stdout.print(f"{escape(about):<13} {escape(said)}")
    for group in (group for group in report.groups if group.figures):
        stdout.print()
        stdout.print(_drawn(table_of(group)), width=None if stdout.is_terminal else NO_WRAP_COLUMNS)
    stdout.print(f"\n{CAPTION}")
    for missing in report.left_out:
        stdout.print(f"left out: {escape(missing)}")


def _drawn(table: "Table") -> "Drawn":
    from rich.table import Table as Drawn

    drawn = Drawn(
        title=f"{table.title} [dim]({table.over})[/]" if table.over else table.title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
    )
    drawn.add_column("")
    for name, unit in table.columns:
        drawn.add_column(f"{name}\n[dim]{unit}[/]", justify="right")
    for row in table.rows:
        cells = [f"{cell.value} [dim]{f'({cell.low}-{cell.high})' if cell.low else ''}[/]" for cell in row.cells]
        drawn.add_row(escape(row.name), *cells, style="italic" if row.real else "")
    return drawn
