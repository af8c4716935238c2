/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One phase of a run whose wire is seen. */
#ifndef TESTS_WIRED_H
#define TESTS_WIRED_H

#include <criterion/criterion.h>

#include "stage.h"

static struct stage st;

#define life(cookie) stage_life(&st, cookie)

static inline void open_stage(void)
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

static inline void judge(void)
{
	stage_end(&st, TL_END_COMPLETE);
	stage_judge(&st);
}

#endif
