/* Why a call failed on a process that was its connection: what that said last, for people. */
#include "http/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NO_DOCKER                                                                                  \
    "install the docker command line over there, in the PATH of a session without a terminal"

static const struct row {
    const char *says;
    enum http_failure failure; /* FAIL_CONNECT: the engine has not seen the request */
    enum err_kind kind;
    const char *next;
} rows[] = {
    {"permission denied while trying to connect", HTTP_FAIL_CONNECT, ERR_DENIED,
     "let the user over there join the group 'docker', or name another one: ssh://USER@HOST"},
    {"Permission denied (", HTTP_FAIL_CONNECT, ERR_DENIED,
     "give that host a key of yours (ssh-copy-id) and have it at hand (ssh-add)"},
    {"Too many authentication failures", HTTP_FAIL_CONNECT, ERR_DENIED,
     "say in ~/.ssh/config which key is for that host (IdentityFile, IdentitiesOnly)"},
    {"Host key verification failed", HTTP_FAIL_CONNECT, ERR_DENIED,
     "log in once with ssh and compare the host's key; if it has changed for a reason, remove the "
     "old one (ssh-keygen -R HOST)"},
    {"Could not resolve hostname", HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "check the name, and this machine's DNS"},
    {"ssh: connect to host", HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "check the address, the port and the network, and that sshd runs there"},
    {"kex_exchange_identification", HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "check that an sshd listens there, and that it is not overrun (MaxStartups)"},
    {"banner exchange", HTTP_FAIL_CONNECT, ERR_TRANSPORT, "check that an sshd listens there"},
    {"Connection closed by", HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "see the log of the sshd over there"},
    {"Cannot connect to the Docker daemon", HTTP_FAIL_CONNECT, ERR_TRANSPORT,
     "is the Docker Engine running over there?"},
    {"dial unix", HTTP_FAIL_CONNECT, ERR_TRANSPORT, "is the Docker Engine running over there?"},
    /* With its name: what a shell does not find at its start is no reason. */
    {"docker: not found", HTTP_FAIL_CONNECT, ERR_TRANSPORT, NO_DOCKER},
    {"docker: command not found", HTTP_FAIL_CONNECT, ERR_TRANSPORT, NO_DOCKER},
    {"docker: Command not found", HTTP_FAIL_CONNECT, ERR_TRANSPORT, NO_DOCKER},
    {"command not found: docker", HTTP_FAIL_CONNECT, ERR_TRANSPORT, NO_DOCKER},
    {"Unknown command: docker", HTTP_FAIL_CONNECT, ERR_TRANSPORT, NO_DOCKER},
    {"", HTTP_FAIL_LOST, ERR_TRANSPORT,
     "the request may have been carried out: look before you repeat it"},
};

/* ssh's own, whatever it was to run: it has lost the connection. */
#define CODE_LOST 255

/* The line of `text` that `at` is in, without a final full stop. */
static int line_at(const char *text, const char *at, const char **line) {
    while (at > text && at[-1] != '\n')
        at--;
    size_t length = strcspn(at, "\r\n");
    while (length > 0 && (at[length - 1] == '.' || at[length - 1] == ' '))
        length--;
    *line = at;
    return (int)length;
}

/* The start of the last line that is not empty. */
static const char *last_line(const char *text) {
    const char *end = text + strlen(text);
    while (end > text && strchr("\r\n ", end[-1]))
        end--;
    return end > text ? end - 1 : end;
}

static void explain_start(struct http_reply *reply, const char *address, const char *program,
                          int os_error) {
    bool missing = os_error == ENOENT;
    reply->failure = HTTP_FAIL_CONNECT;
    err_set(&reply->err, ERR_TRANSPORT, "cannot connect to %s: cannot run %s: %s; %s", address,
            program, missing ? "there is no such program" : strerror(os_error),
            missing ? "install it (openssh-client has ssh), or correct PATH"
                    : "free processes, descriptors or memory");
}

void command_explain(struct http_call *call) {
    const char *address = call->pool->target.address;
    const struct command *command = call->command;
    const struct row *row = rows;
    const char *at, *line, *said = command->said;
    bool ended = call->reply.failure == HTTP_FAIL_NONE; /* a duplex, with or without its rest */
    if (command->os_error)
        explain_start(&call->reply, address, call->pool->target.command[0], command->os_error);
    if (command->code <= 0 || (ended && command->code != CODE_LOST))
        return;
    if (ended && !*last_line(said))
        said = "the connection was closed in the middle";
    if (!*last_line(said))
        return;
    while (!(at = strstr(said, row->says)) ||
           (call->head_complete && row->failure == HTTP_FAIL_CONNECT)) /* an engine has answered */
        row++;
    int length = line_at(said, *row->says ? at : last_line(said), &line);
    call->reply.failure = row->failure;
    err_set(&call->reply.err, row->kind, "%s %s: %.*s; %s",
            row->failure == HTTP_FAIL_LOST ? "lost the reply of" : "cannot connect to", address,
            length, line, row->next);
}
