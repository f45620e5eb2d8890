# SPDX-License-Identifier: BSD-2-Clause
"""Two Linux guests: when both shells are there, beside Xen, and what the guests exit for.

Time here is the wall's, on whatever machine this runs, so only the ratio of
runs that took turns means something.
"""

import collections
import re
import stat
import statistics
import subprocess
import time

from kvm_host import Archive
from systems import BUILD, DEPS, WORK, Late, Limits, Trouble, compile_tree, execute, fetch

PAIR = BUILD / "linux-pair.dtb"
KERNEL, ROOTFS = BUILD / "guests/Image", BUILD / "guests/rootfs.cpio.gz"
XEN_PACKAGE = "xen-hypervisor-4.17-arm64"
PROMPT = b"Enter 'help' for a list"
# Without QEMU's seeds: a guest with a kaslr-seed unmaps its kernel at every return to user space,
# and so does Linux without a hypervisor.
MACHINE = ["qemu-system-aarch64", "-M",
           "virt,virtualization=on,gic-version=3,dtb-randomness=off", "-cpu",
           "cortex-a57", "-smp", "4", "-m", "2G", "-display", "none", "-monitor", "none",
           "-nic", "none", "-serial", "stdio"]
XEN = "Xen 4.17, bootscrub=0 vwfi=native"
BOOTARGS = "console=ttyAMA0 quiet cryptomgr.notests"
# Of one CPU that never sleeps, whose clock therefore counts what it executes
COUNTED = [*MACHINE[:3], "-cpu",
           "cortex-a57", "-smp", "1", "-m", "1G", *MACHINE[9:], "-icount", "shift=0,sleep=off",
           "-seed", "1", "-rtc", "base=2026-01-01,clock=vm"]
STAMP = b"""#!/bin/sh
echo STAMP > /dev/kmsg
dmesg | grep STAMP
poweroff -f
"""
RUNS = 5
SECONDS = 5
CLASSES = {0x01: "WFI, WFE", 0x07: "floating point", 0x16: "hypercall", 0x17: "SMC",
           0x18: "system register", 0x20: "instruction abort", 0x24: "data abort (MMIO)"}


class Console:
    """A running QEMU. Use as a context manager."""

    def __init__(self, command):
        self.command = command
        self.output = b""
        self.limits = None
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, bufsize=0, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.limits = Limits(self.process.pid)
        return self

    def __exit__(self, kind, error, trace):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def expect(self, text, times=1, failure=None):
        """Waits until the text has been printed so often since the last time; returns all that was.

        `failure` is what must not be printed meanwhile.
        """
        while self.output.count(text) < times:
            if failure and failure in self.output:
                raise Trouble(f"no {text!r}: {self.output.decode(errors='replace')}")
            try:
                data = self.limits.read(self.process.stdout)
            except Late as late:
                raise Trouble(f"no {text!r} {late}") from None
            if not data:
                raise Trouble(f"QEMU ended before {text!r}")
            self.output += data
        output, self.output = self.output, b""
        return output

    def send(self, text):
        """Types the text."""
        self.process.stdin.write(text.encode())


def xen_linux(name, machine, guests, cpus, ramdisk, bootargs):
    """QEMU's options for Linux guests under Xen without a dom0; None if there is no Xen."""
    image = DEPS / XEN_PACKAGE / "boot/xen-4.17-arm64"
    if not image.exists() and not fetch(XEN_PACKAGE):
        return None
    board = WORK / f"board-{name}.dtb"
    subprocess.run([*machine[:2], f"{machine[2]},dumpdtb={board}", *machine[3:]], check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)
    source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(board)], check=True,
                            capture_output=True, text=True).stdout
    domains, loaders = "", []
    for number in range(1, guests + 1):
        modules = []
        for place, kind, file in ((0x60000000, "kernel", KERNEL), (0x63000000, "ramdisk", ramdisk)):
            address = place + (number - 1) * 0x4000000
            modules.append(f"""
			module@{address:x} {{
				compatible = "multiboot,{kind}", "multiboot,module";
				reg = <0x0 {address:#x} 0x0 {file.stat().st_size:#x}>;
				bootargs = "{bootargs}";
			}};""")
            loaders += ["-device", f"loader,file={file},addr={address:#x},force-raw=on"]
        domains += f"""
		domU{number} {{
			compatible = "xen,domain";
			#address-cells = <2>;
			#size-cells = <2>;
			memory = <0x0 0x40000>;
			cpus = <{cpus}>;
			vpl011;
{"".join(modules)}
		}};"""
    tree = compile_tree(f"xen-{name}", f"""{source}
/ {{
	chosen {{
		#address-cells = <2>;
		#size-cells = <2>;
		xen,xen-bootargs = "console=dtuart bootscrub=0 vwfi=native";
{domains}
	}};
}};
""")
    return ["-kernel", str(image), "-dtb", str(tree), *loaders]


def time_to_shells(options):
    """Seconds from QEMU's start until both guests' shells are there."""
    start = time.monotonic()
    with Console(MACHINE + options) as console:
        console.expect(PROMPT, 2)
    return time.monotonic() - start


