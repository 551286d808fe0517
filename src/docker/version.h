/* API versions: "1.44" as the integer 1044. Everything here is pure. */
#ifndef MOONTIDE_DOCKER_VERSION_H
#define MOONTIDE_DOCKER_VERSION_H

/* Ours: 1.44 is the smallest maximum that every Docker 29 accepts (29.0 to 29.2 take nothing less,
 * and 1.52 removed fields); 1.24 is the lowest that any engine since 25 knows. */
enum { VERSION_NONE = 0, VERSION_OURS = 1044, VERSION_LOWEST = 1024, VERSION_SIZE = 16 };

/* Reads the version that `text` starts with; VERSION_NONE if there is none. */
int version_read(const char *text);

void version_write(char out[VERSION_SIZE], int version);

/* The one to use with an engine whose newest is `newest`. VERSION_NONE stands for an engine, or a
 * proxy, that did not say: then ours, because an engine refuses a version that is too new and says
 * why, and with one that is too old it silently lacks what we need. */
int version_choose(int newest);

/* The one to try after the engine refused `tried`: by the Api-Version header of the refusal (may be
 * ""), else by its text. VERSION_NONE when nothing is left to try. */
int version_after_refusal(int tried, const char *header, const char *text);

#endif
