# HyperMM in C. `make help` lists the targets.
PREFIX ?= /usr/local
CC ?= cc
BUILD ?= build
OUT ?= bin
HMM_DATA ?= ../shared/data

warnings = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wformat=2 -Wconversion -Wdouble-promotion \
	-Werror=incompatible-pointer-types
# No fast-math and no contraction: a result may not depend on the compiler's mood.
base_cflags = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude $(NIFTI_CFLAGS) $(packages_cflags) \
	-O3 -g -pthread -ffp-contract=off -fno-math-errno -fno-trapping-math -MMD -MP $(warnings)
libraries = -Wl,--as-needed $(NIFTI_LIBS) $(EDF_LIBS) $(packages_libs) -lm -pthread

# nifti and EDFlib have no pkg-config file; without pkg-config the others are where a compiler looks anyway.
NIFTI_CFLAGS ?= -I/usr/include/nifti
NIFTI_LIBS ?= -lnifti2
EDF_LIBS ?= -ledf
PKG_CONFIG ?= pkg-config
packages = libdeflate libpng libzip jansson libcrypto libxxhash zlib openblas
packages_cflags := $(shell $(PKG_CONFIG) --cflags $(packages) 2>/dev/null)
packages_libs := $(or $(shell $(PKG_CONFIG) --libs $(packages) 2>/dev/null), \
	-ldeflate -lpng -lzip -ljansson -lcrypto -lxxhash -lz -lopenblas)

# lib/kernel/cpu is compiled once a kind of processor, with that one's flags.
cpus := plain $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),avx2 avx512)
cflags_avx2 = -mavx2 -mfma
cflags_avx512 = -mavx512f -mprefer-vector-width=512

