/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzzers share: how a trace is changed and stays one. */
#ifndef TCPLAB_FUZZ_MUTATE_H
#define TCPLAB_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's: the same contract as below, for bytes of any kind */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* fuzz_mutate_trace - change @size bytes in their place, to @max at most. Return: how many. */
size_t fuzz_mutate_trace(uint8_t *data, size_t size, size_t max, unsigned seed);

#endif
