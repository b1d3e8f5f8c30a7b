// What relink needs of libcrypto, flat and without policy. Functions that can fail return 0 or a negative errno.
// Nothing here keeps state beside the handles.
#pragma once

#include "gcm.h"
