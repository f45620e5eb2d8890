#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the whole of Bulkhead does before guests run, and what it does when it
must not go on: wrong exception level, missing or damaged descriptions, and a
failure of its own.
"""

import pathlib
import re
import subprocess
import tempfile

from gdb_stub import PC, PSTATE, GdbStub, Listener
from qemu import BUILD, Fail, Machine
from atf import Case, run  # found through qemu

HELLO = BUILD / "hello.dtb"
SGI = BUILD / "guests/sgi/sgi.dtb"
FAR_CPU = BUILD / "guests/hello/far-cpu.dtb"
PAIR = BUILD / "linux-pair.dtb"
# mm/layout.h: where the CPUs' stacks are, and how much of each is memory
STACKS = 0xff8080000000
STACK_SLOT = 0x10000
STACK_SIZE = 0x2000
# What is the loaded guest's of registers that an exception to EL2 changes, or its vectors use
KEPT = ("ELR_EL2", "SPSR_EL2", "ESR_EL2", "FAR_EL2", "HPFAR_EL2", "SP_EL0", "TPIDR_EL0", "PAR_EL1")
# Deterministic: one instruction is one nanosecond, and idle time is skipped.
ICOUNT = ("-icount", "shift=0,sleep=off")


def expect_stop(machine, pattern):
    """The machine says why, starts no guest, and powers off."""
    machine.expect(pattern, vm="bulkhead")
    machine.wait_exit()
    if not machine.text_of("bulkhead")[-1].endswith(": no guest is started"):
        raise Fail("the last line does not say that no guest is started")
    guests = {vm for vm, _ in machine.lines} - {None, "bulkhead"}
    if guests:
        raise Fail(f"guests run: {guests}")


def hello(description=HELLO, **options):
    """The smallest system, from power-on to power-off."""
    with Machine(description, **options) as machine:
        machine.expect("Hello", vm="hello")
        machine.wait_exit()


def own_tree():
    """A guest gets the user's own tree, as it is: the generated one, with half of the memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tree, source, blob = folder / "tree.dtb", folder / "x.dts", folder / "x.dtb"
        generated = subprocess.run([str(BUILD / "bulkhead"), "guest-dts", "hello",
                                    str(BUILD / "guests/hello/hello.dtb")], check=True,
                                   capture_output=True).stdout
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(tree), "-"],
                       input=generated, check=True)
        subprocess.run(["fdtput", "-t", "x", str(tree), "/memory@40000000", "reg", "0", "40000000",
                        "0", "200000"], check=True)
        system = BUILD.parent / "tests/guests/hello/hello.dts"
        source.write_text(system.read_text().replace(
            "cpus = <0>;", "cpus = <0>; dtb = /incbin/(\"tree.dtb\");"))
        subprocess.run([str(BUILD / "bulkhead"), "build", str(source), "-o", str(blob)], check=True)
        with Machine(blob) as machine:
            machine.expect("Hello from a guest with 1 CPU, 2 MiB of memory", vm="hello")
            machine.wait_exit()


def ranges_shown():
    """Boot says where every range of memory is, that of a guest's firmware too."""
    with Machine(BUILD / "guests/flash/flash.dtb", smp=2) as machine:
        machine.expect(r"^neighbour: VMID 2, CPUs 1, \d+ [KM]iB in 2 ranges$", vm="bulkhead")
        machine.expect(r"^  memory 0x40000000-0x40ffffff at 0x[0-9a-f]+, 16 MiB$", vm="bulkhead")
        machine.expect(r"^  memory 0x0-0x[0-9a-f]+ at 0x[0-9a-f]+, \d+ KiB, rom$", vm="bulkhead")


def entered_at_el1():
    """Without virtualization, QEMU enters the image at EL1."""
    with Machine(HELLO, virtualization=False) as machine:
        machine.expect("entered at EL1: .*virtualization=on", vm="bulkhead")


def no_description():
    with Machine(None) as machine:
        expect_stop(machine, "there is no system description")


