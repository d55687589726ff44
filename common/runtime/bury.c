/* SPDX-License-Identifier: Apache-2.0
 * Dead letters. */
#include "common/runtime/bury.h"

#include "common/base/check.h"
#include "common/pb/wire.h"

const char bury_undecodable[] = "this build cannot decode it";
const char bury_quarantine[] = "the record stopped the service three times";

unsigned bury_tables(const struct core *core, struct store_table tables[STORE_TABLES_COUNT_MAX])
{
    INVARIANT(core->table_count + 1 <= STORE_TABLES_COUNT_MAX);
    memcpy(tables, core->tables, core->table_count * sizeof core->tables[0]);
    tables[core->table_count] = (struct store_table){"runtime.dead", false};
    return core->table_count + 1;
}

void bury_record(const struct core *core, void *self, struct store_txn *txn, const struct core_input *input,
                 const char *reason, struct buffer *scratch, struct buffer *output)
{
    uint8_t key[8];
    bytes_put_be(key, input->position, sizeof key);
    buffer_reset(scratch);
    wire_put_uint(scratch, 1, input->position);
    wire_put_text(scratch, 2, reason);
    wire_put_bytes(scratch, 3, input->records[0]);
    store_put(txn, core->table_count, span_of(key, sizeof key), buffer_span(scratch));
    buffer_reset(output);
    if (core->dead_letter != NULL)
        core->dead_letter(self, input, reason, output);
}

bool bury_is_quarantine(const struct core *core, void *self, const struct core_input *input, struct span held,
                        struct buffer *output)
{
    if (core->dead_letter == NULL)
        return false;
    buffer_reset(output);
    core->dead_letter(self, input, bury_quarantine, output);
    bool equal = output->size > 0 && span_equal(buffer_span(output), held); /* nothing: not this partition's to bury */
    buffer_reset(output);
    return equal;
}
