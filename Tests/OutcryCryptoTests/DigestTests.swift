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

    @Test func sha512() {
        let answers: [([UInt8], String)] = [
            (
                [],
                "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                    + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
            ),
            (
                Array("abc".utf8),
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ),
            (
                twoBlocks,
                "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
                    + "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"
            ),
            (
                million,
                "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                    + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
            ),
        ]
        for (bytes, answer) in answers { #expect(Hex.encode(SHA512.hash(bytes)) == answer) }
    }

    @Test func sha512InPiecesAndByCopies() {
        var sha = SHA512()
        for size in [1, 111, 112, 127, 128, 129] {
            sha = SHA512()
            for start in stride(from: 0, to: 1000, by: size) {
                sha.update(Array(million[start..<min(start + size, 1000)]))
            }
            #expect(sha.finish() == SHA512.hash(Array(million.prefix(1000))))
        }
        sha = SHA512()
        sha.update(Array("ab".utf8))
        var other = sha
        other.update(Array("d".utf8))
        sha.update(Array("c".utf8))
        #expect(sha.finish() == SHA512.hash(Array("abc".utf8)))
        #expect(other.finish() == SHA512.hash(Array("abd".utf8)))
    }

    /// RFC 1321, appendix A.5.
    @Test func md5() {
        #expect(Hex.encode(MD5.hash([])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(Hex.encode(MD5.hash(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(
            Hex.encode(MD5.hash(Array("message digest".utf8)))
                == "f96b697d7cb7938d525a2f31aaf161d0")
    }
}
