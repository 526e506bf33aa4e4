import OutcryCrypto
import Testing

/// RSAES-PKCS1-v1_5, both ways.
@Suite struct RSATests {
    private struct Counter: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    /// The key that MidChains' documentation prints (GitHub `MidChains/slate` @ 35aab44).
    private let documented = """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCvBXTe278Lwg2MoI7iGKolSYuF+sNFKrsZplxCN9x0kItU3KIf8+1q\
        60ILLwLewCEf7foxzpWp32j9YYU9vNBghuJ7BHcDYTffTRcv+QdNno491j701Hq7DIw13AGCQQTRcnfclvblnytIEWoQ\
        siUvPJcdiWgqJIX3IQGA47a+uwIDAQAB
        """

    @Test func thereAndBack() throws {
        let key = try RSAPrivateKey(bits: 1024)
        #expect(key.publicKey.size == 128)
        for count in [0, 1, 20, 117] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
            var random = Counter(state: UInt64(count))
            let one = try key.publicKey.encrypt(message.span, using: &random)
            let other = try key.publicKey.encrypt(message.span, using: &random)
            #expect(one.count == 128 && one != other, "another padding each time")
            #expect(key.decrypt(one) == message)
            #expect(key.decrypt(other) == message)
        }
        var random = Counter(state: 1)
        let long = [UInt8](repeating: 1, count: 118)
        #expect(throws: CryptoError.self) {
            try key.publicKey.encrypt(long.span, using: &random)
        }
    }

    @Test func whatIsNotForTheKey() throws {
        let key = try RSAPrivateKey(bits: 1024)
        let other = try RSAPrivateKey(bits: 1024)
        var random = Counter(state: 3)
        let message = Array("secret".utf8)
        var secret = try key.publicKey.encrypt(message.span, using: &random)
        #expect(other.decrypt(secret) != message)
        secret[100] ^= 1
        #expect(key.decrypt(secret) != message)
        #expect(key.decrypt([]) != message)
        #expect(key.decrypt(Array(secret.dropLast())) != message)
    }

    @Test func keysOfOthers() throws {
        let der = try Base64.decode(documented)
        let key = try RSAPublicKey(der: der)
        #expect(key.size == 128)
        #expect(key.der == der)
        var random = Counter(state: 3)
        #expect(try key.encrypt([1, 2, 3].span, using: &random).count == 128)
        #expect(throws: CryptoError.self) { try RSAPublicKey(der: []) }
        #expect(throws: CryptoError.self) { try RSAPublicKey(der: Array(der.dropLast())) }
    }
}
