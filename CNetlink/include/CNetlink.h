// What relink needs of the kernel and of the system libraries, flat and without policy: one header per concern.
#pragma once

#include "linux_events.h"
