# SPDX-License-Identifier: BSD-2-Clause
"""The initramfs of a KVM host for `make bench`: Debian's QEMU for arm64 as the VMM, with
the libraries that it needs, busybox, kvm-init as /init, and the bench guest.

scripts/fetch-arm64 downloads and unpacks the packages. The archive is not
compressed, since an emulated CPU would spend longer on that than on the bytes.
The same packages give the same bytes.
"""

import os
import pathlib
import re
import stat
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VMM = "qemu-system-arm"
PROGRAM = "usr/bin/qemu-system-aarch64"
FOLDERS = ("lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib", "usr/lib")
LIBRARIES = "lib/aarch64-linux-gnu"
LOADER = "lib/ld-linux-aarch64.so.1"


def dependencies(deps):
    """The packages that the VMM's package needs, in turn. Only those with libraries matter."""
    command = ["apt-cache", "depends", "--recurse", "--important", "--no-suggests", VMM]
    output = subprocess.run(command, capture_output=True, text=True, check=True,
                            env={**os.environ, "APT_CONFIG": str(deps / "apt/apt.conf")}).stdout
    names = set(re.findall(r"^(\S+)$", output, re.M))
    return sorted(n for n in names if n == VMM or n.startswith("lib") or n == "zlib1g")


def fetch(deps):
    """Downloads what is missing, and returns the folders of the unpacked packages."""
    fetcher = [str(ROOT / "scripts/fetch-arm64"), str(deps)]
    subprocess.run(fetcher + [VMM] * (not (deps / VMM).exists()), check=True)
    packages = dependencies(deps)
    missing = [name for name in packages if not (deps / name).exists()]
    if missing:
        subprocess.run(fetcher + missing, check=True)
    return [deps / name for name in packages]


def needed(file):
    """The shared objects that an ELF file names."""
    output = subprocess.run(["aarch64-linux-gnu-readelf", "-d", str(file)], capture_output=True,
                            text=True, check=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output)


def closure(program, packages):
    """Every shared object that the program needs, in turn: {name: file}."""
    found = {}
    left = [program]
    while left:
        for name in needed(left.pop()):
            if name in found:
                continue
            places = [package / folder / name for package in packages for folder in FOLDERS]
            file = next((place for place in places if place.exists()), None)
            if file is None:
                raise FileNotFoundError(f"no package has {name}")
            found[name] = file
            left.append(file)
    return found


class Archive:
    """A cpio archive, "newc" (Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self, file):
        self.file = file
        self.inode = 0

    def add(self, name, mode, data=b"", device=(0, 0)):
        """One file, folder or device."""
        self.inode += 1
        path = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
        self._write(b"070701" + b"".join(b"%08X" % field for field in fields) + path)
        self._write(data)

    def _write(self, data):
        self.file.write(data + bytes(-len(data) % 4))

    def end(self):
        """The last entry."""
        self.add("TRAILER!!!", 0)


def write_host(archive, deps):
    """Everything but the guest."""
    packages = fetch(deps)
    program = deps / VMM / PROGRAM
    libraries = closure(program, packages)
    loader = libraries.pop(pathlib.Path(LOADER).name)
    for folder in ("bin", "dev", "proc", "sys", "tmp", "lib", LIBRARIES, "usr", "usr/bin"):
        archive.add(folder, stat.S_IFDIR | 0o755)
    archive.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    archive.add("bin/busybox", stat.S_IFREG | 0o755,
                (deps / "busybox-static/bin/busybox").read_bytes())
    archive.add("bin/sh", stat.S_IFLNK | 0o777, b"busybox")
    archive.add(LOADER, stat.S_IFREG | 0o755, loader.read_bytes())
    archive.add(PROGRAM, stat.S_IFREG | 0o755, program.read_bytes())
    for name, library in sorted(libraries.items()):
        archive.add(f"{LIBRARIES}/{name}", stat.S_IFREG | 0o755, library.read_bytes())


def make(deps, host, guest, out):
    """Makes `out` of the host, which is made only once, and of what changes."""
    new = out.with_suffix(".new")
    if not host.exists():
        with new.open("wb") as file:
            archive = Archive(file)
            write_host(archive, deps)
            archive.end()
        new.rename(host)
    with new.open("wb") as file:
        file.write(host.read_bytes())  # archives may follow each other
        archive = Archive(file)
        archive.add("init", stat.S_IFREG | 0o755,
                    (ROOT / "tests/bench/kvm-init").read_bytes())
        archive.add("bench.img", stat.S_IFREG | 0o644, guest.read_bytes())
        archive.end()
    new.rename(out)
