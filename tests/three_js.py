"""A page on which three.js reads a file and tells where its joints are."""

from pathlib import Path

from javascript_packages import require_package
from playwright.sync_api import Browser, Page, Route

HOST = "http://bopbot.test/"
PAGE = """<!doctype html><script type="importmap">{"imports": {"three": "/three/build/three.module.js"}}</script>
<script type="module">
import * as THREE from 'three';
import {LOADER} from '/three/examples/jsm/loaders/LOADER.js';
const loaded = await new LOADER().loadAsync('/FILE');
const root = loaded.scene ?? loaded.skeleton.bones[0];
const clips = loaded.animations ?? [loaded.clip];
const mixer = new THREE.AnimationMixer(root);
mixer.clipAction(clips[0]).play();
window.at = seconds => {
  mixer.setTime(seconds);
  root.updateMatrixWorld(true);
  const found = {};
  root.traverse(node => { found[node.name] = node.getWorldPosition(new THREE.Vector3()).toArray(); });
  return found;
};
window.meshes = [];
root.traverse(node => { if (node.isSkinnedMesh) window.meshes.push(node.skeleton.bones.length); });
window.clips = clips.map(clip => [clip.name, clip.duration]);
</script>"""


def open_in_three_js(browser: Browser, file: Path, loader: str) -> tuple[Page, list[str]]:
    """Return a page that has loaded a file, and the list that its errors are added to.

    ``at(seconds)`` returns the world positions of all nodes by name, ``clips`` the names and lengths of animations,
    ``meshes`` the numbers of bones of skinned meshes.
    """
    three = require_package("three")

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path.startswith("three/"):
            route.fulfill(path=three / path.removeprefix("three/"), content_type="text/javascript")
        elif path == file.name:
            route.fulfill(path=file)
        elif path:
            route.fulfill(status=404)
        else:
            route.fulfill(body=PAGE.replace("LOADER", loader).replace("FILE", file.name), content_type="text/html")

    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(f"{HOST}**", answer)
    page.goto(HOST)
    page.wait_for_function("window.clips")
    return page, errors
