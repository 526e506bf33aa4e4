#include "COutcryRecordings.h"

// #embed is C23; clang has it in every language mode and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t depth_2011_06[] = {
#embed "Data/depth-2011-06.json.gz"
};
static const uint8_t trades_2011_06_06[] = {
#embed "Data/trades-2011-06-06.json.gz"
};
static const uint8_t fulldepth_2012_02[] = {
#embed "Data/fulldepth-2012-02.json.gz"
};

outcry_recording outcry_recording_depth_2011_06(void) {
    return (outcry_recording){depth_2011_06, sizeof depth_2011_06};
}

outcry_recording outcry_recording_trades_2011_06_06(void) {
    return (outcry_recording){trades_2011_06_06, sizeof trades_2011_06_06};
}

outcry_recording outcry_recording_fulldepth_2012_02(void) {
    return (outcry_recording){fulldepth_2012_02, sizeof fulldepth_2012_02};
}
