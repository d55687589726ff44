/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a record's signature, as a frame's, as a signed receipt, and as a key's text; by the first byte. */
#include "common/base/check.h"
#include "common/engines/signing/signing_keys.h"
#include "common/pb/outcome.h"
#include "common/pb/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MEMORY_SIZE = 64 * 1024 };

static void fold(struct digest *digest, enum signed_kind kind, struct span bytes, const struct signed_place *place)
{
    struct signed_statement statement;
    if (signed_fold(digest, kind, bytes, place, &statement))
        INVARIANT(place->index < place->count && statement.size > DIGEST_SIZE);
}

static void as_record(struct digest *digest, struct span bytes, struct arena *arena)
{
    struct envelope_signature signature;
    bool canonical = wire_check(WIRE_ENVELOPE_SIGNATURE, bytes, NULL) == OK;
    enum status status = envelope_signature_decode(bytes, arena, &signature);
    INVARIANT(!canonical || status == OK);
    if (status != OK)
        return;
    struct signed_place place = {signature.index, signature.count, signature.path, signature.path_count};
    fold(digest, SIGNED_ENVELOPES, bytes, &place);
}

static void as_frame(struct span bytes, struct arena *arena)
{
    struct frame_signature signature;
    bool canonical = wire_check(WIRE_FRAME_SIGNATURE, bytes, NULL) == OK;
    INVARIANT(frame_signature_decode(bytes, arena, &signature) == OK || !canonical);
}

static void as_receipt(struct digest *digest, struct span bytes, struct arena *arena)
{
    struct signed_receipt outer;
    struct receipt receipt;
    bool canonical = wire_check(WIRE_SIGNED_RECEIPT, bytes, NULL) == OK;
    enum status status = signed_receipt_decode(bytes, arena, &outer);
    INVARIANT(!canonical || status == OK);
    if (status != OK)
        return;
    struct signed_place place = {outer.index, outer.count, outer.path, outer.path_count};
    fold(digest, SIGNED_RECEIPTS, outer.receipt, &place);
    if (wire_check(WIRE_RECEIPT, outer.receipt, NULL) == OK)
        INVARIANT(receipt_decode(outer.receipt, arena, &receipt) == OK);
}

/* What can be read is written as it was read. */
static void as_text(struct span bytes)
{
    struct buffer text = {0}, again = {0};
    struct sign_public key;
    buffer_append(&text, bytes.data, bytes.size);
    if (sign_public_parse(buffer_text(&text), &key) == OK) {
        sign_public_describe(&key, &again);
        INVARIANT(strcmp(buffer_text(&again), buffer_text(&text)) == 0);
    }
    buffer_fini(&text);
    buffer_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct digest *digest;
    static uint8_t memory[MEMORY_SIZE];
    struct arena arena;
    if (digest == NULL)
        digest = digest_new();
    if (size == 0)
        return 0;
    struct span rest = span_of(data + 1, size - 1);
    arena_init(&arena, memory, sizeof memory);
    if (data[0] % 4 == 0)
        as_record(digest, rest, &arena);
    else if (data[0] % 4 == 1)
        as_frame(rest, &arena);
    else if (data[0] % 4 == 2)
        as_receipt(digest, rest, &arena);
    else
        as_text(rest);
    return 0;
}
