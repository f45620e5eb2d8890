// SPDX-License-Identifier: BSD-2-Clause
/*
 * Colours and fonts of the picture. Each VM has a colour as a class: pale with dark text in it, or
 * deep with pale text in it where the viewer prefers dark; lines have a strong one of the same hue.
 * The hues follow Okabe and Ito, whose colours differ for colour-blind readers too. Neighbours in
 * the list differ in brightness as well, and all boxes have names: no fact is told by colour alone.
 *
 * There are no variables and no nested rules: renderers beside browsers do not know them.
 */
#include "tools/svg.h"

/* clang-format off */

/*          class   pale, its line         deep, its line */
#define COLOURS(X) \
	X("c0", "#b9d9f2", "#0068a8", "#1c4668", "#74bcf0") /* blue */ \
	X("c1", "#fbdca6", "#a35f00", "#5c3f0a", "#f0b454") /* orange */ \
	X("c2", "#b4e3d0", "#00735a", "#0e5140", "#52cda8") /* green */ \
	X("c3", "#f3d0e3", "#a33f7c", "#5e2b4b", "#ea9fcc") /* purple */ \
	X("c4", "#f3eb9e", "#7a7000", "#524b00", "#e6dc58") /* yellow */ \
	X("c5", "#f7c5ab", "#b04400", "#6a3013", "#fa9a70") /* vermilion */ \
	X("c6", "#d5cef6", "#5a48b8", "#3c3378", "#b3a8fa") /* violet */ \
	X("c7", "#cfd9b4", "#56661f", "#3e4a1c", "#b9cb74") /* olive */

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
    "  .reserved { fill: #e2d5bf; stroke: #766443; }\n" COLOURS(
	LIGHT) "  rect.frame { fill: none; }\n"
	       "  @media (prefers-color-scheme: dark) {\n"
	       "    .bg, path.gash { fill: #14171a; }\n"
	       "    text { fill: #eceef0; }\n"
	       "    .dim { fill: #a9b0b8; }\n"
	       "    path.axis, path.torn { stroke: #a9b0b8; }\n"
	       "    .free { fill: #22262a; stroke: #7e868e; }\n"
	       "    .bulkhead { fill: #4a5057; stroke: #b0b7be; }\n"
	       "    .reserved { fill: #554a34; stroke: #cdb98f; }\n" COLOURS(DARK) "  }\n"
										   "</style>\n";
