# SPDX-License-Identifier: BSD-2-Clause
"""What CPUs' errata and attributing SErrors cost: all other figures are without (docs/security.md).

Measured as differences to the same run with `mitigations = "off"`.
"""

from systems import RUNS, Bulkhead

# The predictor of this model has no history, so that SErrors are all that is left.
NO_HISTORY = "cortex-a53"

ROWS = ["bhb_exit", "serror_exit", "serror_switch"]


def difference(run, operation, gic, cpu):
    """Instructions more with mitigations on."""
    on, off = (Bulkhead(mitigations).measure(run, gic, cpu)[0][operation]
               for mitigations in ("on", "off"))
    return on - off


def measure(gic, cpu):
    """{operation: instructions}: of an exit, and of a turn of two VMs, which each have one switch."""
    one, share = (next(run for run in RUNS if run.name == name) for name in ("one", "share"))
    serror = difference(one, "hvc_psci_version", gic, NO_HISTORY)
    return {
        "bhb_exit": difference(one, "hvc_psci_version", gic, cpu) - serror,
        "serror_exit": serror,
        "serror_switch": difference(share, "share_round", gic, NO_HISTORY) // 2,
    }
