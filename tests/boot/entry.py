# SPDX-License-Identifier: BSD-2-Clause
"""Machines that are entered as no boot loader should: any bytes for a device tree,
at any address, the image anywhere, in any state. QEMU's own loader sees none of it.
"""

import contextlib
import functools
import pathlib
import subprocess
import tempfile

from gdb_stub import Listener
from qemu import BUILD, Machine

SOURCE = pathlib.Path(__file__).resolve().parent / "entry.S"
FIRMWARE = 0x60000000
IMAGE = 0x40200000
TREE = 0x48000000
DESCRIPTION = 0x50000000
LOADER = "loader,file={},addr={:#x},force-raw=on"


def machine_tree(bootargs=None, **options):
    """The tree that QEMU makes for such a machine, with no description in it."""
    command = Machine(None, **options).command
    board = command.index("-M") + 1
    with tempfile.NamedTemporaryFile(suffix=".dtb") as file:
        command[board] += f",dtb-randomness=off,dumpdtb={file.name}"
        command += ["-append", bootargs] if bootargs else []
        subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        return pathlib.Path(file.name).read_bytes()


def edit(tree, *commands):
    """The tree after some of `fdtput`'s commands, such as "-t s /chosen stdout-path /x"."""
    with tempfile.NamedTemporaryFile(suffix=".dtb") as file:
        pathlib.Path(file.name).write_bytes(tree)
        for command in commands:
            *options, rest = command.split(" /", 1)
            subprocess.run(["fdtput", *options[0].split(), file.name, *f"/{rest}".split()], check=True)
        return pathlib.Path(file.name).read_bytes()


def with_description(tree, description):
    """The tree, as it is with the description in memory at DESCRIPTION."""
    end = DESCRIPTION + len(description)
    return edit(tree, f"-p -t x /chosen linux,initrd-start 0 {DESCRIPTION:x}",
                f"-p -t x /chosen linux,initrd-end 0 {end:x}")


@functools.lru_cache
def firmware_of(image, x0, defines):
    """entry.S, compiled."""
    with tempfile.NamedTemporaryFile(suffix=".elf") as file:
        subprocess.run(["aarch64-linux-gnu-gcc", "-nostdlib", "-static", "-Wl,--build-id=none",
                        f"-Wl,-Ttext={FIRMWARE:#x}", f"-DIMAGE={image:#x}", f"-DTREE={x0:#x}",
                        *[f"-D{define}" for define in defines], "-o", file.name, str(SOURCE)],
                       check=True)
        return pathlib.Path(file.name).read_bytes()


@contextlib.contextmanager
def entered(tree, description=b"", image=IMAGE, x0=TREE, defines=(), extra=(), **options):
    """A machine whose image is loaded and entered at `image`, with the bytes of the tree at x0.

    defines: for entry.S, such as "AT_EL1"; other options: as of Machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        firmware = folder / "firmware.elf"
        firmware.write_bytes(firmware_of(image, x0, tuple(defines)))
        loads = [(BUILD / "bulkhead.img", image)]
        for name, data, address in (("tree", tree, TREE), ("blob", description, DESCRIPTION)):
            if data:
                (folder / name).write_bytes(data)
                loads.append((folder / name, address))
        for path, address in loads:
            extra = (*extra, "-device", LOADER.format(path, address))
        with Machine(None, image=firmware, extra=extra, **options) as machine:
            yield machine


# ---- What EL2 does that is not on the console ----

@functools.lru_cache
def symbols():
    """The hypervisor's: address by name."""
    listing = subprocess.run(["aarch64-linux-gnu-nm", str(BUILD / "bulkhead.elf")], check=True,
                             capture_output=True, text=True).stdout
    return {line.split()[2]: int(line.split()[0], 16) for line in listing.splitlines()}


@contextlib.contextmanager
def watched():
    """A Listener for a GDB stub."""
    with tempfile.TemporaryDirectory() as folder, Listener(pathlib.Path(folder) / "gdb") as listener:
        yield listener


def log_of(gdb):
    """What EL2 has said and could not show, as a debugger finds it in memory."""
    return gdb.read_memory(symbols()["log_ring"], 8192).rstrip(b"\0").decode(errors="replace")