programs := $(patsubst bin/%.c,%,$(wildcard bin/hmm-*.c))
kernels := $(foreach cpu,$(cpus),$(patsubst %.c,$(BUILD)/%.$(cpu).o,$(wildcard lib/kernel/cpu/*.c)))
objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c)) $(kernels)
units := $(patsubst tests/unit/test_%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
pages := $(wildcard bin/*.[0-9] pipelines/*.[0-9])
scripts := $(filter-out $(pages) pipelines/page pipelines/install-packages pipelines/completion,$(wildcard pipelines/*))
version := $(shell sed -n 's/^\#define HMM_VERSION "\(.*\)"/\1/p' include/hmm/base/version.h)
sources := $(wildcard bin/*.[ch] lib/*/*.[ch] lib/kernel/cpu/*.[ch] include/hmm/*/*.h tests/unit/*.[ch] tests/fuzz/*.c)

variant = $(MAKE) --no-print-directory BUILD=build-$(1) OUT=build-$(1)/bin
build_packages = gcc libc6-dev libdeflate-dev libedf-dev libjansson-dev libmsgpack-dev libnifti-dev \
	libopenblas-dev libpng-dev libssl-dev libxxhash-dev libzip-dev parallel pkgconf zlib1g-dev
check_packages = bats clang clang-format gnuplot-nox mandoc strace valgrind
report_packages = gnuplot-nox jq ruby-mustache

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all build-packages check-packages report-packages check check-arm64 unit pipeline fault servers asan valgrind \
	fuzz mutants inject page tutorial image bench lint format demo table1 table2 table-lgg ablation-lgg evidence-lgg table-hancock ablation-hancock table-signals ablation-signals sanity sweep robust install uninstall dist clean help

all: $(addprefix $(OUT)/,$(programs)) ## build the programs into bin/

build-packages check-packages report-packages:
	@pipelines/install-packages $(if $(filter report%,$@),$(report_packages),$(build_packages)) \
		$(if $(filter check%,$@),$(check_packages) $(report_packages))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo CC $<
	@$(CC) $(base_cflags) $(CFLAGS) -c -o $@ $<

define compile_for
$(BUILD)/lib/kernel/cpu/%.$(1).o: lib/kernel/cpu/%.c
	@mkdir -p $$(@D)
	@echo CC $$< for $(1)
	@$$(CC) $$(base_cflags) $$(CFLAGS) $$(cflags_$(1)) -DHMM_CPU=$(1) -c -o $$@ $$<
endef
$(foreach cpu,$(cpus),$(eval $(call compile_for,$(cpu))))

$(BUILD)/libhmm.a: $(objects)
	@rm -f $@ && $(AR) rcs $@ $^

$(OUT)/%: $(BUILD)/bin/%.o $(BUILD)/libhmm.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libraries)

$(BUILD)/unit/%: $(BUILD)/tests/unit/test_%.o $(BUILD)/tests/unit/ref.o $(BUILD)/libhmm.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libraries)

demo: build-packages report-packages ## the whole method on generated data, from nothing to a report
	@$(MAKE) --no-print-directory -j2 all
	pipelines/demo

table1 table2: build-packages ## the paper's tables on phantoms; DATA=BIDS or BREAKHIS WEIGHTS=vgg11.safetensors
	@$(MAKE) --no-print-directory -j2 all
	pipelines/$@ data/$@

# the recipes read it from the environment: it may have any name
table-lgg ablation-lgg evidence-lgg table-hancock ablation-hancock table-signals ablation-signals: export HMM_DATA := $(HMM_DATA)
table-lgg: build-packages ## every system on TCGA-LGG; HMM_DATA=FOLDER with lgg-slices, lgg-bids, weights
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-lgg "$$HMM_DATA" data/table-lgg

ablation-lgg: build-packages ## HyperMM's choices on TCGA-LGG's validation patients; HMM_DATA=FOLDER
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-lgg --ablation "$$HMM_DATA" data/table-lgg

evidence-lgg: build-packages ## calibration, shares, shortcuts, baselines on TCGA-LGG; HMM_DATA=FOLDER
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-lgg --evidence "$$HMM_DATA" data/table-lgg

table-hancock: build-packages ## every system on HANCOCK; HMM_DATA=FOLDER with hancock, RUNS=N (25)
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-hancock "$$HMM_DATA" data/table-hancock

ablation-hancock: build-packages ## HyperMM's choices on HANCOCK's validation patients; HMM_DATA=FOLDER
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-hancock --ablation "$$HMM_DATA" data/table-hancock

table-signals: build-packages ## every system on time series with channels missing; HMM_DATA=FOLDER, RUNS=N (5)
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-signals "$$HMM_DATA" data/table-signals

ablation-signals: build-packages ## HyperMM's choices there, on validation recordings; HMM_DATA=FOLDER
	@$(MAKE) --no-print-directory -j2 all
	pipelines/table-signals --ablation "$$HMM_DATA" data/table-signals

sanity sweep robust check pipeline fault servers: export HMM_BIN := $(CURDIR)/$(OUT)
sanity: all ## negative controls: what must be at chance is, and what must not is not
	pipelines/sanity -o data/sanity

sweep: all ## AUC over the rate of missing data, a table and a figure; goes on where it was
	pipelines/sweep -o data/sweep

robust: all ## AUC after training on subsets, over what is missing later
	pipelines/robust -o data/robust

check: check-packages ## all tests: unit and golden, pipeline, fault
	@$(MAKE) --no-print-directory -j2 all $(units)
	tests/run $(BUILD) unit pipeline fault

unit: $(units) ## kernels against their plain twins and PyTorch's golden values
	tests/run $(BUILD) unit

pipeline fault: all ## each program as a user runs it; broken input, full disks, closed pipes
	tests/run $(BUILD) $@

servers: check-packages ## what runs on other machines: against sshd and Slurm, started and stopped by the tests
	@tests/servers/install || echo 'servers: what cannot be installed is skipped' >&2
	@$(MAKE) --no-print-directory -j2 all
	tests/run $(BUILD) servers

image: ## hypermm.def in a fresh Debian of debootstrap, the demo and the BIDS App in it; as root
	tests/image

page: all ## the report in headless Chromium: accessible, legible, nothing loaded from outside
	tests/page/run $(OUT)

asan: check-packages ## all tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(call variant,asan) -j2 CFLAGS='-O1 -fsanitize=address,undefined -fno-sanitize-recover=all' check

valgrind: check-packages all $(units) ## the unit tests but the slow ones under valgrind
	tests/valgrind $(BUILD) $(OUT)

check-arm64: ## build for 64-bit ARM, and the unit tests under qemu-user
	@pipelines/install-packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
	tests/check-arm64

fuzz: ## libFuzzer on every reader, a minute each (FUZZ_SECONDS)
	tests/fuzz/run

inject: all ## every allocation and every system call of every program failing, one at a time
	@pipelines/install-packages strace gdb
	@mkdir -p $(BUILD)
	@$(CC) -shared -fPIC -O1 -o $(BUILD)/fail.so tests/inject/fail.c -ldl
	HMM_BIN="$(CURDIR)/$(OUT)" tests/inject/run $(BUILD)/fail.so

mutants: check-packages ## do the tests bite? small changes, one at a time, that they must see
	tests/mutants/run

tutorial: report-packages all ## do the tutorials print what stands in them? HMM_DATA=FOLDER with lgg-bids, weights
	docs/paste --check docs/tutorial.md docs/own-features.md
	HMM_DATA="$(abspath $(HMM_DATA))" docs/paste --check docs/tutorial-lgg.md

bench: ## everything beside its peers (oneDNN, PyTorch, ONNX Runtime, zlib): tests/bench/RESULTS.md
	@$(MAKE) --no-print-directory -j2 all
	tests/bench/run $(OUT)

lint: check-packages ## warnings of gcc and clang, include directions, format, man pages
	@$(call variant,gcc) -j2 CC=gcc CFLAGS='-O2 -Werror' all $(patsubst $(BUILD)/%,build-gcc/%,$(units))
	@$(call variant,clang) -j2 CC=clang CFLAGS='-O1 -Werror' all $(patsubst $(BUILD)/%,build-clang/%,$(units))
	tests/lint build-gcc/bin

format: ## clang-format everything
	clang-format -i $(sources)

# Of all scripts PATH has hypermm alone; it finds the others where its link leads, and the programs
# two folders above those. Recipes read where from the environment: it may have any name.
root := $(DESTDIR)$(PREFIX)
libexec := $(root)/libexec/hypermm
bash_completions := $(root)/share/bash-completion/completions
zsh_completions := $(root)/share/zsh/site-functions
install uninstall: export root := $(root)
install uninstall: export libexec := $(libexec)
install uninstall: export bash_completions := $(bash_completions)
install uninstall: export zsh_completions := $(zsh_completions)

$(BUILD)/completion/%: pipelines/completion $(scripts) $(addprefix $(OUT)/,$(programs))
	@mkdir -p $(@D)
	@pipelines/completion $* $(OUT) >$@

install: all $(BUILD)/completion/bash $(BUILD)/completion/zsh ## into $(DESTDIR)$(PREFIX)
	install -d "$$root/bin" "$$libexec" "$$bash_completions" "$$zsh_completions"
	install $(addprefix $(OUT)/,$(programs)) "$$root/bin"
	for script in $(scripts); do \
		mode=644; [ ! -x $$script ] || mode=755; install -m $$mode $$script "$$libexec" || exit 1; done
	install -d "$$libexec/page"
	install -m 644 pipelines/page/* "$$libexec/page"
	ln -sf ../libexec/hypermm/hypermm "$$root/bin/hypermm"
	for page in $(pages); do \
		install -D -m 644 $$page "$$root/share/man/man$${page##*.}/$${page##*/}" || exit 1; done
	install -m 644 $(BUILD)/completion/bash "$$bash_completions/hypermm"
	for program in $(programs); do ln -sf hypermm "$$bash_completions/$$program"; done
	install -m 644 $(BUILD)/completion/zsh "$$zsh_completions/_hypermm"

uninstall: ## remove what install put there
	rm -rf "$$libexec"
	rm -f "$$root/bin/hypermm" "$$bash_completions/hypermm" "$$zsh_completions/_hypermm"
	for program in $(programs); do rm -f "$$root/bin/$$program" "$$bash_completions/$$program"; done
	for page in $(pages); do rm -f "$$root/share/man/man$${page##*.}/$${page##*/}"; done

dist: ## hypermm-VERSION.tar.gz of the tag vVERSION, the same bytes every time
	@git rev-parse -q --verify 'refs/tags/v$(version)^{commit}' >/dev/null || { \
		echo 'dist: no tag v$(version), the version of include/hmm/base/version.h' >&2; exit 1; }
	git archive --format=tar --prefix=hypermm-$(version)/ v$(version) | gzip -9n >hypermm-$(version).tar.gz

clean: ## remove what was built; generated data stays
	rm -rf build build-* $(addprefix bin/,$(programs)) hypermm-*.tar.gz

help: ## this list
	@sed -n 's/^\([a-z][a-z0-9 -]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 18

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d' -type f)
