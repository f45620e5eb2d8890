#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command line of bulkhead: every option with every command, what is said of mistakes, and that
help, manual and completion know all of it.
"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

from common import (BUILD, COMMANDS, ROOT, TOOL, VIRT, Files, description, expect, expect_not, plain,
                    tool)  # found beside this
from atf import Case, Fail, run  # found through common

PAIR = ROOT / "configs/linux-pair.dts"
# What may stand behind an option that has a value.
VALUES = {"--host": VIRT, "--format": "json", "--gic": "3", "--cpu": "cortex-a57", "--smp": "4",
          "--memory": "2G", "--disk": "/dev/null", "--image": BUILD / "bulkhead.img",
          "--offset": "0x200000", "-I": ROOT, "--color": "never"}


def options_of(*command):
    """{option: whether it has a value}, by what --help prints."""
    out, _ = plain(*command, "--help")
    return {name: bool(value) for name, value in
            re.findall(r"^  (?:-o, )?(--?[a-zA-Z][a-z-]*)( \S+)?", out.split("options:")[1], re.M)}


def call(command, files):
    """Its operands, and what it cannot do without."""
    needed = {"map": ["--host", VIRT], "build": ["-o", files.path("out.dtb")], "run": ["--dry-run"]}
    operands = {"guest-dts": ["linux-a", PAIR], "init": [files.path("new.dts")]}
    return [command, *operands.get(command, [PAIR]), *needed.get(command, [])]


def every_option():
    """With each command, each option has an effect, or is an error that says whose it is."""
    known = options_of()
    if len(known) < 20 or set(known) != {o for c in COMMANDS for o in options_of(c)}:
        raise Fail(f"options: {known}")
    with Files() as files:
        fits = {command: options_of(command) for command in COMMANDS}
        for command in COMMANDS:
            for option, has_value in known.items():
                if option in ("--help", "--version"):
                    continue
                value = [VALUES.get(option, files.path("value"))] if has_value else []
                more = ["--host", VIRT] if option in ("--image", "--offset") and command in (
                    "check", "build") else []
                arguments = [*call(command, files), option, *value, *more]
                files.path("new.dts").unlink(missing_ok=True)
                done = subprocess.run([str(BUILD / "bulkhead"), *map(str, arguments)], text=True,
                                      capture_output=True, check=False)
                refused = re.search(rf"^bulkhead: {option} is an option of (.*), not of {command}$",
                                    done.stderr, re.M)
                if bool(refused) == (option in fits[command]):
                    raise Fail(f"{arguments}: {done}")
                if refused and done.returncode != 2:
                    raise Fail(f"{arguments}: exit code {done.returncode}")
                owners = sorted(re.findall(r"[\w-]+", re.sub(" or ", ", ", refused[1]))
                                ) if refused else None
                if refused and owners != sorted(c for c in COMMANDS if option in fits[c]):
                    raise Fail(f"{arguments}: {refused[0]}")
                # An option that is taken fails for want of a virtio slot only.
                if not refused and done.returncode != 0:
                    expect(done.stderr, "no VM has a virtio slot")


