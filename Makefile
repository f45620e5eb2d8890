# SPDX-License-Identifier: BSD-2-Clause
# Bulkhead's Makefile; how tests are built is in tests/build.mk.
#
#   make         build/bulkhead.img, build/bulkhead.elf, and build/<name>.dtb for configs/<name>.dts
#   make debug   build/debug/bulkhead.img, which checks more while it runs, such as the locks' order
#   make run     boots CONFIG in QEMU:  make run CONFIG=configs/linux-pair.dts GIC=3 CPU=cortex-a57
#   make check   builds and runs all tests (TESTS="unit boot/guest_test" only some)
#   make soak    what takes longer than check should
#   make bench   costs of exits, beside Xen's and KVM's; make bench-update accepts those of ours
#   make lint    format, static analysis, layering
#   make clean   removes build/
#   make install copies image, command and all that it needs to DESTDIR/PREFIX
#   make help    prints this
#
# make run: CONFIG, GIC=2|3, CPU=model, SMP=n, MEM=size, DISK=file, OFFSET=bytes, ARGS="QEMU's".
# Everything goes into build/. What is missing on the machine, scripts/deps installs. V=1 shows the
# commands. LIBFDT=dir takes libfdt.a for arm64 and its headers from there instead of Debian's
# libfdt-dev.

MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all always help debug run install check soak tests bench bench-update lint clean

B := build
CONFIG ?= configs/linux-pair.dts
GIC ?= 3
CPU ?= cortex-a57
SMP ?= 4
MEM ?= 2G
PREFIX ?= /usr/local
CROSS ?= aarch64-linux-gnu-
HOSTCC ?= gcc
CLANG ?= clang
LLD ?= ld.lld
FUZZCC ?= $(CLANG)
LIBFDT ?= $(B)/deps/libfdt
HOST_LIBFDT ?= -lfdt
TESTS ?=

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s%s\n' '$(1)' '$(patsubst $(B)/%,%,$(2))')

