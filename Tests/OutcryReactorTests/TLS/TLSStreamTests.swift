import COpenSSL
import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcryReactor

/// Bytes, ends and sessions without sockets.
@Suite struct TLSStreamTests {
    let authority: TestAuthority
    let client: TLSContext
    let server: TLSContext

    init() throws {
        authority = try TestAuthority()
        client = try .client(authority.trust)
        server = try .server(authority.issue(names: "DNS:good.test,DNS:other.test").identity)
    }

    private func pair(_ version: Int32 = 0, name: String = "good.test") throws -> TLSPair {
        let pair = try TLSPair(client, server, name: name, version: version)
        try pair.shakeHands()
        // A client of TLS 1.3 finds its tickets when it reads.
        #expect(pair.client.readAll().bytes.isEmpty)
        try #require(pair.isThrough)
        return pair
    }

    // MARK: Ends

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func truncationIsToldFromAGoodByeAtEveryByte(_ version: Int32) throws {
        var cut = 0
        while true {
            let pair = try pair(version)
            try pair.server.encrypt("hello")
            let first = pair.server.output.count
            pair.server.sayGoodbye()
            let count = pair.server.output.count
            pair.piece = cut
            if cut > 0 { try pair.carry(from: pair.server, to: pair.client) }
            pair.client.hasEnded = true
            let (bytes, end) = pair.client.readAll()
            #expect(bytes == (cut >= first ? Array("hello".utf8) : []), "cut at \(cut)")
            if cut == count {
                #expect(end == .ended)
                break
            }
            #expect(failure(end)?.check == .truncation, "cut at \(cut) of \(count): \(end)")
            // And so it stays.
            #expect(failure(pair.client.readAll().end)?.check == .truncation)
            cut += 1
        }
        #expect(cut > 40)
    }

    @Test func aBitThatFellIsNoText() throws {
        let pair = try pair()
        try pair.server.encrypt("hello")
        pair.server.output.withMutableUnread { bytes in bytes[10] ^= 1 }
        try pair.carry(from: pair.server, to: pair.client)
        let (bytes, end) = pair.client.readAll()
        #expect(bytes.isEmpty)
        #expect(failure(end)?.check == .integrity, "\(end)")
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func halfClose(_ version: Int32) throws {
        let pair = try pair(version)
        try pair.client.encrypt("question")
        pair.client.sayGoodbye()
        #expect(try pair.client.encrypt("more".utf8.span) == 0, "nothing goes behind the good-bye")
        try pair.carry(from: pair.client, to: pair.server)
        let (bytes, end) = pair.server.readAll()
        #expect(bytes == Array("question".utf8) && end == .ended)
        try pair.server.encrypt("answer")
        pair.server.sayGoodbye()
        try pair.carry(from: pair.server, to: pair.client)
        let reply = pair.client.readAll()
        #expect(reply.bytes == Array("answer".utf8) && reply.end == .ended)
    }

    // MARK: Bytes

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func bytesOneByOne(_ version: Int32) throws {
        let pair = try pair(version)
        pair.piece = 1
        var heard: [UInt8] = []
        for byte in UInt8(0)...255 {
            let one = [byte]
            #expect(try pair.client.encrypt(one.span) == 1)
            while try pair.carry(from: pair.client, to: pair.server) {
                heard += pair.server.readAll(room: 1).bytes
            }
        }
        #expect(heard == Array(0...255))
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], [UInt64(1), 2, 3])
    func largeTransfersBothWays(_ version: Int32, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pair = try pair(version)
        let total = 1 << 20
        let bytes = (0..<total).map(ReactorTests.pattern)
        var sent = [0, 0]
        var heard: [[UInt8]] = [[], []]
        let sides = [pair.client, pair.server]
        while heard[0].count < total || heard[1].count < total {
            for me in 0...1 {
                let you = 1 - me
                if sides[me].output.isEmpty, sent[me] < total {
                    let end = min(total, sent[me] + Int.random(in: 1...200_000, using: &random))
                    let count = try sides[me].encrypt(bytes.span.extracting(sent[me]..<end))
                    #expect(count > 0 && count <= TLSConnection.batch)
                    sent[me] += count
                }
                pair.piece = Int.random(in: 1...60_000, using: &random)
                try pair.carry(from: sides[me], to: sides[you])
                heard[you] +=
                    sides[you].readAll(room: Int.random(in: 1...70_000, using: &random)).bytes
            }
        }
        #expect(heard[0] == bytes && heard[1] == bytes, "seed \(seed)")
        for side in sides {
            #expect(!side.hasMore && side.input.isEmpty && side.output.capacity == 0)
        }
    }

    @Test func whatHasNoRoomIsSaidToBeLeft() throws {
        let pair = try pair()
        try pair.client.encrypt(String(repeating: "x", count: 1000))
        pair.client.sayGoodbye()
        try pair.carry(from: pair.client, to: pair.server)
        var space = [UInt8](repeating: 0, count: 400)
        var steps: [TLSConnection.Taken] = []
        while steps.last != .ended {
            unsafe space.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                unsafe steps.append(pair.server.read(into: base, room: 400))
            }
            try #require(steps.count < 9)
            if steps.last != .ended { #expect(pair.server.hasMore, "after \(steps)") }
        }
        #expect(steps == [.bytes(400), .bytes(400), .bytes(200), .ended])
    }

    // MARK: Sessions

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func sessionsGoOn(_ version: Int32) throws {
        #expect(try !pair(version).client.facts.isResumed)
        let again = try pair(version)
        #expect(again.client.facts.isResumed && again.server.facts.isResumed)
        #expect(again.client.facts.peer == "CN=somebody")
        // Another name is another server, whose certificate has to be seen.
        #expect(try !pair(version, name: "other.test").client.facts.isResumed)
        // Whoever trusts other authorities has no part in it.
        let other = try TLSPair(.client(TestAuthority().trust), server, version: version)
        try other.shakeHands()
        #expect(failure(other.clientOutcome) != nil)
    }

    @Test func aTicketIsUsedOnce() throws {
        let first = try pair(TLS1_3_VERSION)
        #expect(client.sessions.count(of: "good.test:443") == 2)
        var kept: [TLSPair] = [first]
        // Two tickets are there; two connections begin before one of them has got new ones.
        for expected in [true, true, false] {
            let next = try TLSPair(client, server, version: TLS1_3_VERSION)
            try next.shakeHands()
            #expect(next.client.facts.isResumed == expected)
            kept.append(next)
        }
        #expect(client.sessions.count(of: "good.test:443") == 0)
        #expect(kept.count == 4)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func aBrokenConnectionsSessionGoesOn(_ version: Int32) throws {
        do {
            let broken = try pair(version)
            broken.client.hasEnded = true
            #expect(failure(broken.client.readAll().end)?.check == .truncation)
        }
        #expect(try pair(version).client.facts.isResumed)
    }

    private func keepOne(_ name: String) {
        if let session = unsafe SSL_SESSION_new() { unsafe client.sessions.keep(session, of: name) }
    }

    @Test func sessionsAreBounded() {
        for i in 0..<TLSSessions.serverLimit + 10 {
            keepOne("\(i)")
        }
        #expect(client.sessions.count(of: "9") == 0)
        #expect(client.sessions.count(of: "10") == 1)
        for _ in 0..<5 {
            keepOne("10")
        }
        #expect(client.sessions.count(of: "10") == TLSSessions.sessionLimit)
    }
}
