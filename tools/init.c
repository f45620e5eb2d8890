// SPDX-License-Identifier: BSD-2-Clause
/*
 * bulkhead init: a first description, which boots as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "tools/tool.h"

static const char template[] =
    "// -*- mode: dts -*- vim: set filetype=dts:\n"
    "// $schema: file://%s/bulkhead,system.yaml\n"
    "//\n"
    "// A system description. Every node with \"bulkhead,vm\" is a virtual machine.\n"
    "//\n"
    "//     bulkhead run FILE                  checks it and boots it in QEMU\n"
    "//     bulkhead check FILE --host DTB     would it boot on the machine with this tree?\n"
    "/dts-v1/;\n"
    "\n"
    "#include <bulkhead.h>\n"
    "\n"
    "/ {\n"
    "\tcompatible = \"bulkhead,system\";\n"
    "\t#address-cells = <2>;\n"
    "\t#size-cells = <2>;\n"
    "\n"
    "\tfirst {\n"
    "\t\tcompatible = \"bulkhead,vm\";\n"
    "\n"
    "\t\t/* vCPU 0 runs on CPU 0; <0 1> would be two vCPUs. */\n"
    "\t\tcpus = <0>;\n"
    "\n"
    "\t\t/*\n"
    "\t\t * A guest that greets and powers off. For Linux: the file of its Image, which is\n"
    "\t\t * searched for beside this file, and these, too:\n"
    "\t\t *\n"
    "\t\t *\tinitrd = /incbin/(\"rootfs.cpio.gz\");\n"
    "\t\t *\tbootargs = \"console=ttyAMA0\";\n"
    "\t\t */\n"
    "\t\tkernel = /incbin/(\"guests/hello.img\");\n"
    "\n"
    "\t\t/* A device of the machine, by its path in the machine's tree: */\n"
    "\t\t/* passthrough = \"/pl031@9010000\"; */\n"
    "\n"
    "\t\t/* Where the guest sees its memory, and how much it is. */\n"
    "\t\tmemory@40000000 { reg = <ADDRESS(0x40000000) MIB(64)>; };\n"
    "\t};\n"
    "};\n";

int tool_init(const struct tool_options *options)
{
	char bindings[PATH_MAX];
	bool ok;
	int fd, n;

	tool_path(bindings, "dts/bindings");
	/* what somebody has written is not replaced */
	fd = open(options->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		tool_fail(options->file, strerror(errno));
		return TOOL_FAILED;
	}
	n = dprintf(fd, template, bindings);
	ok = n > 0;
	if (!ok)
		tool_fail(options->file, strerror(errno));
	if (close(fd) != 0 || !ok) {
		unlink(options->file);
		return TOOL_FAILED;
	}
	return TOOL_OK;
}
