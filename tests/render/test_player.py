"""The page that plays a dance, in a real browser."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from builders import STANDING, moved, random_walk_px, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from pose_vocab.errors import BopBotError, OutputError, PoseError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import BODY_25, DANCER, Skeleton
from render.player import write_player
from render.player.constants import constants_script
from render.player.page import PLAYER_THEMES, SCRIPTS
from render.player.scene import MISSING, PlayerScene
from render.renderer import DanceRenderer
from render.theme import THEMES

WEB = Path(__file__).resolve().parents[2] / "render" / "player" / "web"
DESK = {"width": 720, "height": 560}
PHONE = {"width": 390, "height": 844}
FIGURE = ("body", "left", "right")

Picture = NDArray[np.uint8]
Write = Callable[..., Path]


def swaying_m(frames: int = 40, seed: int = 0) -> PoseSequence:
    """A dancer of flesh who sways and steps about, in metres."""
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names]) * 0.5
    body[DANCER.index("nose")] = (0, 0.68, 0.14)
    body[[DANCER.index("left_toe"), DANCER.index("right_toe")], 2] = 0.12
    walk = random_walk_px(max(frames, 15), seed).keypoints[:frames] - standing_px(1).keypoints
    sway = np.concatenate([walk, walk[..., :1]], axis=2) * 0.002
    return PoseSequence.fully_seen(body + sway, 20, DANCER)


def without(clip: PoseSequence, *joint_names: str, frames: slice = slice(None)) -> PoseSequence:
    keypoints = clip.keypoints.copy()
    keypoints[frames, [DANCER.index(name) for name in joint_names]] = np.nan
    return clip.with_keypoints(keypoints)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a player and says where."""

    def write(*people: PoseSequence, **options: Any) -> Path:
        path = tmp_path / "dance.html"
        write_player(people, path, **options)
        return path

    return write


@contextmanager
def opened(browser: Browser, path: Path, *, playing: bool = False, **context: Any) -> Iterator[Page]:
    """The page in a browser that lets nothing but this file pass, with a clock that the test moves on."""
    motion = "no-preference" if playing else "reduce"
    with browser.new_context(**{"viewport": DESK, "reduced_motion": motion, **context}) as visit:
        said: list[str] = []
        asked: list[str] = []
        page = visit.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        await_frame(page)
        yield page
        assert said == []
        assert asked == [path.as_uri()]


def await_frame(page: Page) -> None:
    """Until the browser itself has laid out the page once more, whatever the clock of the test says."""
    page.evaluate("new Promise((done) => new ResizeObserver(done).observe(document.body))")


def dance(page: Page, seconds: float) -> None:
    """Let time pass."""
    page.clock.run_for(round(1000 * seconds))


def settle(page: Page) -> None:
    """Until what was asked for is drawn."""
    page.clock.run_for(50)


def picture(page: Page) -> Picture:
    """What is on the canvas, (height, width, 3) RGB."""
    encoded = page.evaluate("document.querySelector('canvas').toDataURL()").split(",")[1]
    return cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def time_s(page: Page) -> float:
    return float(page.locator("#time").input_value())


def plays(page: Page) -> bool:
    return page.locator("#play").get_attribute("aria-label") == "Pause"


def scrub(page: Page, seconds: float) -> None:
    page.locator("#time").evaluate("(time, to) => { time.value = to; time.dispatchEvent(new Event('input')) }", seconds)
    settle(page)


