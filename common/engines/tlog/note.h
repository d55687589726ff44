/* SPDX-License-Identifier: Apache-2.0
 * Signed notes (C2SP signed-note v1.0.0) and cosignatures (tlog-cosignature v1.0.1): a text, an empty line, and lines
 *   — NAME BASE64(key id (4, BE) | signature)
 * A verifier goes by the keys that it has: a line of another (name, id) says nothing, one of a known key that fails
 * makes the whole note worthless.
 *
 *   key id    SHA-256(NAME | 0x0A | type | public key), its first four bytes
 *   type      0x01 Ed25519 over the text; 0x04 Ed25519 cosignature: over "cosignature/v1\ntime T\n" | text, and the
 *             signature is T (8, BE) | 64 bytes; 0xff "hutong/sm2-sm3", private: SM2 with SM3 over the text, DER
 *   vkey      NAME+hex of the id+BASE64(type | public key), what people hand each other */
#ifndef HUTONG_COMMON_ENGINES_TLOG_NOTE_H
#define HUTONG_COMMON_ENGINES_TLOG_NOTE_H
#include "common/sign/sign.h"

enum { NOTE_SIZE_MAX = 64 * 1024, NOTE_NAME_SIZE_MAX = 128, NOTE_KEY_TEXT_SIZE_MAX = 384, NOTE_SIGNATURES_MAX = 64 };

enum note_kind { NOTE_SIGNATURE, NOTE_COSIGNATURE };

struct note_key {
    char name[NOTE_NAME_SIZE_MAX + 1];
    enum note_kind kind;
    uint32_t id;
    struct sign_public public;
};
/* REJECT_MALFORMED: the name is empty, too long, or has a blank, a plus or a control character in it; or there is no
 * such kind of key: cosignatures are Ed25519 alone. */
MUST_USE enum status note_key_of(const char *name, enum note_kind kind, const struct sign_public *public,
                                 struct note_key *key);
void note_key_describe(const struct note_key *key, struct buffer *text);
MUST_USE enum status note_key_parse(struct span text, struct note_key *key);

struct note {
    struct span text; /* with its last newline */
    unsigned signature_count;
    struct note_signature {
        struct span name, base64;
        uint32_t id;
    } signatures[NOTE_SIGNATURES_MAX];
};
/* Borrows the bytes. REJECT_TOO_LARGE, REJECT_MALFORMED. */
MUST_USE enum status note_parse(struct span bytes, struct note *note);
/* REJECT_NOT_FOUND: this key has not signed it; REJECT_UNAUTHORIZED: a signature of it fails. `time`: of a
 * cosignature, seconds since 1970; may be NULL. */
MUST_USE enum status note_verify(const struct note *note, const struct note_key *key, uint64_t *time);
/* Appends the line of a signature. PRE: the pair is the key's; `time`: of a cosignature. */
void note_sign(struct sign_pair *pair, const struct note_key *key, struct span text, uint64_t time, struct buffer *out);
#endif
