/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a request's head, as arguments of a question, as what a command said. No argument becomes an option or
 * a path; nothing is served without session, token and origin; what was said is JSON. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "services/console/console_core.h"
#include "services/console/said.h"
#include "services/console/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 12 };

static const char dice[] = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
                           "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt";

static void arguments(const uint8_t *data, size_t size)
{
    const struct question *question = &questions[data[0] % question_count];
    struct question_words words = {0};
    struct buffer why = {0};
    if (question_make(question, span_of(data + 1, size - 1), &words, &why) == OK) {
        const char *at = (const char *)words.text.data;
        for (unsigned i = 0; i < words.count; i++, at += strlen(at) + 1) {
            bool ours = strstr(question->line, at) != NULL; /* the table's own word */
            const char *glued = strncmp(at, "--", 2) == 0 ? strchr(at, '=') : NULL;
            INVARIANT(ours || glued != NULL || (at[0] != '-' && strchr(at, '/') == NULL));
            INVARIANT(i > 0 || ours);
        }
        INVARIANT(at == (const char *)words.text.data + words.text.size);
    } else {
        INVARIANT(why.size > 0);
    }
    question_words_fini(&words);
    buffer_fini(&why);
}

static void head(char *text, size_t size)
{
    static struct console_users users = {.count = 1,
                                         .rows = {{.name = "a", .certificate = "CN=a", .roles = ROLE_VIEWER}}};
    struct console_rules rules = {.users = &users, .cookie_name = "c", .proxy_address = "p", .proxy_secret = "secret"};
    struct sessions sessions = {0};
    const char *fields[FIELDS];
    size_t at = 0;
    INVARIANT(console_rules_add_origin(&rules, "https://h"));
    INVARIANT(console_log_in(&rules, &sessions, "a", dice, 1).refusal == REFUSAL_NONE);
    for (unsigned i = 0; i < FIELDS; i++) {
        fields[i] = at < size ? text + at : "";
        at += strlen(fields[i]) + 1;
    }
    struct console_head request = {.method = fields[0],
                                   .path = fields[1],
                                   .host = fields[2],
                                   .origin = fields[3],
                                   .fetch_site = fields[4],
                                   .content_type = fields[5],
                                   .cookie = fields[6],
                                   .token = fields[7],
                                   .active = fields[8],
                                   .address = "p",
                                   .certificate = fields[9],
                                   .proxy_user = fields[10],
                                   .proxy_secret = fields[11]};
    struct console_verdict verdict = console_judge(&rules, &sessions, &request, dice, 2);
    if (verdict.refusal != REFUSAL_NONE)
        return;
    INVARIANT(strcmp(request.host, "h") == 0 || strcmp(request.host, "H") == 0);
    if (verdict.what != CONSOLE_QUESTION)
        return;
    INVARIANT(verdict.question < question_count && (questions[verdict.question].roles & ROLE_VIEWER) != 0);
    INVARIANT(strcmp(request.method, "POST") == 0 && strncasecmp(request.origin, "https://h", 10) == 0);
    INVARIANT(strcmp(request.token, verdict.session->token) == 0 &&
              strstr(request.cookie, verdict.session->cookie) != NULL);
}

static void said(const uint8_t *data, size_t size)
{
    struct child child = {.cut = data[0] % 2};
    struct buffer out = {0};
    buffer_append(&child.out, data, size);
    buffer_append(&child.error, data, size);
    buffer_append_text(&out, "{");
    said_write(&child, &out);
    buffer_append_text(&out, "}");
    json_t *value = json_loadb((const char *)out.data, out.size, JSON_ALLOW_NUL, NULL);
    INVARIANT(json_is_array(json_object_get(value, "rows")) && json_is_string(json_object_get(value, "said")));
    json_decref(value);
    buffer_fini(&child.out);
    buffer_fini(&child.error);
    buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = calloc(size + 1, 1);
    INVARIANT(text != NULL);
    memcpy(text, data, size);
    arguments(data, size);
    head(text, size);
    said(data, size);
    free(text);
    return 0;
}