def drag(page: Page, dx: float, dy: float) -> None:
    x, y = DESK["width"] / 2, DESK["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    settle(page)


def mask(image: Picture, theme: str = "light", parts: tuple[str, ...] = FIGURE) -> NDArray[np.bool_]:
    """(height, width): where the figure's colours are."""
    colours = [getattr(THEMES[theme], part) for part in parts]
    signed = image.astype(np.int16)
    return np.any([np.abs(signed - np.int16(colour)).max(axis=-1) < 40 for colour in colours], axis=0)


def rows_are_even(image: Picture) -> bool:
    """Whether nothing stands on the stage; the browser dithers its shades."""
    return bool(np.ptp(image.astype(int), axis=1).max() <= 1)


def likeness(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return float((a & b).sum() / (a | b).sum())


DANCES = {
    "2D": (random_walk_px(30, seed=1),),
    "3D": (swaying_m(30),),
    "two in 2D": (standing_px(20), moved(random_walk_px(30, seed=3), np.tile([250.0, 30.0], (30, 1)))),
    "two in 3D": (swaying_m(30), moved(swaying_m(20, seed=4), np.tile([0.9, 0.0, -0.6], (20, 1)))),
}


@pytest.mark.parametrize("name", DANCES)
def test_the_first_frame_is_the_renderers(name: str, browser: Browser, write: Write) -> None:
    for window, yaw_deg in ((DESK, 0.0), (PHONE, 70.0)):
        with opened(browser, write(*DANCES[name], yaw_deg=yaw_deg), viewport=window) as page:
            seen = picture(page)
        height, width = seen.shape[:2]
        drawn = next(DanceRenderer("stick", width, height, yaw_deg).frames(*DANCES[name]))
        for part in FIGURE:
            assert likeness(mask(seen, parts=(part,)), mask(drawn, parts=(part,))) > 0.93
        assert np.abs(seen.astype(int) - drawn).mean() < 1


def test_it_plays_by_itself_and_pauses(browser: Browser, write: Write) -> None:
    with opened(browser, write(random_walk_px(100, seed=1)), playing=True) as page:
        first = picture(page)
        dance(page, 1)
        assert plays(page)
        assert time_s(page) == pytest.approx(1, abs=0.1)
        assert (picture(page) != first).any()
        page.get_by_role("button", name="Pause").click()
        settle(page)
        at, still = time_s(page), picture(page)
        dance(page, 1)
        assert not plays(page)
        assert time_s(page) == at
        assert np.array_equal(picture(page), still)
        page.get_by_role("button", name="Play").click()
        dance(page, 1)
        assert time_s(page) == pytest.approx(at + 1, abs=0.1)


def test_who_asked_for_less_motion_presses_play_himself(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px())) as page:
        dance(page, 1)
        assert not plays(page)
        assert time_s(page) == 0
        page.locator("canvas").click()
        dance(page, 1)
        assert time_s(page) == pytest.approx(1, abs=0.1)


def test_scrubbing_shows_the_frame(browser: Browser, write: Write) -> None:
    clip = random_walk_px(40, seed=2)
    with opened(browser, write(clip)) as page:
        scrub(page, 30 / clip.fps)
        seen = picture(page)
        assert page.locator("#clock").inner_text() == "0:01 / 0:02"
        assert page.locator("#time").get_attribute("aria-valuetext") == "0:01 of 0:02"
    height, width = seen.shape[:2]
    drawn = list(DanceRenderer("stick", width, height).frames(clip))
    alike = {frame: likeness(mask(seen), mask(drawn[frame])) for frame in range(27, 34)}
    assert max(alike, key=lambda frame: alike[frame]) == 30
    assert alike[30] > 0.97


def test_it_loops_or_stops_at_the_end(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px(40)), playing=True) as page:
        dance(page, 2.5)
        assert plays(page)
        assert time_s(page) == pytest.approx(0.5, abs=0.1)
        loop = page.get_by_role("button", name="Loop")
        loop.click()
        assert loop.get_attribute("aria-pressed") == "false"
        dance(page, 2)
        assert not plays(page)
        assert time_s(page) == 2
        page.get_by_role("button", name="Play").click()
        dance(page, 0.5)
        assert time_s(page) == pytest.approx(0.5, abs=0.1)


