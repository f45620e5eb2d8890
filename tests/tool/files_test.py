#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check-files: a file that a program has made, a missing license, versions that differ."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from atf import Case, Fail, run  # found beside this folder

VERSION = '/* SPDX-License-Identifier: BSD-2-Clause */\n#define BULKHEAD_VERSION "1.2"\n'
CHANGES = "# Changes\n\n## 1.2\n\n<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@example.org",
                    *arguments], cwd=folder, check=True)


def check(folder, *wanted):
    """Exactly these complaints, each by its beginning."""
    git(folder, "add", "-A", "-f")
    done = subprocess.run(["scripts/check-files"], cwd=folder, capture_output=True, text=True,
                          check=False)
    lines = sorted(done.stdout.splitlines())
    if len(lines) != len(wanted) or done.stderr or done.returncode != bool(wanted) or not all(
            line.startswith(start) for line, start in zip(lines, sorted(wanted))):
        raise Fail(f"{wanted}: {done}")


def complaints():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for sub in ("scripts", "lib"):
            (folder / sub).mkdir()
        git(folder, "init", "-q")
        git(folder, "commit", "-q", "--allow-empty", "-m", "first")
        shutil.copy(ROOT / "scripts/check-files", folder / "scripts")
        (folder / "lib/version.h").write_text(VERSION)
        (folder / "CHANGELOG.md").write_text(CHANGES)
        git(folder, "add", "-A")
        subprocess.run(["scripts/check-files", "--add"], cwd=folder, check=True)
        check(folder)
        (folder / "x.pyc").write_bytes(b"text")
        (folder / "data").write_bytes(b"a\0b")
        check(folder, "data: was made by a program", "x.pyc: was made by a program")
        (folder / ".gitignore").write_text("# SPDX-License-Identifier: BSD-2-Clause\n*.pyc\n")
        (folder / "data").unlink()
        check(folder, "x.pyc: is ignored, and yet in the index", "x.pyc: was made by a program")
        (folder / "x.pyc").unlink()
        (folder / "a.c").write_text("int a;\n")
        check(folder, "a.c: no line '// SPDX-License-Identifier: BSD-2-Clause'")
        subprocess.run(["scripts/check-files", "--add"], cwd=folder, check=True)
        check(folder)
        (folder / "CHANGELOG.md").write_text(CHANGES.replace("1.2", "1.3"))
        check(folder, "versions that differ: ")
        (folder / "CHANGELOG.md").write_text(CHANGES)
        git(folder, "tag", "v1.2")
        check(folder)
        git(folder, "tag", "v1.3")
        check(folder, "versions that differ: ")


if __name__ == "__main__":
    run([Case("complaints", complaints)])
