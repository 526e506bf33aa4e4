import OutcryCrypto
import Testing

/// Known answers of RFC 4231 (HMAC-SHA512) and what a key must not show.
@Suite struct HMACTests {
    /// Key, message, code; test cases 1 to 4, 6 and 7. Case 5 truncates.
    private static let cases: [([UInt8], [UInt8], String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
                + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
        ),
        (
            Array(0x01...0x19), [UInt8](repeating: 0xCD, count: 50),
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
                + "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than "
                    + "block-size data. The key needs to be hashed before being used by the "
                    + "HMAC algorithm.").utf8),
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
                + "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"
        ),
    ]

    @Test func rfc4231() {
        for (key, message, answer) in Self.cases {
            #expect(Hex.encode(HMACSHA512Key(key).code(of: message)) == answer)
        }
        // Case 5: the first 128 bits.
        let key = HMACSHA512Key([UInt8](repeating: 0x0C, count: 20))
        let code = key.code(of: Array("Test With Truncation".utf8))
        #expect(Hex.encode(Array(code.prefix(16))) == "415fad6271580a531d4179bc891d87a6")
    }

    @Test func codesInPlace() {
        for (key, message, _) in Self.cases {
            let code = HMACSHA512Key(key).inlineCode(of: message.span)
            #expect(code.indices.map { code[$0] } == HMACSHA512Key(key).code(of: message))
        }
        var bytes: [UInt8] = [1, 2, 3]
        SecretBytes.wipe(&bytes)
        #expect(bytes == [0, 0, 0])
    }

    @Test func aKeyServesManyCodesAndPieces() {
        let (bytes, message, answer) = Self.cases[5]
        let key = HMACSHA512Key(bytes)
        for size in [1, 7, 63, 64, 127, 128, 129] {
            var code = HMACSHA512(key)
            for start in stride(from: 0, to: message.count, by: size) {
                code.update(Array(message[start..<min(start + size, message.count)]))
            }
            #expect(Hex.encode(code.finish()) == answer, "pieces of \(size)")
        }
    }

    @Test func codesAreCompared() {
        let key = HMACSHA512Key(Array("key".utf8))
        let message = Array("message".utf8)
        var code = key.code(of: message)
        func isCode(_ code: [UInt8], _ message: [UInt8]) -> Bool {
            key.isCode(code.span, of: message.span)
        }
        #expect(isCode(code, message))
        #expect(!isCode(code, Array("massage".utf8)))
        #expect(!isCode(Array(code.dropLast()), message))
        code[63] ^= 1
        #expect(!isCode(code, message))
    }

    @Test func aKeyShowsNothing() {
        let secret = [UInt8](repeating: 0x41, count: 64)
        let key = HMACSHA512Key(secret)
        var shown = "\(key) \(String(reflecting: key)) "
        dump(key, to: &shown)
        dump(HMACSHA512(key), to: &shown)
        dump([key], to: &shown)
        #expect(!shown.contains("SHA512_CTX") && !shown.contains("inner"))
        #expect(!shown.contains("0x") && !shown.contains("65"), "\(shown)")
    }

    @Test func sipHash() {
        // The vector of the paper's appendix is of 15 bytes; this one is of the reference code's
        // table (vectors.h), the input of 16 bytes 00 01 … 0f under the key 00 01 … 0f.
        let hash = SipHash(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)
        #expect(
            hash.hash(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908) == 0x3F2A_CC7F_57C2_9BDB)
        #expect(hash.hash(0, 1) != hash.hash(1, 0))
    }
}