systems := $(sort $(wildcard configs/*.dts))
system_dtb = $(B)/$(notdir $(1:.dts=.dtb))
all: $(B)/bulkhead.img $(B)/bulkhead $(B)/guests/hello.img $(foreach s,$(systems),$(call system_dtb,$(s)))

help:
	@sed -n '/^#   make /,/^$$/s/^# \{0,1\}//p' Makefile

# ---- The hypervisor: every .c and .S of these folders -------------------------------------------

folders := lib arm64 fdt mm drivers core console sched vdev vcpu boot
sources := $(wildcard $(folders:%=%/*.c) $(folders:%=%/*.S))

WARNINGS := -Wall -Wextra -Werror -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla -Wwrite-strings -Wcast-qual
# All files follow the plain AAPCS64: no flag changes which registers survive a call. General registers
# only: the others are guests'. No outlined atomics: their helpers are in libgcc, which is not linked.
# Tiny: all is within 1 MiB, so that one instruction makes an address. Frame pointers: for backtraces.
# Sections of their own: what is not used is not linked.
EL2_FLAGS := -std=gnu11 -ffreestanding -fno-pic -fno-pie -march=armv8-a -mgeneral-regs-only \
	-mno-outline-atomics -mcmodel=tiny -O2 -g -fno-common -fno-omit-frame-pointer -ffunction-sections \
	-fdata-sections -fno-asynchronous-unwind-tables -fstack-protector-strong $(WARNINGS) \
	-I. -isystem $(LIBFDT)
LDFLAGS := -nostdlib -static --gc-sections --build-id=none --fatal-warnings -z noexecstack \
	-z max-page-size=4096
MAX_SIZE := 262144

# Padding before loops and jumps' targets is executed, on the way of exits too. GCC's default only.
GCC_FLAGS := -falign-jumps=4 -falign-loops=4

# Runs before the MMU is on, where unaligned accesses fault, and before the guard has a value.
%/el2/boot/tables.c.o: EL2_FLAGS += -mstrict-align -fno-stack-protector
# GCC would turn memcpy()'s own loop into a call of memcpy().
%/el2/lib/string.c.o: GCC_FLAGS += -fno-tree-loop-distribute-patterns

# $(1): target and $(2): source, as patterns, $(3): what to say, $(4): the compiler and its flags
define compiled
$(1): $(2) Makefile | $(5)
	$$(call say,$(3),$$@)
	@mkdir -p $$(@D)
	$$(Q)$(4) -MMD -MP -c $$< -o $$@
endef

# $(1): the image's folder, $(2): the compiler with its flags, $(3): the linker, $(4): what has the tools
define hypervisor
$(call compiled,$(1)/el2/%.c.o,%.c,CC,$(2),$(4) $(LIBFDT)/libfdt.h)
$(call compiled,$(1)/el2/%.S.o,%.S,AS,$(2),$(4))

$(1)/bulkhead.elf: $(sources:%=$(1)/el2/%.o) $(LIBFDT)/libfdt.a boot/bulkhead.lds
	$$(call say,LD,$$@)
	$$(Q)$(3) $(LDFLAGS) -T boot/bulkhead.lds -Map=$$(@:.elf=.map) -o $$@ $$(filter %.o %.a,$$^)
	@$(CROSS)size $$@ | awk 'NR == 2 && $$$$1 + $$$$2 > $(MAX_SIZE) { \
		print "text, rodata and data are " $$$$1 + $$$$2 " bytes, over $(MAX_SIZE)"; exit 1 }'
endef
$(eval $(call hypervisor,$(B),$$(CROSS)gcc $$(EL2_FLAGS) $$(GCC_FLAGS),$$(CROSS)ld,deps-build))
# The same, with checks of its own while it runs
$(eval $(call hypervisor,$(B)/debug,$$(CROSS)gcc $$(EL2_FLAGS) $$(GCC_FLAGS) -DBULKHEAD_DEBUG,$$(CROSS)ld,deps-build))
debug: $(B)/debug/bulkhead.img
# The same by other tools, which is only tested: build/clang/bulkhead.img
$(eval $(call hypervisor,$(B)/clang,$$(CLANG) --target=aarch64-linux-gnu $$(EL2_FLAGS),$$(LLD),deps-test))

$(B)/%.img: $(B)/%.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(CROSS)objcopy -O binary $< $@

# ---- From Debian's arm64 packages: libfdt, the example guests' kernel and initramfs ---------------

$(B)/deps/%/.fetched: | deps-build
	$(call say,FETCH,$*:arm64)
	$(Q)scripts/fetch-arm64 $(B)/deps $*
	@touch $@

# A folder of its own for the headers, as on the compiler's path.
$(B)/deps/libfdt/libfdt.a $(B)/deps/libfdt/libfdt.h &: $(B)/deps/libfdt-dev/.fetched
	@mkdir -p $(B)/deps/libfdt
	@cp $(<D)/usr/include/*fdt*.h $(<D)/usr/lib/aarch64-linux-gnu/libfdt.a $(B)/deps/libfdt

$(B)/guests/Image: image := kernel
$(B)/guests/modules.cpio.gz: image := modules
$(B)/guests/Image $(B)/guests/modules.cpio.gz: $(B)/deps/linux-image-cloud-arm64/.fetched \
		scripts/guest-images | deps-build
	$(call say,IMAGE,$@)
	$(Q)scripts/guest-images $(image) $(B)/deps $@

$(B)/guests/rootfs.cpio.gz: $(B)/deps/busybox-static/.fetched scripts/guest-images \
		$(shell find scripts/rootfs -type f) | deps-build
	$(call say,ROOTFS,$@)
	$(Q)scripts/guest-images rootfs $(B)/deps $@

# Firmware for QEMU's virt, which the tests have as guests
$(B)/guests/u-boot.bin: $(B)/deps/u-boot-qemu/.fetched
	@mkdir -p $(@D) && cp $(<D)/usr/lib/u-boot/qemu_arm64/u-boot.bin $@

$(B)/guests/edk2.fd: $(B)/deps/qemu-efi-aarch64/.fetched
	@mkdir -p $(@D) && cp $(<D)/usr/share/qemu-efi-aarch64/QEMU_EFI.fd $@

# The device trees of boards, of Debian's other kernel; the rest of that is large.
$(B)/boards.made: $(B)/deps/linux-image-arm64/.fetched
	@rm -rf $(B)/deps/linux-image-arm64/boot $(B)/deps/linux-image-arm64/lib && touch $@

# ---- The command ------------------------------------------------------------------------------------

# The tool, and the parser as it is at EL2: once as users have it, once for its tests.
tool_sources := $(wildcard tools/*.c) $(wildcard fdt/*.c) lib/format.c lib/arena.c
TOOL_FLAGS := -std=gnu11 -g -O2 -D_GNU_SOURCE $(filter-out -Wcast-qual,$(WARNINGS)) -Itests/unit/fake -I.

$(eval $(call compiled,$(B)/tool/%.c.o,%.c,HOSTCC,$$(HOSTCC) $$(TOOL_FLAGS),deps-build))

$(B)/bulkhead: $(tool_sources:%=$(B)/tool/%.o)
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) $^ $(HOST_LIBFDT) -o $@

# ---- System descriptions -------------------------------------------------------------------------

# What a description includes as data: beside it, or what is made in build/.
data = $(foreach d,$(shell grep -o '/incbin/."[^"]*' $(1) 2>/dev/null | cut -c11-), \
	$(or $(wildcard $(dir $(1))$d $(filter /%,$d)),$(filter $(B)/guests/%,$(B)/$d)))

# $(1): the .dts, $(2): the .dtb. What it includes in turn, the tool tells.
define description
$(2): $(1) $(B)/bulkhead $(call data,$(1)) | deps-build
	$$(call say,BUILD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$(B)/bulkhead build $$< -o $$@ --depfile $$@.d
endef
$(foreach s,$(systems),$(eval $(call description,$(s),$(call system_dtb,$(s)))))

# CONFIG may be named like one of configs/: what is made of it is not.
run_dtb = $(if $(filter $(CONFIG),$(systems)),$(call system_dtb,$(CONFIG)),$(B)/run/$(notdir $(CONFIG:.dts=.dtb)))
run: $(B)/bulkhead.img $(B)/bulkhead $(call data,$(CONFIG)) | deps-run
	@mkdir -p $(dir $(run_dtb))
	@exec $(B)/bulkhead run '$(CONFIG)' -o '$(run_dtb)' --image $(B)/bulkhead.img --gic $(GIC) --cpu $(CPU) \
		--smp $(SMP) --memory $(MEM) $(DISK:%=--disk %) $(OFFSET:%=--offset %) -- $(ARGS)

include tests/build.mk

# ---- Tests ---------------------------------------------------------------------------------------

check: tests
	@scripts/check $(TESTS)

soak: tests
	@scripts/soak

# ---- Costs of exits: docs/performance.md ----------------------------------------------------------

bench bench-update: $(B)/bulkhead.img $(B)/guests/bench.img | deps-run

bench: $(B)/linux-pair.dtb $(B)/boot/disk.dtb $(B)/deps/busybox-static/.fetched
	@tests/bench/bench.py

bench-update:
	@tests/bench/bench_test.py --update

# ---- Installation ----------------------------------------------------------------------------------

# The command finds its files beside itself, and where nothing is there, in PREFIX.
$(B)/tool/tools/paths.c.o: TOOL_FLAGS += -DDATADIR='"$(PREFIX)/share/bulkhead"'
$(B)/tool/tools/paths.c.o: $(B)/prefix
$(B)/prefix: always
	@mkdir -p $(@D); echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@

# $(1): files, $(2): the folder below PREFIX
put = @install -d '$(DESTDIR)$(PREFIX)/$(2)' && install -m $(or $(3),644) $(1) '$(DESTDIR)$(PREFIX)/$(2)'

install: $(B)/bulkhead.img $(B)/bulkhead $(B)/guests/hello.img
	$(call put,$(B)/bulkhead,bin,755)
	$(call put,$(B)/bulkhead.img,share/bulkhead)
	$(call put,$(B)/guests/hello.img,share/bulkhead/guests)
	$(call put,dts/include/*,share/bulkhead/dts/include)
	$(call put,dts/boards/*,share/bulkhead/dts/boards)
	$(call put,dts/bindings/*,share/bulkhead/dts/bindings)
	$(call put,tools/bulkhead.1,share/man/man1)
	$(call put,LICENSE README.md CHANGELOG.md docs/*,share/doc/bulkhead)
	$(call put,configs/*.dts,share/doc/bulkhead/examples)
	@install -D -m 644 tools/completion.bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/bulkhead'

# ---- Lint ------------------------------------------------------------------------------------------

lint: $(B)/bulkhead $(sources:%=$(B)/el2/%.o) | deps-build deps-lint
	@EL2_FLAGS='$(EL2_FLAGS)' HOST_FLAGS='$(HOST_FLAGS)' GUEST_FLAGS='$(GUEST_FLAGS)' \
		TOOL_FLAGS='$(TOOL_FLAGS)' INTERLEAVE_FLAGS='$(INTERLEAVE_FLAGS)' HOST_EXCLUDED='$(HOST_EXCLUDED)' scripts/lint

# The machine's tools: only looks, if nothing is missing.
.PHONY: deps-build deps-run deps-test deps-lint
deps-build deps-run deps-test deps-lint: deps-%:
	@scripts/deps $*

clean:
	$(Q)rm -rf $(B)

-include $(shell find $(B) -path $(B)/deps -prune -o -name '*.d' -print 2>/dev/null)
