// Linux headers that Swift's Glibc module leaves out: epoll, timerfd, signalfd.
#pragma once

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
