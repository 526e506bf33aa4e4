#include "COutcryPages.h"

// #embed is C23; clang has it in every language mode and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t safetynet[] = {
#embed "Pages/safetynet.html"
};

outcry_page outcry_page_safetynet(void) {
    return (outcry_page){safetynet, sizeof safetynet};
}
