# SPDX-License-Identifier: GPL-2.0-or-later
# Two targets are all a newcomer needs: "make lab" and "make test"; "make help" lists the rest.

VERSION := 0.1.0
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wno-missing-field-initializers
LIBS    := libuv hiredis libmnl libfyaml jansson libxml-2.0
prefix  ?= /usr/local
B       ?= build

PKG_CFLAGS = $(shell pkg-config --cflags $(LIBS))
PKG_LIBS   = $(shell pkg-config --libs $(LIBS))
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(WARN) -Iinclude $(PKG_CFLAGS) -DTCPLAB_VERSION='"$(VERSION)"' $(CFLAGS)

SRC   := $(wildcard src/*/*.c)
LAB   := $(wildcard lab/*.c)
OBJ   := $(SRC:%.c=$(B)/%.o)
TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

$(B)/tcplab: $(LAB:%.c=$(B)/%.o) $(B)/libtcplab.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/libtcplab.a: $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(B)/libtcplab.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(B)/libtcplab.a $(PKG_LIBS) -lcriterion

.PHONY: unit clean
unit: $(TESTS)             ## the unit tests (Criterion)
	@for t in $(TESTS); do timeout -k 5 300 $$t || exit 1; done

clean:                     ## remove what was built
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