def test_the_speed_can_be_changed(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px(200)), playing=True) as page:
        for speed in ("0.25", "0.5", "1", "2"):
            page.get_by_label("Speed").select_option(speed)
            before = time_s(page)
            dance(page, 2)
            assert time_s(page) - before == pytest.approx(2 * float(speed), abs=0.1)


def test_keys(browser: Browser, write: Write) -> None:
    with opened(browser, write(swaying_m(100))) as page:
        front = picture(page)

        def press(key: str) -> None:
            page.keyboard.press(key)
            settle(page)

        press("ArrowRight")
        press("ArrowRight")
        assert time_s(page) == 2
        press("ArrowLeft")
        assert time_s(page) == 1
        press(".")
        assert time_s(page) == pytest.approx(1.05)
        press("End")
        assert time_s(page) == 5
        press("Home")
        assert time_s(page) == 0
        press("ArrowUp")
        assert page.get_by_label("Speed").input_value() == "1.25"
        for _ in range(9):
            press("ArrowDown")
        assert page.get_by_label("Speed").input_value() == "0.25"
        press("Shift+ArrowRight")
        assert (picture(page) != front).any()
        press("0")
        assert np.array_equal(picture(page), front)
        press("l")
        assert page.get_by_role("button", name="Loop").get_attribute("aria-pressed") == "false"
        press("Space")
        assert plays(page)
        press("Space")
        assert not plays(page)
        page.locator("#play").focus()
        press("Space")
        assert plays(page)


def test_it_fills_the_screen(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px())) as page:
        for fills in (True, False):
            page.get_by_role("button", name="Full screen").click()
            await_frame(page)
            assert page.evaluate("document.fullscreenElement !== null") == fills


def test_dragging_turns_a_dance_in_3d(browser: Browser, write: Write) -> None:
    clip = swaying_m(3)
    with opened(browser, write(clip)) as page:
        assert page.get_by_text("Drag to turn").is_visible()
        front = picture(page)
        drag(page, -180 / np.degrees(0.007), 0)
        behind = picture(page)
        assert not plays(page)
        assert not page.get_by_text("Drag to turn").is_visible()
        page.get_by_role("button", name="Reset the view").click()
        settle(page)
        assert np.array_equal(picture(page), front)
        assert not page.get_by_role("button", name="Reset the view").is_visible()
    height, width = behind.shape[:2]
    assert likeness(mask(behind), mask(next(DanceRenderer("stick", width, height, 180).frames(clip)))) > 0.93


@pytest.mark.parametrize("dy", [1e4, -1e4])
def test_nobody_gets_below_the_floor_or_over_the_top(dy: float, browser: Browser, write: Write) -> None:
    with opened(browser, write(swaying_m(3))) as page:
        drag(page, 0, dy)
        steepest = picture(page)
        drag(page, 0, dy)
        assert np.array_equal(picture(page), steepest)
        inside = mask(steepest)
        assert inside.sum() > 2000
        assert not inside[0].any()
        assert not inside[-1].any()


def test_a_flat_dance_cannot_be_turned(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px())) as page:
        assert not page.get_by_text("Drag to turn").is_visible()
        before = picture(page)
        drag(page, 200, 40)
        assert np.array_equal(picture(page), before)


@pytest.mark.parametrize("clip", [standing_px(3), swaying_m(3)], ids=["2D", "3D"])
def test_the_wheel_brings_the_dancer_nearer(clip: PoseSequence, browser: Browser, write: Write) -> None:
    with opened(browser, write(clip)) as page:
        before = mask(picture(page)).sum()
        page.mouse.move(300, 200)
        page.mouse.wheel(0, 250)
        page.wait_for_selector("#front:visible")
        settle(page)
        assert mask(picture(page)).sum() / before == pytest.approx(np.exp(-0.5) ** 2, rel=0.05)


