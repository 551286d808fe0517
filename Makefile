# moontide: `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
VERSION := 0.1.0

# Lua, libuv, json-c and SQLite are linked statically: start-up counts. The rest is loaded once it is needed.
# (libuv's archive is called libuv_a.a on Debian 12 and libuv.a on Ubuntu 24.04.)
LIBUV   := $(notdir $(firstword $(wildcard /usr/lib/*/libuv_a.a /usr/lib/*/libuv.a)))
STATIC  := -Wl,-Bstatic -llua5.4 -l:liblua5.4-cjson.a -l:$(LIBUV) -ljson-c -lsqlite3 -Wl,-Bdynamic
SHARED  := -lcurl -lm -ldl -lpthread -lrt

WARN    := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wformat=2 -Wvla -Wundef -Werror
HARDEN  := -fPIE -fstack-protector-strong -fstack-clash-protection -fno-strict-aliasing \
           -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
DEFINES := -D_GNU_SOURCE -DMOONTIDE_VERSION='"$(VERSION)"'
INCLUDE := -Isrc -isystem /usr/include/lua5.4
OPTIM   ?= -O2 -g
CFLAGS_ALL  = $(WARN) $(HARDEN) $(DEFINES) $(INCLUDE) $(OPTIM) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed -Wl,--no-copy-dt-needed-entries \
              -rdynamic $(OPTIM) $(LDFLAGS)

SOURCES := $(filter-out src/main.c,$(wildcard src/*/*.c))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/embedded.o
UNITS   := $(patsubst spec/unit/%.c,$(BUILD)/unit/%,$(wildcard spec/unit/*_test.c))
FUZZERS := $(patsubst spec/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard spec/fuzz/*.c))

LUA     := $(shell find lua/moontide -name '*.lua' -not -path '*/meta/*' | LC_ALL=C sort)
ARGPARSE := $(firstword $(wildcard /usr/share/lua/5.4/argparse.lua))
# lua/moontide/docker/init.lua -> moontide.docker=lua/moontide/docker/init.lua
modname  = $(subst /,.,$(patsubst lua/%,%,$(patsubst %/init,%,$(basename $(1)))))
META    := $(sort $(wildcard lua/moontide/meta/*.lua))
MODULES  = $(foreach f,$(LUA),$(call modname,$(f))=$(f)) argparse=$(ARGPARSE) \
           moontide.cmd.repl.reference=$(BUILD)/reference.lua

# `make V=1` shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

.PHONY: all demo test unit lint sanitize fuzz fuzzers bench format install clean help
.DELETE_ON_ERROR:

all: $(BUILD)/moontide
	@:

help:
	@echo 'make            build $(BUILD)/moontide'
	@echo 'make demo       install what is missing, build, and watch a script run containers'
	@echo 'make test       the whole suite, on a private engine'
	@echo 'make lint       warnings, static analysis, format, layers, budgets'
	@echo 'make sanitize   the suite under ASan and UBSan, with an aggressive collector'
	@echo 'make fuzz       every parser against inputs nobody thought of; SECONDS=300 TARGETS="json log"'
	@echo 'make bench      the measured table: ratios against raw API calls'
	@echo 'make format     clang-format all of it'
	@echo 'make install    PREFIX=$(PREFIX) DESTDIR='
	@echo 'make clean'

# What is missing is installed before the first compiler is needed.
setup-%:
	@scripts/setup.sh $*

demo: setup-demo
	@$(MAKE) --no-print-directory all
	@scripts/demo.sh $(BUILD)/moontide

# Parts of the tests that run at once, each on an engine of its own.
JOBS ?= 2
test: setup-test
	@$(MAKE) --no-print-directory all unit
	@scripts/test.sh -j $(JOBS) -b $(BUILD)/moontide

$(BUILD)/moontide: $(BUILD)/obj/main.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(STATIC) $(SHARED)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/embed: scripts/embed.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(WARN) $(INCLUDE) -O1 -o $@ $< -l:liblua5.4.a -lm -ldl

# What the REPL's :doc tells.
$(BUILD)/reference.lua: scripts/reference.lua $(META)
	@mkdir -p $(@D)
	$(Q)lua5.4 $< $(META) > $@

$(BUILD)/embedded.c: $(BUILD)/embed $(LUA) $(BUILD)/reference.lua
	$(call say,EMBED,$@)
	$(Q)$(BUILD)/embed $(MODULES) > $@

$(BUILD)/obj/embedded.o: $(BUILD)/embedded.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

unit: $(UNITS)

$(BUILD)/unit/%: spec/unit/%.c $(OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -Ispec/unit -o $@ $< $(OBJECTS) $(STATIC) $(SHARED)

lint: setup-lint
	@scripts/lint.sh

sanitize: setup-test
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize all unit \
	  OPTIM='-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined' \
	  CFLAGS='-DMOONTIDE_TEARDOWN -U_FORTIFY_SOURCE -Wno-format-truncation'
	@scripts/test.sh -s -j $(JOBS) -b $(BUILD)/sanitize/moontide

SECONDS ?= 300
fuzz: setup-fuzz
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/sanitize_fuzz CC=clang fuzzers \
	  OPTIM='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' \
	  CFLAGS='-U_FORTIFY_SOURCE'
	@scripts/fuzz.sh $(BUILD)/sanitize_fuzz/fuzz $(SECONDS) $(TARGETS)

fuzzers: $(FUZZERS)

$(BUILD)/fuzz/%: spec/fuzz/%.c $(OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer -Ispec/fuzz -o $@ $< $(OBJECTS) $(STATIC) $(SHARED)

bench: setup-bench all
	@scripts/bench.sh $(BUILD)/moontide

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -D -m 755 $(BUILD)/moontide $(DESTDIR)$(PREFIX)/bin/moontide

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
