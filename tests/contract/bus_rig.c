/* SPDX-License-Identifier: Apache-2.0
 * The broker under test, its disk, and its clients. */
#include "tests/contract/bus_rig.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/bus/bus_zmq.h"
#include "common/pb/batch.h"

const char *engine;
char directory[64];
static char hold_file[96];
static pid_t broker;
struct bus_mem_hub *hub;
struct loop *loop;

void start_broker(void)
{
    char config[96];
    (void)snprintf(config, sizeof config, "%s/hutong.yaml", directory);
    broker = fork();
    if (broker == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(1);
#ifdef HUTONG_HOLD_SHIM
        (void)setenv("LD_PRELOAD", HUTONG_HOLD_SHIM, 1);
        (void)setenv("HUTONG_SHIM_HOLD", hold_file, 1);
#endif
        (void)execl(HUTONG_BROKER, HUTONG_BROKER, "--config", config, (char *)NULL);
        _exit(127);
    }
}

void kill_broker(int how)
{
    if (broker > 0) {
        (void)kill(broker, how);
        (void)waitpid(broker, NULL, 0);
        broker = 0;
    }
}

void hold(bool held)
{
    if (hub != NULL)
        bus_mem_hold(hub, held);
    else if (held)
        (void)fclose(fopen(hold_file, "w"));
    else
        (void)unlink(hold_file);
}

bool cannot_hold(void)
{
#ifdef HUTONG_HOLD_SHIM
    return false;
#else
    return hub == NULL;
#endif
}

int set_up(void **state)
{
    loop = loop_new();
    if (strcmp(engine, "mem") == 0) {
        hub = bus_mem_hub_new();
        return 0;
    }
    char path[128];
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-bus-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/hutong.yaml", directory);
    FILE *file = fopen(path, "w");
    (void)fputs("data_directory: data\nrun_directory: .\nkey_directory: keys\ngate_endpoint: tcp://127.0.0.1:1\n"
                "mailbox_endpoint: tcp://127.0.0.1:2\nhttp_port_base: 0\nsegment_size_mib: 64\nlog_limit_mib: 256\n",
                file);
    (void)fclose(file);
    (void)snprintf(hold_file, sizeof hold_file, "%s/hold", directory);
    start_broker();
    return 0;
}

int tear_down(void **state)
{
    char command[96];
    kill_broker(SIGKILL);
    if (hub != NULL)
        bus_mem_hub_destroy(&hub);
    loop_destroy(&loop);
    if (directory[0] != 0) {
        (void)snprintf(command, sizeof command, "rm -rf %s", directory);
        (void)!system(command);
    }
    return 0;
}

static void on_opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    struct heard *heard = self;
    heard->opened++;
    heard->open_status = status;
    heard->opened_end = end;
}

static void on_appended(void *self, struct bus_writer *writer, position_t position, uint32_t count, bool already,
                        enum status status)
{
    struct heard *heard = self;
    if (status != OK) {
        heard->refused++;
        heard->last_refusal = status;
        return;
    }
    heard->appended++;
    heard->already += already;
    heard->acked = position + count;
}

static void on_batch(void *self, struct bus_reader *reader, const struct bus_batch *batch)
{
    struct heard *heard = self;
    struct batch_reader records = batch_read(batch->bytes);
    struct span record;
    heard->batches++;
    heard->bytes_got += batch->bytes.size;
    for (uint32_t i = 0; i < batch->count; i++) {
        assert_int_equal(batch_next(&records, &record), OK);
        if (batch->position + i < heard->next)
            continue;
        heard->in_order = heard->in_order && batch->position + i == heard->next;
        heard->next = batch->position + i + 1;
        (void)snprintf(heard->last_record, sizeof heard->last_record, "%.*s", (int)record.size,
                       (const char *)record.data);
    }
    assert_int_equal(batch_next(&records, &record), REJECT_NOT_FOUND);
}

static void on_reader_failed(void *self, struct bus_reader *reader, enum status status)
{
    ((struct heard *)self)->reader_status = status;
}

static void on_answer(void *self, uint64_t token, enum status status, position_t first, position_t end,
                      const struct bus_batch *batch)
{
    struct heard *heard = self;
    heard->answers++;
    heard->token = token;
    heard->last_refusal = status;
    heard->answer_first = first;
    heard->answer_end = end;
    if (batch != NULL)
        heard->next = batch->position + batch->count;
}

static void nothing(void *self)
{
}

void connect_bus(struct heard *heard)
{
    struct bus_handlers handlers = {heard,     on_opened, on_appended, on_batch, on_reader_failed,
                                    on_answer, nothing,   nothing};
    char endpoint[128];
    *heard = (struct heard){.in_order = true};
    if (hub != NULL) {
        heard->bus = bus_mem_open(hub, loop, &handlers);
        return;
    }
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/broker.sock", directory);
    assert_int_equal(bus_zmq_open(loop, endpoint, &handlers, &heard->bus), OK);
}

void wait_for_unsigned(const unsigned *number, unsigned wanted)
{
    int64_t until = loop_monotonic_us() + 5000000;
    while (*number < wanted && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_true(*number >= wanted);
}

void wait_for_position(const position_t *number, position_t wanted)
{
    int64_t until = loop_monotonic_us() + 10000000;
    while (*number < wanted && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_int_equal(*number, wanted);
}

void turn_a_while(void)
{
    for (int i = 0; i < 20; i++)
        loop_turn(loop, 10);
}

struct bus_writer *write_to(struct heard *heard, const char *stream)
{
    unsigned before = heard->opened;
    struct bus_writer *writer = bus_open_writer(heard->bus, stream, "test", "");
    wait_for_unsigned(&heard->opened, before + 1);
    assert_int_equal(heard->open_status, OK);
    return writer;
}

enum status append(struct heard *heard, struct bus_writer *writer, position_t position, const char *stem,
                   uint32_t count)
{
    struct buffer batch;
    char text[64];
    buffer_init(&batch);
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%s%llu", stem, (unsigned long long)(position + i));
        batch_put_records(&batch, span_text(text));
    }
    enum status status = bus_append(heard->bus, writer, position, count, buffer_span(&batch), false);
    buffer_fini(&batch);
    return status;
}
