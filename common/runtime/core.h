/* SPDX-License-Identifier: Apache-2.0
 * A service core: a deterministic state machine over the log. Adding a service is filling in one struct core.
 *
 * Positions are the same number everywhere: record i of `submissions`, of every `verdicts.P`, of every `outcomes.P`
 * speak of the same submission. A core with several inputs gets them in lockstep: apply(i) is called once all inputs
 * have record i. A core with an output writes exactly one record for each position; a record that is not its
 * partition's business is empty (size 0), and so is the answer to it.
 *
 * Because apply is deterministic, outputs are not stored a second time: state, cursor and the output position (they are
 * one number) are one commit; after a crash the runtime applies again from the committed cursor, compares
 * what it recomputes with what the stream already holds (any difference: FATAL_DIVERGED), and appends what the stream
 * lacks.
 *
 * A core asks no clock, rolls no dice, reads no environment, knows no socket, keeps no variable outside `self`:
 * tools/tidy_purity.py shows it for every object of every pure library, and for all that they call.
 *
 * Memory. open takes what a core needs: arenas, caches of fixed size. After it two things alone may grow, in the
 * objects that tidy_purity.py names: a buffer, to the largest record that it held, and the copies in memory of
 * reference data (institutions, catalogues, policies), row by row with the state. Such a copy holds nothing that is not
 * in the state and is made again from it at open, so it decides nothing of its own and ends where the state's map ends.
 * Where memory ends, the process stops: no decision ever differs for want of it. */
#ifndef HUTONG_COMMON_RUNTIME_CORE_H
#define HUTONG_COMMON_RUNTIME_CORE_H
#include "common/base/arena.h"
#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/bus/bus.h"
#include "common/store/rows/runtime.h"

struct core_partition {
    uint32_t index;
    uint32_t count;
};

/* Everybody's events (hash 0) belong to all; partition 0 answers for them. */
static inline bool core_partition_owns(struct core_partition partition, uint32_t person_hash)
{
    return person_hash % partition.count == partition.index;
}

struct core_input {
    position_t position;
    const struct span *records; /* one an input, in the order of core.inputs; borrowed until apply returns */
    unsigned record_count;
    struct arena *arena;    /* reset before each apply: for decoding */
    uint64_t *letters_size; /* of all dead letters; NULL: nobody counts */
};

/* A table that the core goes by, and the last day for which it holds. */
struct core_end {
    char table[32]; /* "calendar", "policy_130100_310" */
    char region[7]; /* whose it is; "": the exchange's */
    civil_date_t last_day;
};
enum { CORE_ENDS_COUNT_MAX = 128 };

/* A gauge for those who watch: what stands in the state, by name and labels. */
struct core_figure {
    const char *name, *help; /* of the program's own text */
    char labels[48];         /* `region="110000"`; "": none */
    int64_t value;
};
enum { CORE_FIGURES_COUNT_MAX = 16 };

struct core {
    const char *name;
    const struct store_table *tables;
    unsigned table_count;
    uint32_t format; /* of these tables; a state of another one is set aside, and made again from the log */
    bool overlaid; /* its rows are changed at random places: their trees are written seldom (common/store/overlaid.h) */
    size_t self_size; /* allocated and zeroed by the runtime */
    /* No record may ever be left out: none is dead-lettered, whatever it does to the process, and a state map that
     * grows full stops whoever asks for more (L7), not what the log holds already. */
    bool takes_all;
    /* Reads caches from the store. FATAL_LOGIC_VERSION if the state names a version that this build lacks. */
    enum status (*open)(void *self, struct store_txn *txn, struct core_partition partition);
    /* Decides. Appends the one output record to `output` (nothing for an empty record or a core without output).
     * REJECT_UNDECODABLE: not a byte of state or output was changed; the runtime dead-letters the record.
     * FATAL_: stop. No other status. */
    enum status (*apply)(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output);
    /* The output record that says "dead letter, because". NULL for a core without output. */
    void (*dead_letter)(void *self, const struct core_input *input, const char *reason, struct buffer *output);
    /* Of a record that is about to be buried: whether it sent a dead letter through again, whose place it takes; which,
     * and the envelope that both hold. May be NULL. */
    bool (*second_try)(void *self, struct store_txn *txn, const struct core_input *input, position_t *first,
                       struct span *envelope);
    /* A record was buried, not applied: what the core keeps of every position all the same. May be NULL. */
    void (*buried)(void *self, struct store_txn *txn, const struct core_input *input);
    /* Writes what the core keeps in memory back to the store; called before each commit and digest. May be NULL. */
    void (*flush)(void *self, struct store_txn *txn);
    /* Answers ControlRequest.query from the state. May be NULL. */
    enum status (*query)(void *self, struct store_txn *txn, struct span request, struct buffer *answer);
    uint32_t (*logic_version)(const void *self);
    /* The tables in force that end, as many as there is room for; nothing is decided by it. May be NULL. */
    unsigned (*ends)(const void *self, struct core_end ends[CORE_ENDS_COUNT_MAX]);
    /* The same ones every time; a look costs little, however large the state. Changes nothing. May be NULL. */
    unsigned (*figures)(void *self, struct store_txn *txn, struct core_figure figures[CORE_FIGURES_COUNT_MAX]);
    void (*close)(void *self);
};
/* What was dead-lettered at a position: an encoded DeadLetter, in the runtime's table, which comes right after the
 * core's own. For the way back: a core lets through again only what has been dead. */
static inline bool core_was_dead(const struct core *core, struct store_txn *txn, position_t position,
                                 struct span *letter)
{
    struct row_bytes key = runtime_dead_key(position);
    return store_get(txn, core->table_count, row_span(&key), letter);
}

/* A letter that was dealt with leaves the table. False: there is none. */
static inline bool core_letter_ends(const struct core *core, struct store_txn *txn, const struct core_input *input,
                                    position_t position)
{
    struct row_bytes key = runtime_dead_key(position);
    struct span letter;
    if (!core_was_dead(core, txn, position, &letter))
        return false;
    if (input->letters_size != NULL)
        *input->letters_size -= letter.size;
    store_delete(txn, core->table_count, row_span(&key));
    return true;
}
#endif
