# SPDX-License-Identifier: BSD-2-Clause
"""What the bench guest measures: the rows of the table, and why one can be empty."""

import re

# Operation, and what it is. The order is the table's.
ROWS = [
    ("hvc_psci_version", "null hypercall (PSCI_VERSION)"),
    ("hvc_smccc_version", "SMCCC_VERSION"),
    ("hvc_unknown", "unknown SMCCC call"),
    ("sysreg_id_aa64pfr0", "trapped ID register (ID_AA64PFR0_EL1)"),
    ("sysreg_id_aa64mmfr0", "trapped ID register (ID_AA64MMFR0_EL1)"),
    ("sysreg_actlr", "trapped register (ACTLR_EL1)"),
    ("sysreg_cntp_ctl", "physical timer (CNTP_CTL_EL0)"),
    ("sysreg_cntv_ctl", "virtual timer (CNTV_CTL_EL0)"),
    ("gicd_typer_read", "GICD_TYPER read"),
    ("gicd_isenabler_write_0", "GICD_ISENABLER write of 0"),
    ("gicd_isenabler_write", "GICD_ISENABLER write, enables an SPI"),
    ("gicr_typer_read", "GICR_TYPER read"),
    ("uart_status_read", "emulated UART status read"),
    ("uart_transmit", "emulated UART transmit"),
    ("mmio_decode", "MMIO that has to be decoded"),
    ("first_touch_page", "first touch of memory, per page"),
    ("sgi_self", "SGI to itself, to handler"),
    ("sgi_self_loop", "SGI to itself, taken and ended"),
    ("eoi", "EOI"),
    ("deactivate", "deactivation"),
    ("sgi_cpu_running", "SGI to another CPU, running"),
    ("sgi_cpu_wfi", "SGI to another CPU, in WFI"),
    ("sgi_3_cpus_running", "SGI to 3 CPUs, running"),
    ("sgi_3_cpus_wfi", "SGI to 3 CPUs, in WFI"),
    ("sgi_7_cpus_running", "SGI to 7 CPUs, running"),
    ("sgi_7_cpus_wfi", "SGI to 7 CPUs, in WFI"),
    ("timer_running", "virtual timer to handler, running"),
    ("timer_wfi", "virtual timer to handler, in WFI"),
    ("timer_wfi_4ms", "the same after 4 ms"),
    ("wfi_wake", "virtual timer to behind WFI"),
    ("spi_device", "device's SPI to handler (PL031)"),
    ("world_switch", "switch to another VM"),
    ("bhb_exit", "against branch history, each exit"),
    ("serror_exit", "whose an SError is, each exit"),
    ("serror_switch", "whose an SError is, each switch"),
]

TITLES = dict(ROWS)
OWN_COSTS = {"bhb_exit", "serror_exit", "serror_switch"}  # mitigations.py
GICV3_ONLY = {"gicr_typer_read"}

# Where the reason is the system's: (system's name, operation) -> why there is no figure.
REASONS = {
    ("Xen", "spi_device"): "no device is passed through to the guest",
    ("KVM", "mmio_decode"): "KVM leaves it to the VMM, which ends the guest",
    ("native", "world_switch"): "there is one world",
    ("Xen", "world_switch"): "a VM in WFI keeps the CPU with vwfi=native",
}


def reason(system, operation, gic):
    """Why a system that did run has no figure of an operation."""
    if gic == 2 and operation in GICV3_ONLY:
        return "GICv2 has no redistributor"
    if operation in OWN_COSTS and system != "Bulkhead":
        return "what Bulkhead's other figures are without; the others' have theirs in them"
    return REASONS.get((system.split()[0], operation), "the guest could not measure it")


def add_world_switch(figures, own):
    """Makes the switch out of a round: `own` is what each of the two VMs executes in it itself.

    A round with less than both is one in which the other VM did not run.
    """
    total = figures.pop("share_round", 0)
    if own and total > 2 * own:
        figures["world_switch"] = (total - 2 * own) // 2


def untold(figures):
    """Operations that have no row: a mistake."""
    return sorted(name for name in figures if name not in TITLES and name != "nothing"
                  and not re.match(r"share_", name))


def of_run(name):
    """The operations that a run of systems.RUNS measures."""
    cpus = [operation for operation, _ in ROWS if re.match(r"sgi_(cpu|\d)", operation)]
    if name == "cpus":
        return cpus
    if name == "share":
        return ["world_switch"]
    return [operation for operation, _ in ROWS
            if operation not in cpus and operation not in OWN_COSTS | {"world_switch"}]
