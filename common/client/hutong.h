/* SPDX-License-Identifier: Apache-2.0
 * libhutong: a regional system's side of docs/PROTOCOL.md. One client is used by one thread at a time.
 *
 * A message is yours until a receipt says otherwise. Make its id (ht_uuid7) and store envelope and id BEFORE you
 * submit; submit the same bytes again, as often as you like, until a receipt comes: the exchange decides an id once and
 * for ever. ht_submit does this for you within its deadline; after HT_TIMEOUT the outcome is unknown, and sending the
 * same bytes again resolves it. */
#ifndef HUTONG_H
#define HUTONG_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ht_client;

struct ht_options {
    const char *gate;       /* "tcp://host:7701", or "ipc://RUN/gate.sock" on the exchange's own machine */
    const char *mailbox;    /* "tcp://host:7702" */
    const char *server_key; /* Z85, 40 characters; NULL with ipc */
    const char *public_key; /* our own pair; NULL with ipc */
    const char *secret_key;
};

enum ht_result {
    HT_OK = 0,
    HT_TIMEOUT = 1, /* no answer within the deadline: unknown, ask or send again */
    HT_REFUSED = 2, /* the request as a whole; ht_last_refusal says why */
    HT_INVALID = 3, /* an argument, or an answer that cannot be read */
    HT_NOT_FOUND = 4
};

/* enum ReceiptKind of the protocol. */
enum ht_receipt_kind { HT_RECEIPT_NONE = 0, HT_ACCEPTED = 1, HT_RECEIPT_REFUSED = 2, HT_CONFLICT = 3, HT_BUSY = 4 };

/* enum MessageState of the protocol. */
enum ht_state { HT_STATE_NONE = 0, HT_UNKNOWN = 1, HT_STATE_ACCEPTED = 2, HT_DECIDED = 3, HT_DELIVERED = 4 };

struct ht_bytes {
    const void *data;
    size_t size;
};

struct ht_receipt {
    enum ht_receipt_kind kind;
    uint64_t position;       /* ACCEPTED, CONFLICT: where it stands */
    int64_t accepted_at_ms;  /* ms since 1970 UTC */
    uint32_t retry_after_ms; /* BUSY */
    char code[16];           /* REFUSED, CONFLICT, BUSY: "ENV-0001" */
    char path[96];
    char zh[160];
    char en[160];
    unsigned char *bytes; /* the receipt's exact bytes; free with ht_receipt_clear */
    size_t size;
    unsigned char *proof; /* a serialised hutong.v1.SignedReceipt, after ht_keep_proofs; NULL: it came unsigned */
    size_t proof_size;
};

/* NULL: the endpoint or the keys cannot be used. Connects in the background and reconnects by itself. */
struct ht_client *ht_open(const struct ht_options *options);
void ht_close(struct ht_client **client);
/* From now on frames are signed with the key in this file (PKCS #8 in PEM, mode 600). HT_NOT_FOUND: there is no such
 * file. HT_INVALID: ht_last_refusal says what is wrong with it. */
enum ht_result ht_sign_with(struct ht_client *client, const char *path);
/* Whether receipts come with their proof from now on. */
void ht_keep_proofs(struct ht_client *client, int keep);
/* "ENV-0001: ..." of the last HT_REFUSED; valid until the next call. */
const char *ht_last_refusal(const struct ht_client *client);

/* A fresh message id: UUIDv7 in canonical text, 36 characters and NUL. */
void ht_uuid7(char text[37]);

/* Submits envelopes in order, retrying the same bytes (BUSY: after the delay; silence: after a second) until each has a
 * final receipt or the deadline has passed. `receipts`: `count` of them, zeroed by the caller's first use; kind NONE:
 * none came. `progress` (may be NULL) is told how many have one. HT_OK: each has a receipt, which may be a refusal. */
enum ht_result ht_submit(struct ht_client *client, const struct ht_bytes *envelopes, size_t count, uint32_t deadline_ms,
                         struct ht_receipt *receipts, void (*progress)(void *self, size_t done), void *self);
void ht_receipt_clear(struct ht_receipt *receipt);

/* What became of the message with this id? On HT_STATE_ACCEPTED `receipt` is filled. */
enum ht_result ht_query(struct ht_client *client, const char *message_id, uint32_t deadline_ms, enum ht_state *state,
                        struct ht_receipt *receipt);
/* The outcome of the message at this position: a serialised hutong.v1.Outcome, to be freed with free(). Waits for it
 * until the deadline; HT_NOT_FOUND at once where no message stands at the position yet. `state` (may be NULL) is set
 * by every answer: after HT_TIMEOUT HT_STATE_NONE is that there was none. */
enum ht_result ht_outcome(struct ht_client *client, uint64_t position, uint32_t deadline_ms, enum ht_state *state,
                          unsigned char **bytes, size_t *size);
/* Of the last ht_outcome that gave one: where its row of reference data was stated again or withdrawn since, or its
 * settlement taken back; 0: it is the last word. */
uint64_t ht_superseded_by(const struct ht_client *client);
/* Which of the mailbox's two boxes ht_fetch and ht_confirm speak of from now on: outcomes (0, as opened), or what the
 * books say (1): BooksRecord messages. */
void ht_choose_box(struct ht_client *client, int books);
/* Results from the own mailbox (an operator may name one), from a place on; waits up to wait_ms if there is none.
 * `each` is called for every outcome; `end` gets the mailbox's end, `confirmed` how far it has been confirmed. */
enum ht_result ht_fetch(struct ht_client *client, const char *mailbox, uint64_t from, uint32_t count_max,
                        uint32_t wait_ms, void (*each)(void *self, uint64_t place, const void *outcome, size_t size),
                        void *self, uint64_t *end, uint64_t *confirmed);
/* Everything before `through` has reached our own disk. */
enum ht_result ht_confirm(struct ht_client *client, uint64_t through, uint32_t deadline_ms, uint64_t *confirmed);
/* What the books know of this party: a serialised hutong.v1.BooksQuery, answered by a BooksAnswer, to be freed with
 * free(). Reconciliation, tables, rows, accounts, investigations; a region sees its own pairs alone (HT_REFUSED,
 * AUT-0007). Long answers come in pages: BooksAnswer.next is the next question's `after`. */
enum ht_result ht_books(struct ht_client *client, const void *query, size_t size, uint32_t deadline_ms,
                        unsigned char **bytes, size_t *answer_size);
enum ht_result ht_ping(struct ht_client *client, uint32_t deadline_ms, uint64_t *submissions_end,
                       uint64_t *outcomes_end, int64_t *now_ms);
/* For harnesses, with an exchange that runs on a trace's clock: one frame with times of acceptance, as ht_submit. */
enum ht_result ht_submit_at(struct ht_client *client, const struct ht_bytes *envelopes, const int64_t *accepted_at_ms,
                            size_t count, uint32_t deadline_ms, struct ht_receipt *receipts);
/* The same, with what a trace's records had besides. */
struct ht_recorded {
    const int64_t *accepted_at_ms;
    const struct ht_bytes *salts, *signatures; /* each one an envelope; NULL: none; of one that had none, size 0 */
};
enum ht_result ht_submit_recorded(struct ht_client *client, const struct ht_bytes *envelopes,
                                  const struct ht_recorded *recorded, size_t count, uint32_t deadline_ms,
                                  struct ht_receipt *receipts);

#ifdef __cplusplus
}
#endif
#endif
