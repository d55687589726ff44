/* SPDX-License-Identifier: Apache-2.0
 * Asking the person at the terminal before something that cannot be taken back. */
#ifndef HUTONG_TOOLS_ASKING_H
#define HUTONG_TOOLS_ASKING_H

enum asked { ASKED_YES, ASKED_NO, ASKED_NOBODY };

/* `question` on stderr; yes is the whole word. NOBODY: there is no terminal, and --yes was named. */
enum asked ask_yes(const char *question);
#endif