def test_a_picture_as_sharp_as_the_screen_and_as_large_as_the_window(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px()), device_scale_factor=2) as page:
        height, width = picture(page).shape[:2]
        shown = page.locator("canvas").bounding_box()
        assert shown is not None
        assert (width, height) == (2 * shown["width"], 2 * shown["height"])
        page.set_viewport_size({"width": 900, "height": 300})
        page.locator("canvas[width='1800']").wait_for()
        assert mask(picture(page)).any()


def test_all_is_within_reach_on_any_screen(browser: Browser, write: Write) -> None:
    with opened(browser, write(swaying_m(3), title="A very long title " * 9)) as page:
        drag(page, 30, 0)
        for width, height in ((390, 844), (844, 390), (240, 320), (1600, 900)):
            page.set_viewport_size({"width": width, "height": height})
            page.locator(f"canvas[width='{width}']").wait_for()
            for control in page.locator("button:visible, #time, select").all():
                box = control.bounding_box()
                assert box is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
                assert box["y"] + box["height"] <= height
                assert box["height"] >= 40
            assert page.evaluate("document.documentElement.scrollHeight") == height
            assert mask(picture(page)).sum() > 300


def test_a_finger_turns_and_a_tap_plays(browser: Browser, write: Write) -> None:
    with opened(browser, write(swaying_m(30)), viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.touchscreen.tap(195, 400)
        settle(page)
        assert plays(page)
        page.touchscreen.tap(195, 400)
        settle(page)
        before = picture(page)
        device = page.context.new_cdp_session(page)
        for kind, x in (("touchStart", 100), ("touchMove", 150), ("touchMove", 200)):
            device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 400}]})
        device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        settle(page)
        assert not plays(page)
        assert (picture(page) != before).any()


@pytest.mark.parametrize(
    ("preferred", "forced", "shown"), [("light", None, "light"), ("dark", None, "dark"), ("light", "dark", "dark")]
)
def test_themes(preferred: str, forced: str | None, shown: str, browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px(), theme=forced), color_scheme=preferred) as page:
        seen = picture(page)
        wall = THEMES[shown].wall
        assert wall is not None
        assert np.abs(seen[0, 0].astype(int) - wall[0]).max() <= 1
        for part in FIGURE:
            assert mask(seen, shown, (part,)).sum() > 300
        if forced is None:
            page.emulate_media(color_scheme="dark")
            await_frame(page)
            settle(page)
            dark_wall = THEMES["dark"].wall
            assert dark_wall is not None
            assert np.abs(picture(page)[0, 0].astype(int) - dark_wall[0]).max() <= 1


@pytest.mark.parametrize(
    "title",
    [
        "Salsa & <b>Bachata</b>",
        "</script><img src=x onerror=harmed=1>",
        "</title><script>harmed=1</script>",
        "<!-- dancers --> $script ${style} \" '",
    ],
)
def test_a_title_is_only_a_title(title: str, browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px(), title=title)) as page:
        assert page.locator("h1").inner_text() == title
        assert page.title() == title
        assert page.locator("img, b").count() == 0
        assert page.evaluate("typeof harmed") == "undefined"


def test_no_other_script_runs_on_the_page(browser: Browser, write: Write) -> None:
    path = write(standing_px())
    path.write_text(path.read_text().replace("</body>", "<script>document.title = 'harmed'</script></body>"))
    with browser.new_context() as visit:
        page = visit.new_page()
        page.goto(path.as_uri())
        assert page.title() == "Dance"


def test_frames_with_nobody_are_an_empty_stage(browser: Browser, write: Write) -> None:
    clip = without(standing_px(40), *DANCER.joint_names, frames=slice(20, 30))
    with opened(browser, write(clip)) as page:
        assert mask(picture(page)).any()
        scrub(page, 25 / clip.fps)
        empty = picture(page)
        assert rows_are_even(empty)


