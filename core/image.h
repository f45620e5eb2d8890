/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's sections, as boot/bulkhead.lds lays them out.
 */
#pragma once

/* Section boundaries, page-aligned except image_file_end */
extern const char image_start[], idmap_start[], text_end[];
extern const char init_text_start[], init_text_end[];
extern const char rodata_end[], init_rodata_start[], init_rodata_end[];
extern const char image_file_end[], bss_start[], bss_end[], image_end[];
