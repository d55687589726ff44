/* SPDX-License-Identifier: Apache-2.0
 * A receipt against a proof, and against a later checkpoint. */
#include "tests/support/test.h"
#include "tools/proof.h"

/* clang-format off */
static const struct {
    bool proves;
    uint64_t position; /* of the proof; the checkpoint's size */
    int64_t at;        /* accepted; cosigned */
    uint8_t hash;
    enum receipt_says says;
} rows[] = { /* the receipt: position 10, accepted at 1,000,000, hash 7 */
  {true,  10, 1000000, 7, RECEIPT_STANDS},
  {true,  10, 1000000, 8, RECEIPT_CONTRADICTED},
  {true,  10, 1000001, 7, RECEIPT_CONTRADICTED},
  {true,  11, 1000000, 7, RECEIPT_NOT_SPOKEN_OF},
  {true,  9,  1000001, 8, RECEIPT_NOT_SPOKEN_OF},
  {false, 10, 1060001, 0, RECEIPT_CONTRADICTED},   /* positions 0 to 9, a minute later */
  {false, 10, 1060000, 0, RECEIPT_NOT_SPOKEN_OF},  /* the receipt may have been on its way */
  {false, 10, 0,       0, RECEIPT_NOT_SPOKEN_OF},  /* no witness says when */
  {false, 11, 1060001, 0, RECEIPT_NOT_SPOKEN_OF},  /* it covers the position: what stands there a proof says */
  {false, 0,  9000000, 0, RECEIPT_CONTRADICTED},
};
/* clang-format on */

TEST(what_is_said_of_a_receipt)
{
    (void)state;
    uint8_t hash[DIGEST_SIZE];
    memset(hash, 7, sizeof hash);
    struct receipt receipt = {.kind = RECEIPT_ACCEPTED,
                              .position = 10,
                              .accepted_at = 1000000,
                              .envelope_sha256 = span_of(hash, sizeof hash)};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct receipt_proof proof = {.proves = rows[i].proves,
                                      .found = {.position = rows[i].position, .accepted_at = rows[i].at},
                                      .checkpoint = {.size = rows[i].position},
                                      .cosigned_at = rows[i].at};
        memset(proof.found.envelope_sha256, rows[i].hash, DIGEST_SIZE);
        if (receipt_proof_says(&proof, &receipt) != rows[i].says)
            fail_msg("row %zu", i);
    }
}