def measure_boots(lines):
    """Bulkhead and Xen in turns; returns the medians."""
    systems = {"Bulkhead": ["-kernel", str(BUILD / "bulkhead.img"), "-initrd", str(PAIR)],
               XEN: xen_linux("pair", MACHINE, 2, 2, ROOTFS, BOOTARGS)}
    seconds = {name: [] for name, options in systems.items() if options}
    for _ in range(RUNS):
        for name in seconds:
            seconds[name].append(time_to_shells(systems[name]))
    lines.append(f"Two Linux guests, seconds until both shells (median of {RUNS} runs in turns)")
    for name, options in systems.items():
        lines.append(f"{name:36}" + (f"{statistics.median(seconds[name]):8.2f}"
                                     f"   ({min(seconds[name]):.2f} to {max(seconds[name]):.2f})"
                                     if options else "   not available"))
    return {name: statistics.median(values) for name, values in seconds.items()}


def measure_instructions(lines):
    """From a kernel's first message to its shell, with a CPU that polls when it is idle."""
    rootfs = WORK / "rootfs-stamp.cpio.gz"
    with rootfs.open("wb") as file:
        file.write(ROOTFS.read_bytes() + bytes(-ROOTFS.stat().st_size % 4))
        archive = Archive(file)
        archive.add("bin/stamp", stat.S_IFREG | 0o755, STAMP)
        archive.end()
    bootargs = f"{BOOTARGS} nohlt test=stamp"
    description = compile_tree("linux-stamp", f"""/dts-v1/;

/ {{
	compatible = "bulkhead,system";
	#address-cells = <2>;
	#size-cells = <2>;

	linux {{
		compatible = "bulkhead,vm";
		cpus = <0>;
		kernel = /incbin/("guests/Image");
		initrd = /incbin/("bench/rootfs-stamp.cpio.gz");
		bootargs = "{bootargs}";

		memory@40000000 {{ reg = <0x0 0x40000000  0x0 0x10000000>; }};
	}};
}};
""")
    native = [word.replace("virtualization=on,", "") for word in COUNTED]
    native[native.index("1G")] = "256M"
    systems = {
        "native": [*native, "-kernel", str(KERNEL), "-initrd", str(rootfs), "-append", bootargs],
        "Bulkhead": [*COUNTED, "-kernel", str(BUILD / "bulkhead.img"), "-initrd",
                     str(description)]}
    xen = xen_linux("stamp", COUNTED, 1, 1, rootfs, bootargs)
    if xen:
        systems[XEN] = COUNTED + xen
    found = {}
    lines += ["", "One Linux on one CPU: million instructions from its first message to its shell"]
    for name, command in systems.items():
        text = execute(command, until="STAMP")
        found[name] = float(re.search(r"\[ *(\d+\.\d+)\] STAMP", text)[1]) * 1000
        lines.append(f"{name:36}{found[name]:8.1f}   ({found[name] - found['native']:+.1f})")
    return found


def exits(log, begin, end):
    """{reason: how many} in a part of QEMU's log of exceptions."""
    with open(log, "rb") as file:
        file.seek(begin)
        text = file.read(end - begin).decode("ascii", "replace")
    found = collections.Counter()
    for kind, details in re.findall(r"Taking exception \d+ \[([^]]+)\] on CPU \d+\n"
                                    r"\.\.\.from EL[01] to EL2\n(\.\.\.with ESR \S+)", text):
        number = int(re.search(r"ESR (0x[0-9a-f]+)", details)[1], 16)
        found["interrupt" if kind in ("IRQ", "FIQ") else CLASSES.get(number, kind)] += 1
    return found


def measure_exits(lines):
    """Both guests idle, and one whose CPUs wake each other."""
    log = WORK / "linux-exits.log"
    found = {}
    with Console(MACHINE + ["-kernel", str(BUILD / "bulkhead.img"), "-initrd", str(PAIR),
                            "-d", "int", "-D", str(log)]) as console:
        console.expect(PROMPT, 2)
        for load, command in (("idle", f"sleep {SECONDS}"),
                              ("load", f"timeout {SECONDS} pingpong 1000000")):
            console.send(f"echo be''gin; {command}; echo en''d\n")
            console.expect(b"begin")
            begin = log.stat().st_size
            console.expect(b"end")
            found[load] = exits(log, begin, log.stat().st_size)
    log.unlink()
    lines += ["", "Exits a second of two Linux guests (4 CPUs): idle; one with CPUs that wake each other",
              f"{'':24}{'idle':>10}{'load':>10}"]
    for reason in sorted(found["idle"] | found["load"], key=lambda r: -found["load"][r]):
        lines.append(f"{reason:24}" + "".join(f"{found[load][reason] / SECONDS:10.1f}"
                                              for load in ("idle", "load")))
    return found


def measure():
    """The figures as text. They are of this machine and this minute: not in results.json."""
    lines = []
    measure_boots(lines)
    measure_instructions(lines)
    measure_exits(lines)
    return "\n".join(lines)
