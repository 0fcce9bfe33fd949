"""What kind of dance is asked for over HTTP: plain fields with their bounds, which need nothing heavy to be read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Style = Literal["stick", "openpose", "bopbot", "mannequin", "silhouette", "neon"]
Layout = Literal["dance", "side-by-side"]


class TakeOptions(BaseModel):
    """What may differ from take to take of one upload."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: Annotated[float, Field(ge=1, le=120, description="Length of the new dance.")] = 15.0
    seed: Annotated[int, Field(ge=0, lt=2**32, description="The same seed gives the same dance.")] = 0
    temperature: Annotated[float, Field(ge=0, le=3, description="Less is tamer, more is wilder.")] = 1.0
    energy: Annotated[float, Field(ge=0, le=2, description="From 0, calm, over 1, as learned, to 2, lively.")] = 1.0
    mirror: Annotated[bool, Field(description="Show the new dance as in a mirror.")] = False
    from_scratch: Annotated[bool, Field(description="Open anew, instead of going on where the dancer stops.")] = False
    style: Annotated[Style, Field(description="How the dancer is drawn.")] = "stick"
    layout: Annotated[Layout, Field(description="The new dance alone, or beside the video.")] = "dance"


class DancerOptions(BaseModel):
    """What holds for all takes of an upload: whose moves are learned, and by what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dancer: Annotated[int, Field(ge=1, le=20, description="Which dancer: 1 is the one most in the picture.")] = 1
    language_model: Annotated[Literal["gpt2", "lstm"], Field(description="What learns the moves.")] = "gpt2"
