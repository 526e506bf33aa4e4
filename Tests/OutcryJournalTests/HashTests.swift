import Testing

@testable import OutcryJournal

/// XXH64, by the values that its author's program prints.
@Suite struct HashTests {
    @Test(
        arguments: [
            ("", 0xef46_db37_51d8_e999), ("a", 0xd24e_c4f1_a98c_6e5b),
            ("abc", 0x44bc_2cf5_ad77_0999),
            ("xxhash", 0x32dd_3895_2c4b_c720),
            ("Nobody inspects the spammish repetition", 0xfbce_a83c_8a37_8bf1),
        ] as [(String, UInt64)])
    func knownValues(text: String, expected: UInt64) {
        #expect(BlockHash.of(Array(text.utf8).span) == expected)
    }
}