def mistakes():
    """What is wrong, and what was probably meant."""
    with Files() as files:
        dts = files.write("x.dts", description())
        for arguments, said in [
                ([], "which command\\?"),
                (["chek", dts], "unknown command: chek: did you mean check\\?"),
                (["frobnicate", dts], "unknown command: frobnicate$"),
                (["check"], "check needs FILE$"), (["guest-dts", dts], "guest-dts needs VM and FILE"),
                (["map", dts], "map needs the machine's device tree: --host DTB"),
                (["build", dts], "build needs -o FILE.dtb"),
                (["check", dts, "y"], "check takes only FILE, not also y"),
                (["check", ""], "the name of the file is empty"),
                (["check", dts, "--strct"], "unknown option: --strct: did you mean --strict\\?"),
                (["check", dts, "--formt=json"], "--formt=json: did you mean --format\\?"),
                (["check", dts, "--nonsense"], "unknown option: --nonsense$"),
                (["check", dts, "-q"], "unknown option: -q$"),
                (["check", dts, "--host"], "--host needs a value: DTB"),
                (["check", dts, "--host", ""], "--host: its value is empty"),
                (["check", dts, "--strict=1"], "--strict has no value"),
                (["check", dts, "--format", "xml"], "--format is text\\|json, not xml"),
                (["check", dts, "--color", "red"], "--color is auto\\|always\\|never, not red"),
                (["run", dts, "--gic", "5"], "--gic is 2\\|3, not 5"),
                (["check", dts, "-I", "nowhere"], "-I nowhere: there is no such folder"),
                (["check", dts, *["-I", "."] * 17], "-I \\.: there may be 16 of them"),
                (["check", dts, "--offset", "0x200000"], "--host DTB is missing"),
                (["check", dts, "--host", VIRT, "--offset", "5"], "--offset: is a multiple of 0x2"),
                (["check", dts, "--host", VIRT, "--image", dts], "x.dts: is no Image"),
                (["build", dts, "-o", "y", "--no-check", "--host", VIRT],
                 "leave one of them out"),
                (["check", "run", "--", "x"], "check takes only FILE, not also x")]:
            _, err = plain(*arguments, code=2)
            expect(err, f"^bulkhead: .*{said}")
            if len(err.splitlines()) > 2:
                raise Fail(f"{arguments}: {err}")
        # behind --, an operand may look like an option
        files.write("-x.dts", description())
        plain("check", "--", "-x.dts", cwd=files.path("."))


def usage():
    out, _ = plain("--help")
    expect(out, *[f"^  {command} " for command in COMMANDS])
    expect(plain("--version")[0], r"^bulkhead \d")
    for command in COMMANDS:
        expect(plain(command, "--help")[0], f"^usage: bulkhead {command} ")


def streams():
    """Output that cannot be written, that nobody reads, or that is closed."""
    full = subprocess.run([TOOL[0], "--help"], stdout=open("/dev/full", "w", encoding="ascii"),
                          stderr=subprocess.PIPE, check=False)
    if full.returncode != 2:
        raise Fail(f"output that cannot be written: exit code {full.returncode}")
    with Files() as files:
        wrong = files.write("wrong.dts", description("bootarg = \"x\";"))
        good = files.write("good.dts", description())
        # who has read enough is no error of ours
        done = subprocess.run(["bash", "-c", f"{' '.join(TOOL)} guest-dts first {good} | :; "
                               "echo ${PIPESTATUS[0]}"], capture_output=True, text=True,
                              check=False)
        if done.stderr or done.stdout not in ("0\n", "141\n"):
            raise Fail(f"into a pipe that nobody reads: {done}")
        for arguments, code in [(f"check {wrong}", 2), (f"guest-dts first {good}", 2),
                                (f"build {good} -o {files.path('out')}", 0)]:
            done = subprocess.run(["sh", "-c", f"exec {' '.join(TOOL)} {arguments} <&- >&-"],
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode != code or (code and "Bad file descriptor" not in done.stderr):
                raise Fail(f"{arguments}, closed: {done}")


def completed(*words):
    """What bash would offer for the last one."""
    script = ("source tools/completion.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _bulkhead; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    return subprocess.run(["bash", "-c", script, "bash", "bulkhead", *words], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout.split()


def manual():
    """The manual and the completion know every command and option that --help knows."""
    page = (ROOT / "tools/bulkhead.1").read_text()
    for option in options_of():
        expect(page, re.escape(f"Fl {option[1:]}"))
    for command in COMMANDS:
        expect(page, f"Cm {command}")
        synopsis = re.search(rf"^\.Nm\n\.Cm {command}\n(.*?)^\.(?:Nm|Sh)", page, re.M | re.S)[1]
        for option in re.findall(r"Fl (-?[a-zA-Z][a-z-]*)", synopsis):
            if f"-{option}" not in {**options_of(command), "-o": True}:
                raise Fail(f"{command} in the manual: -{option}")
        offered = {option for option in completed(command, "-") if option != "-o"}
        if offered != set(options_of(command)):
            raise Fail(f"{command}: {sorted(offered ^ set(options_of(command)))}")
    if completed("") != COMMANDS or completed("check", "--f") != ["--format"]:
        raise Fail(f"{completed('')} {completed('check', '--f')}")


if __name__ == "__main__":
    run([Case("every-option", every_option), Case("mistakes", mistakes), Case("usage", usage),
         Case("streams", streams), Case("manual", manual)])
