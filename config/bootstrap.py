"""Set-up on a bare machine: the virtual environment and its packages. Standard library only; any Python ≥ 3.11.

Run by `make` before everything else. What is already as requirements.txt says is left alone.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
STAMP = VENV / "requirements.sha256"
PLACE = VENV / "made-at"


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # run by whatever python3 the machine has
        now = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"需要 Python 3.11 或更新的版本（现在是 {now}）：可用 make run PYTHON=python3.x 指定。")
    requirements = PROJECT / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    lock = os.open(requirements, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits and finds it done
    usable = works()
    if usable and STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not usable:
        print("正在建立虚拟环境…", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
        if made.returncode:
            sys.exit("虚拟环境建不了：请安装 python3-venv（Debian：apt-get install python3-venv）。")
    PLACE.write_bytes(os.fsencode(VENV))
    print("正在安装依赖…", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(requirements)], check=False).returncode:
        sys.exit("依赖没有装好（见上）：请检查网络后再试。")
    STAMP.write_text(wanted)


def works() -> bool:
    """Whether the environment's Python runs and the environment still lies where it was made: its programs know
    that place, so one that was moved or copied is made anew."""
    python = VENV / "bin" / "python"
    if not python.exists() or (PLACE.exists() and PLACE.read_bytes() != os.fsencode(VENV)):
        return False
    return subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    main()
