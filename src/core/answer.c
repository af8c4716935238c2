/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of a call by their names, and back. */
#include "tcplab/answer.h"

#include <errno.h>
#include <string.h>

static const struct {
	int error;
	const char *name;
} answers[] = {
#define X(error) { error, #error },
	TL_ANSWERS(X)
#undef X
};

#define N_ANSWERS (sizeof(answers) / sizeof(answers[0]))

const char *tl_answer_name(int error)
{
	for (size_t i = 0; i < N_ANSWERS; i++)
		if (answers[i].error == error)
			return answers[i].name;
	return strerror(error);
}

int tl_answer_parse(const char *name, size_t len)
{
	for (size_t i = 0; i < N_ANSWERS; i++)
		if (strlen(answers[i].name) == len && !memcmp(answers[i].name, name, len))
			return answers[i].error;
	return 0;
}
