/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of a story that was read: what two kernels repeat, put into an order that does not depend on
 * chance.
 */
#include "story.h"

#include <stdlib.h>

/* A segment that the kernel has sent once more, in the states of the line before it. */
static bool is_more_of_it(const struct tl_conn *conn, size_t i)
{
	const struct tl_line *line = &conn->lines[i], *before = line - 1;

	return i && line->kind == TL_LINE_CAME && line->again && before->kind == TL_LINE_CAME &&
	       before->step == line->step && before->phase == line->phase &&
	       before->states[0] == line->states[0] &&
	       before->states[1] == line->states[1];
}

/* The kernel's impatience: one more of the line before it, and nothing has changed. */
static bool is_one_more(const struct tl_line *before, const struct tl_line *line)
{
	return before->again && line->again && !before->held && !line->held &&
	       before->rightward == line->rightward && before->phase == line->phase &&
	       before->states[0] == line->states[0] && before->states[1] == line->states[1];
}

/* Lost like the one before it, of a series that is older than the phase. */
static bool is_lost_alike(const struct tl_story *story, const struct tl_line *before,
			  const struct tl_line *line)
{
	return before->since && line->since && before->rightward == line->rightward &&
	       tl_line_is_lost_at_once(story, before) && tl_line_is_lost_at_once(story, line);
}

/* Write down the lines @from to before @end: first those to the right, then the others. */
static size_t part_ways(const struct tl_story *story, const struct tl_conn *conn, size_t from,
			size_t end, size_t *places, struct tl_line *lines, size_t n)
{
	size_t first = n;

	for (int rightward = 1; rightward >= 0; rightward--) {
		for (size_t i = from; i < end; i++) {
			const struct tl_line *line = &conn->lines[i];

			if (line->rightward != rightward)
				continue;
			if (n > first && is_one_more(&lines[n - 1], line))
				lines[n - 1].times++;
			else if (n == first || !is_lost_alike(story, &lines[n - 1], line))
				lines[n++] = *line;
			places[i] = n - 1;
		}
	}
	return n;
}

/*
 * Where both ends' kernels repeat what is lost, each by its own timer, which of them is the
 * sooner is a matter of chance: of such a run one end's come first, and then the other's.
 * Return: for each line its place afterwards (owned by the caller), or NULL.
 */
static size_t *order_repeats(const struct tl_story *story, struct tl_conn *conn)
{
	size_t *places = calloc(conn->n_lines + 1, sizeof(*places)), n = 0;
	struct tl_line *lines = calloc(conn->n_lines + 1, sizeof(*lines));

	if (!places || !lines) {
		free(places);
		free(lines);
		return NULL;
	}
	for (size_t i = 0, end; i < conn->n_lines; i = end) {
		for (end = i + 1; end < conn->n_lines && is_more_of_it(conn, end);)
			end++;
		if (!conn->lines[i].again) {
			lines[n] = conn->lines[i];
			places[i++] = n++;
		}
		n = part_ways(story, conn, i, end, places, lines, n);
	}
	free(conn->lines);
	conn->lines = lines;
	conn->n_lines = n;
	return places;
}

bool tl_story_order(struct tl_story *story)
{
	size_t **places = calloc(story->n_conns + 1, sizeof(*places));
	bool ok = places;

	for (size_t i = 0; ok && i < story->n_conns; i++) {
		places[i] = order_repeats(story, &story->conns[i]);
		ok = places[i];
	}
	for (size_t i = 0; ok && i < story->n_frames; i++) {
		struct tl_frame *frame = &story->frames[i];

		if (frame->told)
			frame->line = places[frame->conn][frame->line];
	}
	for (size_t i = 0; places && i < story->n_conns; i++)
		free(places[i]);
	free(places);
	return ok;
}
