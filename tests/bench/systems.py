# SPDX-License-Identifier: BSD-2-Clause
"""The systems that run the bench guest: none (natively), Bulkhead, Xen, KVM.

Each makes QEMU's command line for a machine and a run. All runs are under
-icount shift=0: every instruction takes a nanosecond, so the counters count
instructions, and two runs give the same figures.
"""

import pathlib
import re
import subprocess
import sys

import kvm_host

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from limits import TOTAL, Late, Limits  # noqa: E402

BUILD = ROOT / "build"
WORK = BUILD / "bench"
DEPS = BUILD / "deps"
GUEST = BUILD / "guests/bench.img"

XEN_PACKAGE = "xen-hypervisor-4.17-arm64"

# What is behind "max", without the pointer authentication that QEMU computes in software.
MODELS = {"cortex-a53": "cortex-a53", "cortex-a57": "cortex-a57", "max": "max,pauth-impdef=on"}

SAMPLE = re.compile(r"BENCH (\w+) (\d+) (\d+) (\d+) (\d+)")
DONE = "BENCH-DONE"


class Trouble(Exception):
    """A run that did not give its figures; the text says why."""


class Run:
    """What the guest is to do: its bootargs, on how many CPUs, in how many VMs."""

    def __init__(self, name, args="", cpus=1, vms=1):
        self.name = name
        self.args = args
        self.cpus = cpus
        self.vms = vms


RUNS = [
    Run("one", "decode"),
    Run("cpus", "cpus", cpus=8),
    Run("share", "share", vms=2),
]


def qemu(machine, gic, cpu, smp, memory, *options):
    """The part of the command line that all runs share.

    The date is fixed too: Linux, under KVM, takes another way for another time of day.
    """
    return ["qemu-system-aarch64", "-M", f"{machine},gic-version={gic},dtb-randomness=off",
            "-cpu", MODELS[cpu], "-smp", str(smp), "-m", memory, "-display", "none", "-monitor", "none",
            "-nic", "none", "-serial", "stdio", "-icount", "shift=0,sleep=off", "-seed", "1",
            "-rtc", "base=2026-01-01,clock=vm", *options]


def execute(command, until=None, times=1):
    """Runs QEMU until it ends, or has printed `until` so often. Returns what the console had."""
    output = b""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as process:
        # The guests compute for long, and print at the end.
        limits = Limits(process.pid, silent=TOTAL)
        try:
            while until is None or output.count(until.encode()) < times:
                data = limits.read(process.stdout)
                if not data:
                    break
                output += data
        except Late as late:
            raise Trouble(f"not finished {late}:\n{tail(output)}") from None
        finally:
            process.kill()  # under -icount QEMU does not listen to SIGTERM
    return output.decode(errors="replace")


def tail(output):
    """The last lines of a console, for a report."""
    return "\n".join(output.decode(errors="replace").splitlines()[-5:])


def figures(text):
    """{operation: instructions} of the first VM that printed it."""
    if DONE not in text:
        raise Trouble("the guest did not finish:\n" + tail(text.encode()))
    found = {}
    for name, median, *_ in SAMPLE.findall(text):
        found.setdefault(name, int(median))
    return found


def compile_tree(name, text):
    """Writes a device tree's source into build/bench, and compiles it."""
    WORK.mkdir(parents=True, exist_ok=True)
    source, tree = WORK / f"{name}.dts", WORK / f"{name}.dtb"
    source.write_text(text, encoding="ascii")
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-i", str(BUILD), "-o", str(tree),
                    str(source)], check=True)
    return tree


def fetch(package):
    """Downloads a package for arm64. False if it cannot be had."""
    return subprocess.run([str(ROOT / "scripts/fetch-arm64"), str(DEPS), package],
                          check=False).returncode == 0


