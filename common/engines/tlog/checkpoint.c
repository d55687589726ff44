/* SPDX-License-Identifier: Apache-2.0
 * Checkpoints and proofs as texts. */
#include "common/engines/tlog/checkpoint.h"

#include "common/engines/tlog/lines.h"
#include "common/sign/base64.h"

void checkpoint_write(const struct checkpoint *checkpoint, struct buffer *text)
{
    buffer_printf(text, "%s\n%llu\n", checkpoint->origin, (unsigned long long)checkpoint->size);
    lines_put_hash(text, &checkpoint->root);
}

enum status checkpoint_parse(struct span text, struct checkpoint *checkpoint)
{
    struct checkpoint read = {0};
    struct span line;
    if (!lines_next(&text, &line) || line.size == 0 || !lines_copy(line, read.origin, sizeof read.origin) ||
        !lines_next(&text, &line) || !lines_number(line, &read.size) || !lines_next(&text, &line) ||
        !lines_hash(line, &read.root))
        return REJECT_MALFORMED;
    while (lines_next(&text, &line))
        if (line.size == 0)
            return REJECT_MALFORMED;
    if (text.size > 0)
        return REJECT_MALFORMED;
    *checkpoint = read;
    return OK;
}

enum status checkpoint_open(struct span bytes, const struct note_key *key, struct note *note,
                            struct checkpoint *checkpoint)
{
    TRY(note_parse(bytes, note));
    TRY(checkpoint_parse(note->text, checkpoint));
    if (strcmp(checkpoint->origin, key->name) != 0)
        return REJECT_NOT_FOUND;
    return note_verify(note, key, NULL) == OK ? OK : REJECT_UNAUTHORIZED;
}

void proof_file_write(const struct proof_file *proof, struct buffer *out)
{
    buffer_append_text(out, "c2sp.org/tlog-proof@v1\n");
    if (proof->extra.size > 0) {
        buffer_append_text(out, "extra ");
        base64_put(out, buffer_span(&proof->extra));
        buffer_append_text(out, "\n");
    }
    buffer_printf(out, "index %llu\n", (unsigned long long)proof->index);
    for (unsigned i = 0; i < proof->path_count; i++)
        lines_put_hash(out, &proof->path[i]);
    buffer_append_text(out, "\n");
    buffer_append(out, proof->checkpoint.data, proof->checkpoint.size);
}

static bool parse(struct span rest, struct proof_file *proof)
{
    struct span line;
    if (!lines_next(&rest, &line) || !span_equal(line, span_text("c2sp.org/tlog-proof@v1")) ||
        !lines_next(&rest, &line))
        return false;
    if (lines_take(&line, "extra ") &&
        (line.size == 0 || base64_take(line, &proof->extra) != OK || !lines_next(&rest, &line)))
        return false;
    if (!lines_take(&line, "index ") || !lines_number(line, &proof->index) ||
        !lines_path(&rest, proof->path, &proof->path_count))
        return false;
    proof->checkpoint = rest;
    return rest.size > 0;
}

enum status proof_file_parse(struct span bytes, struct proof_file *proof)
{
    memset(proof, 0, sizeof *proof);
    if (parse(bytes, proof))
        return OK;
    proof_file_fini(proof);
    return REJECT_MALFORMED;
}

void proof_file_fini(struct proof_file *proof)
{
    buffer_fini(&proof->extra);
}
