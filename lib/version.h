/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The version: in the banner, of the command, of the package. A release has the tag
 * v<version> (CONTRIBUTING.md).
 */
#pragma once

#define BULKHEAD_VERSION "0.1"
