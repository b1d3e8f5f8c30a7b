#include "CNetlink.h"
typedef int cnetlink_placeholder;
