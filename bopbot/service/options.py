"""Options of a dance over HTTP, with their bounds; validating them needs no heavy library."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Style = Literal["stick", "openpose", "bopbot", "mannequin", "silhouette", "neon"]
Layout = Literal["dance", "side-by-side"]


class TakeOptions(BaseModel):
    """Options of one take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: Annotated[float, Field(ge=1, le=120, description="Length of the new dance.")] = 15.0
    seed: Annotated[int, Field(ge=0, lt=2**32, description="The same seed gives the same dance.")] = 0
    temperature: Annotated[
        float, Field(ge=0, le=3, description="Randomness of the words: lower is tamer, higher is wilder.")
    ] = 1.0
    energy: Annotated[float, Field(ge=0, le=2, description="From 0 (calm) over 1 (as learned) to 2 (lively).")] = 1.0
    mirror: Annotated[bool, Field(description="Mirror the new dance.")] = False
    from_scratch: Annotated[bool, Field(description="Start afresh instead of continuing where the dancer stops.")] = (
        False
    )
    style: Annotated[Style, Field(description="How the dancer is drawn.")] = "stick"
    layout: Annotated[Layout, Field(description="Show the new dance alone, or beside the video.")] = "dance"


class DancerOptions(BaseModel):
    """Options that hold for all takes of a job."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dancer: Annotated[int, Field(ge=1, le=20, description="Which dancer: 1 is the one who is in view most.")] = 1
    language_model: Annotated[
        Literal["gpt2", "lstm"], Field(description="The language model that learns the moves.")
    ] = "gpt2"
