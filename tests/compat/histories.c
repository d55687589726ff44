/* SPDX-License-Identifier: Apache-2.0
 * What a release decided, this build decides too: the cores are run over logs that an older build wrote, and every
 * record that they say, every answer and every digest of their states is compared with what is kept there.
 *
 *   histories FILE.zst...           compares; 0: equal
 *   histories --fill FILE.zst       the same logs with what this build says of them, plain, to stdout
 *
 * A file is zstd( record* ); a record is  kind (1) | partition (1) | size (4, LE) | bytes:
 *
 *   H  a history begins: its name; `partition`: how many partitions there are
 *   S  the next of `submissions`      V  the next of `verdicts.P`
 *   B  the next of `books`            O  the next of `outcomes.P`
 *   Q  core's name | 0 | a question, asked of that core when it has applied what stands before
 *   A  the answer to the question before it; "!": it is none
 *   D  core's name | 0 | the digest of its state at the end: it runs over this history, and over its inputs
 *
 * Streams are read from position 0, together; the last position of a history is before its first D. A stream that no
 * core with a D writes is given: a history may hold what one core alone was fed, and without a stream that it did not
 * read then. */
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/wire.h"
#include "common/runtime/replay.h"
#include "services/audit/audit_core.h"
#include "services/books/books_core.h"
#include "services/mailbox/mailbox_core.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"

enum { HEAD_SIZE = 6, RUNS_MAX = 4 * PARTITION_COUNT_MAX, QUESTIONS_MAX = 4096 };
#define MAP_SIZE ((size_t)4 << 30)  /* of address space, not of disk */
#define KEPT_SIZE ((size_t)4 << 30) /* as well */

/* An input in capitals is read in all partitions, another one in the core's own. */
static const struct row {
    const char *name;
    const struct core *core;
    const char *inputs;
    char output; /* 0: none */
} rows[] = {{"validation", &validation_core, "S", 'V'}, {"settlement", &settlement_core, "vS", 'O'},
            {"books", &books_core, "SO", 'B'},          {"audit", &audit_core, "SO", 0},
            {"mailbox", &mailbox_core, "O", 0},         {"mailbox_books", &mailbox_books_core, "B", 0}};

struct stream {
    struct span *records;
    size_t count, room;
};

struct run {
    const struct row *row;
    uint8_t partition;
    struct span digest;
};

struct question {
    const struct row *row;
    uint8_t partition;
    position_t position; /* of the record that comes after it */
    struct span asked, answer;
};

struct history {
    char name[128];
    uint8_t partitions;
    struct stream streams[4][PARTITION_COUNT_MAX];
    struct run runs[RUNS_MAX];
    unsigned run_count;
    struct question questions[QUESTIONS_MAX];
    unsigned question_count;
};

static struct history history;
static bool filling;
static struct arena kept; /* of what is filled in, until the history ends */
static uint64_t histories_count, records_count, differences_count;

/* ---- the file ---- */

static bool read_whole(const char *path, struct buffer *plain)
{
    uint8_t chunk[65536];
    ZSTD_DCtx *context = ZSTD_createDCtx();
    FILE *file = fopen(path, "rb");
    size_t left = 1;
    INVARIANT(context != NULL);
    while (file != NULL && !ZSTD_isError(left)) {
        ZSTD_inBuffer in = {chunk, fread(chunk, 1, sizeof chunk, file), 0};
        if (in.size == 0)
            break;
        while (in.pos < in.size && !ZSTD_isError(left)) {
            ZSTD_outBuffer out = {buffer_reserve(plain, 1 << 20), 1 << 20, 0};
            left = ZSTD_decompressStream(context, &out, &in);
            plain->size += out.pos;
        }
    }
    if (file != NULL)
        (void)fclose(file);
    (void)ZSTD_freeDCtx(context);
    return file != NULL && left == 0;
}

static struct stream *stream_of(char letter, unsigned partition)
{
    static const char letters[] = "SVOB";
    const char *found = strchr(letters, letter);
    INVARIANT(found != NULL && partition < PARTITION_COUNT_MAX);
    return &history.streams[found - letters][letter == 'S' || letter == 'B' ? 0 : partition];
}

static void add_record(struct stream *stream, struct span bytes)
{
    if (stream->count == stream->room) {
        stream->room = stream->room == 0 ? 1024 : 2 * stream->room;
        stream->records = realloc(stream->records, stream->room * sizeof *stream->records);
        INVARIANT(stream->records != NULL);
    }
    stream->records[stream->count++] = bytes;
}

/* The row that the bytes name; they go on behind its name. */
static const struct row *take_name(struct span *bytes)
{
    const struct row *row = rows;
    while (bytes->size <= strlen(row->name) || memcmp(bytes->data, row->name, strlen(row->name) + 1) != 0) {
        row++;
        INVARIANT(row < rows + sizeof rows / sizeof rows[0]); /* a core that this build does not know */
    }
    size_t size = strlen(row->name) + 1;
    *bytes = span_of(bytes->data + size, bytes->size - size);
    return row;
}