def damaged(part, pattern, change=lambda data: data):
    """Boots with the first part (of 1) of a description, changed."""
    data = change(HELLO.read_bytes())
    data = data[:int(part * len(data))]
    with tempfile.NamedTemporaryFile(suffix=".dtb") as file:
        file.write(data)
        file.flush()
        with Machine(file.name) as machine:
            expect_stop(machine, pattern)


def wrong_machine():
    """Every VM's mistake is reported, not only the first; nothing starts."""
    with Machine(PAIR, smp=1) as machine:
        machine.expect("linux-a.*cpus", vm="bulkhead")
        expect_stop(machine, "linux-b.*cpus")


def too_little_memory():
    with Machine(PAIR, mem="512M") as machine:
        expect_stop(machine, "memory")


def too_many_cpus():
    with Machine(HELLO, smp=257) as machine:
        expect_stop(machine, "the machine's tree has 257 CPUs: 1 to 256 are fine")


def put(tree, node, name, *cells):
    """Sets a property to some cells, given in hexadecimal."""
    subprocess.run(["fdtput", "-p", "-t", "x", tree, node, name, *cells], check=True)


def with_firmware(folder, name, smp, description):
    """Firmware made from tests/boot/<name>, and the tree of a machine whose memory it is in.

    Returns the firmware, the tree, and QEMU's options by which the image and the description are
    where the firmware and the tree have them.
    """
    source = pathlib.Path(__file__).resolve().parent / name
    firmware, tree = f"{folder}/firmware.elf", f"{folder}/tree.dtb"
    subprocess.run(["aarch64-linux-gnu-gcc", "-nostdlib", "-static", "-Wl,-Ttext=0x60000000",
                    "-Wl,--build-id=none", "-o", firmware, str(source)], check=True)
    board = f"virt,virtualization=on,gic-version=3,dumpdtb={tree}"
    subprocess.run(["qemu-system-aarch64", "-M", board, "-cpu", "cortex-a57", "-smp", str(smp),
                    "-m", "2G", "-display", "none"], check=True, capture_output=True,
                   stdin=subprocess.DEVNULL)
    put(tree, "/reserved-memory", "#address-cells", "2")
    put(tree, "/reserved-memory", "#size-cells", "2")
    put(tree, "/reserved-memory", "ranges")
    put(tree, "/reserved-memory/firmware@60000000", "reg", "0", "60000000", "0", "10000")
    put(tree, "/chosen", "linux,initrd-start", "0", "70000000")
    put(tree, "/chosen", "linux,initrd-end", "0", f"{0x70000000 + description.stat().st_size:x}")
    loader = "loader,file={},addr={:#x},force-raw=on"
    return firmware, tree, ("-dtb", tree,
                            "-device", loader.format(BUILD / "bulkhead.img", 0x40200000),
                            "-device", loader.format(description, 0x70000000))


def spin_table():
    """CPUs that wait for an address in memory, as on boards whose firmware has no PSCI."""
    with tempfile.TemporaryDirectory() as folder:
        firmware, tree, extra = with_firmware(folder, "spin_table.S", 4, SGI)
        for cpu in range(4):
            node = f"/cpus/cpu@{cpu}"
            subprocess.run(["fdtput", "-t", "s", tree, node, "enable-method", "spin-table"],
                           check=True)
            put(tree, node, "cpu-release-addr", "0", f"{0x60001000 + 8 * cpu:x}")
        with Machine(None, image=firmware, extra=extra) as machine:
            machine.expect("^DONE: [0-9]+ passed, 0 failed", vm="sgi")
            machine.wait_exit()


def firmware_workaround():
    """Exits begin with a call of the firmware, which changes x0 to x3; no guest sees it."""
    with tempfile.TemporaryDirectory() as folder:
        description = BUILD / "guests/sysregs/sysregs-shared.dtb"
        firmware, _, extra = with_firmware(folder, "firmware.S", 1, description)
        with Machine(None, image=firmware, smp=1, board="virt,virtualization=on,secure=on,"
                     "gic-version=3", extra=(*extra, "-semihosting-config", "enable=on")) as machine:
            for vm in ("left", "right"):
                machine.expect("^DONE: [0-9]+ passed, 0 failed", vm=vm)
            machine.expect("firmware: called more than 1000 times")
            machine.wait_exit()


