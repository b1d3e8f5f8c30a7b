#include "hwsim.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink_request.h"

// From the kernel's drivers/net/wireless/virtual/mac80211_hwsim.h, which is not among the headers for programs.
static const char family_name[] = "MAC80211_HWSIM";
enum { CMD_REGISTER = 1, CMD_FRAME = 2, CMD_TX_INFO_FRAME = 3 };
enum {
    ATTR_ADDR_RECEIVER = 1,
    ATTR_ADDR_TRANSMITTER = 2,
    ATTR_FRAME = 3,
    ATTR_FLAGS = 4,
    ATTR_RX_RATE = 5,
    ATTR_SIGNAL = 6,
    ATTR_TX_INFO = 7,
    ATTR_COOKIE = 8,
    ATTR_FREQ = 19,
    ATTR_LAST = 64,
};
enum { TX_RATES = 4 };
struct tx_rate {
    int8_t index;
    uint8_t count;
} __attribute__((packed));

// In dBm, as hwsim has it without a medium.
static const int32_t signal_strength = -50;
// Room for the frames of many radios while this process does not run.
static const int buffer_size = 8 << 20;

struct rl_hwsim {
    struct nl_sock *socket;
    int family;
    uint8_t buffer[65536];
};

struct receipt {
    rl_hwsim_visit visit;
    void *context;
    uint32_t sequence;
    int is_answered;
    int code;
};

static struct nl_msg *message_for(const rl_hwsim *handle, uint8_t command, int flags) {
    struct nl_msg *message = nlmsg_alloc();
    if (message && !genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, handle->family, 0, flags, command, 1)) {
        nlmsg_free(message);
        return NULL;
    }
    return message;
}

static void take_frame(const rl_hwsim *handle, struct nlmsghdr *header, const struct receipt *receipt) {
    struct nlattr *attributes[ATTR_LAST + 1];
    if (header->nlmsg_type != handle->family || !genlmsg_valid_hdr(header, 0)) return;
    if (genlmsg_hdr(header)->cmd != CMD_FRAME || genlmsg_parse(header, 0, attributes, ATTR_LAST, NULL) < 0) return;
    if (!attributes[ATTR_ADDR_TRANSMITTER] || !attributes[ATTR_FRAME] || !attributes[ATTR_FLAGS] ||
        !attributes[ATTR_FREQ] || !attributes[ATTR_COOKIE] || nla_len(attributes[ATTR_ADDR_TRANSMITTER]) != 6)
        return;
    struct rl_hwsim_frame frame = {
        .frequency = nla_get_u32(attributes[ATTR_FREQ]),
        .flags = nla_get_u32(attributes[ATTR_FLAGS]),
        .cookie = nla_get_u64(attributes[ATTR_COOKIE]),
        .octets = nla_data(attributes[ATTR_FRAME]),
        .length = nla_len(attributes[ATTR_FRAME]),
    };
    memcpy(frame.radio, nla_data(attributes[ATTR_ADDR_TRANSMITTER]), sizeof frame.radio);
    if (attributes[ATTR_TX_INFO] && nla_len(attributes[ATTR_TX_INFO]) >= (int)sizeof(struct tx_rate))
        frame.rate = ((const struct tx_rate *)nla_data(attributes[ATTR_TX_INFO]))->index;
    receipt->visit(receipt->context, &frame);
}

