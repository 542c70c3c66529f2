# HyperMM in C. `make help` lists the targets.
PREFIX ?= /usr/local
CC ?= cc
BUILD ?= build
OUT ?= bin

warnings = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wvla -Wformat=2 -Wconversion -Wdouble-promotion
# No fast-math and no contraction: a result may not depend on the compiler's mood.
base_cflags = -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude -I/usr/include/nifti \
	-O3 -g -pthread -ffp-contract=off -fno-math-errno -fno-trapping-math -mprefer-vector-width=512 -MMD -MP $(warnings)
libraries = -lnifti2 -lznz -lpng -lzip -ljansson -lcrypto -lxxhash -lz -lm -pthread

programs := $(patsubst bin/%.c,%,$(wildcard bin/hmm-*.c))
objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c) bin/training.c)
units := $(patsubst tests/unit/test_%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
pages := $(wildcard bin/*.[0-9])

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all check deps unit golden pipeline fault asan valgrind fuzz bench lint format demo \
	install uninstall dist clean help

all: $(addprefix $(OUT)/,$(programs)) ## build the programs into bin/

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(base_cflags) $(CFLAGS) -c -o $@ $<

$(BUILD)/libhmm.a: $(objects)
	rm -f $@ && $(AR) rcs $@ $^

$(OUT)/%: $(BUILD)/bin/%.o $(BUILD)/libhmm.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(libraries)

$(BUILD)/unit/%: $(BUILD)/tests/unit/test_%.o $(BUILD)/tests/unit/ref.o $(BUILD)/libhmm.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(libraries)

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d')