class System:
    """What there is below the guest; `setting` tells apart those of one name."""

    name, setting = "", ""

    def setting_on(self, cpu):
        """The setting, where it depends on the CPU model."""
        return self.setting

    def command(self, run, gic, cpu):
        """QEMU's command line."""
        raise NotImplementedError

    def missing(self, run, gic, cpu):
        """Why it cannot be had, if it cannot."""

    def log(self, text):
        """What to say of the system in force, from its own log."""

    def run(self, run, gic, cpu):
        """Until the machine is off, which is where the guest's PSCI call leads."""
        return execute(self.command(run, gic, cpu))

    def measure(self, run, gic, cpu):
        """Runs the guest. Returns its figures and what the log says."""
        text = self.run(run, gic, cpu)
        name = f"{self.name}-{self.setting_on(cpu)}-gicv{gic}-{cpu}-{run.name}.log"
        (WORK / re.sub(r"[^\w.]+", "-", name)).write_text(text, encoding="utf-8")
        return figures(text), self.log(text)


class Native(System):
    """The guest on the machine itself, at EL1; its stub at EL2 answers HVC with ERET."""

    name = "native"

    def command(self, run, gic, cpu):
        """For the two VMs of a run, one: what a round is without the other."""
        return qemu("virt,virtualization=on", gic, cpu, run.cpus, "512M", "-kernel", str(GUEST),
                    "-append", f"native {run.args}")


# The device that the bench guest has an interrupt from, if it has it
RTC = "/pl031@9010000"


class Vm:
    """A VM of a Bulkhead system."""

    def __init__(self, name, cpus, args, regions=1, devices=()):
        self.name = name
        self.cpus = cpus
        self.args = args
        self.regions = regions
        self.devices = devices

    def source(self):
        """Its node. 64 MiB, and for each further region of memory one more MiB."""
        reg = "<0x0 0x40000000  0x0 0x04000000>" + "".join(
            f", <0x0 {0x80000000 + (i << 24):#x}  0x0 0x00100000>"
            for i in range(self.regions - 1))
        devices = "".join(f'\n\t\tpassthrough = "{path}";' for path in self.devices)
        return f"""
	{self.name} {{
		compatible = "bulkhead,vm";
		cpus = <{" ".join(map(str, self.cpus))}>;
		kernel = <&bench>;
		bootargs = "{self.args}";{devices}

		memory@40000000 {{ reg = {reg}; }};
	}};
"""


def describe(name, vms, mitigations="off"):
    """A system description; returns the blob. What errata cost is measured by itself."""
    return compile_tree(name, f"""/dts-v1/;

/ {{
	compatible = "bulkhead,system";
	#address-cells = <2>;
	#size-cells = <2>;
	mitigations = "{mitigations}";

	images {{
		bench: bench {{ data = /incbin/("guests/bench.img"); }};
	}};
{"".join(vm.source() for vm in vms)}}};
""")


class Bulkhead(System):
    """The guest under Bulkhead."""

    name = "Bulkhead"

    def __init__(self, mitigations="off"):
        self.mitigations = mitigations

    def boot(self, description, gic, cpu, smp, memory="1G"):
        """The command line for any description."""
        return qemu("virt,virtualization=on", gic, cpu, smp, memory,
                    "-kernel", str(BUILD / "bulkhead.img"), "-initrd", str(description))

    def command(self, run, gic, cpu):
        """Each VM has all CPUs; the first one has the real-time clock."""
        vms = [Vm(f"vm{n}", range(run.cpus), run.args, devices=[] if n else [RTC])
               for n in range(run.vms)]
        name = f"bulkhead-{run.name}-{gic}-{cpu}-{self.mitigations}"
        return self.boot(describe(name, vms, self.mitigations), gic, cpu, run.cpus)


