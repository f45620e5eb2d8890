# SPDX-License-Identifier: BSD-2-Clause
# How tests and their guests are built: a part of the Makefile.

# ---- Test guests: tests/guests/<name>/ with the runtime of tests/guests/lib ----------------------

guest_dts := $(wildcard tests/guests/*/*.dts tests/boot/*.dts)
guest_names := $(sort $(patsubst tests/guests/%/,%,$(dir $(filter-out tests/guests/lib/%, \
	$(wildcard tests/guests/*/*.c)))))
guest_objects = $(patsubst tests/%,$(B)/%.o,$(wildcard $(1:%=tests/guests/%/*.c) $(1:%=tests/guests/%/*.S)))
GUEST_FLAGS := -std=gnu11 -ffreestanding -fno-pic -fno-pie -march=armv8-a -mno-outline-atomics \
	-mgeneral-regs-only -mstrict-align -O2 -g -fno-common -fno-omit-frame-pointer \
	-fno-asynchronous-unwind-tables -fno-stack-protector $(WARNINGS) -I.

$(eval $(call compiled,$(B)/guests/%.o,tests/guests/%,GUEST,$$(CROSS)gcc $$(GUEST_FLAGS),deps-build))

define guest
$(B)/guests/$(1).elf: $(call guest_objects,$(1)) $(call guest_objects,lib) tests/guests/lib/guest.lds
	$$(call say,LD,$$@)
	$$(Q)$(CROSS)ld $(LDFLAGS) -T tests/guests/lib/guest.lds -o $$@ $$(filter %.o,$$^)
endef
$(foreach g,$(guest_names),$(eval $(call guest,$(g))))
$(foreach d,$(guest_dts),$(eval $(call description,$(d),$(d:tests/%.dts=$(B)/%.dtb))))

# ---- Tests on the build machine ------------------------------------------------------------------

# The hypervisor's logic, compiled for this machine with tests/unit/fake in the place of arm64's
# assembly. Left out: what is itself assembly at heart.
HOST_EXCLUDED := lib/string.c drivers/gic.c drivers/gicv2.c vcpu/exit.c \
	vcpu/vm.c vcpu/wiring.c $(filter-out core/timer.c boot/entropy.c boot/report.c,$(wildcard core/*.c boot/*.c))
host_sources := $(filter-out $(HOST_EXCLUDED),$(filter %.c,$(sources)))
$(B)/tests/tool/bulkhead: $(tool_sources:%=$(B)/host/%.o)
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SANITIZE) $^ -lfdt -o $@

# Weak stand-ins for what tests do not bring themselves.
fakes := $(patsubst %,$(B)/host/%.o,$(wildcard tests/unit/fake/*.c))
HOST_FLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE -fno-omit-frame-pointer $(filter-out -Wcast-qual,$(WARNINGS)) \
	-DBULKHEAD_DEBUG -Itests/unit/fake -I.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

$(eval $(call compiled,$(B)/host/%.c.o,%.c,HOSTCC,$$(HOSTCC) $$(HOST_FLAGS) $$(SANITIZE),deps-test))
$(eval $(call compiled,$(B)/fuzz/%.c.o,%.c,FUZZCC,$$(FUZZCC) $$(HOST_FLAGS) $$(SANITIZE) \
	-fsanitize=fuzzer-no-link,deps-test))

# q, not r: two folders may have files of one name.
$(B)/host/libbulkhead.a: $(host_sources:%=$(B)/host/%.o)
$(B)/fuzz/libbulkhead.a: $(host_sources:%=$(B)/fuzz/%.o)
%/libbulkhead.a:
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $^

unit_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))
fuzzers := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/*.c))

$(unit_tests): $(B)/tests/%: $(B)/host/tests/%.c.o \
		$(B)/host/tests/unit/sanitizer.c.o $(B)/host/tests/unit/limit.c.o $(fakes) $(B)/host/libbulkhead.a
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(SANITIZE) $^ -latf-c -lfdt -o $@

# The tool's logic that has unit tests of its own
$(filter $(B)/tests/unit/svg_%,$(unit_tests)): $(B)/tests/unit/%_test: $(B)/host/tools/%.c.o

# What several CPUs do at once: without AddressSanitizer, see tests/interleave/explore.h.
interleave_tests := $(patsubst %.c,$(B)/%,$(wildcard tests/interleave/*_test.c))
interleave_sources := $(filter-out %_test.c,$(wildcard tests/interleave/*.c)) tests/unit/limit.c \
	$(addprefix core/,irq.c power.c smp.c timer.c) \
	$(addprefix vcpu/,crash.c exit.c forward.c guest_regs.c pcpu.c psci.c reset.c timer.c vcpu.c vm.c wiring.c) \
	arm64/lock_order.c lib/arena.c lib/format.c $(wildcard sched/*.c) $(filter-out %ich.c,$(wildcard vdev/*.c))
INTERLEAVE_FLAGS := -Itests/interleave/fake $(HOST_FLAGS) -fsanitize=undefined -fno-sanitize-recover=all

$(eval $(call compiled,$(B)/interleave/%.c.o,%.c,HOSTCC,$$(HOSTCC) $$(INTERLEAVE_FLAGS),deps-test))

$(B)/interleave/libbulkhead.a: $(interleave_sources:%=$(B)/interleave/%.o)

$(interleave_tests): $(B)/tests/%: $(B)/interleave/tests/%.c.o $(B)/interleave/libbulkhead.a
	$(call say,HOSTLD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -fsanitize=undefined $< -Wl,--whole-archive $(B)/interleave/libbulkhead.a \
		-Wl,--no-whole-archive -latf-c -o $@

$(fuzzers): $(B)/tests/%: $(B)/fuzz/tests/%.c.o $(fakes:$(B)/host/%=$(B)/fuzz/%) $(B)/fuzz/libbulkhead.a
	$(call say,FUZZLD,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZCC) $(SANITIZE) -fsanitize=fuzzer $^ -lfdt -o $@

# Kyua runs what stands in build/tests; programs that are scripts stand there as links.
scripts_tests := $(patsubst %.py,$(B)/%,$(wildcard tests/*/*_test.py))
$(scripts_tests): $(B)/%: %.py
	@mkdir -p $(@D) && ln -sf $(CURDIR)/$< $@

tests: all debug $(B)/clang/bulkhead.img $(B)/boards.made $(unit_tests) $(interleave_tests) \
	$(B)/tests/tool/bulkhead $(fuzzers) $(scripts_tests) \
	$(guest_names:%=$(B)/guests/%.img) $(guest_dts:tests/%.dts=$(B)/%.dtb) | deps-run deps-test
