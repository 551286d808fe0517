/* libmicrohttpd, loaded when the first server starts: what does not serve does not pay for it. */
#ifndef MOONTIDE_SERVE_LIBRARY_H
#define MOONTIDE_SERVE_LIBRARY_H

#include "base/err.h"
#include <microhttpd.h>
#include <stdbool.h>

/* Its functions, without their prefix. */
struct mhd {
    __typeof__(MHD_add_response_header) *add_response_header;
    __typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
    __typeof__(MHD_destroy_response) *destroy_response;
    __typeof__(MHD_get_connection_info) *get_connection_info;
    __typeof__(MHD_get_connection_values_n) *get_connection_values_n;
    __typeof__(MHD_get_daemon_info) *get_daemon_info;
    __typeof__(MHD_get_timeout) *get_timeout;
    __typeof__(MHD_queue_response) *queue_response;
    __typeof__(MHD_quiesce_daemon) *quiesce_daemon;
    __typeof__(MHD_resume_connection) *resume_connection;
    __typeof__(MHD_run) *run;
    __typeof__(MHD_start_daemon) *start_daemon;
    __typeof__(MHD_stop_daemon) *stop_daemon;
    __typeof__(MHD_suspend_connection) *suspend_connection;
};

/* NULL with err when it is not installed. */
const struct mhd *library_load(struct err *err);

#endif
