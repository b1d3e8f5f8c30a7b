#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int rl_tap_open(const char *name, int *descriptor) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};
    if (strlen(name) >= sizeof request.ifr_name) return -EINVAL;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int opened = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0) return -errno;
    if (ioctl(opened, TUNSETIFF, &request) < 0) {
        int code = errno;
        close(opened);
        return -code;
    }
    // Where that is not possible the interface has a carrier from the start.
    (void)rl_tap_set_carrier(opened, false);
    *descriptor = opened;
    return 0;
}

int rl_tap_set_carrier(int descriptor, bool carrier) {
#ifdef TUNSETCARRIER
    int value = carrier;
    return ioctl(descriptor, TUNSETCARRIER, &value) < 0 ? -errno : 0;
#else
    (void)descriptor;
    (void)carrier;
    return -ENOTTY;
#endif
}
