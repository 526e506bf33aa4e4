import OutcryCrypto
import Testing

@Suite struct ConstantTimeTests {
    @Test func equalAndNot() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        for index in 0..<32 {
            for bit in 0..<8 {
                var other = [UInt8](repeating: 0x5A, count: 32)
                other[index] ^= 1 << UInt8(bit)
                #expect(!ConstantTime.equal([UInt8](repeating: 0x5A, count: 32), other))
            }
        }
    }
}
