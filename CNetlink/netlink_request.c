#include "netlink_request.h"

#include <errno.h>

// Room for the events of many interfaces that change at once.
static const int event_buffer_size = 256 * 1024;

int rl_netlink_connect(int protocol, struct nl_sock **socket) {
    *socket = nl_socket_alloc();
    if (!*socket) return -ENOMEM;
    errno = 0;
    if (nl_connect(*socket, protocol) < 0) {
        int code = errno ? errno : EIO;
        nl_socket_free(*socket);
        *socket = NULL;
        return -code;
    }
    return 0;
}

struct pending {
    int done;
    int code;
    nl_recvmsg_msg_cb_t visit;
    void *context;
};

static int on_answer(struct nl_msg *message, void *context) {
    struct pending *pending = context;
    return pending->visit ? pending->visit(message, pending->context) : NL_OK;
}

static int on_end(struct nl_msg *message, void *context) {
    (void)message;
    ((struct pending *)context)->done = 1;
    return NL_STOP;
}

static int on_error(struct sockaddr_nl *address, struct nlmsgerr *error, void *context) {
    (void)address;
    struct pending *pending = context;
    pending->done = 1;
    pending->code = error->error;
    return NL_STOP;
}

int rl_netlink_request(struct nl_sock *socket, struct nl_msg *message, nl_recvmsg_msg_cb_t visit, void *context) {
    if (!message) return -ENOMEM;
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    if (!callbacks) {
        nlmsg_free(message);
        return -ENOMEM;
    }
    struct pending pending = {.visit = visit, .context = context};
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_answer, &pending);
    nl_cb_set(callbacks, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &pending);
    nl_cb_set(callbacks, NL_CB_ACK, NL_CB_CUSTOM, on_end, &pending);
    nl_cb_err(callbacks, NL_CB_CUSTOM, on_error, &pending);
    int result = nl_send_auto(socket, message) < 0 ? -EIO : 0;
    while (result == 0 && !pending.done) {
        if (nl_recvmsgs(socket, callbacks) < 0 && !pending.done) result = -EIO;
    }
    nl_cb_put(callbacks);
    nlmsg_free(message);
    return result ? result : pending.code;
}

struct nl_msg *rl_netlink_checked(struct nl_msg *message, int result) {
    if (message && result < 0) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

static int accept_any_sequence(struct nl_msg *message, void *context) {
    (void)message;
    (void)context;
    return NL_OK;
}

int rl_netlink_listen(struct nl_sock *socket) {
    if (nl_socket_set_buffer_size(socket, event_buffer_size, 0) < 0) return -ENOMEM;
    return nl_socket_set_nonblocking(socket) < 0 ? -EIO : 0;
}

int rl_netlink_drain(struct nl_sock *socket, nl_recvmsg_msg_cb_t visit, void *context) {
    struct nl_cb *callbacks = nl_cb_alloc(NL_CB_DEFAULT);
    if (!callbacks) return -ENOMEM;
    nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, visit, context);
    nl_cb_set(callbacks, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, accept_any_sequence, NULL);
    int result;
    do {
        result = nl_recvmsgs(socket, callbacks);
    } while (result >= 0);
    nl_cb_put(callbacks);
    switch (result) {
    case -NLE_AGAIN: return 0;
    case -NLE_NOMEM: return -ENOBUFS;
    default: return -EIO;
    }
}
