// Linux headers that Swift's Glibc module leaves out: epoll, eventfd, timerfd, signalfd.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
