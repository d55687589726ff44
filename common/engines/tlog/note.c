/* SPDX-License-Identifier: Apache-2.0
 * Signed notes. */
#include "common/engines/tlog/note.h"

#include <stdio.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/digest.h"
#include "common/engines/tlog/lines.h"
#include "common/sign/base64.h"

static const char DASH[] = "\xe2\x80\x94 "; /* U+2014 and a blank */

/* Of the type's bytes on the wire. */
static const struct type {
    enum note_kind kind;
    enum sign_algorithm algorithm;
    const char *bytes;
    unsigned size;
} types[] = {{NOTE_SIGNATURE, SIGN_ED25519, "\x01", 1},
             {NOTE_COSIGNATURE, SIGN_ED25519, "\x04", 1},
             {NOTE_SIGNATURE, SIGN_SM2,
              "\xff"
              "hutong/sm2-sm3",
              15}};
enum { TYPES_COUNT = sizeof types / sizeof types[0], ID_SIZE = 4, TIME_SIZE = 8 };

/* UTF-8 as RFC 3629 has it; its size, 0: it is none. */
static unsigned character_size(const uint8_t *at, size_t left)
{
    unsigned size = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (size == 4 && (at[0] < 0xf0 || at[0] > 0xf4))
        return 0;
    if (size > left)
        return 0;
    for (unsigned i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool wide = (size == 3 && ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0))) ||
                (size == 4 && ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90)));
    return wide ? 0 : size;
}

static bool is_text(struct span bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        unsigned size = character_size(bytes.data + at, bytes.size - at);
        if (size == 0 || (bytes.data[at] < 0x20 && bytes.data[at] != '\n') || bytes.data[at] == 0x7f)
            return false;
        at += size;
    }
    return true;
}

/* No blank of Unicode's either: of those outside ASCII, names that people choose may bear none of U+0085, U+00A0,
 * U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
static bool has_blank(struct span name)
{
    static const char *const blanks[] = {" ",
                                         "+",
                                         "\xc2\x85",
                                         "\xc2\xa0",
                                         "\xe1\x9a\x80",
                                         "\xe2\x80\xa8",
                                         "\xe2\x80\xa9",
                                         "\xe2\x80\xaf",
                                         "\xe2\x81\x9f",
                                         "\xe3\x80\x80"};
    for (size_t at = 0; at < name.size; at++) {
        struct span rest = span_of(name.data + at, name.size - at), taken = rest;
        for (unsigned i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
            if (lines_take(&taken, blanks[i]))
                return true;
        if (rest.size >= 3 && rest.data[0] == 0xe2 && rest.data[1] == 0x80 && rest.data[2] <= 0x8a)
            return true;
    }
    return false;
}

static bool is_name(struct span name)
{
    return name.size > 0 && name.size <= NOTE_NAME_SIZE_MAX && is_text(name) && !has_blank(name) &&
           memchr(name.data, '\n', name.size) == NULL;
}

static const struct type *type_of(enum note_kind kind, enum sign_algorithm algorithm)
{
    for (unsigned i = 0; i < TYPES_COUNT; i++)
        if (types[i].kind == kind && types[i].algorithm == algorithm)
            return &types[i];
    return NULL;
}

enum status note_key_of(const char *name, enum note_kind kind, const struct sign_public *public, struct note_key *key)
{
    const struct type *type = type_of(kind, public->algorithm);
    uint8_t hash[DIGEST_SIZE];
    if (type == NULL || !is_name(span_text(name)))
        return REJECT_MALFORMED;
    memset(key, 0, sizeof *key);
    (void)snprintf(key->name, sizeof key->name, "%s", name);
    key->kind = kind;
    key->public = *public;
    struct digest *digest = digest_new();
    digest_start(digest);
    digest_add(digest, span_text(key->name));
    digest_add(digest, span_text("\n"));
    digest_add(digest, span_of(type->bytes, type->size));
    digest_add(digest, span_of(public->bytes, public->size));
    digest_finish(digest, hash);
    digest_destroy(&digest);
    key->id = (uint32_t)bytes_get_be(hash, ID_SIZE);
    return OK;
}

void note_key_describe(const struct note_key *key, struct buffer *text)
{
    const struct type *type = type_of(key->kind, key->public.algorithm);
    struct buffer bytes = {0};
    INVARIANT(type != NULL);
    buffer_append(&bytes, type->bytes, type->size);
    buffer_append(&bytes, key->public.bytes, key->public.size);
    buffer_printf(text, "%s+%08x+", key->name, key->id);
    base64_put(text, buffer_span(&bytes));
    buffer_fini(&bytes);
}

static enum status read_public(const char *name, struct span bytes, struct note_key *key)
{
    struct sign_public public;
    for (unsigned i = 0; i < TYPES_COUNT; i++)
        if (bytes.size > types[i].size && memcmp(bytes.data, types[i].bytes, types[i].size) == 0) {
            struct span rest = span_of(bytes.data + types[i].size, bytes.size - types[i].size);
            TRY(sign_public_read(types[i].algorithm, rest, &public));
            return note_key_of(name, types[i].kind, &public, key);
        }
    return REJECT_MALFORMED;
}

/* Split at the first two pluses: base64 has some of its own. Written again it has to be the same. */
enum status note_key_parse(struct span text, struct note_key *key)
{
    struct buffer bytes = {0}, again = {0};
    char name[NOTE_NAME_SIZE_MAX + 1];
    struct note_key read;
    const uint8_t *plus = text.size > 0 ? memchr(text.data, '+', text.size) : NULL;
    if (plus == NULL || text.size > NOTE_KEY_TEXT_SIZE_MAX)
        return REJECT_MALFORMED;
    size_t name_size = (size_t)(plus - text.data), base64_at = name_size + 10;
    if (text.size <= base64_at || text.data[base64_at - 1] != '+' ||
        !lines_copy(span_of(text.data, name_size), name, sizeof name))
        return REJECT_MALFORMED;
    enum status status = base64_take(span_of(text.data + base64_at, text.size - base64_at), &bytes);
    if (status == OK)
        status = read_public(name, buffer_span(&bytes), &read);
    if (status == OK) {
        note_key_describe(&read, &again);
        status = span_equal(buffer_span(&again), text) ? OK : REJECT_MALFORMED;
    }
    if (status == OK)
        *key = read;
    buffer_fini(&bytes);
    buffer_fini(&again);
    return status;
}

