/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the front share. */
#ifndef HUTONG_SERVICES_CONSOLE_FRONT_STATE_H
#define HUTONG_SERVICES_CONSOLE_FRONT_STATE_H
#include <pthread.h>
#include <sys/stat.h>

#include "services/console/files.h"
#include "services/console/front_options.h"
#include "services/console/front_rules.h"
#include "services/console/slow.h"

enum { BODY_SIZE_MAX = 64 * 1024, PENDING_A_SESSION_MAX = 16 };

struct MHD_Connection;

/* A request, from its head to the end of its answer. */
struct request {
    struct front *front;
    struct MHD_Connection *connection;
    struct slow_connection *place;
    struct buffer body;
    bool begun, too_large;
    struct request *next; /* of those that wait for the other process */
    uint64_t id;
    struct session *session; /* whose; it may have ended meanwhile: */
    uint32_t session_number;
    unsigned question;
    char user[USER_NAME_SIZE];
    bool waits, answered;
    int64_t asked_at_us;
    enum console_refusal refusal;
    int32_t code; /* of the command */
    struct buffer answer;
};

struct front_figures {
    struct metric *pages, *sessions, *questions, *actions, *kept, *slow, *logged_in, *took;
    struct metric *refused[REFUSAL_COUNT];
};

/* `lock` guards what the server's thread and the main thread share: sessions, waiting requests, connections. */
struct front {
    struct front_options options;
    struct front_rules rules;
    struct web_files files;
    struct console_users users;
    struct stat users_file;    /* as it was read */
    struct sessions *sessions; /* secret_new */
    struct MHD_Daemon *server;
    pthread_mutex_t lock;
    struct request *waiting;
    uint64_t last_id;
    struct slow slow;
    struct buffer bytes; /* of the other process */
    struct front_figures figures;
    bool closing;
};

#endif