class Xen(System):
    """The guest as domU without a dom0, under Debian's Xen."""

    name = "Xen 4.17"
    MODULES = 0x60000000
    STRIDE = 0x01000000

    def __init__(self, setting):
        self.setting = setting
        self.image = DEPS / XEN_PACKAGE / "boot/xen-4.17-arm64"
        self.trouble = None
        if not self.image.exists() and not fetch(XEN_PACKAGE):
            self.trouble = f"this machine's apt sources have no {XEN_PACKAGE} for arm64"

    def missing(self, run, gic, cpu):
        """Xen's waits for another CPU are without YIELD, which QEMU's single thread needs."""
        if self.trouble:
            return self.trouble
        if run.cpus > 1:
            return "on more than one CPU, Xen stalls under -icount (it spins without YIELD)"
        return None

    def domain(self, number, run):
        """The node of one domU (docs/misc/arm/device-tree/booting.txt in Xen)."""
        address = self.MODULES + number * self.STRIDE
        return f"""
		domU{number} {{
			compatible = "xen,domain";
			#address-cells = <2>;
			#size-cells = <2>;
			memory = <0x0 0x10000>;
			cpus = <{run.cpus}>;
			vpl011;

			module@{address:x} {{
				compatible = "multiboot,kernel", "multiboot,module";
				reg = <0x0 {address:#x} 0x0 {GUEST.stat().st_size:#x}>;
				bootargs = "{run.args}";
			}};
		}};
"""

    def command(self, run, gic, cpu, options=""):
        """QEMU's own device tree, and the domains added to it."""
        machine = "virt,virtualization=on"
        name = f"xen-{run.name}-{gic}-{cpu}-{self.setting.replace(' ', '-')}"
        board = WORK / f"{name}-board.dtb"
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run(qemu(f"{machine},dumpdtb={board}", gic, cpu, run.cpus, "1G"),
                       stdin=subprocess.DEVNULL, capture_output=True, check=True)
        source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(board)],
                                capture_output=True, text=True, check=True).stdout
        arguments = " ".join(["console=dtuart bootscrub=0 sched=credit2", *self.setting.split()[1:],
                              options])
        domains = "".join(self.domain(n, run) for n in range(run.vms))
        tree = compile_tree(name, f"""{source}
/ {{
	chosen {{
		#address-cells = <2>;
		#size-cells = <2>;
		xen,xen-bootargs = "{arguments}";
{domains}
	}};
}};
""")
        loaders = [option for n in range(run.vms) for option in
                   ("-device", f"loader,file={GUEST},addr={self.MODULES + n * self.STRIDE:#x},"
                    "force-raw=on")]
        return qemu(machine, gic, cpu, run.cpus, "1G", "-kernel", str(self.image),
                    "-dtb", str(tree), *loaders)

    def run(self, run, gic, cpu):
        """Xen goes on when all its domains are off."""
        return execute(self.command(run, gic, cpu), until=DONE, times=run.vms)

    def log(self, text):
        """The scheduler that it really uses: one that it has not got, it replaces."""
        match = re.search(r"Using scheduler: (.*\S)", text)
        return f"scheduler: {match[1]}" if match else None


class Kvm(System):
    """The guest under Debian's Linux, with Debian's QEMU as the VMM."""

    name = "KVM 6.1"

    def __init__(self):
        self.initrd = WORK / "kvm.cpio"
        self.trouble = None
        try:
            WORK.mkdir(parents=True, exist_ok=True)
            kvm_host.make(DEPS, WORK / "kvm-host.cpio", GUEST, self.initrd)
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            self.trouble = f"its host cannot be made: {error}"

    def setting_on(self, cpu):
        """Linux uses VHE where there is VHE."""
        return "VHE" if cpu == "max" else "nVHE"

    def missing(self, run, gic, cpu):
        """Whatever was in the way when the host was made."""
        return self.trouble

    def command(self, run, gic, cpu):
        """Without the access that has to be decoded: KVM has the VMM end the guest for it."""
        args = run.args.replace("decode", "").replace(" ", ",")
        append = ("console=ttyAMA0 quiet nokaslr cryptomgr.notests "
                  f"bench.vms={run.vms} bench.vcpus={run.cpus} bench.args={args}")
        return qemu("virt,virtualization=on", gic, cpu, run.cpus, "2G",
                    "-kernel", str(BUILD / "guests/Image"), "-initrd", str(self.initrd),
                    "-append", append)

    def log(self, text):
        """The mode that KVM is in."""
        return "; ".join(line.strip() for line in re.findall(r"^HOST: (.* .*)", text, re.M))
