/* SPDX-License-Identifier: Apache-2.0
 * A witness: each answer of the protocol, and that it never cosigns two histories, wherever it is killed. */
#include "common/witness/witness.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/engines/tlog/lines.h"
#include "common/engines/tlog/tree.h"
#include "common/observe/diary.h"
#include "common/store/kept_file.h"
#include "common/witness/witness_state.h"
#include "tests/support/test.h"

enum { LEAVES = 250, FORK_AT = 20, KILLS = 1000, REAL_KILLS = 200 };
enum history { OURS, OTHER };

static struct rig {
    struct digest *digest;
    struct merkle_hash leaves[2][LEAVES]; /* the two histories are one up to FORK_AT */
    struct sign_pair *log_pair, *pair;
    struct note_key log_key, key;
    struct witness_state state;
    struct witness witness;
    struct buffer request, answer;
    char directory[64];
    /* How the next keep goes wrong. */
    enum { KEEPS, DIES_BEFORE, DIES_HALFWAY, DIES_AFTER } fault;
} rig;

static bool tile(void *self, unsigned level, uint64_t number, unsigned width, struct span *hashes)
{
    *hashes = span_of(self, LEAVES * DIGEST_SIZE);
    return level == 0 && number == 0;
}

static struct tlog_source source_of(enum history history)
{
    return (struct tlog_source){rig.leaves[history], tile};
}

/* What a process that dies there leaves behind; here it goes on as an answer that nobody gets. */
static enum status keep(void *self, const char *origin_hash, struct span note)
{
    char path[256];
    if (rig.fault == DIES_HALFWAY) {
        (void)snprintf(path, sizeof path, "%s/%s.checkpoint.part", rig.directory, origin_hash);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(note.data, 1, note.size / 2, file), note.size / 2);
        assert_int_equal(fclose(file), 0);
    }
    if (rig.fault == KEEPS || rig.fault == DIES_AFTER)
        assert_int_equal(witness_state_keep(self, origin_hash, note), OK);
    return rig.fault == KEEPS ? OK : FATAL_IO;
}

