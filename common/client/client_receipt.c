/* SPDX-License-Identifier: Apache-2.0
 * Receipts of a client, and recorded frames. */
#include "common/client/client_receipt.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/check.h"

/* Both are a pointer and a size. */
_Static_assert(sizeof(struct ht_bytes) == sizeof(struct span) &&
                   offsetof(struct ht_bytes, size) == offsetof(struct span, size),
               "bytes are spans");

unsigned char *client_copy(struct span bytes, size_t *size)
{
    unsigned char *copy = malloc(bytes.size + 1);
    INVARIANT(copy != NULL);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    *size = bytes.size;
    return copy;
}

/* Cut where it does not fit. */
static void text_copy(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text);
}

enum ht_result client_receipt_read(struct span bytes, struct ht_receipt *receipt)
{
    uint8_t memory[TEXTS_SIZE];
    struct arena arena;
    struct receipt read;
    arena_init(&arena, memory, sizeof memory);
    ht_receipt_clear(receipt);
    if (receipt_decode(bytes, &arena, &read) != OK)
        return HT_INVALID;
    receipt->kind = (enum ht_receipt_kind)read.kind;
    receipt->position = read.position;
    receipt->accepted_at_ms = read.accepted_at;
    receipt->retry_after_ms = read.retry_after_ms;
    text_copy(receipt->code, sizeof receipt->code, read.refusal.code);
    text_copy(receipt->path, sizeof receipt->path, read.refusal.path);
    text_copy(receipt->zh, sizeof receipt->zh, read.refusal.zh);
    text_copy(receipt->en, sizeof receipt->en, read.refusal.en);
    receipt->bytes = client_copy(bytes, &receipt->size);
    return HT_OK;
}

void ht_receipt_clear(struct ht_receipt *receipt)
{
    free(receipt->bytes);
    free(receipt->proof);
    memset(receipt, 0, sizeof *receipt);
}

static const struct span *spans_of(const struct ht_bytes *bytes)
{
    return (const struct span *)(const void *)bytes;
}

void client_recorded_add(struct submit *submit, const struct ht_recorded *recorded, size_t first)
{
    uint32_t count = submit->envelope_count;
    if (recorded->accepted_at_ms != NULL) {
        submit->accepted_at = recorded->accepted_at_ms + first;
        submit->accepted_at_count = count;
    }
    if (recorded->salts != NULL) {
        submit->salts = spans_of(recorded->salts + first);
        submit->salt_count = count;
    }
    if (recorded->signatures != NULL) {
        submit->signatures = spans_of(recorded->signatures + first);
        submit->signature_count = count;
    }
}