def functions():
    """The hypervisor's functions: (address, name), by address."""
    listing = subprocess.run(["aarch64-linux-gnu-nm", "-n", str(BUILD / "bulkhead.elf")],
                             check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in listing.splitlines()]
    return [(int(address, 16), name) for address, kind, name in lines if kind in "tT"]


def address_of(name):
    """Where a function of the hypervisor is."""
    return next(address for address, other in functions() if other == name)


def wait_all_halted(gdb):
    """Stops the machine again and again until every CPU stands where CPUs halt."""
    table = functions()
    while True:
        gdb.interrupt()
        names = {next((name for address, name in reversed(table) if address <= pc), "")
                 for pc in gdb.program_counters()}
        if names <= {"panic_halt", "panic_exception", "fatal_entry"}:
            return
        gdb.resume()


def stack_depth():
    """How much of each CPU's EL2 stack was ever used; half of it is kept for what no test does."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "gdb"
        extra = ("-chardev", f"socket,path={path},server=on,wait=off,id=gdb", "-gdb", "chardev:gdb")
        with Machine(PAIR, extra=extra) as machine:
            machine.expect("Enter 'help' for a list", vm="linux-a")
            machine.expect("Enter 'help' for a list", vm="linux-b")
            machine.send("pingpong 100; reboot\n")
            machine.expect("Enter 'help' for a list", vm="linux-a")
            with GdbStub(path, machine) as gdb:
                gdb.run_to(address_of("exit_irq_fast"))
                for cpu in range(4):
                    top = STACKS + (cpu + 1) * STACK_SLOT
                    stack = gdb.read_memory(top - STACK_SIZE, STACK_SIZE)
                    used = STACK_SIZE - (len(stack) - len(stack.lstrip(b"\0")))
                    print(f"CPU {cpu}: {used} bytes of {STACK_SIZE}")
                    if not 0 < used <= STACK_SIZE // 2:
                        raise Fail(f"CPU {cpu} has used {used} bytes of its stack of {STACK_SIZE}")


def own_failure():
    """A jump to nowhere at EL2 is reported, and then no CPU does anything any more."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "gdb"
        extra = ("-chardev", f"socket,path={path},server=on,wait=off,id=gdb", "-gdb", "chardev:gdb")
        with Machine(PAIR, extra=extra) as machine:
            machine.expect("Enter 'help' for a list", vm="linux-b")
            with GdbStub(path, machine) as gdb:
                gdb.run_to(address_of("exit_irq_fast"))
                gdb.set_pc(0xdead0000)
                gdb.resume()
                machine.expect(r"CPU \d+ \(MPIDR [0-9a-f]+\) failed in EL2: synchronous", vm="bulkhead")
                machine.expect(r"ESR_EL2 .*EC 0x21: instruction abort")
                machine.expect(r"FAR_EL2 +00000000dead0000 +ELR_EL2 +00000000dead0000")
                machine.expect(r"x28 [0-9a-f]{16} +x29 [0-9a-f]{16}")
                machine.expect(r"backtrace: 00000000dead0000")
                machine.expect("all CPUs are halted")
                wait_all_halted(gdb)


def clearing_vectors():
    """Exits of a CPU that has CLRBHB, as far as it is told: no model of QEMU 7.2 has it."""
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(BUILD / "guests/sysregs/sysregs-shared.dtb", smp=1,
                      extra=listener.options) as machine):
            with listener.accept(machine) as gdb:
                gdb.run_to(address_of("mitigation_choose"))
                # struct mitigation_facts: isar2 is its third member
                gdb.write_memory(gdb.general(0) + 16, (1 << 28).to_bytes(8, "little"))
                gdb.run_to(address_of("exit_sync_fast"))
                if gdb.system("VBAR_EL2") != address_of("vectors_clear"):
                    raise Fail(f"VBAR_EL2 is {gdb.system('VBAR_EL2'):#x}")
                gdb.resume()
                for vm in ("left", "right"):
                    machine.expect("^DONE: [0-9]+ passed, 0 failed", vm=vm)
                machine.wait_exit()


