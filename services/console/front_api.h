/* SPDX-License-Identifier: Apache-2.0
 * The front's sessions, questions and figures. */
#ifndef HUTONG_SERVICES_CONSOLE_FRONT_API_H
#define HUTONG_SERVICES_CONSOLE_FRONT_API_H
#include "services/console/front_state.h"

/* What sessions and deadlines are measured by: whoever sets the wall clock neither ends nor prolongs them. */
instant_ms_t front_now_ms(void);
/* What is not a page, on the server's thread under the lock. False: the answer comes later. */
bool front_serve_api(struct front *front, struct request *request, const struct console_verdict *verdict,
                     const char *dice);
/* `{"code":...,"zh":...,"en":...,"detail":...}` */
void front_write_refusal(enum console_refusal refusal, struct span detail, struct buffer *out);
void front_add_metrics(struct front *front);
/* Reads the file of users again where it has changed. */
void front_look_at_users(struct front *front);
#endif
