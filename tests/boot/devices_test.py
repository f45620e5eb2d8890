#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Guests that use the machine's devices, which were passed through to them: a
clock, a GPIO controller with its interrupt, a disk and a network card of a
Linux guest, while another guest finds that none of them is there; and a second
UART.
"""

import hashlib
import http.server
import json
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu
from guest_test import check_vm

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "bench"))
sys.path.insert(0, str(TESTS / "boards"))
import disk as bench_disk  # found in tests/bench
import fdt  # found in tests/boards

DATE = "2031-05-06T07:08:09"
DOWNLOAD = 4 << 20
SBIN = "/usr/sbin"  # not in everybody's PATH
REPORT = (
    "linux-a: VMID 1, CPUs 0 1, 256 MiB at 0x60000000",
    "  device /pl031@9010000: 0x9010000-0x9010fff, SPI 2",
    "  device /pl061@9030000: 0x9030000-0x9030fff, SPI 7",
    "  device /virtio_mmio@a003c00: 0xa003c00-0xa003dff, SPI 46, DMA",
    "  device /virtio_mmio@a003e00: 0xa003e00-0xa003fff, SPI 47, DMA",
    "  clock 0x9011000, SPI 3",
)


class Folder(http.server.BaseHTTPRequestHandler):
    """Serves one file, whatever is asked for."""

    content = b""

    def do_GET(self):  # pylint: disable=invalid-name
        """The name is http.server's."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        """Not on the test's output."""


def serve(content):
    """Serves the bytes on a port of this machine, which QEMU's user network calls 10.0.2.2."""
    handler = type("Handler", (Folder,), {"content": content})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def sha(content):
    return hashlib.sha256(content).hexdigest()


class Qmp:
    """QEMU's own commands."""

    def __init__(self, path, machine):
        self.machine = machine
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.data = b""
        self.receive()  # the greeting
        self.execute("qmp_capabilities")

    def receive(self):
        """Waits for the next message, which is a line."""
        while b"\n" not in self.data:
            self.machine.wait_for(self.socket, "message from QMP")
            data = self.socket.recv(4096)
            if not data:
                raise Fail("QMP hung up")
            self.data += data
        line, _, self.data = self.data.partition(b"\n")
        return json.loads(line)

    def execute(self, command):
        """Sends a command and waits for its answer; events in between do not matter."""
        self.socket.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while True:
            answer = self.receive()
            if "error" in answer:
                raise Fail(f"QMP: {answer}")
            if "return" in answer:
                return

    def close(self):
        self.socket.close()


class Guest:
    """The Linux guest: each command is a line, and what it prints ends with a mark."""

    def __init__(self, machine):
        self.machine = machine
        self.count = 0

    def run(self, command, pattern):
        """Types the command; a line that it prints has to match. It has to succeed."""
        self.count += 1
        self.machine.send(f"{{ {command}; }} && echo done-$(({self.count}))-yes\n")
        match = self.machine.expect(pattern, vm="linux-a") if pattern else None
        self.machine.expect(f"^done-{self.count}-yes$", vm="linux-a")
        return match


def make_disk(folder, content):
    """An ext4 file system with one file."""
    source = folder / "source"
    source.mkdir()
    (source / "given").write_bytes(content)
    disk = folder / "disk.img"
    subprocess.run([f"{SBIN}/mke2fs", "-q", "-t", "ext4", "-d", str(source), str(disk), "32M"], check=True)
    return disk


