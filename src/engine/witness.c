/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another program's view of the same moment: its output is recorded beside the table when
 * the table was the same before and after. When it was not, the new table is recorded and
 * the program asked again.
 */
#include "engine_run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tcplab/buf.h"

#define TRIES 20
#define OUTPUT_MAX (1 << 20)

struct witness {
	struct engine *engine; /* NULL once the run has ended */
	uv_process_t process;
	uv_pipe_t pipe;
	struct tl_buf output;
	char room[4096];
	int parts;             /* still open: process, pipe */
	int64_t status;
};

static void ask(struct engine *e);

static const char *command(const struct engine *e)
{
	return e->options->witness[e->witness];
}

static void fault(struct engine *e, const char *why)
{
	struct tl_err err;

	tl_err_set(&err, EIO, "witness \"%s\": %s", command(e), why);
	engine_fault(e, &err, -1);
}

/* A witness tells about queues as well, and a heartbeat can change one while it looks. */
static bool same_queues(const struct engine *e, const struct tl_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].sock.recvq != e->rows[i].sock.recvq ||
		    rows[i].sock.sendq != e->rows[i].sock.sendq)
			return false;
	return true;
}

/* The witness has spoken: was the table the same all the while? */
static void compare(struct engine *e, const struct tl_buf *output)
{
	struct tl_row *rows;
	struct tl_err err;
	size_t n;
	int ret = look_read(e, &rows, &n, &err);

	if (ret && ret != -EAGAIN) {
		engine_fault(e, &err, -1);
		return;
	}
	if (!ret && look_same(e, rows, n) && same_queues(e, rows, n)) {
		free(rows);
		engine_emit(e, (struct tl_event){
				       .kind = TL_EVENT_WITNESS,
				       .witness = { (char *)command(e),
						    (char *)tl_buf_text(output) } });
		e->witness++;
		e->tries = 0;
	} else if (!ret) {
		look_emit(e, TL_LOOK_SETTLED, rows, n);
	}
	ask(e);
}

static void on_part_closed(uv_handle_t *handle)
{
	struct witness *w = handle->data;
	struct engine *e = w->engine;

	if (--w->parts)
		return;
	if (e) {
		e->watching = NULL;
		if (w->status)
			fault(e, "it failed");
		else if (w->output.failed)
			fault(e, "no memory for its output");
		else
			compare(e, &w->output);
	}
	tl_buf_release(&w->output);
	free(w);
}

static void on_exit_(uv_process_t *process, int64_t status, int signal)
{
	struct witness *w = process->data;

	w->status = status ? status : signal;
	uv_close((uv_handle_t *)process, on_part_closed);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct witness *w = handle->data;

	(void)hint;
	*buf = uv_buf_init(w->room, sizeof(w->room));
}

static void on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct witness *w = stream->data;

	if (n > 0 && w->output.len + n <= OUTPUT_MAX)
		tl_buf_add(&w->output, buf->base, n);
	else if (n < 0)
		uv_close((uv_handle_t *)stream, on_part_closed);
}

static int start(struct engine *e, struct witness *w)
{
	char *argv[] = { "/bin/sh", "-c", (char *)command(e), NULL };
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		  .data.stream = (uv_stream_t *)&w->pipe },
		{ .flags = UV_IGNORE },
	};
	uv_process_options_t options = { .file = argv[0],
					 .args = argv,
					 .stdio = stdio,
					 .stdio_count = 3,
					 .exit_cb = on_exit_ };
	int ret;

	uv_pipe_init(&e->loop, &w->pipe, 0);
	w->engine = e;
	w->pipe.data = w->process.data = w;
	w->parts = 2;
	ret = uv_spawn(&e->loop, &w->process, &options);
	if (!ret)
		return uv_read_start((uv_stream_t *)&w->pipe, give_room, on_output);
	w->engine = NULL;
	uv_close((uv_handle_t *)&w->process, on_part_closed);
	uv_close((uv_handle_t *)&w->pipe, on_part_closed);
	return ret;
}

static void ask(struct engine *e)
{
	struct witness *w;
	int ret;

	if (e->doing == ENGINE_ENDED)
		return;
	if (e->witness == e->options->n_witness) {
		engine_next_phase(e);
		return;
	}
	if (e->tries++ == TRIES) {
		fault(e, "the table changed while it looked");
		return;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		fault(e, "no memory");
		return;
	}
	ret = start(e, w);
	if (ret)
		fault(e, uv_strerror(ret));
	else
		e->watching = w;
}

void witness_begin(struct engine *e)
{
	if (e->doing == ENGINE_ENDED)
		return;
	e->doing = ENGINE_WITNESSING;
	e->witness = 0;
	e->tries = 0;
	ask(e);
}

void witness_stop(struct engine *e)
{
	struct witness *w = e->watching;

	if (!w)
		return;
	e->watching = NULL;
	w->engine = NULL;
	if (!uv_is_closing((uv_handle_t *)&w->process))
		uv_process_kill(&w->process, SIGKILL);
	if (!uv_is_closing((uv_handle_t *)&w->pipe))
		uv_close((uv_handle_t *)&w->pipe, on_part_closed);
}