/* How many positions the history has so far. */
static position_t end_position(void)
{
    position_t end = 0;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned p = 0; p < PARTITION_COUNT_MAX; p++)
            end = history.streams[i][p].count > end ? history.streams[i][p].count : end;
    return end;
}

static void take_record(char kind, uint8_t partition, struct span bytes)
{
    const struct row *row;
    switch (kind) {
    case 'Q':
        row = take_name(&bytes);
        INVARIANT(history.question_count < QUESTIONS_MAX);
        history.questions[history.question_count++] =
            (struct question){row, partition, end_position(), bytes, {NULL, 0}};
        break;
    case 'A':
        INVARIANT(history.question_count > 0);
        history.questions[history.question_count - 1].answer = bytes;
        break;
    case 'D':
        row = take_name(&bytes);
        INVARIANT(history.run_count < RUNS_MAX);
        history.runs[history.run_count++] = (struct run){row, partition, bytes};
        break;
    default:
        add_record(stream_of(kind, partition), bytes);
    }
}

static void start_history(struct span name, uint8_t partitions)
{
    for (unsigned i = 0; i < 4; i++)
        for (unsigned p = 0; p < PARTITION_COUNT_MAX; p++)
            history.streams[i][p].count = 0;
    INVARIANT(name.size < sizeof history.name && partitions > 0 && partitions <= PARTITION_COUNT_MAX);
    memcpy(history.name, name.data, name.size);
    history.name[name.size] = 0;
    history.partitions = partitions;
    history.run_count = history.question_count = 0;
}

/* ---- one core over its inputs ---- */

/* Where the two differ first, as numbers of fields. */
static void print_path(struct span message, size_t at)
{
    struct wire_field field;
    for (bool deeper = true; deeper;) {
        deeper = false;
        for (struct wire_reader reader = wire_read(message); !deeper && !wire_at_end(&reader);) {
            if (wire_next(&reader, &field) != OK)
                return;
            if (at >= (size_t)(reader.at - message.data))
                continue;
            (void)printf(" %u", field.number);
            if (field.type != WIRE_BYTES || field.bytes.data > message.data + at)
                return;
            at -= (size_t)(field.bytes.data - message.data);
            message = field.bytes;
            deeper = true;
        }
    }
}

static void print_hex(const char *what, struct span bytes)
{
    (void)printf("    %s ", what);
    for (size_t i = 0; i < bytes.size; i++)
        (void)printf("%02x", bytes.data[i]);
    (void)printf("\n");
}

static void tell_difference(const struct run *run, position_t position, const char *what, struct span held,
                            struct span said)
{
    size_t at = 0;
    if (differences_count++ >= 20)
        return;
    while (at < held.size && at < said.size && held.data[at] == said.data[at])
        at++;
    (void)printf("%s: %s of %s %u at %llu differs at byte %zu, in field", history.name, what, run->row->name,
                 run->partition, (unsigned long long)position, at);
    print_path(held, at);
    (void)printf("\n");
    print_hex("kept", held);
    print_hex("said", said);
}

static struct span keep(struct span bytes)
{
    uint8_t *copy = arena_take(&kept, bytes.size);
    INVARIANT(copy != NULL);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return span_of(copy, bytes.size);
}

static void compare(const struct run *run, position_t position, const char *what, struct span *held, struct span said)
{
    if (filling)
        *held = keep(said);
    else if (!span_equal(*held, said))
        tell_difference(run, position, what, *held, said);
}

static void ask(const struct run *run, struct replay *replay)
{
    struct buffer answer;
    buffer_init(&answer);
    for (unsigned i = 0; i < history.question_count; i++) {
        struct question *question = &history.questions[i];
        if (question->row != run->row || question->partition != run->partition ||
            question->position != replay_position(replay))
            continue;
        buffer_reset(&answer);
        if (replay_query(replay, question->asked, &answer) != OK)
            buffer_append_text(&answer, "!");
        compare(run, question->position, "an answer", &question->answer, buffer_span(&answer));
    }
    buffer_fini(&answer);
}

static unsigned inputs_of(const struct run *run, const struct stream **inputs)
{
    unsigned count = 0;
    for (const char *input = run->row->inputs; *input != 0; input++)
        if (*input == 'v')
            inputs[count++] = stream_of('V', run->partition);
        else
            for (unsigned p = 0; p < (*input == 'O' ? history.partitions : 1u); p++)
                inputs[count++] = stream_of(*input, p);
    return count;
}

static void run_through(const struct run *run, struct replay *replay)
{
    const struct stream *inputs[CORE_INPUTS_COUNT_MAX];
    struct span records[CORE_INPUTS_COUNT_MAX], said;
    unsigned count = inputs_of(run, inputs);
    struct stream *output = run->row->output == 0 ? NULL : stream_of(run->row->output, run->partition);
    for (position_t position = 0; position < inputs[0]->count; position++) {
        ask(run, replay);
        for (unsigned i = 0; i < count; i++) {
            INVARIANT(inputs[i]->count == inputs[0]->count || inputs[i]->count == 0);
            records[i] = inputs[i]->count == 0 ? span_of(NULL, 0) : inputs[i]->records[position];
        }
        if (filling && output != NULL && output->count == position)
            add_record(output, span_of(NULL, 0));
        INVARIANT(output == NULL || output->count > position);
        struct span *held = output == NULL ? NULL : &output->records[position];
        enum status status = replay_apply(replay, records, count, held, &said);
        if (status != OK) {
            (void)printf("%s: %s %u stops at %llu: %s\n", history.name, run->row->name, run->partition,
                         (unsigned long long)position, status_text(status));
            exit(1);
        }
        if (held != NULL)
            compare(run, position, "the record", held, said);
        records_count++;
    }
    ask(run, replay);
}

