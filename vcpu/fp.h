/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FP and Advanced SIMD registers (vcpu/fp.S): V0-V31, FPSR, FPCR. The caller
 * has made them accessible at EL2 (CPTR_EL2.TFP clear). EL2's own code uses
 * none of them.
 */
#pragma once

#include "vcpu/context.h"

void fp_save(struct vcpu_fp *fp);
void fp_load(const struct vcpu_fp *fp);
