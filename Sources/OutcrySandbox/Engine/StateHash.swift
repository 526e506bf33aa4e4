import OutcryServing

/// A hash that depends on nothing but what is mixed in, and in which order: FNV's steps, a word at a time.
struct StateHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func mix(_ word: Int64) {
        value = (value ^ UInt64(bitPattern: word)) &* 0x100_0000_01b3
        value ^= value &>> 29
    }

    mutating func mix(_ words: [Int64]) { for word in words { mix(word) } }

    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(Int64(byte)) }
        mix(Int64(text.utf8.count))
    }
}
