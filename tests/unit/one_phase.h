/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of one phase. */
#ifndef TESTS_ONE_PHASE_H
#define TESTS_ONE_PHASE_H

#include <criterion/criterion.h>

#include "stage.h"

static struct stage st;

#define life(cookie) stage_life(&st, cookie)
#define tell(cookie) stage_tell(&st, cookie)

static inline void open_stage(void)
{
	stage_open(&st);
	stage_phase(&st, NULL, 0);
	stage_enter(&st);
}

/* The same, and its wire is seen. */
static inline void open_wired(void)
{
	stage_open(&st);
	stage_phase(&st, NULL, 0);
	stage_wire(&st, NULL);
	stage_enter(&st);
}

static inline void close_stage(void)
{
	stage_close(&st);
}

/* For the next of several cases. @open: as the suite begins each */
static inline void reopen_stage(void (*open)(void))
{
	close_stage();
	open();
}

static inline void judge(void)
{
	stage_finish(&st, TL_END_COMPLETE);
}

#endif
