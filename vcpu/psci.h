/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware that a guest sees: PSCI 1.1 (DEN0022) and SMCCC 1.2 (DEN0028),
 * by HVC, and by SMC with the same answers.
 */
#pragma once

struct exit_result;
struct vcpu;

/*
 * A guest's call: function identifier in x0, arguments in x1 to x3, the
 * result in x0. An unknown function returns SMCCC_NOT_SUPPORTED. A fast path
 * (vcpu/exit.h) that never returns EXIT_SLOW.
 */
struct exit_result vcpu_smccc_call(struct vcpu *vcpu);
