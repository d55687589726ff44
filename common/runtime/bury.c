/* SPDX-License-Identifier: Apache-2.0
 * Dead letters. */
#include "common/runtime/bury.h"

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/outcome.h"

const char bury_undecodable[] = "this build cannot decode it";
const char bury_quarantine[] = "the record stopped the service three times";

unsigned bury_tables(const struct core *core, struct store_table tables[STORE_TABLES_COUNT_MAX])
{
    INVARIANT(core->table_count + 1 <= STORE_TABLES_COUNT_MAX);
    memcpy(tables, core->tables, core->table_count * sizeof core->tables[0]);
#define RUNTIME(place, name, seen, ...) tables[core->table_count] = (struct store_table){name, seen};
#include "common/store/store.def"
    return core->table_count + 1;
}

void bury_open(struct bury *bury, const struct core *core, struct store_txn *txn)
{
    struct store_walk walk;
    *bury = (struct bury){.digest = digest_new()};
    for (bool more = store_walk_start(&walk, txn, core->table_count, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        bury->kept += walk.value.size;
    store_walk_end(&walk);
}

void bury_close(struct bury *bury)
{
    digest_destroy(&bury->digest);
    buffer_fini(&bury->letter);
}

/* By it the letter is known when its envelope comes again. A record that is no submission: of itself. */
static struct span known_by(struct span record)
{
    struct submission submission;
    return submission_decode(record, NULL, &submission) == OK ? submission.envelope : record;
}

void bury_record(struct bury *bury, const struct core *core, void *self, struct store_txn *txn,
                 const struct core_input *input, const char *reason, struct buffer *output)
{
    uint8_t sha256[DIGEST_SIZE];
    struct row_bytes key = runtime_dead_key(input->position);
    struct dead_letter letter = {.position = input->position, .reason = reason};
    struct span envelope = known_by(input->records[0]);
    position_t first;
    if (core->second_try != NULL && core->second_try(self, txn, input, &first, &envelope))
        (void)core_letter_ends(core, txn, input, first);
    if (bury->kept + input->records[0].size <= DEAD_LETTERS_SIZE_MAX) {
        letter.record = input->records[0];
    } else {
        digest_once(bury->digest, envelope, sha256);
        letter.envelope_sha256 = span_of(sha256, sizeof sha256);
    }
    buffer_reset(&bury->letter);
    dead_letter_encode(&letter, &bury->letter);
    bury->kept += bury->letter.size;
    store_put(txn, core->table_count, row_span(&key), buffer_span(&bury->letter));
    if (core->buried != NULL)
        core->buried(self, txn, input);
    buffer_reset(output);
    if (core->dead_letter != NULL)
        core->dead_letter(self, input, reason, output);
}

bool bury_is_quarantine(const struct core *core, void *self, const struct core_input *input, struct span recorded,
                        struct buffer *output)
{
    if (core->dead_letter == NULL)
        return false;
    buffer_reset(output);
    core->dead_letter(self, input, bury_quarantine, output);
    bool equal =
        output->size > 0 && span_equal(buffer_span(output), recorded); /* nothing: not this partition's to bury */
    buffer_reset(output);
    return equal;
}
