/* SPDX-License-Identifier: Apache-2.0
 * The one configuration file of an exchange on one machine (YAML): every daemon and tool reads the same file. Its keys
 * are rows of key.def. All faults are told at once, each with its line, in both languages; absent keys have their
 * defaults, unknown keys are faults. */
#ifndef HUTONG_COMMON_CONFIG_CONFIG_H
#define HUTONG_COMMON_CONFIG_CONFIG_H
#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/base/status.h"

struct config {
#define TEXT(name, kind, fallback, zh, en) char *name;
#define WORD(name, words, fallback, zh, en) char *name;
#define NUMBER(name, type, least, most, fallback, zh, en) type name;
#define TRUTH(name, fallback, zh, en) bool name;
#include "common/config/key.def"
};

enum config_kind {
    CONFIG_DIRECTORY,
    CONFIG_FILE,
    CONFIG_ENDPOINT,
    CONFIG_NAME,
    CONFIG_WORD,
    CONFIG_NUMBER,
    CONFIG_TRUTH
};

struct config_key {
    const char *name;
    enum config_kind kind;
    const char *fallback; /* as it would stand in the file; "": the key may lack */
    const char *words;    /* of a CONFIG_WORD, a blank between them */
    uint64_t least, most; /* of a CONFIG_NUMBER */
    size_t offset, size;  /* in struct config */
    const char *zh, *en;
};

enum config_row {
#define TEXT(name, ...) CONFIG_ROW_##name,
#define WORD(name, ...) CONFIG_ROW_##name,
#define NUMBER(name, ...) CONFIG_ROW_##name,
#define TRUTH(name, ...) CONFIG_ROW_##name,
#include "common/config/key.def"
    CONFIG_KEYS_COUNT
};
extern const struct config_key config_keys[CONFIG_KEYS_COUNT];

enum { CONFIG_FAULTS_MAX = 24, CONFIG_FAULT_TEXT_SIZE = 512 };
struct config_fault {
    unsigned line; /* 0: of no one line */
    char zh[CONFIG_FAULT_TEXT_SIZE], en[CONFIG_FAULT_TEXT_SIZE];
};
struct config_file {
    unsigned lines[CONFIG_KEYS_COUNT]; /* where each key stands; 0: it does not, and has its default */
    unsigned fault_count;              /* those beyond the room are not told */
    struct config_fault faults[CONFIG_FAULTS_MAX];
};

/* Fills defaults, then what the file says; FATAL_CONFIG: `file` has the faults, `config` is empty. */
MUST_USE enum status config_read(const char *path, struct config *config, struct config_file *file);
/* The same; `why` gets a line in both languages for each fault. */
MUST_USE enum status config_load(const char *path, struct config *config, struct buffer *why);
void config_fini(struct config *config);
/* Both take the same arguments. */
__attribute__((format(printf, 4, 5))) void config_fault_add(struct config_file *file, unsigned line, const char *zh,
                                                            const char *en, ...);
/* The value as it would stand in a file; paths are whole. */
void config_value(const struct config *config, const struct config_key *key, struct buffer *out);
/* The port of tcp://HOST:PORT; 0: it is none. Whether the host is this machine's is found when it is bound. */
uint16_t config_endpoint_port(const char *endpoint);

/* Where things are: "ipc://RUN/broker.sock", "ipc://RUN/SERVICE-P.control", "DATA/SERVICE-P". */
void config_broker_ipc(const struct config *config, struct buffer *out);
void config_control_ipc(const struct config *config, const char *service, uint32_t partition, struct buffer *out);
void config_state_directory(const struct config *config, const char *service, uint32_t partition, struct buffer *out);
uint16_t config_http_port(const struct config *config, const char *service, uint32_t partition);
#endif
