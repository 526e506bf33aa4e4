import Testing

@testable import OutcryJournal

/// XXH3, by the values that its author's library gives (Debian's libxxhash0 0.8.1, `XXH3_64bits`).
@Suite struct HashTests {
    /// Counts of bytes around each way in which the value is made, and around the ends of stripes and blocks.
    static let known: [(count: Int, hash: UInt64)] = [
        (0, 0x2d06_8005_38d3_94c2), (1, 0x929e_358d_27ae_3ee2), (2, 0x7453_273f_744e_c252),
        (3, 0xedbd_8908_5055_020f), (4, 0xb88a_3316_c9cb_ada6), (5, 0x4858_1867_e4b2_c143),
        (8, 0xca52_9b01_8625_de44), (9, 0x70dc_2271_2a6e_e9fc), (15, 0x9db7_38c3_5648_8828),
        (16, 0x9886_7962_91da_8a97), (17, 0xf13e_1a95_2833_6483), (32, 0x2f7d_df70_286c_3c84),
        (33, 0x266d_e476_c09d_9677), (64, 0x2cd7_0675_4e9e_bc4a), (65, 0x4939_9ef4_2812_4cb1),
        (96, 0x9da7_b83d_1549_8fd4), (97, 0x0676_eff8_40cd_2227), (128, 0x160d_5cc1_4718_584d),
        (129, 0xf59f_df21_df59_14aa), (130, 0xab88_a645_45e9_403f), (239, 0xf277_d194_4736_562b),
        (240, 0xe043_677d_5ae4_9e40), (241, 0x7d18_7ab6_42ec_16ed), (255, 0x284f_a3da_32e7_a868),
        (256, 0xaec8_f01d_dd10_80b0), (257, 0xe1c5_c554_7190_6357), (1024, 0x5e10_54d1_0959_bf1e),
        (1025, 0x97ff_34d6_cec3_109a), (1088, 0x61e6_4823_2896_da5d),
        (1089, 0x59ed_144c_e97c_9bc9), (2048, 0x905a_119f_0a6e_c8ac),
        (2049, 0x3c55_edc8_cc56_a4fe), (4999, 0x91f3_291d_0e66_b11a),
    ]

    /// `data = bytes((i*i*7+i*13+5)&255 for i in range(5000))`
    static let data = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 * 7 + $0 * 13 + 5) }

    private static func hash(_ count: Int) -> UInt64 {
        BlockHash.of(Self.data.span.extracting(..<count))
    }

    @Test func knownValues() {
        for (count, hash) in Self.known {
            let found = Self.hash(count)
            #expect(found == hash, "of \(count) bytes")
        }
    }

    /// However the bytes came, and whenever it was asked, the value is that of all of them.
    @Test(arguments: [1, 7, 63, 64, 65, 240, 241, 1000, 1024])
    func growing(step: Int) {
        unsafe Self.data.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            var hash = BlockHash()
            var total = 0
            while total < 5000 {
                total = min(5000, total + step)
                unsafe hash.add(start, total: total)
                let (grown, whole) = unsafe (hash.value(start, total: total), Self.hash(total))
                #expect(grown == whole)
            }
        }
    }
}
