/* SPDX-License-Identifier: Apache-2.0
 * A witness. */
#include "common/witness/witness.h"

#include <stdio.h>

#include "common/engines/tlog/lines.h"
#include "common/engines/tlog/tree.h"

enum { PROOF_LINES_MAX = 63, HASH_TEXT_SIZE = 2 * DIGEST_SIZE + 1 };

/* One request, as far as it was understood, beside what is kept of its log. */
struct asked {
    uint64_t old;
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned path_count;
    struct span bytes; /* the note */
    struct note note;
    struct checkpoint checkpoint;
    const struct note_key *log;
    char origin_hash[HASH_TEXT_SIZE];
    struct buffer kept_bytes; /* owned */
    struct checkpoint kept;   /* size 0: nothing yet */
};

static void origin_hash(struct witness *witness, const char *origin, char text[HASH_TEXT_SIZE])
{
    uint8_t hash[DIGEST_SIZE];
    digest_once(witness->digest, span_text(origin), hash);
    digest_hex(hash, sizeof hash, text);
}

static const struct note_key *log_of(const struct witness *witness, const char *origin)
{
    for (unsigned i = 0; i < witness->log_count; i++)
        if (strcmp(witness->logs[i].name, origin) == 0)
            return &witness->logs[i];
    return NULL;
}

/* The code of what is wrong with it by itself; 200: nothing. */
static unsigned read_request(struct witness *witness, struct span rest, struct asked *asked)
{
    struct span line;
    if (!lines_next(&rest, &line) || !lines_take(&line, "old ") || !lines_number(line, &asked->old) ||
        !lines_path(&rest, asked->path, &asked->path_count) || asked->path_count > PROOF_LINES_MAX)
        return 400;
    asked->bytes = rest;
    if (note_parse(rest, &asked->note) != OK || checkpoint_parse(asked->note.text, &asked->checkpoint) != OK)
        return 400;
    asked->log = log_of(witness, asked->checkpoint.origin);
    if (asked->log == NULL)
        return 404;
    if (note_verify(&asked->note, asked->log, NULL) != OK)
        return 403;
    return asked->old > asked->checkpoint.size ? 400 : 200;
}

static bool load_kept(struct witness *witness, struct asked *asked)
{
    struct note note;
    origin_hash(witness, asked->checkpoint.origin, asked->origin_hash);
    enum status status = witness->load(witness->self, asked->origin_hash, &asked->kept_bytes);
    if (status == REJECT_NOT_FOUND) {
        merkle_empty(witness->digest, &asked->kept.root);
        return true;
    }
    /* What is damaged is no beginning: nothing is cosigned until a person has looked. */
    return status == OK && checkpoint_open(buffer_span(&asked->kept_bytes), asked->log, &note, &asked->kept) == OK;
}

/* Two trees of one size: nobody can explain that. */
static bool is_contradiction(const struct asked *asked)
{
    return asked->kept.size == asked->checkpoint.size && asked->kept.size > 0 &&
           memcmp(&asked->kept.root, &asked->checkpoint.root, sizeof asked->kept.root) != 0;
}

static unsigned judge(struct witness *witness, struct asked *asked)
{
    if (is_contradiction(asked)) {
        witness->contradiction(witness->self, "two checkpoints of one size, with two roots",
                               buffer_span(&asked->kept_bytes), asked->bytes);
        return 409;
    }
    if (asked->old != asked->kept.size)
        return 409;
    if (tlog_is_consistent(witness->digest, asked->old, &asked->kept.root, asked->checkpoint.size,
                           &asked->checkpoint.root, asked->path, asked->path_count))
        return 200;
    if (asked->kept.size > 0 && asked->kept.size < asked->checkpoint.size)
        witness->contradiction(witness->self, "a checkpoint that was not proved to go on from the one that is kept",
                               buffer_span(&asked->kept_bytes), asked->bytes);
    return 422;
}

/* Signed, kept, and only then said. */
static unsigned cosign(struct witness *witness, const struct asked *asked, uint64_t now, struct buffer *body)
{
    struct buffer line = {0}, kept = {0};
    note_sign(witness->pair, &witness->key, asked->note.text, now, &line);
    buffer_append(&kept, asked->note.text.data, asked->note.text.size);
    buffer_append_text(&kept, "\n");
    for (unsigned i = 0; i < asked->note.signature_count; i++) /* the log's alone: others may fail for who reads it */
        if (asked->note.signatures[i].id == asked->log->id &&
            span_equal(asked->note.signatures[i].name, span_text(asked->log->name))) {
            buffer_printf(&kept, "\xe2\x80\x94 %s ", asked->log->name);
            buffer_append(&kept, asked->note.signatures[i].base64.data, asked->note.signatures[i].base64.size);
            buffer_append_text(&kept, "\n");
        }
    buffer_append(&kept, line.data, line.size);
    bool durable = witness->keep(witness->self, asked->origin_hash, buffer_span(&kept)) == OK;
    if (durable)
        buffer_append(body, line.data, line.size);
    buffer_fini(&line);
    buffer_fini(&kept);
    return durable ? 200 : 500;
}

struct witness_answer witness_add(struct witness *witness, struct span request, uint64_t now, struct buffer *body)
{
    struct asked asked = {0};
    struct witness_answer answer = {.type = "text/plain; charset=utf-8"};
    answer.code = read_request(witness, request, &asked);
    if (answer.code == 200)
        answer.code = load_kept(witness, &asked) ? judge(witness, &asked) : 500;
    if (answer.code == 409) {
        answer.type = "text/x.tlog.size";
        buffer_printf(body, "%llu\n", (unsigned long long)asked.kept.size);
    }
    if (answer.code == 200)
        answer.code = cosign(witness, &asked, now, body);
    buffer_fini(&asked.kept_bytes);
    return answer;
}

struct witness_answer witness_show(struct witness *witness, const char *path, struct buffer *body)
{
    char hash[HASH_TEXT_SIZE], wanted[HASH_TEXT_SIZE + 16];
    struct witness_answer answer = {404, "text/plain; charset=utf-8"};
    for (unsigned i = 0; i < witness->log_count; i++) {
        origin_hash(witness, witness->logs[i].name, hash);
        (void)snprintf(wanted, sizeof wanted, "/%s/checkpoint", hash);
        if (strcmp(path, wanted) == 0 && witness->load(witness->self, hash, body) == OK)
            answer.code = 200;
    }
    return answer;
}