def stage2_leaf(gdb, ipa):
    """Where the loaded guest's stage 2 descriptor for an address is, and what it is (DDI 0487, D8.3).

    4 KiB granule; the walk starts where VTCR_EL2 says, in tables that may be concatenated.
    """
    vtcr = gdb.system("VTCR_EL2")
    table = gdb.system("VTTBR_EL2") & 0xfffffffffffe
    level = 2 - (vtcr >> 6 & 3)
    width = 64 - (vtcr & 63) - (39 - 9 * level)
    while True:
        shift = 39 - 9 * level
        address = (table & ~0xfff) + 8 * (ipa >> shift & (1 << width) - 1)
        descriptor = gdb.read_physical(address)
        if level == 3 or descriptor & 3 != 3:
            return address, descriptor
        table, level, width = descriptor & 0xfffffffff000, level + 1, 9


def execute(gdb, pattern):
    """The current CPU, in EL2, executes an instruction of EL2's that objdump shows so, and only that.

    Returns the match.
    """
    listing = subprocess.run(["aarch64-linux-gnu-objdump", "-d", str(BUILD / "bulkhead.elf")],
                             check=True, capture_output=True, text=True).stdout
    match = re.search(rf"^ *([0-9a-f]+):.*\t{pattern}$", listing, re.M)
    before = gdb.general(PC)
    gdb.set_pc(int(match[1], 16))
    gdb.step()
    gdb.set_pc(before)
    return match


def set_system(gdb, name, value):
    """Writes a system register of the current CPU, in EL2, by an instruction of EL2's."""
    for n in range(31):
        gdb.set_general(n, value)  # whichever register it takes
    execute(gdb, rf"{name}, x\d+")


# Functions that find something by a number that a guest gives, by those that they may be part of
NUMBERED = [
    {"vgic_v3_write_dir"}, {"vgic_v2_dir_access"}, {"vgic_v3_write_sgi1r"},
    {"vgic_v3_redist_access"}, {"router_access", "dist_access", "vgic_v3_dist_access"},
    {"row_access", "vgic_row_access"}, {"write_ones", "vgic_row_access"}, {"vgic_write_enables"},
    {"cpu_on", "call", "vcpu_smccc_call"}, {"affinity_info", "call", "vcpu_smccc_call"},
    {"pgtable_lookup"},
]


def guests_numbers():
    """Speculation does not use a guest's number beyond its bounds: arm64/nospec.h."""
    listing = subprocess.run(["aarch64-linux-gnu-objdump", "-d", str(BUILD / "bulkhead.elf")],
                             check=True, capture_output=True, text=True).stdout
    bounded = {part.split(">", 1)[0] for part in re.split(r"^[0-9a-f]+ <", listing, flags=re.M)
               if re.search(r"\t(?:ngc\tx\d+|sbc\tx\d+, xzr), xzr\n.*\tcsdb *$", part, re.M)}
    missing = [names for names in NUMBERED if not names & bounded]
    if missing:
        raise Fail(f"no bounds for speculation in {missing}")


def pending_serror():
    """EL2 lets in an SError that is pending: what the vectors do with it.

    QEMU 7.2 raises none: the CPU is put where an SError would have put it, at the vector, with the
    address and the state of the function that lets it in.
    """
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(HELLO, smp=1, extra=listener.options) as machine):
            with listener.accept(machine) as gdb:
                gdb.run_to(address_of("exit_sync_fast"))
                set_system(gdb, "elr_el2", address_of("expect_serror") + 4)
                set_system(gdb, "spsr_el2", 0x2c9)  # EL2h, SErrors unmasked
                gdb.set_general(30, address_of("panic_halt"))
                gdb.set_pc(gdb.system("VBAR_EL2") + 0x380)
                gdb.run_to(address_of("panic_halt"))
                if gdb.general(1) != 1:
                    raise Fail("expect_serror() does not say that there was one")
                if gdb.general(PSTATE) & 0x3c0 != 0x3c0:
                    raise Fail(f"it returns with PSTATE {gdb.general(PSTATE):#x}")


