// What relink needs of the kernel and of the system libraries, flat and without policy: one header per concern.
// Functions that can fail return 0 or a negative errno. Nothing here keeps state beside the handles.
#pragma once

#include "capture.h"
#include "hwsim.h"
#include "link.h"
#include "link_events.h"
#include "linux_events.h"
#include "nl80211.h"
#include "nl80211_anchor.h"
#include "nl80211_channel.h"
#include "nl80211_events.h"
#include "nl80211_interface.h"
#include "nl80211_station.h"
#include "nl80211_wiphy.h"
#include "tap.h"
