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


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # run by whatever python3 the machine has
        now = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"需要 Python 3.11 或更新的版本（现在是 {now}）：可用 make run PYTHON=python3.x 指定。")
    requirements = PROJECT / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.split()[0].encode()).hexdigest()
    lock = os.open(PROJECT / "requirements.txt", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits and finds it done
    if STAMP.exists() and STAMP.read_text() == wanted and works():
        return
    if not works():
        print("正在建立虚拟环境…", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
        if made.returncode:
            sys.exit("虚拟环境建不了：请安装 python3-venv（Debian：apt-get install python3-venv）。")
    print("正在安装依赖…", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(requirements)], check=False).returncode:
        sys.exit("依赖没有装好（见上）：请检查网络后再试。")
    STAMP.write_text(wanted)


def works() -> bool:
    """Whether the environment's own Python runs; a moved or half-made environment does not."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    done = subprocess.run(
        [str(python), "-c", "import pip, sys; print(sys.prefix)"], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and Path(done.stdout.strip()) == VENV


if __name__ == "__main__":
    main()
