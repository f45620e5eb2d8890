# SPDX-License-Identifier: BSD-2-Clause
"""A client for QEMU's GDB stub: as much of GDB's remote protocol as it takes to
stop a CPU at an address and to change its program counter.

See "Remote Protocol" in GDB's manual.
"""

import re
import socket

PC = 32  # the number of the program counter among AArch64's registers: aarch64-core.xml
PSTATE = 33


class Listener:
    """For a machine that is to be watched from its first instruction on, which its stub connects
    to when it starts: options are QEMU's. Use as a context manager.
    """

    def __init__(self, path):
        self.options = ("-S", "-chardev", f"socket,path={path},id=gdb", "-gdb", "chardev:gdb")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(1)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._socket.close()

    def accept(self, machine):
        """The machine's stub; it has not begun to run."""
        machine.wait_for(self._socket, "connection of the GDB stub")
        return GdbStub(None, machine, self._socket.accept()[0])


class GdbStub:
    """A connection to a Machine's stub behind a Unix socket. Use as a context manager."""

    def __init__(self, path, machine, connection=None):
        self._machine = machine
        self._data = b""
        self._system = {}  # name: number
        if connection:
            self._socket = connection
        else:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(path))
            self.receive()  # the machine stops when somebody connects
        # QEMU gives access to single registers only to those who know their description.
        self.command("qXfer:features:read:target.xml:0,fff")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._socket.close()

    def send(self, packet):
        """Sends one packet; the stub's acknowledgement is skipped by receive()."""
        text = packet.encode()
        self._socket.sendall(b"$" + text + b"#%02x" % (sum(text) & 0xff))

    def receive(self):
        """Waits for the next packet and acknowledges it."""
        while True:
            start = self._data.find(b"$")
            end = self._data.find(b"#", start)
            if 0 <= start < end and len(self._data) >= end + 3:
                packet = self._data[start + 1:end]
                self._data = self._data[end + 3:]
                self._socket.sendall(b"+")
                return packet.decode()
            self._machine.wait_for(self._socket, "answer of the GDB stub")
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("the GDB stub hung up")
            self._data += data

    def command(self, packet):
        """Sends a packet and returns the answer."""
        self.send(packet)
        return self.receive()

    def run_to(self, address):
        """Lets the machine run until a CPU gets to the address; that CPU is then the current one.
        Returns it, for select().
        """
        answer = self.command(f"Z1,{address:x},4")
        if answer != "OK":
            raise ConnectionError(f"the GDB stub takes no breakpoint: {answer}")
        stop = re.search("thread:([^;]+);", self.command("c"))
        self.command(f"z1,{address:x},4")
        return stop[1]

    def select(self, cpu):
        """Another CPU is the current one."""
        if self.command(f"Hg{cpu}") != "OK":
            raise ConnectionError(f"the GDB stub knows no CPU {cpu}")

    def run_to_one_of(self, addresses):
        """The same, whichever it is; returns False if the machine ends before."""
        for address in addresses:
            self.command(f"Z1,{address:x},4")
        try:
            return self.command("c").startswith("T")
        except ConnectionError:
            return False

    def set_general(self, n, value):
        """Sets x<n> of the current CPU; n = PC: the program counter."""
        if self.command(f"P{n:x}={value.to_bytes(8, 'little').hex()}") != "OK":
            raise ConnectionError(f"the GDB stub does not set register {n}")

    def set_pc(self, value):
        """Sets the current CPU's program counter."""
        self.set_general(PC, value)

    def read_memory(self, address, size):
        """Bytes at a virtual address, as the current CPU translates it now."""
        data = b""
        while len(data) < size:
            part = min(1024, size - len(data))
            answer = self.command(f"m{address + len(data):x},{part:x}")
            data += bytes.fromhex(answer)
            if len(answer) != 2 * part:
                raise ConnectionError(f"the GDB stub does not read {address:#x}: {answer}")
        return data

    def _number(self, packet):
        """The 32 or 64 bits of a little-endian answer."""
        answer = self.command(packet)
        if len(answer) not in (8, 16):
            raise ConnectionError(f"the GDB stub does not answer {packet}: {answer}")
        return int.from_bytes(bytes.fromhex(answer), "little")

    def general(self, n):
        """x<n> of the current CPU; n = PC: the program counter."""
        return self._number(f"p{n:x}")

    def system(self, name):
        """A system register of the current CPU, by the name that QEMU gives it."""
        if not self._system:
            text, more = "", True
            while more:
                answer = self.command(f"qXfer:features:read:system-registers.xml:{len(text):x},ff0")
                text, more = text + answer[1:], answer[0] == "m"
            for register in re.findall(r"<reg [^>]*>", text):
                fields = dict(re.findall(r'(\w+)="([^"]*)"', register))
                self._system[fields["name"]] = int(fields["regnum"])
        return self._number(f"p{self._system[name]:x}")

    def write_memory(self, address, data):
        """Stores bytes at a virtual address, as the current CPU translates it now."""
        answer = self.command(f"M{address:x},{len(data):x}:{data.hex()}")
        if answer != "OK":
            raise ConnectionError(f"the GDB stub does not write {address:#x}: {answer}")

    def read_physical(self, address):
        """The 64 bits at a physical address."""
        self.command("Qqemu.PhyMemMode:1")
        value = self._number(f"m{address:x},8")
        self.command("Qqemu.PhyMemMode:0")
        return value

    def write_physical(self, address, value):
        """Stores 64 bits at a physical address."""
        self.command("Qqemu.PhyMemMode:1")
        self.write_memory(address, value.to_bytes(8, "little"))
        self.command("Qqemu.PhyMemMode:0")

    def step(self):
        """The current CPU executes one instruction, or takes an exception instead."""
        self.command("s")

    def resume(self):
        """The machine goes on."""
        self.send("c")

    def interrupt(self):
        """Stops all CPUs."""
        self._socket.sendall(b"\x03")
        self.receive()

    def program_counters(self):
        """Every CPU's program counter, while they are stopped."""
        threads = []
        answer = self.command("qfThreadInfo")
        while answer.startswith("m"):
            threads += answer[1:].split(",")
            answer = self.command("qsThreadInfo")
        values = []
        for thread in threads:
            self.command(f"Hg{thread}")
            values.append(int.from_bytes(bytes.fromhex(self.command(f"p{PC:x}")), "little"))
        return values
