/* SPDX-License-Identifier: Apache-2.0
 * Judging without an exchange. */
#include "tools/judge.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/logic.h"
#include "common/engines/gazette/gazette_book.h"
#include "common/net/loop.h"
#include "common/pb/event.h"
#include "common/runtime/replay.h"
#include "services/validation/validation_core.h"
#include "tools/gazette_file.h"
#include "tools/input.h"
#include "tools/shipped.h"

#define MAP_SIZE ((size_t)8 << 30)
enum { TABLE_ROOM = 16 << 20 }; /* decoded, the largest envelope that is taken */

struct judge {
    struct replay *replay;
    struct buffer record;
    instant_ms_t now;
    struct gazette_book *book;
    void *memory;
};

struct judge *judge_new(void)
{
    struct buffer why = {0};
    struct judge *judge = calloc(1, sizeof *judge);
    INVARIANT(judge != NULL);
    judge->now = loop_wall_ms();
    judge->book = gazette_book_new(NULL, 0, LOGIC_VERSION_FIRST);
    if (replay_open(&validation_core, (struct core_partition){0, 1}, MAP_SIZE, NULL, &judge->replay, &why) != OK) {
        complain(said("无法审核：%s", "nothing can be judged: %s"), buffer_text(&why));
        judge_destroy(&judge);
    }
    buffer_fini(&why);
    return judge;
}

void judge_destroy(struct judge **judge)
{
    if (*judge == NULL)
        return;
    if ((*judge)->replay != NULL)
        replay_close(&(*judge)->replay);
    buffer_fini(&(*judge)->record);
    gazette_book_destroy(&(*judge)->book);
    free((*judge)->memory);
    free(*judge);
    *judge = NULL;
}

const struct findings *judge_envelope(struct judge *judge, struct span envelope)
{
    static struct verdict verdict;
    struct envelope_head head = {0};
    if (envelope_head_read(envelope, &head) != OK)
        return NULL;
    struct submission submission = {
        .accepted_at = judge->now, .person_hash = person_hash(head.person_id), .envelope = envelope};
    buffer_reset(&judge->record);
    submission_encode(&submission, &judge->record);
    struct span record = buffer_span(&judge->record), output;
    bool judged = replay_apply(judge->replay, &record, 1, NULL, &output) == OK &&
                  verdict_decode(output, replay_arena(judge->replay), &verdict) == OK;
    return judged ? verdict.findings : NULL;
}

/* By the core, and for those who ask the tables themselves. */
static bool publish(struct judge *judge, struct span envelope)
{
    struct arena arena;
    struct event event;
    arena_init(&arena, judge->memory, TABLE_ROOM);
    const struct findings *findings = judge_envelope(judge, envelope);
    return findings != NULL && !findings->refused && event_decode(envelope, &arena, &event) == OK &&
           event.kind == EVENT_GAZETTE && gazette_book_keep(judge->book, NULL, event.body.gazette) == OK;
}

static bool publish_rows(struct judge *judge, struct sheet *sheet, struct buffer *why)
{
    char *fields[CSV_FIELDS_MAX];
    unsigned count, line;
    struct reference_header header;
    struct gazette_file *file = NULL;
    struct buffer envelope = {0};
    bool read = sheet_next(sheet, fields, &count, &line) == CSV_ROW &&
                reference_header_read(fields, count, REFERENCE_NONE, &header, why) && header.kind >= REFERENCE_CALENDAR;
    if (read)
        file = gazette_file_new(&header, "operator");
    while (read && sheet_next(sheet, fields, &count, &line) == CSV_ROW)
        read = gazette_file_add(file, fields, count, line, why);
    for (size_t i = 0; read && i < gazette_file_count(file); i++)
        read = gazette_file_encode(file, i, "", &envelope, why) && publish(judge, buffer_span(&envelope));
    gazette_file_destroy(&file);
    buffer_fini(&envelope);
    return read;
}

static bool publish_file(void *self, const char *path)
{
    struct buffer bytes = {0}, why = {0};
    struct sheet sheet;
    bool read = input_slurp(path, &bytes) && sheet_open(&sheet, &bytes, &why) && publish_rows(self, &sheet, &why);
    if (!read)
        complain(said("%s：不是可以依据的数据表；%s", "%s: not a table that can be gone by; %s"), path,
                 buffer_text(&why));
    buffer_fini(&bytes);
    buffer_fini(&why);
    return read;
}

bool judge_learn(struct judge *judge)
{
    struct buffer envelope = {0};
    char id[37];
    struct event event = cli_event(EVENT_LOGIC_VERSION, "operator", id);
    event.body.logic.version = LOGIC_VERSION_KNOWN;
    envelope_encode(&event, &envelope);
    judge->memory = judge->memory != NULL ? judge->memory : malloc(TABLE_ROOM);
    INVARIANT(judge->memory != NULL);
    bool known = shipped_tables_each(publish_file, judge) && judge_envelope(judge, buffer_span(&envelope)) != NULL;
    gazette_book_switch(judge->book, LOGIC_VERSION_KNOWN);
    buffer_fini(&envelope);
    return known;
}

const struct published *judge_published(const struct judge *judge)
{
    return gazette_book_published(judge->book);
}