static bool read_signature(struct span line, struct note_signature *signature)
{
    struct buffer bytes = {0};
    const uint8_t *blank;
    if (!lines_take(&line, DASH) || line.size == 0 || (blank = memchr(line.data, ' ', line.size)) == NULL)
        return false;
    signature->name = span_of(line.data, (size_t)(blank - line.data));
    signature->base64 = span_of(blank + 1, line.size - signature->name.size - 1);
    bool read = is_name(signature->name) && base64_take(signature->base64, &bytes) == OK && bytes.size > ID_SIZE;
    if (read)
        signature->id = (uint32_t)bytes_get_be(bytes.data, ID_SIZE);
    buffer_fini(&bytes);
    return read;
}

enum status note_parse(struct span bytes, struct note *note)
{
    size_t split = bytes.size;
    if (bytes.size > NOTE_SIZE_MAX)
        return REJECT_TOO_LARGE;
    if (bytes.size == 0 || !is_text(bytes) || bytes.data[bytes.size - 1] != '\n')
        return REJECT_MALFORMED;
    while (split >= 2 && !(bytes.data[split - 1] == '\n' && bytes.data[split - 2] == '\n'))
        split--;
    if (split < 3)
        return REJECT_MALFORMED;
    struct span rest = span_of(bytes.data + split, bytes.size - split), line;
    note->text = span_of(bytes.data, split - 1);
    note->signature_count = 0;
    while (lines_next(&rest, &line)) {
        if (note->signature_count == NOTE_SIGNATURES_MAX)
            return REJECT_TOO_LARGE;
        if (!read_signature(line, &note->signatures[note->signature_count]))
            return REJECT_MALFORMED;
        note->signature_count++;
    }
    return note->signature_count > 0 ? OK : REJECT_MALFORMED;
}

/* What a signature of this kind is over. */
static void signed_text(enum note_kind kind, uint64_t time, struct span text, struct buffer *out)
{
    if (kind == NOTE_COSIGNATURE)
        buffer_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
    buffer_append(out, text.data, text.size);
}

static bool holds(const struct note *note, const struct note_key *key, struct span bytes, uint64_t *time)
{
    struct sign_verifier *verifier;
    struct buffer text = {0};
    *time = 0;
    if (key->kind == NOTE_COSIGNATURE) {
        if (bytes.size <= TIME_SIZE)
            return false;
        *time = bytes_get_be(bytes.data, TIME_SIZE);
        bytes = span_of(bytes.data + TIME_SIZE, bytes.size - TIME_SIZE);
    }
    if (*time > INT64_MAX || sign_verifier_new(&key->public, &verifier) != OK)
        return false;
    signed_text(key->kind, *time, note->text, &text);
    bool good = sign_verify(verifier, buffer_span(&text), bytes);
    sign_verifier_destroy(&verifier);
    buffer_fini(&text);
    return good;
}

enum status note_verify(const struct note *note, const struct note_key *key, uint64_t *time)
{
    enum status status = REJECT_NOT_FOUND;
    uint64_t at;
    for (unsigned i = 0; i < note->signature_count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        struct buffer bytes = {0};
        if (signature->id != key->id || !span_equal(signature->name, span_text(key->name)))
            continue;
        bool good = base64_take(signature->base64, &bytes) == OK &&
                    holds(note, key, span_of(bytes.data + ID_SIZE, bytes.size - ID_SIZE), &at);
        buffer_fini(&bytes);
        if (!good)
            return REJECT_UNAUTHORIZED;
        status = OK;
        if (time != NULL)
            *time = at;
    }
    return status;
}

void note_sign(struct sign_pair *pair, const struct note_key *key, struct span text, uint64_t time, struct buffer *out)
{
    struct buffer message = {0}, bytes = {0};
    uint8_t number[TIME_SIZE];
    bytes_put_be(number, key->id, ID_SIZE);
    buffer_append(&bytes, number, ID_SIZE);
    bytes_put_be(number, time, TIME_SIZE);
    if (key->kind == NOTE_COSIGNATURE)
        buffer_append(&bytes, number, TIME_SIZE);
    signed_text(key->kind, time, text, &message);
    sign_make(pair, buffer_span(&message), &bytes);
    buffer_printf(out, "%s%s ", DASH, key->name);
    base64_put(out, buffer_span(&bytes));
    buffer_append_text(out, "\n");
    buffer_fini(&message);
    buffer_fini(&bytes);
}