static void open_witness(void)
{
    struct buffer why = {0};
    if (witness_state_open(rig.directory, &rig.state, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    rig.witness = (struct witness){.pair = rig.pair,
                                   .key = rig.key,
                                   .logs = {rig.log_key},
                                   .log_count = 1,
                                   .digest = rig.digest,
                                   .self = &rig.state,
                                   .load = witness_state_load,
                                   .keep = keep,
                                   .contradiction = witness_state_contradiction};
}

static void restart(void)
{
    witness_state_close(&rig.state);
    open_witness();
}

static int start(void **state)
{
    struct sign_public public;
    uint8_t bytes[2];
    memset(&rig, 0, sizeof rig);
    rig.digest = digest_new();
    for (unsigned i = 0; i < LEAVES; i++)
        for (unsigned history = OURS; history <= OTHER; history++) {
            bytes[0] = (uint8_t)i;
            bytes[1] = i < FORK_AT ? 0 : (uint8_t)history;
            merkle_leaf(rig.digest, span_of(bytes, 2), &rig.leaves[history][i]);
        }
    assert_int_equal(sign_pair_new(SIGN_ED25519, &rig.log_pair), OK);
    assert_int_equal(sign_pair_new(SIGN_ED25519, &rig.pair), OK);
    sign_pair_public(rig.log_pair, &public);
    assert_int_equal(note_key_of("log.example", NOTE_SIGNATURE, &public, &rig.log_key), OK);
    sign_pair_public(rig.pair, &public);
    assert_int_equal(note_key_of("witness.example", NOTE_COSIGNATURE, &public, &rig.key), OK);
    diary_start("witness", DIARY_FATAL);
    /* In memory, where there is such a place: what a killed process has written is there all the same. */
    (void)snprintf(rig.directory, sizeof rig.directory, "%s/hutong-witness-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(rig.directory));
    open_witness();
    return 0;
}

static int stop(void **state)
{
    char command[128];
    witness_state_close(&rig.state);
    sign_pair_destroy(&rig.log_pair);
    sign_pair_destroy(&rig.pair);
    digest_destroy(&rig.digest);
    buffer_fini(&rig.request);
    buffer_fini(&rig.answer);
    (void)snprintf(command, sizeof command, "rm -r %s", rig.directory);
    assert_int_equal(system(command), 0);
    return 0;
}

AROUND_EACH(start, stop)

static void put_checkpoint(struct buffer *out, enum history history, uint64_t size)
{
    struct tlog_source source = source_of(history);
    struct checkpoint checkpoint = {.origin = "log.example", .size = size};
    struct buffer text = {0};
    assert_int_equal(tlog_root(&source, rig.digest, size, &checkpoint.root), OK);
    checkpoint_write(&checkpoint, &text);
    buffer_append(out, text.data, text.size);
    buffer_append_text(out, "\n");
    note_sign(rig.log_pair, &rig.log_key, buffer_span(&text), 0, out);
    buffer_fini(&text);
}

static void put_request(enum history history, uint64_t old, uint64_t size)
{
    struct tlog_source source = source_of(history);
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned count = 0;
    if (old <= size)
        assert_int_equal(tlog_consistency(&source, rig.digest, old, size, path, &count), OK);
    buffer_reset(&rig.request);
    buffer_printf(&rig.request, "old %llu\n", (unsigned long long)old);
    for (unsigned i = 0; i < count; i++)
        lines_put_hash(&rig.request, &path[i]);
    buffer_append_text(&rig.request, "\n");
    put_checkpoint(&rig.request, history, size);
}

static unsigned send(void)
{
    buffer_reset(&rig.answer);
    return witness_add(&rig.witness, buffer_span(&rig.request), 1700000000, &rig.answer).code;
}

static unsigned ask(enum history history, uint64_t old, uint64_t size)
{
    put_request(history, old, size);
    return send();
}

/* The size that it keeps, as anybody may ask. */
static uint64_t kept_size(void)
{
    struct buffer note_bytes = {0};
    uint8_t hash[DIGEST_SIZE];
    char path[128], hex[2 * DIGEST_SIZE + 1];
    struct checkpoint checkpoint = {.size = 0};
    struct note note;
    digest_once(rig.digest, span_text("log.example"), hash);
    digest_hex(hash, sizeof hash, hex);
    (void)snprintf(path, sizeof path, "/%s/checkpoint", hex);
    if (witness_show(&rig.witness, path, &note_bytes).code == 200) {
        assert_int_equal(checkpoint_open(buffer_span(&note_bytes), &rig.log_key, &note, &checkpoint), OK);
        assert_int_equal(note_verify(&note, &rig.key, NULL), OK);
    }
    buffer_fini(&note_bytes);
    return checkpoint.size;
}

TEST(each_answer_of_the_protocol)
{
    assert_int_equal(kept_size(), 0);
    assert_int_equal(ask(OURS, 0, 5), 200);
    assert_true(memcmp(rig.answer.data, "\xe2\x80\x94 witness.example ", 20) == 0);
    assert_int_equal(ask(OURS, 5, 17), 200);
    assert_int_equal(ask(OURS, 17, 17), 200); /* the same again */
    assert_int_equal(ask(OURS, 5, 18), 409);
    assert_string_equal(buffer_text(&rig.answer), "17\n");
    assert_int_equal(ask(OURS, 18, 17), 400);
    assert_int_equal(ask(OURS, 9, 17), 409);
    put_request(OURS, 17, 19);
    rig.request.data[10] ^= 1; /* in the proof */
    assert_true(send() == 422 || send() == 400);
    put_request(OURS, 17, 19);
    rig.request.data[rig.request.size - 6] ^= 1;
    assert_true(send() == 403 || send() == 400);
    assert_int_equal(rig.state.contradictions > 0, true);
    buffer_reset(&rig.request);
    buffer_append_text(&rig.request, "old 0\n");
    assert_int_equal(send(), 400);
    rig.witness.log_count = 0;
    assert_int_equal(ask(OURS, 17, 19), 404);
    assert_int_equal(kept_size(), 0);
    restart();
    assert_int_equal(kept_size(), 17);
}

TEST(two_histories_are_kept_as_evidence)
{
    char command[128];
    assert_int_equal(ask(OURS, 0, 100), 200);
    assert_int_equal(ask(OTHER, 100, 100), 409);
    assert_int_equal(ask(OTHER, 0, 100), 409);
    assert_int_equal(ask(OTHER, 100, 120), 422);
    assert_int_equal(rig.state.contradictions, 3);
    (void)snprintf(command, sizeof command, "test $(ls %s/evidence | wc -l) = 2", rig.directory);
    assert_int_equal(system(command), 0);
    assert_int_equal(kept_size(), 100);
    assert_int_equal(ask(OURS, 100, 120), 200);
}

TEST(what_is_damaged_is_no_beginning)
{
    char command[128];
    assert_int_equal(ask(OURS, 0, 100), 200);
    (void)snprintf(command, sizeof command, "for f in %s/*.checkpoint; do echo x >$f; done", rig.directory);
    assert_int_equal(system(command), 0);
    assert_int_equal(ask(OTHER, 0, 100), 500);
    assert_int_equal(ask(OURS, 100, 120), 500);
}

/* What was cosigned and said, of either history. */
struct said {
    uint64_t beyond[2]; /* the fork: how many */
};

static void count(struct said *said, enum history history, uint64_t size, unsigned code)
{
    if (code != 200)
        return;
    said->beyond[history] += size > FORK_AT;
    if (said->beyond[OURS] > 0 && said->beyond[OTHER] > 0)
        fail_msg("cosigned two histories");
}

/* A host that shows one history to one and another to the other, and a witness that dies at each step of keeping. */
TEST(killed_a_thousand_times_between_signing_and_storing)
{
    static const unsigned faults[] = {DIES_BEFORE, DIES_HALFWAY, DIES_AFTER};
    char command[128];
    unsigned kills = 0, answered = 0;
    for (unsigned round = 0; kills < KILLS; round++) {
        struct said said = {{0}};
        assert_int_equal(ask(OURS, 0, FORK_AT), 200);
        for (unsigned step = 0; step < 9; step++) {
            enum history history = (round + step) % 2 == 0 ? OURS : OTHER;
            uint64_t old = kept_size(), size = old + 1 + (round + step) % 5;
            unsigned how = (round / (1u << (step % 5)) + step) % 4;
            rig.fault = how < 3 ? faults[how] : KEEPS;
            unsigned code = ask(history, old, size);
            kills += rig.fault != KEEPS && code == 500;
            answered += code == 200;
            count(&said, history, size, code);
            rig.fault = KEEPS;
            restart();
        }
        witness_state_close(&rig.state);
        (void)snprintf(command, sizeof command, "rm -r %s/*", rig.directory);
        assert_int_equal(system(command), 0);
        open_witness();
    }
    assert_true(answered > KILLS / 20);
    (void)printf("%u kills, %u cosignatures\n", kills, answered);
}

/* In the child: both histories in turn, each answer told before the next. */
static void cosign_until_killed(int to, unsigned round)
{
    open_witness();
    for (unsigned step = 0;; step++) {
        enum history history = (round + step) % 2 == 0 ? OURS : OTHER;
        uint64_t old = kept_size(), size = old + 1;
        if (size > LEAVES)
            _exit(0);
        uint64_t told[2] = {history, ask(history, old, size) == 200 ? size : 0};
        if (write(to, told, sizeof told) != sizeof told)
            _exit(1);
    }
}

TEST(killed_for_real)
{
    struct said said = {{0}};
    unsigned killed = 0;
    uint64_t told[2];
    assert_int_equal(ask(OURS, 0, FORK_AT), 200);
    for (unsigned round = 0; round < REAL_KILLS; round++) {
        int ends[2], status;
        witness_state_close(&rig.state);
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            cosign_until_killed(ends[1], round);
        (void)close(ends[1]);
        struct timespec pause = {0, (long)(round % 12 + 1) * 700000};
        (void)nanosleep(&pause, NULL);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        killed += WIFSIGNALED(status);
        while (read(ends[0], told, sizeof told) == sizeof told)
            count(&said, (enum history)told[0], told[1], told[1] > 0 ? 200 : 0);
        (void)close(ends[0]);
        open_witness();
    }
    assert_true(killed > 0);
    (void)printf("%u real kills, %llu cosignatures beyond the fork\n", killed,
                 (unsigned long long)(said.beyond[0] + said.beyond[1]));
}