def broken_tables():
    """The memory of a guest's translation tables fails while EL2 looks at them: it is the guest's.

    QEMU gives an external abort where no memory is, so the tables' page is put there for one
    instruction, the AT by which EL2 finds the guest's code.
    """
    nowhere = 0x7f00000000
    with tempfile.TemporaryDirectory() as folder:
        with (Listener(pathlib.Path(folder) / "gdb") as listener,
              Machine(BUILD / "guests/mmio/mmio.dtb", smp=1, extra=listener.options) as machine):
            with listener.accept(machine) as gdb:
                at = address_of("expect_at_s1e1r")
                gdb.run_to(at)
                kept = [gdb.system(name) for name in KEPT]
                va = gdb.general(0)
                ttbr = gdb.system("TTBR1_EL1" if va >> 55 & 1 else "TTBR0_EL1")
                leaf, descriptor = stage2_leaf(gdb, ttbr & 0xfffffffff000)
                gdb.write_physical(leaf, descriptor & ~0xfffffffff000 | nowhere)
                execute(gdb, "tlbi\\tvmalls12e1is")
                gdb.step()
                after = gdb.general(PC)
                gdb.write_physical(leaf, descriptor)
                execute(gdb, "tlbi\\tvmalls12e1is")
                print(f"AT of {va:#x}: then at {after:#x}, ESR {gdb.system('ESR_EL2'):#x}")
                if after != gdb.system("VBAR_EL2") + 0x200:
                    raise Fail("AT has taken no exception")
                if gdb.system("ESR_EL2") >> 26 != 0x25 or gdb.system("ESR_EL2") & 0x30 != 0x10:
                    raise Fail("AT has taken another exception")
                # back in fetch(), behind the call: everything of the guest's is as it was
                gdb.run_to(address_of("inject_data_abort"))
                if [gdb.system(name) for name in KEPT] != kept:
                    raise Fail("the guest's registers have changed")
                gdb.resume()
                # the load that EL2 was decoding is the one that has failed
                machine.expect(r"DONE: \d+ passed, 1 failed", vm="mmio")
                machine.wait_exit()
                if any("failed in EL2" in text for _, text in machine.lines):
                    raise Fail("EL2 took it for its own")


def cases():
    """One case for each thing that can be wrong, and the machines at the edges of what is supported."""
    def case(name, body, *args, **options):
        return Case(name, lambda: body(*args, **options))

    return [
        case("hello-gic3", hello),
        case("hello-gic2", hello, gic=2),
        case("hello-one-cpu", hello, smp=1, mem="1G"),
        case("hello-eight-cpus", hello, smp=8, mem="8G", cpu="max"),
        case("hello-cpu-255-of-256", hello, description=FAR_CPU, smp=256),
        case("cpus-257", too_many_cpus),
        case("hello-icount-gic3", hello, extra=ICOUNT),
        case("hello-icount-gic2", hello, gic=2, extra=ICOUNT),
        case("spin-table", spin_table),
        case("firmware-workaround", firmware_workaround),
        case("own-tree", own_tree),
        case("ranges-shown", ranges_shown),
        case("entered-at-el1", entered_at_el1),
        case("no-description", no_description),
        case("description-cut-in-header", damaged, 0.001, "system description"),
        case("description-cut-in-half", damaged, 0.5, "system description"),
        case("description-without-magic", damaged, 1.0, "system description",
             lambda data: b"\0\0\0\0" + data[4:]),
        case("wrong-machine", wrong_machine),
        case("too-little-memory", too_little_memory),
        case("own-failure", own_failure),
        case("stack-depth", stack_depth),
        case("clearing-vectors", clearing_vectors),
        case("broken-tables", broken_tables),
        case("guests-numbers", guests_numbers),
        case("pending-serror", pending_serror),
    ]


if __name__ == "__main__":
    run(cases())
