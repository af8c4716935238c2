# SPDX-License-Identifier: GPL-2.0-or-later
# Two targets are all a newcomer needs: "make lab" and "make test"; "make help" lists the rest.
# A new source file in src/, lab/ or tests/ is found without an edit here.

VERSION := 0.1.0
B       ?= build
prefix  ?= /usr/local
libexecdir = $(prefix)/libexec
mandir  ?= $(prefix)/share/man
docdir  ?= $(prefix)/share/doc/tcplab
BASH_COMPLETION ?= $(prefix)/share/bash-completion/completions/tcplab
ZSH_COMPLETION  ?= $(prefix)/share/zsh/site-functions/_tcplab
FISH_COMPLETION ?= $(prefix)/share/fish/vendor_completions.d/tcplab.fish
COMPLETIONS = $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)
# -O1 compiles in two thirds of the time of -O2 -g, and what is built is as fast: it waits for the
# kernel. For a debugger: make B=build-debug CFLAGS='-O0 -g'.
CFLAGS  ?= -O1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS ?= -pie -Wl,-z,relro,-z,now
WERROR  ?=

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wformat=2 -Wno-missing-field-initializers
SANE    := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LIBS    := libuv hiredis libmnl libnetfilter_queue libnftnl libfyaml jansson libutf8proc libedit

# Asked of pkg-config once, and only when first used: "make lab" may have to install it.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(LIBS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(LIBS)) -lm)$(PKG_LIBS)
FRONT_LIBS = $(eval FRONT_LIBS := $(shell pkg-config --libs libutf8proc) -pthread)$(FRONT_LIBS)
# musl's compiler; empty where it is not installed, and after "make MUSL=".
MUSL       = $(eval MUSL := $(shell command -v musl-gcc))$(MUSL)
# The kernel's headers and libutf8proc's are not musl's.
MUSL_FLAGS = $(eval MUSL_FLAGS := -O2 -D_LARGEFILE64_SOURCE $(patsubst %,-idirafter /usr/include/%,$(shell $(CC) -print-multiarch) .))$(MUSL_FLAGS)
# What the tests read XML with.
XML_CFLAGS = $(eval XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0))$(XML_CFLAGS)
XML_LIBS   = $(eval XML_LIBS := $(shell pkg-config --libs libxml-2.0))$(XML_LIBS)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) $(WERROR) -Iinclude -I$(B)/assets \
             $(PKG_CFLAGS) -DTCPLAB_VERSION=\"$(VERSION)\" -ffile-prefix-map="$(CURDIR)"=. \
             $(CPPFLAGS) $(CFLAGS)
# What is made takes its name when it is whole: two makes may be at work in one folder.
whole      = $@.$$$$ && mv $@.$$$$ $@
link       = $(CC) $(CFLAGS) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(1) -o $(whole)

# As many commands at a time as there are processors, where nobody says how many.
ifeq ($(MAKELEVEL)$(findstring -j,$(shell echo "$$MAKEFLAGS")),0)
MAKEFLAGS += -j$(shell nproc)
endif

# "make V=1" prints each command; otherwise one line stands for them all, with how long it takes
# from nothing: a processor compiles about eleven files in a second.
say = $(if $(V),,@$(announce))
announce = $(if $(announced)$(findstring s,$(firstword -$(MAKEFLAGS))),,$(eval announced := 1)$(info \
           Building$(shell s=$$(($(ABSENT) / 11 / $$(nproc))); [ $$s -lt 3 ] || echo " (about $$s s)")))
ABSENT   = $(words $(filter-out $(wildcard $(PROGRAM)),$(PROGRAM)))
PROGRAM  = $(LIB_OBJ) $(LAB_OBJ) $(MUSL_OBJ)