def test_who_ends_earlier_leaves_the_stage(browser: Browser, write: Write) -> None:
    with opened(browser, write(standing_px(10), standing_px(40, x_px=900))) as page:
        both = mask(picture(page), parts=("left", "right")).sum()
        scrub(page, 1.5)
        assert mask(picture(page), parts=("left", "right")).sum() == pytest.approx(both / 2, rel=0.02)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_dance_of_nobody_is_an_empty_wall(dims: int, browser: Browser, write: Write) -> None:
    nobody = PoseSequence.fully_seen(np.full((3, DANCER.n_joints, dims), np.nan), 20, DANCER)
    with opened(browser, write(nobody)) as page:
        wall = picture(page)
        assert rows_are_even(wall)


def test_a_missing_joint_takes_its_limb_away(browser: Browser, write: Write) -> None:
    keypoints = np.repeat(swaying_m(2).keypoints[:1], DANCER.n_joints + 1, axis=0)
    keypoints[np.arange(DANCER.n_joints), np.arange(DANCER.n_joints)] = np.nan
    clip = PoseSequence.fully_seen(keypoints, 20, DANCER)
    with opened(browser, write(clip)) as page:
        height, width = picture(page).shape[:2]
        for frame, drawn in enumerate(DanceRenderer("stick", width, height).frames(clip)):
            scrub(page, frame / clip.fps)
            assert likeness(mask(picture(page)), mask(drawn)) > 0.97, DANCER.joint_names[frame]


@pytest.mark.parametrize("joint", ["left_hip", "neck", "right_toe"])
def test_a_joint_may_be_missing_all_along(joint: str, browser: Browser, write: Write) -> None:
    torn = without(swaying_m(2), joint)
    with opened(browser, write(torn)) as page:
        seen = picture(page)
    height, width = seen.shape[:2]
    assert likeness(mask(seen), mask(next(DanceRenderer("stick", width, height).frames(torn)))) > 0.93


def poses_between(browser: Browser, xs: list[int], moments: list[float]) -> list[float | None]:
    """Where a joint is at some moments, of which the page is told in whole numbers where it was frame by frame."""
    scene = {"dims": 2, "step": 1, "middle": [0, 0], "joints": []}
    script = constants_script() + (WEB / "motion.js").read_text()
    with browser.new_page() as page:
        poses = page.evaluate(
            """([script, scene, numbers, moments]) => {
                const poseAt = (0, eval)(script + "; poseAt");
                return moments.map((moment) => poseAt(new Int16Array(numbers), scene, moment));
            }""",
            [script, scene, [number for x in xs for number in (x, x)], moments],
        )
    return [point and point[0] for (point,) in poses]


def test_between_frames_the_motion_goes_on(browser: Browser) -> None:
    """A Catmull-Rom spline gives a steady acceleration back exactly."""
    moments = [1.0, 1.5, 2.25, 3.9, 5.0]
    assert poses_between(browser, [k * k for k in range(6)], moments) == pytest.approx([m**2 for m in moments])
    assert poses_between(browser, [0, 10], [0.5]) == pytest.approx([5])


def test_beside_a_gap_nothing_is_invented(browser: Browser) -> None:
    before, last, none, first, after = poses_between(browser, [10, 20, MISSING, 40, 50], [0.5, 1.4, 1.6, 2.6, 3.5])
    assert (before, after) == (pytest.approx(15, abs=1), pytest.approx(45, abs=1))
    assert (last, none, first) == (20, None, 40)


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float32, (4, DANCER.n_joints, 3), elements=st.floats(-50, 50, width=32) | st.just(float("nan"))),
)
def test_the_page_is_told_where_the_joints_are(keypoints: NDArray[np.float32]) -> None:
    clip = PoseSequence.fully_seen(keypoints, 20, DANCER)
    scene = PlayerScene.of([clip])
    told = scene.description()
    numbers = scene.quantize(scene.points[0])[:, :-1]
    joints = np.where(numbers == MISSING, np.nan, np.array(told["middle"]) + told["step"] * numbers)
    assert np.allclose(joints, clip.keypoints, atol=0.51 * told["step"] + 1e-5, equal_nan=True)
    reach = np.nanmax(np.ptp(clip.keypoints[clip.seen], axis=0)) if clip.seen.any() else 1.7
    assert told["step"] <= max(reach, 1e-3) / 16_000 * 1.001


