// SPDX-License-Identifier: BSD-2-Clause
/*
 * Colours and fonts of the picture. Each VM has a colour as a class: one for dark text, and one for
 * light text where the viewer prefers dark; lines have a strong one of the same hue. Any two
 * colours differ in hue and in brightness, as much as colour-blind readers see: the tests measure
 * it. All boxes have names too: no fact is told by colour alone.
 *
 * There are no variables and no nested rules: renderers beside browsers do not know them.
 */
#include "tools/svg.h"

/* clang-format off */

/*         class  light, its line       dark, its line */
#define COLOURS(X) \
	X("c0", "#5cadff", "#064572", "#0368b5", "#cddcfd") /* blue */ \
	X("c1", "#ffc78a", "#845202", "#7e5704", "#ffcb80") /* orange */ \
	X("c2", "#9ef5c2", "#057849", "#197449", "#78f3b0") /* green */ \
	X("c3", "#d692cd", "#731c6d", "#9b4687", "#ffcdf0") /* purple */ \
	X("c4", "#d6c155", "#5d5300", "#6b6730", "#e7df85") /* yellow */ \
	X("c5", "#e89e90", "#822a20", "#44271b", "#cf8e74") /* vermilion */ \
	X("c6", "#e5c6fe", "#724c95", "#4f1e65", "#d288f0") /* violet */ \
	X("c7", "#96b35a", "#324a02", "#224b0f", "#88c468") /* olive */

/* clang-format on */

#define LIGHT(name, pale, line, deep, bright)                                                      \
	"  ." name " { fill: " pale "; stroke: " line "; }\n"                                      \
	"  .dot." name " { fill: " line "; }\n"
#define DARK(name, pale, line, deep, bright)                                                       \
	"    ." name " { fill: " deep "; stroke: " bright "; }\n"                                  \
	"    .dot." name " { fill: " bright "; }\n"

const char svg_style[] =
    "<style>\n"
    "  text { font: 11px \"DejaVu Sans Mono\", Menlo, Consolas, \"Liberation Mono\", monospace; }\n"
    "  .title { font: bold 18px sans-serif; }\n"
    "  .head { font: bold 14px sans-serif; }\n"
    "  .name { font-weight: bold; }\n"
    "  .end { text-anchor: end; }\n"
    "  .middle { text-anchor: middle; }\n"
    "  rect { stroke-width: 1; }\n"
    "  rect.loose { fill-opacity: 0.4; }\n"
    "  path.band { fill-opacity: 0.45; stroke-opacity: 0.7; stroke-width: 0.8; }\n"
    "  path.tie { fill: none; stroke-width: 1.6; }\n"
    "  path.axis { fill: none; stroke-width: 1.6; }\n"
    "  path.torn { fill: none; stroke-width: 0.9; }\n"
    "  path.enlarged { stroke-dasharray: 1.5 2.5; }\n"
    "  .bg, path.gash { fill: #ffffff; }\n"
    "  text { fill: #1a1d21; }\n"
    "  .dim { fill: #555c64; }\n"
    "  path.axis, path.torn { stroke: #555c64; }\n"
    "  .card { fill: #ffffff; }\n"
    "  .free { fill: #f3f4f6; stroke: #7c848c; }\n"
    "  .bulkhead { fill: #c9ced4; stroke: #454b52; }\n"
    "  .reserved { fill: #928a85; stroke: #5a4f46; }\n" COLOURS(
	LIGHT) "  rect.frame { fill: none; }\n"
	       "  @media (prefers-color-scheme: dark) {\n"
	       "    .bg, path.gash { fill: #14171a; }\n"
	       "    text { fill: #eceef0; }\n"
	       "    .dim { fill: #a9b0b8; }\n"
	       "    path.axis, path.torn { stroke: #a9b0b8; }\n"
	       "    .free { fill: #22262a; stroke: #7e868e; }\n"
	       "    .bulkhead { fill: #4a5057; stroke: #b0b7be; }\n"
	       "    .reserved { fill: #50453b; stroke: #cdb9a4; }\n" COLOURS(DARK) "  }\n"
										   "</style>\n";