// Reads one datagram: 1, or 0 when there is none, or what is wrong.
static int receive_one(rl_hwsim *handle, struct receipt *receipt) {
    ssize_t count = recv(nl_socket_get_fd(handle->socket), handle->buffer, sizeof handle->buffer, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
    int left = (int)count;
    for (struct nlmsghdr *header = (struct nlmsghdr *)handle->buffer; nlmsg_ok(header, left);
         header = nlmsg_next(header, &left)) {
        if (header->nlmsg_type == NLMSG_ERROR) {
            if (header->nlmsg_seq != receipt->sequence || receipt->sequence == 0) continue;
            receipt->is_answered = 1;
            receipt->code = ((const struct nlmsgerr *)nlmsg_data(header))->error;
        } else if (receipt->visit) {
            take_frame(handle, header, receipt);
        }
    }
    return 1;
}

// Sends `message`, frees it, and reads on until its answer is there. The kernel answers while it is being sent.
static int request(rl_hwsim *handle, struct nl_msg *message, struct receipt *receipt) {
    if (!message) return -ENOMEM;
    int result = nl_send_auto(handle->socket, message) < 0 ? -EIO : 1;
    receipt->sequence = nlmsg_hdr(message)->nlmsg_seq;
    nlmsg_free(message);
    while (result == 1 && !receipt->is_answered) {
        result = receive_one(handle, receipt);
        if (result == -ENOBUFS) result = 1;
    }
    if (result < 0) return result;
    return receipt->is_answered ? receipt->code : -EAGAIN;
}

int rl_hwsim_open(rl_hwsim **handle) {
    *handle = calloc(1, sizeof **handle);
    if (!*handle) return -ENOMEM;
    struct receipt receipt = {0};
    int result = rl_netlink_connect(NETLINK_GENERIC, &(*handle)->socket);
    if (result == 0) {
        (*handle)->family = genl_ctrl_resolve((*handle)->socket, family_name);
        if ((*handle)->family < 0) result = -ENOENT;
    }
    if (result == 0) {
        int descriptor = nl_socket_get_fd((*handle)->socket);
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_size, sizeof buffer_size);
        result = request(*handle, message_for(*handle, CMD_REGISTER, NLM_F_ACK), &receipt);
    }
    if (result < 0) {
        rl_hwsim_close(*handle);
        *handle = NULL;
    }
    return result;
}

void rl_hwsim_close(rl_hwsim *handle) {
    if (!handle) return;
    nl_socket_free(handle->socket);
    free(handle);
}

int rl_hwsim_descriptor(const rl_hwsim *handle) { return nl_socket_get_fd(handle->socket); }

int rl_hwsim_receive(rl_hwsim *handle, rl_hwsim_visit visit, void *context) {
    struct receipt receipt = {.visit = visit, .context = context};
    int result;
    do {
        result = receive_one(handle, &receipt);
    } while (result > 0);
    return result;
}

int rl_hwsim_deliver(
    rl_hwsim *handle, const uint8_t radio[6], uint32_t frequency, uint32_t rate, const uint8_t *octets, size_t length,
    rl_hwsim_visit visit, void *context) {
    struct receipt receipt = {.visit = visit, .context = context};
    struct nl_msg *message = message_for(handle, CMD_FRAME, NLM_F_ACK);
    if (!message) return -ENOMEM;
    int put = nla_put(message, ATTR_ADDR_RECEIVER, 6, radio);
    if (put >= 0) put = nla_put(message, ATTR_FRAME, (int)length, octets);
    if (put >= 0) put = nla_put_u32(message, ATTR_RX_RATE, rate);
    if (put >= 0) put = nla_put_u32(message, ATTR_SIGNAL, (uint32_t)signal_strength);
    if (put >= 0) put = nla_put_u32(message, ATTR_FREQ, frequency);
    return request(handle, rl_netlink_checked(message, put), &receipt);
}

int rl_hwsim_report(
    rl_hwsim *handle, const uint8_t radio[6], uint64_t cookie, uint32_t flags, int8_t rate, uint8_t tries,
    rl_hwsim_visit visit, void *context) {
    struct receipt receipt = {.visit = visit, .context = context};
    struct tx_rate rates[TX_RATES] = {{rate, tries}, {-1, 0}, {-1, 0}, {-1, 0}};
    struct nl_msg *message = message_for(handle, CMD_TX_INFO_FRAME, NLM_F_ACK);
    if (!message) return -ENOMEM;
    int put = nla_put(message, ATTR_ADDR_TRANSMITTER, 6, radio);
    if (put >= 0) put = nla_put_u32(message, ATTR_FLAGS, flags);
    if (put >= 0) put = nla_put_u32(message, ATTR_SIGNAL, (uint32_t)signal_strength);
    if (put >= 0) put = nla_put(message, ATTR_TX_INFO, sizeof rates, rates);
    if (put >= 0) put = nla_put_u64(message, ATTR_COOKIE, cookie);
    return request(handle, rl_netlink_checked(message, put), &receipt);
}
