/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a signed note, a checkpoint, a key: what is taken is written again to the same. */
#include <stdint.h>

#include "common/base/check.h"
#include "common/engines/tlog/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char peter[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    struct note note;
    struct note_key key;
    struct checkpoint checkpoint;
    struct span bytes = span_of(data, size);
    struct buffer text = {0};
    if (note_key_parse(bytes, &key) == OK) {
        note_key_describe(&key, &text);
        INVARIANT(span_equal(buffer_span(&text), bytes));
    }
    INVARIANT(note_key_parse(span_text(peter), &key) == OK);
    if (note_parse(bytes, &note) == OK) {
        INVARIANT(note.text.size < size && note.signature_count > 0);
        INVARIANT(note_verify(&note, &key, NULL) != OK || note.text.size > 0);
        if (checkpoint_parse(note.text, &checkpoint) == OK) {
            buffer_reset(&text);
            checkpoint_write(&checkpoint, &text); /* lines may follow */
            INVARIANT(text.size <= note.text.size && memcmp(text.data, note.text.data, text.size) == 0);
        }
    }
    buffer_fini(&text);
    return 0;
}
