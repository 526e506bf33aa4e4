import OutcryCrypto
import OutcryKernel
import OutcryServing
import OutcryVenues
import OutcryWire
import Testing

@testable import OutcrySandbox

@Suite final class AccessTableTests {
    private static let now: Int64 = 1_364_767_201_381_791
    private static let target = "/api/1/generic/private/info"
    private var table: AccessTable
    private let key: NewAPIKey
    private let credentials: MtGoxCredentials

    init() throws {
        var random = SeededGenerator(seed: 4)
        table = AccessTable(using: &random)
        key = table.create(owner: OwnerNumber(7), rights: [.getInfo, .trade], using: &random)
        credentials = try MtGoxCredentials(key: "\(key.guid)", secret: key.secretText)
    }

    private func verify(
        _ body: String, target: String = AccessTableTests.target, now: Int64 = AccessTableTests.now,
        _ change: (inout HTTPFields) -> Void = { _ in }
    ) throws(AccessRefusal) -> AccessGrant {
        let bytes = Array(body.utf8)
        var fields = credentials.fields(target, body: bytes.span)
        change(&fields)
        return try table.verify(target, fields, body: bytes, now: now)
    }

    private func refusal(
        _ body: String, target: String = AccessTableTests.target, now: Int64 = AccessTableTests.now,
        _ change: (inout HTTPFields) -> Void = { _ in }
    ) -> AccessRefusal? {
        do throws(AccessRefusal) {
            _ = try verify(body, target: target, now: now, change)
            return nil
        } catch {
            return error
        }
    }

