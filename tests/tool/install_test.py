#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What users install: by make, and as Debian packages; one version everywhere."""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import BUILD, ROOT, Files, expect, expect_not, make, plain  # found beside this
from atf import Case, Fail, run  # found through common

INSTALLED = ["bin/bulkhead", "share/bash-completion/completions/bulkhead",
             "share/bulkhead/bulkhead.img", "share/bulkhead/dts/bindings/bulkhead,system.yaml",
             "share/bulkhead/dts/boards/qemu-virt.dtsi", "share/bulkhead/dts/include/bulkhead.h",
             "share/bulkhead/guests/hello.img", "share/doc/bulkhead/LICENSE",
             "share/doc/bulkhead/examples/hello.dts", "share/man/man1/bulkhead.1"]


def boots(command, dts, cwd):
    """This command boots this description, with nothing of the project's folder."""
    done = subprocess.run([str(command), "run", str(dts), "--", "-nic", "none", "-accel",
                           "tcg,thread=single"], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, cwd=cwd,
                          env={"PATH": "/usr/bin:/bin"})
    expect(done.stdout, "powering off")
    expect_not(done.stdout, re.escape(str(ROOT)))


def versions():
    """One version in the source, of the command, in the image's banner, and of the packages."""
    header = (ROOT / "lib/version.h").read_text()
    version = re.search(r'^#define BULKHEAD_VERSION "([0-9.]+)"$', header, re.M)[1]
    image = (BUILD / "bulkhead.img").read_bytes()
    found = {"CHANGELOG.md": re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)[1],
             "debian/changelog": subprocess.run(["dpkg-parsechangelog", "-S", "Version"], cwd=ROOT,
                                                capture_output=True, text=True,
                                                check=True).stdout.strip(),
             "--version": plain("--version")[0].removeprefix("bulkhead ").strip(),
             "the banner": re.search(rb"Bulkhead ([0-9.]+) at ", image)[1].decode()}
    if set(found.values()) != {version}:
        raise Fail(f"lib/version.h: {version}, {found}")
    expect((ROOT / "CONTRIBUTING.md").read_text(), "^git tag -a v")


def installed():
    """In an empty root: all is there, and the command needs nothing else, wherever that is."""
    with Files() as files:
        root = files.path("root")
        make("install", f"DESTDIR={root}", "PREFIX=/usr/local")
        usr = root / "usr/local"
        missing = [name for name in INSTALLED if not (usr / name).is_file()]
        if missing or [path.name for path in root.iterdir()] != ["usr"]:
            raise Fail(f"missing: {missing}")
        moved = files.path("else where")
        usr.rename(moved)
        boots(moved / "bin/bulkhead", moved / "share/doc/bulkhead/examples/hello.dts",
              files.path("."))
        subprocess.run([moved / "bin/bulkhead", "init", "my.dts"], cwd=files.path("."), check=True)
        boots(moved / "bin/bulkhead", "my.dts", files.path("."))
        # alone, it knows where the rest was to be
        build = files.path("build")
        prefix = files.path("prefix")
        make(f"{build}/bulkhead", f"B={build}", f"LIBFDT={BUILD}/deps/libfdt", f"PREFIX={prefix}")
        (prefix / "share").mkdir(parents=True)
        (moved / "share/bulkhead").rename(prefix / "share/bulkhead")
        alone = files.path("alone")
        (build / "bulkhead").rename(alone)
        boots(alone, moved / "share/doc/bulkhead/examples/hello.dts", files.path("."))


def debian():
    """The two packages, from just the source; their files are those of the installation."""
    needed = re.findall(r"\blibfdt-dev\S*", (ROOT / "debian/control").read_text())
    if [name.rstrip(",") for name in needed] != ["libfdt-dev:arm64"]:
        raise Fail(f"libfdt-dev is not there for two architectures at once: {needed}")
    with Files() as files:
        source = files.path("bulkhead")
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True,
                               check=True).stdout
        source.mkdir()
        subprocess.run(["cpio", "-0pdm", "--quiet", str(source)], cwd=ROOT, input=names,
                       check=True)
        done = subprocess.run(["dpkg-buildpackage", "-us", "-uc", "-F", "-d"], cwd=source,
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "LIBFDT": f"{BUILD}/deps/libfdt",
                                   "DEB_BUILD_OPTIONS": "noautodbgsym"})
        if done.returncode != 0:
            raise Fail(done.stdout[-3000:] + done.stderr[-3000:])
        if not files.path("bulkhead_0.1.dsc").is_file():
            raise Fail("no source package")
        root = files.path("root")
        packages = sorted(files.path(".").glob("*.deb"))
        if [path.name.split("_")[0] for path in packages] != ["bulkhead-image", "bulkhead"]:
            raise Fail(f"{packages}")
        for package in packages:
            subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
        missing = [name for name in INSTALLED if not (root / "usr" / name).is_file() and
                   not (root / "usr" / (name + ".gz")).is_file() and "LICENSE" not in name]
        if missing:
            raise Fail(f"missing: {missing}")
        boots(root / "usr/bin/bulkhead", root / "usr/share/doc/bulkhead/examples/hello.dts",
              files.path("."))


if __name__ == "__main__":
    run([Case("versions", versions), Case("installed", installed), Case("debian", debian, cpu=600)])
