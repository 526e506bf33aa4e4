import OutcryCrypto
import Testing

/// Known answers of FIPS 180-4 (NIST's examples and the CAVS short messages).
@Suite struct DigestTests {
    private let twoBlocks = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
    private let million = [UInt8](repeating: 0x61, count: 1_000_000)

    @Test func sha1() {
        #expect(Hex.encode(SHA1.hash([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(
            Hex.encode(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(Hex.encode(SHA1.hash(twoBlocks)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(Hex.encode(SHA1.hash(million)) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
    }

    @Test func sha256() {
        let answers: [([UInt8], String)] = [
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                Array("abc".utf8),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
            (million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
            ([0xD3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
        ]
        for (bytes, answer) in answers { #expect(Hex.encode(SHA256.hash(bytes)) == answer) }
    }

    @Test func sha256InPieces() {
        for size in [1, 3, 55, 56, 63, 64, 65] {
            var sha = SHA256()
            for start in stride(from: 0, to: 1000, by: size) {
                sha.update(Array(million[start..<min(start + size, 1000)]))
            }
            let hash = sha.finish()
            #expect(hash == SHA256.hash(Array(million.prefix(1000))))
        }
        #expect(SHA256().finish().count == SHA256.byteCount)
    }
}
