#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Firmware that was built for QEMU's virt, as a guest: Debian's U-Boot to its
prompt, Debian's EDK2 to its shell, and from there a Debian kernel.
"""

import pathlib
import re
import struct
import subprocess
import tempfile

from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu

# How far behind the start of its memory QEMU loads Bulkhead, where a guest has what is there.
OFFSET = 768 << 20
# Nobody's: UEFI's own variables have names that it gives.
GUID = "5ba9e2c1-7a4f-4b0e-9d3c-2f1e8a7b6c5d"


def moved_image(folder):
    """A copy of the image whose header asks for another place (booting.rst: text_offset)."""
    image = bytearray((BUILD / "bulkhead.img").read_bytes())
    struct.pack_into("<Q", image, 8, OFFSET)
    path = folder / "bulkhead.img"
    path.write_bytes(image)
    return path


class UBoot:
    """Commands at U-Boot's prompt."""

    def __init__(self, machine):
        self.machine = machine

    def wait(self):
        """Until it counts down to what it would boot, which a key stops."""
        self.machine.expect("^U-Boot 20", vm="uboot")
        self.machine.expect("Hit any key to stop autoboot", vm="uboot", partial=True)
        self.machine.send("\n")
        self.machine.expect("=> $", partial=True)

    def command(self, text, answer):
        """Types a command, waits for the answer, which is a whole line."""
        self.machine.send(text + "\n")
        match = self.machine.expect(answer, vm="uboot")
        self.machine.expect("=> $", partial=True)
        return match


def uboot(gic):
    """To its prompt; it keeps its environment in flash, until it restarts."""
    with Machine(BUILD / "boot/uboot.dtb", gic=gic, smp=1, mem="512M") as machine:
        guest = UBoot(machine)
        guest.wait()
        guest.command("bdinfo", r"start +[=] 0x0000000040000000")
        machine.expect(r"memory\[0\]\s+\[0x40000000-0x47ffffff\]", vm="uboot")
        # its own first bytes: a branch; what is written there is lost
        before = guest.command("md.l 0 1", r"^00000000: ([0-9a-f]{8})")[1]
        guest.command("mw.l 0 12345678; md.l 0 1", "^00000000: " + before)
        guest.command("setenv answer 42; saveenv", "^OK$")
        guest.command("md.b 4000004 9", "^04000004: .*answer=")
        guest.command("md.l 7fffffc 1", "^07fffffc: ffffffff")
        machine.send("reset\n")
        machine.expect("uboot: restarts", vm="bulkhead")
        guest.wait()
        guest.command("printenv answer", "Error: \"answer\" not defined")
        machine.send("poweroff\n")
        machine.wait_exit()


def uboot_kernel():
    """In memory, without flash of its own: it finds the tree at the start of memory all the same."""
    with Machine(BUILD / "boot/uboot-kernel.dtb", smp=1, mem="512M") as machine:
        guest = UBoot(machine)
        guest.wait()
        guest.command("bdinfo", r"start +[=] 0x0000000040000000")
        guest.command("md.l 4000000 1", "^04000000: ffffffff")
        machine.send("poweroff\n")
        machine.wait_exit()


def make_disk(folder):
    """A disk with one FAT file system, on which there are a kernel and its initramfs."""
    disk = folder / "disk.img"
    with disk.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mformat", "-i", str(disk), "-F", "::"], check=True)
    for name in "Image", "rootfs.cpio.gz":
        subprocess.run(["mcopy", "-i", str(disk), str(BUILD / "guests" / name), "::"], check=True)
    return disk


class Edk2(Machine):
    """The machine whose guest is EDK2, with a disk."""

    def __init__(self, folder):
        extra = ("-drive", f"if=none,id=disk,format=raw,file={make_disk(folder)}",
                 "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31",
                 "-rtc", "base=2031-05-06T07:08:09,clock=vm")
        super().__init__(BUILD / "boot/edk2.dtb", image=moved_image(folder), smp=2, extra=extra)

    def wait_shell(self):
        """Until it has started its shell; Escape, so that it does not wait for a script."""
        self.expect("^UEFI firmware", vm="edk2")
        self.expect("^UEFI Interactive Shell", vm="edk2")
        self.expect("in [0-9] seconds to skip", vm="edk2", partial=True)
        self.send("\x1b")
        self.expect("Shell> $", partial=True)

    def enter(self, text, answer):
        """Types a command, waits for the answer."""
        self.send(text + "\r")
        self.expect(answer, vm="edk2")
        self.expect("Shell> $", partial=True)


def edk2_shell():
    """To its shell; its variables are in flash, until it restarts."""
    with tempfile.TemporaryDirectory() as name, Edk2(pathlib.Path(name)) as machine:
        machine.wait_shell()
        machine.enter("map -b", "BLK0:")
        machine.enter("ls FS0:", "Image")
        machine.enter("date", "05/06/2031")
        machine.enter(f"setvar answer -guid {GUID} -nv -bs =0x2a", "^Shell> setvar")
        machine.enter(f"setvar answer -guid {GUID}", "^2A")
        machine.send("reset -w\r")
        machine.expect("edk2: restarts", vm="bulkhead")
        machine.wait_shell()
        machine.enter(f"setvar answer -guid {GUID}", "Unable to get")
        machine.send("reset -s\r")
        machine.wait_exit()


def edk2_kernel():
    """A Debian kernel by its EFI stub, with the initramfs from the disk."""
    with tempfile.TemporaryDirectory() as name, Edk2(pathlib.Path(name)) as machine:
        machine.wait_shell()
        machine.send("FS0:\\Image initrd=\\rootfs.cpio.gz console=ttyAMA0 cryptomgr.notests "
                     "hostname=edk2\r")
        machine.expect("^EFI stub: Booting Linux Kernel", vm="edk2")
        machine.expect("^Welcome to edk2: 2 CPUs", vm="edk2")
        machine.expect("# $", partial=True)
        machine.send("poweroff\n")
        machine.wait_exit()
        log = "\n".join(machine.text_of("edk2"))
        for pattern in "efi: EFI v2", "Registered efivars operations":
            if not re.search(pattern, log):
                raise Fail(f"the kernel does not say {pattern!r}")


if __name__ == "__main__":
    run([Case("uboot-gic3", lambda: uboot(3)),
         Case("uboot-gic2", lambda: uboot(2)),
         Case("uboot-kernel", uboot_kernel),
         Case("edk2-shell", edk2_shell),
         Case("edk2-kernel", edk2_kernel)])
