import COpenSSL
import OutcryBytes
import OutcryKernel
import Testing

@testable import OutcryReactor

/// Handshakes without sockets: what is agreed on, what is refused, and in which words.
@Suite struct TLSHandshakeTests {
    let authority: TestAuthority
    let good: TestAuthority.Party

    init() throws {
        authority = try TestAuthority()
        good = try authority.issue(
            "good.test", names: "DNS:good.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1")
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], [1, 7, 1000, Int.max])
    func agrees(_ version: Int32, _ piece: Int) throws {
        let pair = try TLSPair(
            .client(authority.trust), .server(good.identity, protocols: ["x", "http/1.1"]),
            protocols: ["h2", "http/1.1"], version: version)
        pair.piece = piece
        try pair.shakeHands()
        #expect(pair.isThrough, "\(pair.clientOutcome) \(pair.serverOutcome)")
        for side in [pair.client, pair.server] {
            #expect(side.facts.version == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"))
            #expect(side.facts.applicationProtocol == "http/1.1")
            #expect(side.facts.serverName == "good.test")
            #expect(!side.facts.isResumed)
            #expect(side.facts.cipher.hasPrefix("TLS_"))
        }
        #expect(pair.client.facts.peer == "CN=good.test")
        #expect(pair.server.facts.peer == nil)
        try pair.client.encrypt("question")
        while try pair.carry(from: pair.client, to: pair.server) {}
        #expect(pair.server.readText() == "question")
        // Idle, both hold no ciphertext's memory.
        for side in [pair.client, pair.server] { #expect(side.output.capacity == 0) }
    }

    @Test(
        arguments: [
            ("good.test", nil), ("GOOD.test", nil), ("good.test.", nil), ("a.wild.test", nil),
            ("127.0.0.1", nil), ("::1", nil), ("0:0:0:0:0:0:0:1", nil),
            ("wrong.test", "expected a certificate for wrong.test, found one for DNS:good.test, "),
            ("wild.test", "expected a certificate for wild.test"),
            ("a.b.wild.test", "expected a certificate for a.b.wild.test"),
            ("127.0.0.2", "expected a certificate for 127.0.0.2"),
            ("::2", "IP:127.0.0.1, IP:0:0:0:0:0:0:0:1"),
        ] as [(String, String?)])
    func names(_ name: String, _ words: String?) throws {
        let pair = try TLSPair(.client(authority.trust), .server(good.identity), name: name)
        try pair.shakeHands()
        guard let words else {
            #expect(pair.isThrough, "\(name): \(pair.clientOutcome)")
            let isNumeric = name.contains(":") || name.hasPrefix("127")
            #expect((pair.server.facts.serverName == nil) == isNumeric, "no SNI for addresses")
            return
        }
        let found = try #require(failure(pair.clientOutcome))
        #expect(found.check == .name)
        #expect(found.name == name)
        #expect(found.description.contains(words), "\(found)")
        // The other side is told.
        #expect(failure(pair.serverOutcome)?.check == .alert, "\(pair.serverOutcome)")
    }

    @Test(arguments: ["", ".x", "a b", "gööd.test", "a\0b", "1.2.3.4:80"])
    func namesThatAreNone(_ name: String) throws {
        let context = try TLSContext.client(authority.trust)
        let found = #expect(throws: TLSFailure.self) {
            _ = try TLSPair(context, .server(good.identity), name: name)
        }
        #expect(found?.check == .options)
    }

    @Test func commonNamesDoNotCount() throws {
        let bare = try authority.issue("good.test")
        let pair = try TLSPair(.client(authority.trust), .server(bare.identity))
        try pair.shakeHands()
        #expect(failure(pair.clientOutcome)?.found == "one without names")
    }

    @Test func chainsThatAreNot() throws {
        let rogue = try TestAuthority("Rogue")
        let cases: [(TestAuthority.Party, TLSFailure.Check, String)] = [
            (try rogue.issue(names: "DNS:good.test"), .authority, "issued by \"CN=Rogue\""),
            (try authority.issue(names: "DNS:good.test", days: -9 ... -2), .validity, "from 20"),
            (try authority.issue(names: "DNS:good.test", days: 2...9), .validity, "from 20"),
            (
                try authority.issue(names: "DNS:good.test", purpose: "clientAuth"), .usage,
                "purpose"
            ),
            (rogue.root, .authority, "self-signed"),
        ]
        for (party, check, words) in cases {
            let pair = try TLSPair(.client(authority.trust), .server(party.identity))
            try pair.shakeHands()
            let found = try #require(failure(pair.clientOutcome), "\(check)")
            #expect(found.check == check || check == .authority && found.check == .name, "\(found)")
            #expect(found.check == .name || found.description.contains(words), "\(found)")
            #expect(!pair.isThrough)
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func clientCertificates(_ version: Int32) throws {
        let person = try authority.issue("somebody", purpose: "clientAuth")
        let stranger = try TestAuthority("Rogue").issue("stranger", purpose: "clientAuth")
        let server = try TLSContext.server(good.identity, clients: authority.trust)
        let known = try TLSPair(
            .client(authority.trust, person.identity), server, version: version)
        try known.shakeHands()
        #expect(known.isThrough)
        #expect(known.server.facts.peer == "CN=somebody")

        let none = try TLSPair(.client(authority.trust), server, version: version)
        try none.shakeHands()
        #expect(failure(none.serverOutcome)?.check == .missingCertificate, "\(none.serverOutcome)")
        // In TLS 1.3 the client is through before the server has looked.
        let told = failure(none.clientOutcome) ?? failure(none.client.readAll().end)
        #expect(
            told?.check == (version == TLS1_3_VERSION ? .missingCertificate : .alert),
            "\(told as Any)")

        let unknown = try TLSPair(
            .client(authority.trust, stranger.identity), server, version: version)
        try unknown.shakeHands()
        #expect(failure(unknown.serverOutcome)?.check == .authority, "\(unknown.serverOutcome)")
    }

    @Test func protocolsNotInCommon() throws {
        let pair = try TLSPair(
            .client(authority.trust), .server(good.identity, protocols: ["h2"]),
            protocols: ["http/1.1"])
        try pair.shakeHands()
        #expect(failure(pair.serverOutcome)?.check == .protocols)
        #expect(failure(pair.serverOutcome)?.expected == "one of the protocols h2")
        #expect(failure(pair.clientOutcome)?.check == .protocols)
        // Who does not ask, or is not answered, is taken.
        let silent = try TLSPair(
            .client(authority.trust), .server(good.identity, protocols: ["h2"]))
        try silent.shakeHands()
        #expect(silent.isThrough && silent.client.facts.applicationProtocol == nil)
        let unanswered = try TLSPair(
            .client(authority.trust), .server(good.identity), protocols: ["http/1.1"])
        try unanswered.shakeHands()
        #expect(unanswered.isThrough && unanswered.client.facts.applicationProtocol == nil)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\"GET / HTTP/1.1\""),
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "\"HTTP/1.1 400 Bad Request\""),
        ("\u{1}\u{2}garbage", "\"..garbage\""), ("\u{16}X", "\".X\""),
    ])
    func strangers(_ text: String, _ found: String) throws {
        let pair = try TLSPair(.client(authority.trust), .server(good.identity))
        for side in [pair.client, pair.server] {
            try side.input.append(text)
            let failed = try #require(failure(side.shakeHands()))
            #expect(failed.check == .notTLS)
            #expect(failed.found == found)
        }
    }

    /// Bytes that fell on the way: it fails in order, or what comes is what was sent.
    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], UInt64(1)...40)
    func damage(_ version: Int32, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pair = try TLSPair(
            .client(authority.trust), .server(good.identity), version: version)
        var pieces = 0
        let victim = Int.random(in: 0..<12, using: &random)
        pair.meddle = { bytes in
            defer { pieces += 1 }
            guard pieces == victim, !bytes.isEmpty else { return }
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                }
            }
        }
        pair.piece = Int.random(in: 50...2000, using: &random)
        try pair.shakeHands()
        guard pair.isThrough else { return }
        try pair.client.encrypt("hello")
        while try pair.carry(from: pair.client, to: pair.server) {}
        let (bytes, end) = pair.server.readAll()
        #expect(
            bytes == Array("hello".utf8) || failure(end) != nil || bytes.isEmpty, "seed \(seed)")
    }

    @Test func everyPrefixOfAHandshakeIsATruncation() throws {
        let whole = try TLSPair(.client(authority.trust), .server(good.identity))
        _ = whole.client.shakeHands()
        let hello = whole.client.output.withUnread { span in (0..<span.count).map { span[$0] } }
        let context = try TLSContext.server(good.identity)
        for count in 0..<hello.count {
            let server = try TLSConnection(context, TLSBuffers(), name: "client", server: "")
            try server.input.append(Array(hello[..<count]))
            let first = server.shakeHands()
            #expect(first == .nothing, "\(count) of \(hello.count): \(first)")
            server.hasEnded = true
            #expect(failure(server.shakeHands())?.check == .truncation, "\(count)")
        }
    }
}
