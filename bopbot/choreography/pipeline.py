"""The whole of BopBot in one function: a dance in, new choreography out.

Each phase is a function of its own, so that a caller can store what one returns before the next begins: read
(`read_source_dance`, `clips_of`), `learn`, compose (`compose`, `at_output_rate`, `report_on`) and `write`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from bopbot.beats.music_beats import MAX_LISTEN_S, Beats, detect_beats
from bopbot.choreography.composition import Composition, compose, known_dances
from bopbot.choreography.copy_detection import KnownDance
from bopbot.choreography.generation import Sampling
from bopbot.choreography.logit_bias import AS_LEARNED
from bopbot.choreography.options import ChoreographyOptions
from bopbot.choreography.report import DanceReport, Report
from bopbot.choreography.scoring import rank
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import MODEL_FILES, STARTER, DanceModel
from bopbot.drawing.layouts import ALONE, LAYOUTS, stand_apart
from bopbot.drawing.look import Look
from bopbot.drawing.outputs import DANCES, OutputOptions, find_output, has_bodies, takes_format
from bopbot.inputs.clips import clips_in, clips_of
from bopbot.inputs.source_dance import SourceDance, check_sound, read_source_dance
from bopbot.language_models import find_dancers, find_kind
from bopbot.metrics.copying import longest_common_run
from bopbot.progress import Progress, counted, silent
from bopbot.training.adaptation import NEW_WORDS, check_can_learn, expand_to_dancer, tune
from pose_vocab.errors import ModelError
from pose_vocab.files import check_distinct, check_folder_writable
from pose_vocab.formats import PoseInput
from pose_vocab.ids import Ids
from pose_vocab.normalization import Clip, denormalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from render.shapes import Image
from render.sound import Soundtrack

OUTPUT_FPS = 30.0
"""Frames a second of the written dance."""
STARTER_NAME = "starter"
"""How a report names the model that the package carries."""
ADAPTING_SEED = 0
"""Adaptation does not depend on the generation seed, so that each dance can be repeated by its own seed."""


def choreograph(
    video: str | Path,
    output: str | Path,
    options: ChoreographyOptions | None = None,
    model: str | Path | None = None,
    *,
    adapt_on: Sequence[str | Path] = (),
    save_model: str | Path | None = None,
    pose_input: PoseInput | None = None,
    progress: Progress = silent,
) -> Report:
    """Read a dance and write new choreography: a video, an animation, a page, or poses.

    Parameters
    ----------
    video : a video that `pose_vocab.video` reads, or poses in a format of `pose_vocab.formats.FORMATS`.
    output : the file to write, of a kind in `bopbot.drawing.outputs.DANCES`; of several takes the best. The others are
        written beside it, as `NAME-2.mp4` and so on; a GLB file holds all of them as animations.
    options : what kind of dance; by default a continuation of 15 s.
    model : folder of a trained model; None for the starter, which the package includes. A model that is
        already adapted to a dancer is not fine-tuned again.
    adapt_on : more videos and pose files of the same dancer, or folders of them, for fine-tuning.
    save_model : folder for the adapted model; as `model` of a later call it is not fine-tuned again.
    pose_input : what is known about the sources: pose files, and the pose landmarker for videos.
    progress : called with the progress of each stage.

    Raises
    ------
    VideoError : the video cannot be read, or the music.
    PoseError : the poses cannot be read, a source in `adapt_on` does not exist, or the seconds to keep are unusable.
    NobodyDancingError : nobody is seen dancing, or too little of them.
    ModelError, VocabularyError : the model cannot be used, or not with these options.
    OutputError : an output cannot be written.
    """
    options = options or ChoreographyOptions()
    video, output = Path(video), Path(output)
    kind = find_output(output, DANCES)
    in_one_file = None if options.takes == 1 else takes_format(kind)
    n_outputs = 1 if in_one_file else options.takes
    outputs = [output, *(output.with_stem(f"{output.stem}-{number}") for number in range(2, n_outputs + 1))]
    for path in outputs:
        check_distinct(path, video, *([] if options.music is None else [options.music]))
    if options.audio:
        check_sound(video, pose_input)
    sound = options.music or video if options.audio or (options.music is not None and kind.supports_sound) else None
    for path in outputs:
        kind.check(path, output_options(options, sound))
    base = DanceModel.load(STARTER if model is None else Path(model))
    language_models = find_dancers(options.language_model)
    for name in language_models:
        base.language_model(name)
    adapts = options.adapt and base.adapted_from is None
    if not adapts and (adapt_on or save_model):
        raise ModelError(
            f"the model is not adapted to this dancer{'' if options.adapt else ', as adapting is switched off'}, "
            "so there is no model to save and no use for more clips; adapt the starter or a trained model"
        )
    if adapts:
        check_can_learn(base, language_models)
    (replace(options.sampling, own=AS_LEARNED) if adapts else options.sampling).bias(base)
    if save_model is not None:
        check_folder_writable(save_model, MODEL_FILES)
        check_distinct(save_model, *outputs, video, model or STARTER)
    music = None if options.music is None else detect_beats(options.music, options.sampling.seconds)
    preset = find_codec_preset(base.codec.preset)

    source = read_source_dance(video, options.dancer, preset, progress, pose_input=pose_input)
    clips = clips_of(source.poses, preset, options.cleaning)
    skipped: list[str] = []
    more: list[Clip] = []
    if adapts:
        sources = [Path(source) for source in adapt_on]
        if sources:
            more = clips_in(sources, preset, options.cleaning, skipped.append, progress, pose_input=pose_input)
        learned, known = learn(base, clips, language_models, more, progress)
        if save_model is not None:
            learned.save(Path(save_model))
    else:
        learned, known = base, known_dances(base, clips)
    made = _takes(learned, clips, known, options, music, progress)
    written: list[str] = []
    if in_one_file:
        takes = {output: [each for take in made for each in take]}
        written += in_one_file.write_takes(
            {f"take {number}": stand_apart(_people_of(take, options)) for number, take in enumerate(made, 1)}, output
        )
    else:
        takes = dict(zip(outputs, made, strict=True))
        for path, take in takes.items():
            titles = [find_kind(each.language_model).title for each in take]
            dances = dict(zip(titles, _people_of(take, options), strict=True))
            written += write(dances, path, options, source, sound, progress)
    return report_on(
        learned,
        replace(source, notices=(*source.notices, *skipped, *_music_notices(options, music, output, sound), *written)),
        clips,
        takes,
        options.sampling,
        source_name=str(video),
        model_name=STARTER_NAME if model is None else str(model),
        adapted=adapts,
    )


def _people_of(take: Sequence[Composition[Clip]], options: ChoreographyOptions) -> list[PoseSequence]:
    """Return the dancers of a take, all as long as the shortest."""
    dances = [at_output_rate(each.dance, options.sampling.seconds) for each in take]
    return [dance[: min(map(len, dances))] for dance in dances]


def learn(
    model: DanceModel,
    clips: Sequence[Clip],
    language_models: Sequence[str],
    more: Sequence[Clip] = (),
    progress: Progress = silent,
) -> tuple[DanceModel, list[KnownDance]]:
    """Adapt the model to the dancer, and return it with the dances that new ones are compared with (`known_dances`).

    Parameters
    ----------
    clips : of the dance that is continued.
    more : other clips of the same dancer.

    Raises
    ------
    NobodyDancingError, ModelError : as `bopbot.training.adaptation.adapt` does.
    """
    progress(NEW_WORDS, 0, 1)
    learned = expand_to_dancer(model, [*more, *clips], language_models, ADAPTING_SEED)
    progress(NEW_WORDS, 1, 1)
    with ThreadPoolExecutor(max_workers=1) as aside:
        known = aside.submit(known_dances, learned, clips, more)
        tune(learned, [*more, *clips], ADAPTING_SEED, progress)
        return learned, known.result()


def at_output_rate(dance: Clip, seconds: float) -> PoseSequence:
    """Return the first seconds of a new dance, in its place, at `OUTPUT_FPS`."""
    return resample(denormalize(dance), OUTPUT_FPS)[: round(seconds * OUTPUT_FPS)]


def output_options(options: ChoreographyOptions, sound: Path | None) -> OutputOptions:
    """Return what is written besides the poses, for the kind of file to check."""
    return OutputOptions(
        Look(options.style, fps=OUTPUT_FPS),
        None if sound is None else Soundtrack(sound),
        with_video=options.layout != ALONE,
        n_people=len(find_dancers(options.language_model)),
    )


def write(
    dances: Mapping[str, PoseSequence],
    output: Path,
    options: ChoreographyOptions,
    source: SourceDance,
    sound: Path | None = None,
    progress: Progress = silent,
) -> tuple[str, ...]:
    """Write new dances, by their titles, into a file, in the requested style and layout where it is drawn.

    Parameters
    ----------
    dances : as `at_output_rate` returns them.
    output : a row of `bopbot.drawing.outputs.DANCES`.
    source : what may be shown beside them.
    sound : a file whose sound accompanies the dance.

    Returns
    -------
    tuple of str : what a user should know about the file, one line each.

    Raises
    ------
    OutputError : it cannot be written.
    VideoError : the video or the sound cannot be read.
    """
    n_frames = min(map(len, dances.values()))

    def pictures() -> Iterator[Image]:
        frames = LAYOUTS[options.layout](dances, options.style, source.video, source.drawn)
        return counted(frames, progress, f"drawing {output.name}", n_frames)

    kind = find_output(output, DANCES)
    people = [dance[:n_frames] for dance in dances.values()]
    if has_bodies(kind):
        people = stand_apart(people)
    return kind.write(people, output, output_options(options, sound), pictures)


def report_on(
    model: DanceModel,
    source: SourceDance,
    clips: Sequence[Clip],
    takes: Mapping[Path, Sequence[Composition[Clip]]],
    sampling: Sampling,
    *,
    source_name: str,
    model_name: str = STARTER_NAME,
    adapted: bool = True,
) -> Report:
    """Return the report on new dances.

    Parameters
    ----------
    model : the model that generated them, adapted to this dancer or not.
    takes : for each output the dances of one take, or of all takes if one file holds them.
    source_name, model_name : how the report names the source and the model.
    adapted : whether the model was adapted to this dancer first.
    """
    danced = np.concatenate([model.codec.encode(clip) for clip in clips])
    lengths = [len(at_output_rate(each.dance, sampling.seconds)) for take in takes.values() for each in take]
    return Report(
        video=source_name,
        output=str(next(iter(takes))),
        frames=source.frames,
        dancer_share=sum(len(clip) for clip in clips) / source.frames,
        notices=source.notices,
        model=model_name,
        adapted=adapted,
        vocabulary_size=model.codec.lexicon.n_words,
        seed=sampling.seed,
        seconds=min(lengths) / OUTPUT_FPS,
        dances=tuple(_report_of(model, each, path, danced) for path, take in takes.items() for each in take),
        words_per_second=model.codec.rows_per_second * len(model.codec.places),
    )


def _takes(
    model: DanceModel,
    clips: Sequence[Clip],
    known: Sequence[KnownDance],
    options: ChoreographyOptions,
    music: Beats | None,
    progress: Progress,
) -> list[list[Composition[Clip]]]:
    """Return the requested takes, each with one dance of each language model; the best first."""
    beats_s = None if music is None else music.times_s
    takes = [
        [
            compose(
                model,
                name,
                clips,
                known,
                replace(options.sampling, seed=options.sampling.seed + take),
                options.composition,
                beats_s,
                progress,
            )
            for name in find_dancers(options.language_model)
        ]
        for take in range(options.takes)
    ]
    return [takes[number] for number in rank([[made.scores for made in take] for take in takes])]


def _music_notices(
    options: ChoreographyOptions, music: Beats | None, output: Path, sound: Path | None
) -> tuple[str, ...]:
    if music is None:
        return ()
    notices: tuple[str, ...] = ()
    if not len(music.times_s):
        notices = (f"no beat was found in {options.music}; the dance keeps its own timing",)
    elif options.sampling.seconds > MAX_LISTEN_S:
        notices = (f"only the first {MAX_LISTEN_S:g} s of {options.music} are searched for beats",)
    return notices if sound is not None else (*notices, f"{output} holds no sound; play {options.music} with it")


def _report_of(model: DanceModel, made: Composition[Clip], path: Path, danced: Ids) -> DanceReport:
    codec = model.codec
    copied = longest_common_run(made.ids, danced)
    return DanceReport(
        language_model=made.language_model,
        output=str(path),
        seed=made.seed,
        drawn=made.drawn,
        words=tuple(codec.lexicon.words_of(made.ids.reshape(-1))),
        distinct_words=len(np.unique(made.ids)),
        own_share=None if model.adapted_from is None else float(model.own_words[made.ids].mean()),
        longest_copied_s=copied / codec.rows_per_second,
        novelty=made.novelty,
        marks=made.scores,
        beat_alignment=made.beat_alignment,
        seam=made.seam,
    )
