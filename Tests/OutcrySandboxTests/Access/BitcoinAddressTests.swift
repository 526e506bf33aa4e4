import OutcryCrypto
import OutcryServing
import Testing

@testable import OutcrySandbox

@Suite struct BitcoinAddressTests {
    /// Of the bitcoin wiki's "Technical background of version 1 Bitcoin addresses" and the zero hash.
    @Test func knownAnswers() throws {
        let hash = try Hex.decode("010966776006953d5567439e5e39f86a0d273bee")
        #expect(BitcoinAddresses.text(hash) == "16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM")
        #expect(
            BitcoinAddresses.text([UInt8](repeating: 0, count: 20))
                == "1111111111111111111114oLvT2")
    }

    /// Those of the recordings are addresses; what is changed is none.
    @Test func recordedOnes() throws {
        var known = [
            try RecordedReply("http-v0/address.json").tree["addr"].text,
            try RecordedReply("http-v1/address.json").tree["return"]["addr"].text,
            try RecordedReply("http-v1/deposit-address.json").tree["return"]["addr"].text,
        ]
        known.append("1111111111111111111114oLvT2")
        for address in known {
            #expect(BitcoinAddresses.isAddress(address), "\(address)")
            for index in address.utf8.indices {
                var bytes = Array(address.utf8)
                let place = address.utf8.distance(from: address.utf8.startIndex, to: index)
                bytes[place] =
                    bytes[place] == UInt8(ascii: "2") ? UInt8(ascii: "3") : UInt8(ascii: "2")
                let changed = String(decoding: bytes, as: UTF8.self)
                #expect(!BitcoinAddresses.isAddress(changed), "\(changed)")
            }
        }
        for text in [
            "", "1", "0", "l", "1AAX", String(repeating: "1", count: 35),
            String(repeating: "z", count: 5_000), "1AAXCcSjgsgoTnQLqUfPh7qRsUyvbYSbG0", "' OR 1=1",
        ] {
            #expect(!BitcoinAddresses.isAddress(text), "\(text)")
        }
    }

    @Test func madeOnes() {
        let addresses = BitcoinAddresses(key: HMACSHA512Key([1]))
        let made = (0..<200 as Range<UInt64>).map(addresses.address)
        #expect(Set(made).count == 200 && made.allSatisfy(BitcoinAddresses.isAddress))
        #expect(made[7] == addresses.address(7))
        #expect(BitcoinAddresses(key: HMACSHA512Key([2])).address(7) != made[7])
    }
}