LIB_OBJ  := $(patsubst %.c,$(B)/%.o,$(wildcard src/*/*.c src/*/*/*.c))
LAB_OBJ  := $(patsubst %.c,$(B)/%.o,$(wildcard lab/*.c))
HELP_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
UNIT     := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
EXAMPLES := $(patsubst %.c,$(B)/%,$(wildcard include/examples/*.c))
BENCH    := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
FRONT_OBJ := $(patsubst %,$(B)/lab/%.o,front/front start snap why watch reader_host host_record \
             host_all print wrap files progress)
MUSL_OBJ := $(FRONT_OBJ:$(B)/%=$(B)/musl/%) \
            $(patsubst %.c,$(B)/musl/%.o,$(wildcard src/core/*.c src/table/*.c src/host/*.c))
FUZZ_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fuzz/*.c))
FUZZERS  ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
LIVE     := $(wildcard tests/live/*.sh)
# The first to begin: the longest, and what others wait for; those that wait come later.
LONGEST  := $(patsubst %,tests/live/%.sh,\
               suite slowly scenarios host long forecast oracle step formats explain errors settled \
               killed)
TEST_OBJ := $(UNIT:$(B)/tests/%=$(B)/tests/unit/%.o) $(BENCH:=.o) $(EXAMPLES:=.o) $(HELP_OBJ) \
            $(FUZZ_OBJ)
MAN      := $(patsubst lab/man/%.scd,$(B)/man/%,$(wildcard lab/man/*.scd))
OBJ      := $(LIB_OBJ) $(LAB_OBJ) $(TEST_OBJ) $(B)/lab/front/front.o

# What these targets still lack is installed first; the others leave the system alone.
RUNS := lab lab-slow lab-all test test-browser live bench soak
SETS := $(if $(filter $(RUNS) unit goldens asan clang lint fuzz mutants,$(MAKECMDGOALS)),build) \
        $(if $(filter $(RUNS),$(MAKECMDGOALS)),run) \
        $(if $(filter test unit goldens live asan clang bench mutants,$(MAKECMDGOALS)),test) \
        $(if $(filter test-browser,$(MAKECMDGOALS)),browser) \
        $(if $(filter install man test live,$(MAKECMDGOALS)),man) \
        $(if $(filter lint,$(MAKECMDGOALS)),lint) \
        $(if $(filter clang fuzz,$(MAKECMDGOALS)),clang)

export TCPLAB = $(abspath $(B)/tcplab)
export PAUSE

.PHONY: all snap-static lab lab-slow lab-all test test-browser unit goldens live asan clang lint fuzz bench soak floors \
        mutants matrix install uninstall man packages clean help needs objects compile_commands.json FORCE
.DELETE_ON_ERROR:

all: $(B)/tcplab           ## build the program, build/tcplab (the default)

snap-static: $(B)/tcplab   ## see that build/tcplab can be copied to a server
	@! readelf -lW $< | grep -q INTERP || \
		{ echo "build/tcplab needs this host's libraries: libc.a or libutf8proc.a is missing" >&2; exit 1; }

lab: all                   ## build it and run the walkthrough
	@$(B)/tcplab run

lab-slow: all              ## the same, each segment held in flight and looked at
	@$(B)/tcplab run redis/walkthrough-slow

lab-all: all               ## every scenario, as many at a time as processors
	@$(B)/tcplab run --all || [ $$? -eq 77 ] # some need what this host lacks

test: all $(UNIT) $(EXAMPLES) ## every test there is, and their count
	@tests/run.sh $(foreach t,$(LONGEST),$(filter $t,$(LIVE))) $(filter-out $(LONGEST),$(LIVE)) tests/floors.sh tests/words.sh $(UNIT)

unit: $(UNIT)              ## the unit and golden tests alone
	@tests/run.sh $(UNIT)

test-browser: all          ## the HTML report in headless Chromium, step by step
	@/usr/bin/python3 -B tests/browser/browser.py

goldens: $(UNIT)           ## renew what they compare with: for git diff to show
	@TL_GOLDEN_UPDATE=1 tests/run.sh $$(grep -l TL_GOLDEN_UPDATE tests/unit/test_*.c | \
		sed 's,tests/unit/\(.*\).c,$(B)/tests/\1,')

live: all $(EXAMPLES)      ## the tests on real sockets; LIVE=tests/live/x.sh: one
	@tests/run.sh $(LIVE)

asan:                      ## unit and golden tests under ASan and UBSan (build-asan)
	@$(MAKE) --no-print-directory B=build-asan MUSL= CFLAGS="-O1 -g $(SANE)" LDFLAGS="$(SANE)" unit

clang: needs               ## build all with clang, no warning allowed (build-clang)
	@$(MAKE) --no-print-directory B=build-clang MUSL= CC=clang WERROR=-Werror all objects

fuzz:                      ## inputs from outside, mutated: RUNS=100000 each, FUZZERS
	@$(MAKE) --no-print-directory B=build-fuzz MUSL= CC=clang CFLAGS="$(FUZZ_FLAGS)" \
		LDFLAGS="$(FUZZ_FLAGS)" $(FUZZERS:%=build-fuzz/fuzz/%)
	@rm -rf build-fuzz/seeds && mkdir -p build-fuzz/seeds
	@/usr/bin/python3 tests/fuzz/seeds.py build-fuzz/seeds
	@for f in $(FUZZERS); do tests/fuzz/fuzz.sh $$f $(or $(RUNS),100000) || exit 1; done

bench: all $(BENCH) ## is it as quick as by hand? BASE=REV: and as at REV?
ifneq ($(BASE),)
	@tests/bench/beside.sh $(BASE)
else
	@tests/bench/bench.sh $(BENCH) tests/bench/sync.sh tests/bench/many.sh tests/bench/bench_long.sh
	@/usr/bin/python3 -B tests/bench/bench_host.py $(B)/tcplab \
		$(B)/tests/bench/snapshot $(B)/tests/bench/bench_owners
endif

soak: $(if $(ASAN),,all)   ## scenarios N=50 times, idle, loaded: tests/README.md
ifdef ASAN
	@$(MAKE) --no-print-directory B=build-asan MUSL= CFLAGS="-O1 -g $(SANE)" LDFLAGS="$(SANE)" ASAN= soak
else
	@tests/soak.sh $(or $(N),50) $(SCENARIOS)
endif

matrix:                    ## other user lands, kernels, servers; MATRIX=13 for some
	@tests/matrix/matrix.sh $(MATRIX)

mutants: all               ## break the program: does a quick test notice each time?
	@/usr/bin/python3 -B tests/mutants/mutants.py

lint:                      ## gcc -fanalyzer, cppcheck, clang-tidy: nothing found
	@tests/lint.sh

floors:                    ## which room includes which; fails on an arrow upwards
	@tests/floors.sh

install: all $(MAN)        ## install to $(DESTDIR)$(prefix)
	install -Dm755 $(B)/tcplab $(DESTDIR)$(prefix)/bin/tcplab
	install -Dm755 $(B)/tcplab-lab $(DESTDIR)$(libexecdir)/tcplab-lab
	find scenarios -type f -exec install -Dm644 {} $(DESTDIR)$(prefix)/share/tcplab/{} \;
	install -Dm644 -t $(DESTDIR)$(docdir) $(wildcard *.md) LICENSE
	install -Dm644 -t $(DESTDIR)$(docdir)/examples lab/examples/*
	install -Dm644 $(B)/man/tcplab.1 $(DESTDIR)$(mandir)/man1/tcplab.1
	install -Dm644 $(B)/man/tcplab-scenario.5 $(DESTDIR)$(mandir)/man5/tcplab-scenario.5
	install -Dm644 $(B)/man/tcplab-words.7 $(DESTDIR)$(mandir)/man7/tcplab-words.7
	install -Dm644 lab/completion/tcplab.bash $(DESTDIR)$(BASH_COMPLETION)
	install -Dm644 lab/completion/_tcplab $(DESTDIR)$(ZSH_COMPLETION)
	install -Dm644 lab/completion/tcplab.fish $(DESTDIR)$(FISH_COMPLETION)

uninstall:                 ## remove what install put there
	rm -f $(DESTDIR)$(prefix)/bin/tcplab $(DESTDIR)$(libexecdir)/tcplab-lab $(addprefix $(DESTDIR),$(COMPLETIONS)) \
		$(DESTDIR)$(mandir)/man1/tcplab.1 \
		$(DESTDIR)$(mandir)/man5/tcplab-scenario.5 $(DESTDIR)$(mandir)/man7/tcplab-words.7
	rm -rf $(DESTDIR)$(prefix)/share/tcplab $(DESTDIR)$(docdir)

man: all $(MAN)            ## the manual pages, in build/man

packages:                  ## install every package that building and testing want
	@lab/packages.sh build run test browser man clang lint

clean:                     ## remove what was built
	rm -rf $(B) build-asan build-clang build-lint build-fuzz compile_commands.json

help:                      ## this list
	@sed -n 's/^\([a-z_.-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 24

# From here on, how it is built.

objects: $(OBJ)

# The program that is typed loads no library, where a C library can be had as an archive: it is one
# file to copy to a server, and starts in less time. With musl that is a third of what it is with
# glibc, which asks the processor what it can: a virtual machine is slow to answer. The lab lies beside.
$(B)/tcplab: $(FRONT_OBJ) $(B)/libtcplab.a $(B)/musl/front $(B)/link | $(B)/tcplab-lab
	$(say)$(if $(and $(MUSL),$(wildcard $(UTF8PROC))),$(link_musl),\
		($(call link,-static-pie $(FRONT_LIBS))) 2>/dev/null || ($(call link,$(FRONT_LIBS))))

UTF8PROC  = $(shell $(CC) -print-file-name=libutf8proc.a)
link_musl = $(MUSL) $(CFLAGS) $(filter -Wl%,$(LDFLAGS)) -static $(B)/musl/front $(UTF8PROC) -o $(whole)

$(B)/musl/front: $(MUSL_OBJ)
	$(say)$(AR) rcD $@.$$$$ $^ && mv $@.$$$$ $@

$(MUSL_OBJ): $(B)/musl/%.o: %.c $(B)/compile $(B)/musl/compile
	$(say)mkdir -p $(@D); $(if $(MUSL),$(MUSL) $(ALL_CFLAGS) $(MUSL_FLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o,: >)$(whole)

$(B)/tcplab-lab: $(LAB_OBJ) $(B)/libtcplab.a $(B)/link
	$(say)$(call link,$(PKG_LIBS))

# A line @TABLE@ gives way to what "tcplab manual TABLE" says.
$(MAN): $(B)/man/%: lab/man/%.scd $(B)/tcplab
	$(say)mkdir -p $(@D); awk -v tcplab=$(B)/tcplab '!/^@[a-z]+@$$/ { print; next } \
		{ gsub("@", ""); table = tcplab " manual " $$0; \
		  while ((table | getline line) > 0) print line }' $< >$@.scd && scdoc <$@.scd >$@

# Everything for libFuzzer but its main, which the programs of tests/fuzz get, and but its
# tracing of comparisons: the seeds and dictionaries know the words, and they cost half the time.
FUZZ_FLAGS := -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
              -fsanitize-coverage=inline-8bit-counters,pc-table

$(FUZZERS:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/mutate.o $(B)/libtcplab.a
	$(say)mkdir -p $(@D); $(call link,-fsanitize=fuzzer $(PKG_LIBS))

# The real step, with a run that is made up.
$(B)/fuzz/step: $(patsubst %,$(B)/lab/%.o,step step_events step_predict step_say prompt progress figure wrap)

$(B)/libtcplab.a: $(LIB_OBJ) $(B)/link
	$(say)$(AR) rcD $@.$$$$ $(LIB_OBJ) && mv $@.$$$$ $@

$(UNIT): $(B)/tests/%: $(B)/tests/unit/%.o $(HELP_OBJ) $(B)/libtcplab.a $(B)/link
	$(say)$(call link,$(PKG_LIBS) $(XML_LIBS) -lcriterion)

$(B)/tests/test_kept: $(patsubst %,$(B)/lab/%.o,kept files record progress start print wrap)

$(UNIT:$(B)/tests/%=$(B)/tests/unit/%.o): private CPPFLAGS += $(XML_CFLAGS)

$(BENCH) $(EXAMPLES): %: %.o $(B)/libtcplab.a $(B)/link
	$(say)$(call link,$(PKG_LIBS))

$(OBJ): $(B)/%.o: %.c $(B)/compile
	$(say)mkdir -p $(@D); $(CC) $(ALL_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $(whole)

# The style sheet and the script of the HTML report become arrays, without their indentation,
# each with the hash by which the page's Content-Security-Policy knows it.
$(B)/src/report/html/html_assets.o: $(B)/assets/html_assets.inc
$(B)/src/host/looks_html.o $(B)/musl/src/host/looks_html.o: $(B)/assets/looks_assets.inc

$(B)/assets/html_assets.inc: $(addprefix src/report/html/,page.css book.css book.js) \
                             $(B)/assets/page.js
$(B)/assets/looks_assets.inc: src/host/looks.css src/host/looks.js

# A page has one script.
$(B)/assets/page.js: src/report/html/page.js src/report/html/words.js | needs
	$(say)mkdir -p $(@D); cat $^ >$(whole)

$(B)/assets/%.inc: Makefile | needs
	$(say)mkdir -p $(@D); for f in $(filter %.css %.js,$^); do \
		name=$$(basename $$f | tr . _); \
		printf 'static const char %s[] = {' $$name; \
		sed 's/^[ \t]*//' $$f | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'; \
		printf '0 };\nstatic const char %s_hash[] __attribute__((unused)) = "sha256-' $$name; \
		sed 's/^[ \t]*//' $$f | sha256sum | cut -c-64 | tr a-f A-F | basenc --base16 -d | base64 -w0; \
		printf '";\n'; \
	done >$(whole)

# Files that change when what they record does: other flags or another compiler compile
# everything again, a source taken away leaves the archive.
record = @mkdir -p $(@D); now='$(1)'; [ "$$now" = "$$(cat $@ 2>/dev/null)" ] || echo "$$now" >$@

$(B)/compile: FORCE | needs
	$(call record,$(CC) $(ALL_CFLAGS))

$(B)/musl/compile: FORCE | needs
	$(call record,$(MUSL))

$(B)/link: FORCE | needs
	$(call record,$(LIB_OBJ) $(LDFLAGS) $(PKG_LIBS))

needs:
	@[ -x lab/packages.sh ] || { echo "No program can be run in $(CURDIR): it is mounted noexec," \
		"or the files have lost their modes. Clone into another folder."; exit 1; } >&2
	@$(if $(strip $(SETS)),lab/packages.sh $(SETS))
	@pkg-config --print-errors --short-errors --exists $(LIBS) || \
		{ echo "tcplab needs $(LIBS); 'make packages' installs them on Debian and Ubuntu"; exit 1; } >&2

compile_commands.json: $(B)/compile ## what clangd and editors ask for
	@sep="[ "; cc=$$(sed 's/[\\"]/\\&/g' $<); for o in $(OBJ:$(B)/%.o=%); do \
		printf '%s{ "directory": "%s", "file": "%s.c", "command": "%s -c -o $(B)/%s.o %s.c" }\n' \
			"$$sep" '$(CURDIR)' $$o "$$cc" $$o $$o; sep=', '; done >$@; echo ']' >>$@

-include $(OBJ:.o=.d) $(MUSL_OBJ:.o=.d)
