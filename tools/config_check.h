/* SPDX-License-Identifier: Apache-2.0
 * What is wrong with a configuration on this machine: all that reading it tells, and whether its keys can work together
 * and its directories, ports and files can be used. Reads alone; asks nobody; a port is bound and let go again. */
#ifndef HUTONG_TOOLS_CONFIG_CHECK_H
#define HUTONG_TOOLS_CONFIG_CHECK_H
#include "common/config/config.h"

/* `file` gets the faults. False: it could not even be read, and `config` is empty. */
bool config_check(const char *path, struct config *config, struct config_file *file);
#endif