static void run_core(struct run *run)
{
    struct replay *replay;
    struct buffer why;
    uint8_t digest[DIGEST_SIZE];
    bool divided = run->row->output == 'V' || run->row->output == 'O';
    struct core_partition partition = {run->partition, divided ? history.partitions : 1};
    buffer_init(&why);
    if (replay_open(run->row->core, partition, MAP_SIZE, NULL, &replay, &why) != OK) {
        (void)printf("%s\n", buffer_text(&why));
        exit(1);
    }
    buffer_fini(&why);
    run_through(run, replay);
    INVARIANT(replay_digest(replay, digest) == OK);
    compare(run, replay_position(replay), "the digest", &run->digest, span_of(digest, sizeof digest));
    replay_close(&replay);
}

/* ---- filling in ---- */

static void put_record(char kind, unsigned partition, const char *name, struct span bytes)
{
    size_t name_size = name == NULL ? 0 : strlen(name) + 1;
    uint8_t head[HEAD_SIZE] = {(uint8_t)kind, (uint8_t)partition};
    bytes_put_le(head + 2, name_size + bytes.size, 4);
    (void)fwrite(head, 1, sizeof head, stdout);
    if (name_size > 0)
        (void)fwrite(name, 1, name_size, stdout);
    if (bytes.size > 0)
        (void)fwrite(bytes.data, 1, bytes.size, stdout);
}

static void put_questions(position_t position)
{
    for (unsigned i = 0; i < history.question_count; i++) {
        const struct question *question = &history.questions[i];
        if (question->position == position) {
            put_record('Q', question->partition, question->row->name, question->asked);
            put_record('A', question->partition, NULL, question->answer);
        }
    }
}

static void put_history(void)
{
    position_t end = end_position();
    put_record('H', history.partitions, NULL, span_text(history.name));
    for (position_t position = 0; position < end; position++) {
        put_questions(position);
        for (const char *letter = "SVOB"; *letter != 0; letter++)
            for (unsigned p = 0; p < (*letter == 'S' || *letter == 'B' ? 1u : history.partitions); p++)
                if (stream_of(*letter, p)->count > position)
                    put_record(*letter, p, NULL, stream_of(*letter, p)->records[position]);
    }
    put_questions(end);
    for (unsigned i = 0; i < history.run_count; i++)
        put_record('D', history.runs[i].partition, history.runs[i].row->name, history.runs[i].digest);
}

static void end_history(void)
{
    for (unsigned i = 0; i < history.run_count; i++)
        run_core(&history.runs[i]);
    if (filling && history.run_count > 0)
        put_history();
    histories_count += history.run_count > 0;
    arena_reset(&kept);
}

static bool run_file(const char *path)
{
    struct buffer plain;
    buffer_init(&plain);
    bool whole = read_whole(path, &plain);
    histories_count = records_count = differences_count = 0;
    for (size_t at = 0; whole && at < plain.size;) {
        const uint8_t *head = plain.data + at;
        size_t size = plain.size - at < HEAD_SIZE ? SIZE_MAX : bytes_get_le(head + 2, 4);
        whole = size <= plain.size - at - HEAD_SIZE;
        if (!whole)
            break;
        if (head[0] == 'H')
            end_history();
        if (head[0] == 'H')
            start_history(span_of(head + HEAD_SIZE, size), head[1]);
        else
            take_record((char)head[0], head[1], span_of(head + HEAD_SIZE, size));
        at += HEAD_SIZE + size;
    }
    end_history();
    history.run_count = 0;
    if (!filling)
        (void)printf("%s: %llu histories, %llu decisions, %llu differ%s\n", path, (unsigned long long)histories_count,
                     (unsigned long long)records_count, (unsigned long long)differences_count,
                     whole ? "" : "; the file is not whole");
    buffer_fini(&plain);
    return whole && histories_count > 0 && differences_count == 0;
}

int main(int argc, char **argv)
{
    bool equal = argc > 1;
    (void)setenv("TMPDIR", "/dev/shm",
                 0); /* a store a history and core: a disk would be waited for thousands of times */
    filling = argc == 3 && strcmp(argv[1], "--fill") == 0;
    if (filling)
        arena_init(&kept, malloc(KEPT_SIZE), KEPT_SIZE);
    for (int i = filling ? 2 : 1; i < argc; i++)
        equal = run_file(argv[i]) && equal;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned p = 0; p < PARTITION_COUNT_MAX; p++)
            free(history.streams[i][p].records);
    free(kept.memory);
    return equal ? 0 : 1;
}
