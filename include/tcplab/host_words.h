/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor 2, host: the words that all that is told about a host shares. */
#ifndef TCPLAB_HOST_WORDS_H
#define TCPLAB_HOST_WORDS_H

#include <stdint.h>

#include "tcplab/buf.h"
#include "tcplab/host.h"

/* tl_say_time - append "450 ms", "83 s", "5 min 12 s", "2 h 3 min", "3 d 4 h" */
void tl_say_time(struct tl_buf *out, int64_t ms);

/* tl_say_process - append "redis-server (4711)", washed */
void tl_say_process(struct tl_buf *out, const struct tl_process *process);

/* tl_say_holder - append the processes that have a row, three by name, or that none was seen */
void tl_say_holder(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row);

/* tl_say_descriptors - append a process for each descriptor that is this row, or nothing */
void tl_say_descriptors(struct tl_buf *out, const struct tl_host *look, const struct tl_seen *row);

/* tl_say_owner - append whose the rows of a group are */
void tl_say_owner(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group);

/* tl_group_way - "listens", "bound", "in" or "out", as in JSON */
const char *tl_group_way(const struct tl_group *group);

/* tl_say_way - append "-> 127.0.0.1:6379", or "0.0.0.0:80 <- 10.0.0.7", or "<- several" */
void tl_say_way(struct tl_buf *out, const struct tl_group *group);

/*
 * tl_say_owners_way - append it to an owner: " -> ...", or ", ... <- ..."; a queue names its end
 * itself
 */
void tl_say_owners_way(struct tl_buf *out, const struct tl_group *group);

/* tl_say_age - append a group's age: "at least 83 s", "gone in 31 s", "idle 4 s", or nothing */
void tl_say_age(struct tl_buf *out, const struct tl_host *look, const struct tl_group *group);

/* tl_say_keepalive - append "; keepalive timer, next probe in at least 2 h" for a row that has it */
void tl_say_keepalive(struct tl_buf *out, const struct tl_sock *sock);

#endif