def test_one_false_keypoint_does_not_make_the_rest_coarse() -> None:
    keypoints = random_walk_px(200, seed=1).keypoints.copy()
    keypoints[77, DANCER.index("left_wrist")] = (90_000, -90_000)
    assert PlayerScene.of([PoseSequence.fully_seen(keypoints, 20, DANCER)]).description()["step"] < 0.1


def test_the_scripts_of_the_page_are_all_that_there_are() -> None:
    assert {f"{name}.js" for name in SCRIPTS} == {path.name for path in WEB.glob("*.js")}


def test_the_constants_of_the_page_hold_for_all_its_themes() -> None:
    assert len({(THEMES[name].floor_behind, len(THEMES[name].bodies)) for name in PLAYER_THEMES}) == 1


def test_the_same_dance_gives_the_same_bytes(write: Write) -> None:
    first = write(swaying_m(50), title="One", theme="dark").read_bytes()
    assert write(swaying_m(50), title="One", theme="dark").read_bytes() == first


def test_a_minute_of_dance_is_small_and_nothing_comes_from_elsewhere(write: Write) -> None:
    page = write(swaying_m(1200)).read_text()
    assert len(page) < 240_000
    assert len(page) - len(write(swaying_m(2)).read_text()) == pytest.approx(1198 * 17 * 3 * 2 * 4 / 3, rel=0.06)
    without_numbers = re.sub(r"(?<=dancer-0\">)[^<]*", "", page)
    assert not re.search(r"https?:|\bsrc=|\bhref=|@import|\burl\(", without_numbers)
    assert json.loads(re.findall(r'id="scene">(.*?)</script>', page)[0])["frames"] == 1200


def test_people_of_any_known_skeleton_may_dance(browser: Browser, write: Write) -> None:
    walk = random_walk_px(20, seed=1)
    keypoints = np.full((20, BODY_25.n_joints, 2), np.nan, np.float32)
    for joint in DANCER.joint_names:
        keypoints[:, BODY_25.index(joint.replace("_toe", "_big_toe"))] = walk.joint(joint)
    with opened(browser, write(PoseSequence.fully_seen(keypoints, 20, BODY_25))) as page:
        seen = picture(page)
    with opened(browser, write(walk)) as page:
        assert np.array_equal(picture(page), seen)


UNKNOWN = Skeleton("hand", ("thumb", "index"), ((0, 1),), ())


@pytest.mark.parametrize(
    ("people", "theme", "name", "error", "said"),
    [
        ([], None, "dance.html", PoseError, "nothing to play"),
        ([standing_px(2)[:0]], None, "dance.html", PoseError, "nothing to play"),
        ([standing_px(fps=20), standing_px(fps=25)], None, "dance.html", PoseError, "20 frames per second, 2D at 25"),
        ([standing_px(), swaying_m()], None, "dance.html", PoseError, "2D at 20 frames per second, 3D at 20"),
        (
            [PoseSequence.fully_seen(np.zeros((2, 2, 2)), 20, UNKNOWN)],
            None,
            "dance.html",
            PoseError,
            "'hand' are the dancer's is unknown",
        ),
        ([standing_px()], "pink", "dance.html", OutputError, "no theme 'pink'; choose from light, dark"),
        ([standing_px()], None, "dance.mp4", OutputError, "ends with .html or .htm"),
        ([standing_px()], None, "nowhere/dance.html", OutputError, "does not exist"),
    ],
)
def test_what_cannot_be_played_is_said(
    people: list[PoseSequence], theme: str | None, name: str, error: type[BopBotError], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said):
        write_player(people, tmp_path / name, theme=theme)
    assert list(tmp_path.iterdir()) == []
