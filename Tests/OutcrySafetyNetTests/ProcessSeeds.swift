import Glibc

/// How many seeds property tests try: few, or `OUTCRY_SEEDS` where that is set.
enum ProcessSeeds {
    static func count(_ usual: UInt64) -> UInt64 {
        guard let text = unsafe getenv("OUTCRY_SEEDS") else { return usual }
        return UInt64(unsafe String(cString: text)) ?? usual
    }
}
