#pragma once
#include <stddef.h>
#include <stdint.h>

// Recorded market data, gzip as it lies in ../Data (PROVENANCE.md says where it came from).

typedef struct {
    const uint8_t *bytes;
    size_t count;
} outcry_recording;

// Mt. Gox, getDepth.php of June 2011.
outcry_recording outcry_recording_depth_2011_06(void);
// Mt. Gox, getTrades.php of 6 to 8 June 2011: 11,214 trades.
outcry_recording outcry_recording_trades_2011_06_06(void);
// Mt. Gox, BTCUSD/public/fulldepth of 7 February 2012: 8,091 levels.
outcry_recording outcry_recording_fulldepth_2012_02(void);