def check_disk(disk):
    """From outside: what the guest wrote is there, and the file system is sound."""
    done = subprocess.run([f"{SBIN}/e2fsck", "-fn", str(disk)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Fail(f"the guest's file system: {done.stdout}")
    answer = subprocess.run([f"{SBIN}/debugfs", "-R", "cat answer", str(disk)], capture_output=True,
                            check=True).stdout
    if answer != b"from the guest\n":
        raise Fail(f"the guest's file has {answer}")


def check_report(machine):
    """Boot says what the guest has of the machine, and where its own clock is beside it."""
    lines = machine.text_of("bulkhead")
    first = next(n for n, line in enumerate(lines) if line.startswith("linux-a: VMID"))
    told, wanted = lines[first:first + len(REPORT)], list(REPORT)
    if told != wanted:
        raise Fail(f"boot says {told}, not {wanted}")


def use_clock(guest):
    """The host's date, which QEMU was told: by its clock, and by the emulated one beside it."""
    for address in "9010000", "9011000":
        guest.run(f"clock=$(cd /sys/bus/amba/devices/{address}.pl031/rtc && echo *) && "
                  "hwclock -u -r -f /dev/$clock", r"^Tue May +6 07:\d\d:\d\d 2031")
    # the emulated one, of which the last command has the name: its alarm, SPI 3
    guest.run("echo +1 >/sys/class/rtc/$clock/wakealarm && while ! awk '/ 35 Level.*rtc-pl031/ "
              "{ exit $2 + $3 == 0 }' /proc/interrupts; do :; done", None)
    guest.run("grep 35.*rtc-pl031 /proc/interrupts", "35 +Level +rtc-pl031")
    # set, it is another one than the machine's
    guest.run("date -s '2035-01-02 03:04:05' && hwclock -u -w -f /dev/$clock && "
              "hwclock -u -r -f /dev/$clock", r"^Tue Jan +2 03:04:\d\d 2035")


def use_gpio(guest, qmp):
    """QEMU's power button is line 3 of the GPIO controller, and comes as its interrupt."""
    guest.run("cd /sys/class/gpio && n=$(($(cat gpiochip*/base) + 3)) && echo $n >export && "
              "echo rising >gpio$n/edge && grep 9030000.gpio /proc/interrupts; cd", None)
    guest.run("awk '/ 3 Edge.*gpiolib/ { print \"rang\", $2 + $3 }' /proc/interrupts", "^rang 0$")
    qmp.execute("system_powerdown")
    guest.run("while ! awk '/ 3 Edge.*gpiolib/ { exit $2 + $3 == 0 }' /proc/interrupts; do :; done",
              None)
    guest.run("awk '/ 3 Edge.*gpiolib/ { print \"rang\", $2 + $3 }' /proc/interrupts", "^rang 1$")


def use_disk(guest, content):
    guest.run("mkdir /mnt && mount -t ext4 /dev/vda /mnt && sha256sum /mnt/given",
              f"^{sha(content)} ")
    guest.run("echo from the guest >/mnt/answer && umount /mnt", None)


def use_network(guest, content):
    with_server = serve(content)
    guest.run("ifconfig eth0 10.0.2.15 up && "
              f"wget -q -O /tmp/got http://10.0.2.2:{with_server.server_port}/ && "
              "sha256sum /tmp/got", f"^{sha(content)} ")
    with_server.shutdown()


def devices(gic, cpu):
    """All devices of one guest, in one boot."""
    given, download = random.randbytes(1 << 20), random.randbytes(DOWNLOAD)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        disk = make_disk(folder, given)
        extra = ["-rtc", f"base={DATE},clock=vm",
                 "-drive", f"if=none,id=disk,format=raw,file={disk}",
                 "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.31",
                 "-netdev", "user,id=net",
                 "-device", "virtio-net-device,netdev=net,bus=virtio-mmio-bus.30",
                 "-qmp", f"unix:{folder}/qmp,server=on,wait=off"]
        with Machine(BUILD / "boot/devices.dtb", gic=gic, cpu=cpu, extra=extra) as machine:
            guest = Guest(machine)
            machine.expect("Enter 'help' for a list", vm="linux-a")
            check_report(machine)
            machine.expect("^DONE", vm="stranger")
            qmp = Qmp(folder / "qmp", machine)
            use_clock(guest)
            use_gpio(guest, qmp)
            use_disk(guest, given)
            use_network(guest, download)
            qmp.close()
            check_vm(machine, "stranger")
            machine.send("poweroff\n")
            machine.wait_exit()
        check_disk(disk)


def disk_exits(gic):
    """While a guest uses a disk, an interrupt is one exit, and nothing else is."""
    exits, counted = bench_disk.count_exits(gic)
    print(f"exits: {dict(exits)}; interrupts that Linux counted: {counted}")
    if counted.pop("virtio0") != bench_disk.REQUESTS:
        raise Fail("not one interrupt for each request")
    # With QEMU's GICv2 the timer's line is looked at again when the guest is done with it.
    others = sum(counted.values()) * (2 if gic == 2 else 1)
    most = bench_disk.REQUESTS + others + bench_disk.REQUESTS // 20  # those around the reading
    if set(exits) != {"interrupt"} or not bench_disk.REQUESTS <= exits["interrupt"] <= most:
        raise Fail(f"{exits} for {bench_disk.REQUESTS} requests and {others} others")


def cells(*values):
    return struct.pack(f">{len(values)}I", *values)


def add_card(root, depth):
    """A device in the GPIO controller's place, with nodes in nodes that refer to others."""
    root.children.remove(root.find("/pl061@9030000"))
    root.children.remove(root.find("/gpio-keys"))
    for name, phandle, what in ("pll", 0x7001, "#clock-cells"), ("rst", 0x7002, "#reset-cells"):
        node = fdt.Node(name, root)
        node.properties = {what: cells(1), "phandle": cells(phandle)}
        root.children.append(node)
    node = fdt.Node("card@9030000", root)
    node.properties = {"compatible": b"acme,card\0", "reg": cells(0, 0x9030000, 0, 0x1000),
                       "interrupts": cells(0, 7, 4)}
    root.children.append(node)
    for n in range(depth):
        node.properties["clocks"] = cells(0x7001, n)
        node.properties["resets"] = cells(0x7002, n)
        child = fdt.Node(f"what-is-in-it-at-depth-{n}", node)
        node.children.append(child)
        node = child


def deep_device():
    """A device as deep as can be: EL2's stack bears it, and EL2 says what the tool says."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        host, source, blob = folder / "host.dtb", folder / "x.dts", folder / "x.dtb"
        subprocess.run(["qemu-system-aarch64", "-M",
                        f"virt,virtualization=on,gic-version=3,dumpdtb={host}", "-cpu",
                        "cortex-a57", "-smp", "2", "-m", "1G", "-display", "none"], check=True,
                       capture_output=True)
        root = fdt.read(host.read_bytes())
        add_card(root, 13)
        host.write_bytes(fdt.write(root))
        text = (TESTS / "guests/hello/hello.dts").read_text()
        source.write_text(text.replace(
            "cpus = <0>;", 'cpus = <0>; passthrough = "/card@9030000";'))
        tool = [str(BUILD / "bulkhead")]
        subprocess.run([*tool, "build", str(source), "-o", str(blob)], check=True)
        told = subprocess.run([*tool, "check", str(blob), "--host", str(host)], check=True,
                              capture_output=True, text=True).stdout
        told = [line for line in told.splitlines() if line.startswith("warning")]
        with Machine(blob, smp=2, mem="1G", extra=["-dtb", str(host)]) as machine:
            machine.expect("^DONE: .* 0 failed", vm="hello")
            machine.wait_exit()
            booted = [line for line in machine.text_of("bulkhead") if line.startswith("warning")]
        if booted != told or len(told) != 26:
            raise Fail(f"EL2: {booted}, the tool: {told}")


def second_uart():
    """QEMU's Versal has two: the guest's own prints what the shared one does not."""
    with tempfile.TemporaryDirectory() as name:
        output = pathlib.Path(name) / "uart"
        with Machine(BUILD / "boot/second-uart.dtb", board="xlnx-versal-virt", cpu=None,
                     extra=["-serial", f"file:{output}"]) as machine:
            machine.wait_exit()
            if "Hello" in machine.screen():
                raise Fail("the guest printed on the shared UART")
        if not re.search(r"^Hello from a guest.*^DONE: \d+ passed, 0 failed", output.read_text(),
                         re.M | re.S):
            raise Fail(f"on the second UART: {output.read_text()!r}")


if __name__ == "__main__":
    run([Case("devices-gic3", lambda: devices(3, "cortex-a57")),
         Case("devices-gic2", lambda: devices(2, "cortex-a72")),
         Case("disk-exits-gic3", lambda: disk_exits(3)),
         Case("disk-exits-gic2", lambda: disk_exits(2)),
         Case("deep-device", deep_device),
         Case("second-uart", second_uart)])