    @Test func aSignedCallIsLetIn() throws {
        let grant = try verify("nonce=5&type=bid")
        #expect(
            grant
                == AccessGrant(
                    key: key.guid, owner: OwnerNumber(7), rights: [.getInfo, .trade],
                    stamp: .nonce(5)))
        // Version 2 signs the path; the query is never signed.
        #expect(try verify("nonce=6", target: "/api/2/money/info?raw").stamp == .nonce(6))
        #expect(try verify("nonce=%37", target: "/api/0/getFunds.php").stamp == .nonce(7))
    }

    @Test func refusals() {
        #expect(refusal("nonce=1") { $0 = HTTPFields() } == .noKey)
        #expect(
            refusal("nonce=1") { $0 = [HTTPField("Rest-Key", "\(self.key.guid)")] } == .noSignature)
        #expect(refusal("nonce=1") { $0.replace("Rest-Key", "x") } == .unknownKey)
        #expect(
            refusal("nonce=1") { $0.replace("Rest-Key", "a8f0c118-f963-430a-9150-02fc673afdda") }
                == .unknownKey)
        #expect(
            refusal("nonce=1") {
                $0.replace("Rest-Sign", Base64.encode([UInt8](repeating: 0, count: 64)))
            }
                == .badSignature(nil))
        guard case .badSignature(.some) = refusal("nonce=1", { $0.replace("Rest-Sign", "AAAA") })
        else {
            Issue.record("a short signature was taken")
            return
        }
        for body in ["", "nonce=", "nonce=x", "nonce=1&tonce=2", "nonce=1.0", "nonce=-1", "a=%"] {
            guard case .badStamp = refusal(body) else {
                Issue.record("\(body) was taken")
                continue
            }
        }
        // Nothing of this has burned a nonce.
        #expect(refusal("nonce=0") == nil)
    }

    @Test func noncesGrow() throws {
        #expect(refusal("nonce=10") == nil)
        #expect(refusal("nonce=10") == .nonceNotGreater(found: 10, last: 10))
        #expect(refusal("nonce=9") == .nonceNotGreater(found: 9, last: 10))
        #expect(refusal("nonce=1&nonce=11") == nil)
        #expect(refusal("nonce=9223372036854775808") == nil)
        guard case .badStamp = refusal("nonce=9223372036854775809") else {
            Issue.record("a nonce beyond 2^63 was taken")
            return
        }
        // A key burned so high takes no nonce any more.
        #expect(refusal("nonce=12") == .nonceNotGreater(found: 12, last: 1 << 63))
        #expect(refusal("tonce=\(AccessTableTests.now)") == nil)
    }

    @Test func toncesMayComeInAnyOrderButOnce() {
        let now = UInt64(AccessTableTests.now)
        for offset: Int64 in [0, 10_000_000, -10_000_000, 5, -5] {
            #expect(refusal("tonce=\(AccessTableTests.now + offset)") == nil)
        }
        for tonce in [now, now + 10_000_000, now - 10_000_000, now + 5] {
            #expect(refusal("tonce=\(tonce)") == .tonceUsed(tonce))
        }
        for tonce in [now + 10_000_001, now - 10_000_001, 0, 1 << 63] {
            #expect(
                refusal("tonce=\(tonce)") == .tonceOutside(found: tonce, now: AccessTableTests.now))
        }
        // Later it is outside, not forgotten.
        #expect(
            refusal("tonce=\(now)", now: AccessTableTests.now + 10_000_001)
                == .tonceOutside(found: now, now: AccessTableTests.now + 10_000_001))
    }

    @Test func theMemoryOfTonces() throws {
        var memory = StampMemory()
        for index in 0..<UInt64(StampMemory.limit) {
            try memory.accept(
                .tonce(UInt64(AccessTableTests.now) + index), now: AccessTableTests.now)
        }
        #expect(memory.count == StampMemory.limit)
        #expect(throws: AccessRefusal.tooManyTonces(StampMemory.limit)) {
            try memory.accept(.tonce(UInt64(AccessTableTests.now) - 1), now: AccessTableTests.now)
        }
        let later = AccessTableTests.now + 30_000_000
        try memory.accept(.tonce(UInt64(later)), now: later)
        #expect(memory.count == 1)
    }

    /// Calls that go on for long: what is too old is forgotten, what matters is not.
    @Test func toncesForLong() throws {
        var memory = StampMemory()
        var now = AccessTableTests.now
        var most = 0
        for index in 0..<20_000 {
            now += 10_000
            try memory.accept(.tonce(UInt64(now)), now: now)
            most = max(most, memory.count)
            if index % 97 == 0 {
                let old = UInt64(now - Int64(index % 900) * 10_000)
                #expect(throws: AccessRefusal.tonceUsed(old)) {
                    try memory.accept(.tonce(old), now: now)
                }
            }
        }
        // A thousand matter: ten seconds of a hundred a second.
        #expect(most <= 2_003, "\(most) held")
    }

    @Test func httpAndStreamShareTheNonce() throws {
        let body = MtGoxCallBody(id: "a", call: "private/info", stamp: .nonce(8))
        let sealed = MtGoxSealedCall(body.json, credentials: credentials)
        let (grant, read) = try table.verify(call: sealed.base64, now: AccessTableTests.now)
        #expect(read == body && grant.stamp == .nonce(8) && grant.owner == OwnerNumber(7))
        #expect(refusal("nonce=8") == .nonceNotGreater(found: 8, last: 8))
        #expect(refusal("nonce=9") == nil)
        let again = MtGoxSealedCall(
            MtGoxCallBody(id: "b", call: "private/info", stamp: .nonce(9)).json,
            credentials: credentials)
        #expect(throws: AccessRefusal.nonceNotGreater(found: 9, last: 9)) {
            try table.verify(call: again.base64, now: AccessTableTests.now)
        }
    }

    @Test func brokenStreamCalls() throws {
        let good = MtGoxSealedCall(
            MtGoxCallBody(id: "a", call: "info", stamp: .nonce(1)).json, credentials: credentials)
        var flipped = try Base64.decode(good.base64)
        flipped[flipped.count - 2] ^= 1
        let stranger = try MtGoxCredentials(
            key: "a8f0c118-f963-430a-9150-02fc673afdda", secret: key.secretText)
        func seal(_ text: String) -> String {
            MtGoxSealedCall(Array(text.utf8), credentials: credentials).base64
        }
        let cases = [
            "", "!", "AAAA", Base64.encode(flipped), good.base64 + "\n",
            MtGoxSealedCall(good.body, credentials: stranger).base64,
            seal("x"), seal("{}"), seal("{\"call\":\"info\"}"),
            seal("{\"call\":\"info\",\"nonce\":1,\"tonce\":1}"),
        ]
        for text in cases {
            do throws(AccessRefusal) {
                _ = try table.verify(call: text, now: AccessTableTests.now)
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.remark == "Invalid call" && error.status == 403)
            }
        }
        _ = try table.verify(call: good.base64, now: AccessTableTests.now)
    }

    @Test func rights() throws {
        let grant = try verify("nonce=1")
        try grant.require(anyOf: .trade)
        try grant.require(anyOf: [.withdraw, .getInfo])
        try grant.require(anyOf: [])
        let refusal = AccessRefusal.missingRight(.withdraw, has: [.getInfo, .trade])
        #expect(throws: refusal) { try grant.require(anyOf: .withdraw) }
        #expect(refusal.status == 403 && refusal.token == "sandbox_missing_right")
        #expect(refusal.remark.contains("withdraw") && !refusal.isAttested)
        #expect(AccessRights.all.names == ["deposit", "get_info", "merchant", "trade", "withdraw"])
        #expect(AccessRights(named: "get_info") == .getInfo && AccessRights(named: "root") == nil)
    }

    @Test func keysComeAndGo() {
        #expect(table.count == 1 && table.guids == [key.guid])
        #expect(table[key.guid]?.rights == [.getInfo, .trade])
        let revoked = [table.revoke(key.guid), table.revoke(key.guid)]
        #expect(revoked == [true, false])
        #expect(refusal("nonce=1") == .unknownKey)
        table.add(key)
        #expect(refusal("nonce=1") == nil)
    }

    @Test func theSameSeedMakesTheSameKeys() {
        func keys(_ seed: UInt64) -> [String] {
            var random = SeededGenerator(seed: seed)
            var table = AccessTable(using: &random)
            return (0..<3 as Range<Int64>).map {
                let key = table.create(owner: OwnerNumber($0), rights: .all, using: &random)
                return "\(key.guid) \(key.secretText)"
            }
        }
        #expect(keys(1) == keys(1) && keys(1) != keys(2))
        #expect(Set(keys(1)).count == 3)
        let parts = keys(1)[0].split(separator: " ")
        #expect(parts[0].count == 36 && parts[1].count == 88)
    }

    @Test func keysShowNoSecret() {
        var shown = "\(key) "
        dump(key, to: &shown)
        dump(table[key.guid], to: &shown)
        #expect(shown.contains("\(key.guid)"))
        #expect(!shown.contains(key.secretText) && !shown.contains("\(key.secret[0]), "))
    }

    @Test func refusalsAreToldAsTheVenueDid() {
        #expect(AccessRefusal.noKey.token == "login_error_missing_rest_key")
        #expect(AccessRefusal.noKey.message == "Identification required to access private API")
        let nonce = AccessRefusal.nonceNotGreater(found: 1, last: 2)
        #expect(nonce.token == "login_error_invalid_nonce" && nonce.status == 403)
        #expect(nonce.isAttested && !AccessRefusal.unknownKey.isAttested)
        #expect(nonce.oldMessage == "Not logged in.")
        #expect(nonce.message == AccessRefusal.unknownKey.message)
        // Nobody learns which keys there are.
        #expect(AccessRefusal.unknownKey.token == AccessRefusal.badSignature(nil).token)
        #expect("\(nonce)" == "expected a nonce above 2, found 1")
    }
}
