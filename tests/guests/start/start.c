/*
 * What a guest finds when it starts: its device tree, where it was promised.
 *
 * Bootargs: tree=N, the address of the device tree, which is in x0 too.
 */
#include "tests/guests/lib/fdt.h"
#include "tests/guests/lib/guest.h"

static void check_tree(void)
{
	uint64_t address = machine_number("tree", 0);

	check_equal(machine.dtb.base, address, "x0 has the device tree's address");
	check(fdt_size((const void *)address) != 0, "there is a device tree at %#llx",
	      (unsigned long long)address);
}

void guest_main(void)
{
	check_tree();
}
