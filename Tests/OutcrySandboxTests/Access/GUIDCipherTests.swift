import OutcryCrypto
import OutcryKernel
import OutcryVenues
import Testing

@testable import OutcrySandbox

@Suite struct GUIDCipherTests {
    private let cipher = GUIDCipher(low: 1, high: 2)

    @Test func thereAndBack() throws {
        var random = SeededGenerator(seed: 11)
        let numbers =
            [0, 1, 2, 7, 8, -1, .max, .min]
            + (0..<500).map { _ in
                Int64.random(in: .min ... .max, using: &random)
            }
        for kind in GUIDCipher.Kind.allCases {
            for number in numbers {
                let guid = cipher.guid(kind, number)
                #expect(cipher.number(kind, guid) == number)
                let text = "\(guid)"
                let bytes = Array(text.utf8)
                #expect(bytes[14] == UInt8(ascii: "4") && "89ab".utf8.contains(bytes[19]))
                #expect(MtGoxGUID(text) == guid)
            }
            #expect(Set(numbers.map { cipher.guid(kind, $0) }).count == Set(numbers).count)
        }
    }

    @Test func strangersAreRefused() {
        var random = SeededGenerator(seed: 12)
        for number: Int64 in 0..<200 {
            #expect(cipher.number(.order, .random(using: &random)) == nil)
            let guid = cipher.guid(.order, number)
            // Another kind, another key, another bit.
            #expect(cipher.number(.queueEntry, guid) == nil)
            #expect(GUIDCipher(low: 1, high: 3).number(.order, guid) == nil)
            for bit in 0..<64 {
                let high = MtGoxGUID(high: guid.high ^ 1 << UInt64(bit), low: guid.low)
                let low = MtGoxGUID(high: guid.high, low: guid.low ^ 1 << UInt64(bit))
                #expect(cipher.number(.order, high) == nil && cipher.number(.order, low) == nil)
            }
        }
    }

    /// Neighbors have about half of their 122 free bits in common.
    @Test func neighborsDiffer() {
        var total = 0
        for number: Int64 in 0..<1000 {
            let (one, two) = (cipher.guid(.order, number), cipher.guid(.order, number + 1))
            total += (one.high ^ two.high).nonzeroBitCount + (one.low ^ two.low).nonzeroBitCount
        }
        #expect((60_000...62_000).contains(total), "61 bits of 122 a pair; \(total) of 1000 pairs")
    }

    /// Computed by a second implementation, in Python.
    @Test func itIsTheSameInEveryProcess() {
        #expect("\(cipher.guid(.order, 1))" == "14a4958d-5b4e-4344-ae48-09cbbd022fdf")
        #expect("\(cipher.guid(.channel, 1))" == "9d7532df-179a-4f98-87cb-ee9dd24bb46e")
    }
}

@Suite struct IdentityKeyTests {
    private static let now: Int64 = 1_364_767_201_381_791
    private let keys = IdentityKeys(
        secret: HMACSHA512Key(Array("server".utf8)), cipher: GUIDCipher(low: 3, high: 4))

    @Test func thereAndBack() throws {
        for owner: Int64 in [0, 1, 4_000_000_000] {
            let key = keys.issue(OwnerNumber(owner), now: Self.now)
            #expect(key.utf8.count == 75)
            let (whose, end) = try keys.verify(key, now: Self.now)
            #expect(whose == OwnerNumber(owner) && end == Self.now / 1_000_000 + 86_400)
            let bytes = try Base64.decode(key + "=")
            #expect(MtGoxGUID(bytes: bytes.span) == keys.channel(of: OwnerNumber(owner)))
        }
    }

    /// The one recording: 75 characters, a GUID and an end 24 h after it was made.
    @Test func theRecordedOneHasTheLayout() throws {
        let recorded = try RecordedReply("http-v1/idkey.json").tree["return"].text
        #expect(recorded.utf8.count == IdentityKeys.characterCount)
        let bytes = try Base64.decode(recorded + "=")
        #expect(bytes.count == 56)
        #expect(bytes[16..<24].reduce(0) { $0 << 8 | Int64($1) } == 1_366_105_714)
        #expect(throws: IdentityKeyError.notIssued) {
            try keys.verify(recorded, now: 1_366_000_000_000_000)
        }
    }

    @Test func theyEndAfterADay() throws {
        let key = keys.issue(OwnerNumber(1), now: Self.now)
        let day: Int64 = 86_400_000_000
        _ = try keys.verify(key, now: Self.now + day - 1_000_000)
        #expect(throws: IdentityKeyError.self) { try keys.verify(key, now: Self.now + day) }
    }

    @Test func strangersAreRefused() throws {
        let key = keys.issue(OwnerNumber(1), now: Self.now)
        let other = IdentityKeys(
            secret: HMACSHA512Key(Array("other".utf8)), cipher: GUIDCipher(low: 3, high: 4))
        #expect(throws: IdentityKeyError.notIssued) { try other.verify(key, now: Self.now) }
        let bytes = try Base64.decode(key + "=")
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let text = String(Base64.encode(changed).dropLast())
            #expect(throws: IdentityKeyError.notIssued) { try keys.verify(text, now: Self.now) }
        }
        for text in ["", key + "=", String(key.dropLast()), String(repeating: "!", count: 75)] {
            #expect(throws: IdentityKeyError.self) { try keys.verify(text, now: Self.now) }
        }
    }
}
